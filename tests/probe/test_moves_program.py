"""The programs that watch addresses move, in real shells, in a network of their own, with a journal of the test's."""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from lab.wait import wait_until
from lvstop.model.moves import AddressMoved, InstanceEntered, Pulse
from lvstop.model.vrrp import VrrpState
from lvstop.probe import programs
from lvstop.probe.lanes import section_text
from lvstop.probe.parse.moves import READY, parse_move, parse_pulse
from lvstop.transport.base import Program
from support.local_transport import LocalTransport
from support.recordings import recorded

SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)]
MASTER = "1795371000.250000 d1 Keepalived_vrrp[899]: (SMB) Entering MASTER STATE"


class Watched:
    """`moves.sh` in a network namespace of its own, where addresses can be added."""

    def __init__(self, folder: Path, shell: str, journal: str) -> None:
        self._folder = folder
        (folder / "sh").symlink_to(shutil.which(shell) or "")
        self.command("journalctl", f'echo $$ >"{folder}/journal"\n{journal}')
        self.process = subprocess.Popen(
            ["unshare", "-n", folder / "sh", "-s", "--", "0123456789abcdef"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": f"{folder}:/usr/bin:/bin"},
        )
        assert self.process.stdin is not None
        self.process.stdin.write(programs.moves().script.encode())
        self.process.stdin.flush()

    def command(self, name: str, script: str) -> None:
        """Put a command in front."""
        path = self._folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def ip(self, *words: str) -> None:
        """An `ip` command in its network."""
        subprocess.run(["nsenter", "-t", str(self.process.pid), "-n", "/usr/sbin/ip", *words], check=True)

    def lines(self) -> Iterator[bytes]:
        """What it writes."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield line.rstrip(b"\n")

    def end(self) -> tuple[int, str]:
        """End its input, and wait for it."""
        assert self.process.stderr is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        status = self.process.wait(timeout=30)
        return status, self.process.stderr.read().decode()

    def journal_ends(self) -> bool:
        """Wait for the end of what it started to read the journal; that may take a moment after its own."""
        process = Path("/proc", (self._folder / "journal").read_text().strip())
        return wait_until(lambda: not process.exists(), 30, "the end of the journal's reader", poll=0.01)


@pytest.fixture(params=SHELLS)
def watch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Watched]]:
    """Starts it in one shell after the other."""
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root")
    started: list[Watched] = []

    def start(journal: str) -> Watched:
        started.append(Watched(tmp_path, str(request.param), journal))
        return started[-1]

    yield start
    for each in started:
        with each.process:
            each.process.kill()


def test_nothing_is_missed_after_ready(watch: Callable[[str], Watched]) -> None:
    """Addresses and the log, and afterwards nothing is left running."""
    watched = watch(f"echo '{MASTER}'; exec sleep 600")
    lines = watched.lines()
    told = []
    for line in lines:
        if line == READY:
            break
        told.append(parse_move(line))
    watched.ip("addr", "add", "10.9.0.200/24", "dev", "lo")
    watched.ip("addr", "del", "10.9.0.200/24", "dev", "lo")
    while len(told) < 3:
        told.append(parse_move(next(lines)))
    entered = [move for move in told if isinstance(move, InstanceEntered)]
    moved = [move for move in told if isinstance(move, AddressMoved)]
    assert entered == [InstanceEntered("SMB", VrrpState.MASTER, 1795371000.25)]
    vip = ip_address("10.9.0.200")
    assert [(move.address, move.interface, move.added) for move in moved] == [(vip, "lo", True), (vip, "lo", False)]
    assert watched.end() == (0, "")
    assert watched.journal_ends()


def test_a_journal_that_comes_in_pieces(watch: Callable[[str], Watched]) -> None:
    """A piece that ends within a line waits for the rest of it: an address never stands in the middle of it."""
    first, second = MASTER[:40], MASTER[40:]
    folder = '"${0%/*}"'
    watched = watch(
        f"printf '%s' '{first}'; until [ -e {folder}/go ]; do sleep 0.01; done; echo '{second}'; exec sleep 600"
    )
    lines = watched.lines()
    assert next(lines) == READY
    watched.ip("addr", "add", "10.9.0.200/24", "dev", "lo")
    assert isinstance(parse_move(next(lines)), AddressMoved)
    watched.command("go", "")
    assert next(lines) == MASTER.encode()
    assert watched.end()[0] == 0


def test_without_a_journal_addresses_come_alone(watch: Callable[[str], Watched]) -> None:
    """A director without systemd, or a login that may not read its log."""
    watched = watch("exit 1")
    lines = watched.lines()
    assert next(lines) == READY
    watched.ip("addr", "add", "10.9.0.200/24", "dev", "lo")
    assert isinstance(parse_move(next(lines)), AddressMoved)
    assert watched.end()[0] == 0


def test_without_ip_nothing_is_promised(watch: Callable[[str], Watched], tmp_path: Path) -> None:
    """It says so and fails, and ends what it has started."""
    (tmp_path / "ip").write_text(f"#!/bin/sh\nuntil [ -s {tmp_path}/journal ]; do sleep 0.01; done; exit 1\n")
    (tmp_path / "ip").chmod(0o755)
    watched = watch("exec sleep 600")
    assert list(watched.lines()) == []
    assert watched.end() == (1, "ip tells no addresses\n")
    assert watched.journal_ends()


@pytest.mark.parametrize("reader", ["mawk", "gawk", "busybox", "sh"])
async def test_pulses(tmp_path: Path, reader: str) -> None:
    """With each awk and without one: the sum is that of the processors, and it is read anew each time."""
    path = shutil.which(reader)
    if path is None:
        pytest.skip(f"{reader} is not installed")
    if reader == "sh":
        (tmp_path / "awk").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "awk").chmod(0o755)
    else:
        (tmp_path / "awk").symlink_to(path)
    stats = tmp_path / "percpu"
    script = programs.pulse().script.replace("/proc/net/ip_vs_stats_percpu", str(stats))
    channel = await LocalTransport({"PATH": f"{tmp_path}:/usr/bin:/bin"}).open(
        Program("pulse", script), elevated=False, timeout=10
    )
    missing = (await channel.ask("p", timeout=10)).section("percpu")
    assert missing is not None
    assert missing.status == 1
    text = recorded("debian-12", "proc_ip_vs_stats_percpu.out")
    counts = []
    for found in (text, text.replace("  0        6        D", "  0        0        0\n  1       1F       2E")):
        stats.write_text(found)
        told = section_text(await channel.ask("p", timeout=10), "percpu")
        assert told is not None
        counts.append(parse_pulse(told).value)
    assert counts == [Pulse(6, 13), Pulse(31, 46)]
    assert (await channel.ask("nonsense", timeout=10)).sections == ()
    await channel.close()


async def test_pulses_end_with_their_input(tmp_path: Path) -> None:
    """A connection that goes away leaves nothing running."""
    channel = await LocalTransport({}).open(programs.pulse(), elevated=False, timeout=10)
    await channel.close()
