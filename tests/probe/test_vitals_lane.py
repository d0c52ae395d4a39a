"""How a machine's vitals are read: with the table, every few seconds, as any user, and never as zero."""

import shutil
from pathlib import Path

import pytest

from lvstop.demo.director import Director
from lvstop.demo.timescale import Timescale
from lvstop.demo.world.world import World
from lvstop.model.director import DirectorStatus, Privilege
from lvstop.model.vitals import Conntrack
from lvstop.probe import programs
from lvstop.probe.lanes import section_text
from lvstop.probe.parse.vitals import parse_cpu_times, parse_meminfo, parse_setting, parse_softnet
from lvstop.probe.vitals import SECTIONS
from lvstop.transport.base import Program, Reply
from support.clocks import START, EagerClock
from support.demo_pair import pair
from support.fake_director import FakeDirector, Ticker
from support.local_transport import LocalTransport
from support.played import Played

AWKS = [name for name in ("mawk", "gawk", "busybox") if shutil.which(name)]


async def asked(program: Program, request: str, environment: dict[str, str]) -> Reply:
    channel = await LocalTransport(environment).open(program, elevated=False, timeout=10)
    reply = await channel.ask(request, timeout=10)
    await channel.close()
    return reply


def understood(reply: Reply) -> None:
    """Every section is there, and this machine's own files are understood."""
    cpus = parse_cpu_times(section_text(reply, "cpu") or "")
    memory = parse_meminfo(section_text(reply, "memory") or "")
    softnet = parse_softnet(section_text(reply, "softnet") or "")
    assert (cpus.issues, memory.issues, softnet.issues) == ((), (), ())
    online = [line for line in Path("/proc/stat").read_text().splitlines() if line[:3] == "cpu" and line[3] != " "]
    assert len(cpus.value or ()) == len(online)
    assert memory.value is not None
    assert f"MemTotal: {memory.value.total_bytes // 1024}" in " ".join(Path("/proc/meminfo").read_text().split())
    for name in ("conntrack_count", "conntrack_max"):
        section = reply.section(name)
        path = Path("/proc/sys/net/netfilter", name.replace("conntrack", "nf_conntrack"))
        assert section is not None
        assert section.status == (0 if path.exists() else 1)
        if path.exists():
            assert parse_setting(section_text(reply, name) or "", name).issues == ()


@pytest.mark.parametrize("awk", AWKS)
async def test_the_table_program_reads_this_machine(tmp_path: Path, awk: str) -> None:
    """With each awk; two answers in a row, for a file that is open is not read again from its beginning."""
    path = shutil.which(awk)
    assert path is not None
    (tmp_path / "awk").symlink_to(path)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    channel = await LocalTransport(environment).open(programs.table(), elevated=False, timeout=10)
    for _ in range(2):
        understood(await channel.ask("t 0 0 0 1", timeout=10))
    assert SECTIONS.isdisjoint(each.name for each in (await channel.ask("t 0 0 0", timeout=10)).sections)
    await channel.close()


async def test_the_program_with_cat_reads_this_machine() -> None:
    """Where there is no awk: the same sections."""
    understood(await asked(programs.table_cat(), "t 1 0 0 1", {}))
    reply = await asked(programs.table_cat(), "t 1 0 0", {})
    assert SECTIONS.isdisjoint(each.name for each in reply.sections)


@pytest.mark.parametrize("program", [programs.table(), programs.table_cat()])
@pytest.mark.parametrize("login", ["root", "noc"])
async def test_the_played_programs_answer_alike(program: Program, login: str) -> None:
    """The embedded director has the same sections in the same order, for a plain user as well."""
    world = World(pair(), seed=1, epoch=START)
    machine = Director(world.directors[0], lambda: world.now, Timescale(START.timestamp()))
    played = Played(program, login, on=machine).ask("t 1 0 0 1")
    told = (await asked(program, "t 1 0 0 1", {})).sections
    names = [each.name for each in played]
    assert names == [each.name for each in told]
    assert [each.mode for each in played] == [each.mode for each in told]
    assert set(names) >= SECTIONS


async def test_vitals_are_known_from_the_first_answer_on(director: FakeDirector, clock: EagerClock) -> None:
    """All of them, whoever logs in; then every five seconds, with the clock of the same answer."""
    director.root, director.sudo = False, None
    ticker = Ticker(director, clock)
    vitals = (await ticker.connect()).vitals
    assert vitals is not None
    assert vitals.conntrack == Conntrack(1_204, 262_144)
    assert vitals.cpus is not None
    assert [each.number for each in vitals.cpus] == [0, 1]
    same = (await ticker.tick(4)).vitals
    later = await ticker.tick()
    await ticker.probe.close()
    assert same is vitals
    assert later.vitals is not None
    assert later.vitals is not vitals
    assert later.vitals.uptime == later.uptime


async def test_a_plain_user_knows_them_all(director: FakeDirector, clock: EagerClock) -> None:
    """Nothing of it needs privilege."""
    from support.fake_director import SUDO_REFUSES

    director.root, director.sudo = False, SUDO_REFUSES
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.privilege is Privilege.NONE
    assert snapshot.vitals is not None
    assert None not in (
        snapshot.vitals.cpus,
        snapshot.vitals.memory,
        snapshot.vitals.softnet,
        snapshot.vitals.conntrack,
    )


async def test_a_kernel_that_tracks_nothing(director: FakeDirector, clock: EagerClock) -> None:
    """No such file is an answer: there is no connection tracking, which is neither 0 of 0 nor a fault."""
    director.files |= {"conntrack_count": (1, ""), "conntrack_max": (1, "")}
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.status is DirectorStatus.LIVE
    assert snapshot.vitals is not None
    assert (snapshot.vitals.conntrack, snapshot.vitals.conntrack_loaded) == (None, False)


async def test_what_is_not_understood_is_told(director: FakeDirector, clock: EagerClock) -> None:
    """The rest of the machine is known; the director is degraded and says why, until it is readable again."""
    director.files["softnet"] = (0, "rubbish\n")
    ticker = Ticker(director, clock)
    spoiled = await ticker.connect()
    del director.files["softnet"]
    mended = await ticker.tick(5)
    await ticker.probe.close()
    assert spoiled.status is DirectorStatus.DEGRADED
    assert {issue.source for issue in spoiled.issues} == {"/proc/net/softnet_stat"}
    assert spoiled.vitals is not None
    assert spoiled.vitals.softnet is None
    assert spoiled.vitals.memory is not None
    assert (mended.status, mended.issues) == (DirectorStatus.LIVE, ())


async def test_buckets_are_the_headings(director: FakeDirector, clock: EagerClock) -> None:
    """The first line of the table says how large the hash table is; without the module there is none."""
    ticker = Ticker(director, clock)
    assert (await ticker.connect()).connection_buckets == 4096
    director.files["ip_vs"] = (1, "")
    director.files["ip_vs_stats"] = (1, "")
    assert (await ticker.tick()).connection_buckets is None
    await ticker.probe.close()
