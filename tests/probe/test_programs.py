"""The programs, run in a real shell on this machine, with the director's commands replaced by the test's own."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from lvstop.probe import programs
from lvstop.probe.delta import SectionLines
from lvstop.probe.lanes import section_error, section_text
from lvstop.transport.base import Program, Reply
from support.local_transport import LocalChannel, LocalTransport
from support.ssh_server import until


def commands(folder: Path, **scripts: str) -> dict[str, str]:
    """An environment in which these commands come first."""
    for name, script in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


async def facts(environment: dict[str, str]) -> LocalChannel:
    """The facts program in that environment."""
    return await LocalTransport(environment).open(programs.facts(), elevated=False, timeout=10)


def texts(reply: Reply) -> dict[str, str | None]:
    """Section names to their texts, None where the command failed."""
    return {section.name: section_text(reply, section.name) for section in reply.sections}


def awks() -> list[str]:
    """The awk implementations of this machine."""
    return [name for name in ("mawk", "gawk", "busybox") if shutil.which(name)] or ["none"]


@pytest.fixture(params=awks())
def awk(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """An environment in which `awk` is one particular implementation."""
    path = shutil.which(str(request.param))
    if path is None:
        pytest.skip("no awk is installed that the table program knows")
    (tmp_path / "awk").symlink_to(path)
    return {"PATH": f"{tmp_path}:/usr/bin:/bin"}


async def test_the_table_program_sends_differences(awk: dict[str, str]) -> None:
    """Two answers, the second a delta: put together they are the files as they are."""
    channel = await LocalTransport(awk).open(programs.table(), elevated=False, timeout=10)
    known: dict[str, SectionLines] = {}
    size = 0
    for request in ("t 1 1 1", "t 0 1 1"):
        reply = await channel.ask(request, timeout=10)
        size = reply.size
        for section in reply.sections:
            known.setdefault(section.name, SectionLines()).apply(section)
    await channel.close()
    assert list(known) == [
        *("uptime", "ip_vs", "ip_vs_stats", "fib_trie", "if_inet6", "loadavg", "net_dev", "keepalived"),
    ]
    assert known["keepalived"].text == Path("/proc/1/comm").read_text()
    assert [line.split(":")[0].strip() for line in known["net_dev"].lines] == [
        line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()
    ]
    assert size < 700


async def test_a_table_that_is_not_there_is_absent_not_empty(awk: dict[str, str]) -> None:
    """Without the ip_vs module the section has a status, so that nobody takes it for an empty table."""
    if Path("/proc/net/ip_vs").exists():
        pytest.skip("this machine has ip_vs loaded")
    channel = await LocalTransport(awk).open(programs.table(), elevated=False, timeout=10)
    section = (await channel.ask("t 1 0 0", timeout=10)).section("ip_vs")
    await channel.close()
    assert section is not None
    assert section.status == 1


async def test_without_a_known_awk_the_greeting_says_so(tmp_path: Path) -> None:
    """The probe then uses the program with `cat`, which needs no awk and sends the same sections."""
    environment = commands(tmp_path, awk="exit 1")
    channel = await LocalTransport(environment).open(programs.table(), elevated=False, timeout=10)
    assert section_text(channel.greeting, "reader") is None
    await channel.close()
    cat = await LocalTransport(environment).open(programs.table_cat(), elevated=False, timeout=10)
    reply = await cat.ask("t 1 1 1", timeout=10)
    await cat.close()
    assert section_text(cat.greeting, "reader") == "cat"
    assert texts(reply)["keepalived"] == Path("/proc/1/comm").read_text()
    assert (texts(reply)["loadavg"] or "").count(" ") == 4


async def test_identity_tells_what_is_installed(tmp_path: Path) -> None:
    """What is missing is a status, and what is there is its answer."""
    environment = commands(
        tmp_path,
        keepalived='case $1 in -v) echo "Keepalived v2.2.7 (01/16)" >&2 ;; --signum=JSON) exit 1 ;; *) echo 10 ;; esac',
        ipvsadm="exit 0",
        uname="echo 6.1.0-test",
    )
    channel = await facts(environment)
    answer = texts(await channel.ask("identity", timeout=10))
    await channel.close()
    assert answer["kernel"] == "6.1.0-test\n"
    assert (answer["keepalived_version"] or "").startswith("Keepalived v2.2.7")
    assert answer["signal_json"] is None
    assert answer["signal_data"] == "10\n"
    assert answer["ipvsadm"] == f"{tmp_path}/ipvsadm\n"


async def test_a_command_that_fails_keeps_its_words_and_its_status(tmp_path: Path) -> None:
    """What sysctl complains about reaches the operator."""
    channel = await facts(commands(tmp_path, sysctl="echo 'sysctl: permission denied on key' >&2; exit 255"))
    reply = await channel.ask("sysctls", timeout=10)
    await channel.close()
    assert section_error(reply, "sysctls") == "sysctl: permission denied on key (exit status 255)"


async def test_ipvsadm_is_not_run_where_it_would_load_the_module(tmp_path: Path) -> None:
    """A reader must not change the kernel: without ip_vs, ipvsadm is left alone."""
    if Path("/proc/net/ip_vs").exists():
        pytest.skip("this machine has ip_vs loaded")
    ran = tmp_path / "ran"
    channel = await facts(commands(tmp_path, ipvsadm=f"touch {ran}"))
    for verb in ("stats", "rates", "thresholds", "persistent", "save", "daemons"):
        reply = await channel.ask(verb, timeout=10)
        assert section_error(reply, verb) == "ip_vs is not loaded (exit status 3)"
    await channel.close()
    assert not ran.exists()


@pytest.mark.parametrize(
    "request_line", ["", "nonsense", "t 1 1 1", "dump ../../etc/shadow", "signal TERM", "stat $(id)"]
)
async def test_a_word_that_is_no_verb_does_nothing(tmp_path: Path, request_line: str) -> None:
    """Requests are looked up, never evaluated; the answer is empty or an error, and the program goes on."""
    channel = await facts(commands(tmp_path))
    reply = await channel.ask(request_line, timeout=10)
    assert all(section.status != 0 for section in reply.sections)
    assert texts(await channel.ask("uid", timeout=10))["uid"] is not None
    await channel.close()


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
@pytest.mark.parametrize("obstinate", [False, True])
async def test_a_command_that_hangs_is_ended(tmp_path: Path, shell: str, obstinate: bool) -> None:
    """Also one that does not listen; the program goes on, with the next request and without leftovers."""
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "sh").symlink_to(path)
    hang = f"echo $$ >{tmp_path}/pid\n" + (
        "trap '' TERM\nwhile :; do sleep 0.05; done" if obstinate else "exec sleep 600"
    )
    quick = Program("facts", programs.facts().script.replace("sleep 15", "sleep 0.2"))
    channel = await LocalTransport(commands(tmp_path, sysctl=hang)).open(quick, elevated=False, timeout=10)
    reply = await channel.ask("sysctls", timeout=30)
    assert (
        section_error(reply, "sysctls")
        == f"sysctl took too long and is ended (exit status {137 if obstinate else 143})"
    )
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()
    assert texts(await channel.ask("uid", timeout=10))["uid"] is not None
    await channel.close()


async def test_the_clock_of_the_program_ends_with_it(tmp_path: Path) -> None:
    """It sleeps most of the time, which must not outlive the connection either."""
    environment = commands(tmp_path, sleep=f"echo $$ >{tmp_path}/pid; exec {shutil.which('sleep')} 600")
    channel = await facts(environment)
    await channel.ask("uid", timeout=10)
    pid = tmp_path / "pid"
    await until(lambda: pid.exists() and pid.read_text().endswith("\n"))
    napping = Path("/proc", pid.read_text().strip())
    assert napping.exists()
    await channel.close()
    await until(lambda: not napping.exists())


async def test_the_program_ends_with_its_input(tmp_path: Path) -> None:
    """A connection that goes away leaves nothing running."""
    channel = await facts(commands(tmp_path))
    await channel.close()
    table = await LocalTransport({}).open(programs.table_cat(), elevated=False, timeout=10)
    await table.close()


def test_the_facts_program_greets_when_all_of_it_was_read() -> None:
    """A shell reads its text in blocks: a request that came before the last one would be taken for a part of it."""
    *most, last = programs.facts().script.splitlines(keepends=True)
    shell = ["sh", "-s", "--", "0123456789abcdef"]
    assert subprocess.run(shell, input="".join(most), capture_output=True, text=True, check=True).stdout == ""
    whole = subprocess.run(shell, input="".join([*most, last]), capture_output=True, text=True, check=True)
    assert whole.stdout.endswith("0123456789abcdef . 0\n")


def test_scripts_are_plain_text_for_sh() -> None:
    """No bash, no carriage returns, nothing a login shell would have to quote: the text goes through standard input."""
    for program in programs.catalogue():
        assert "\r" not in program.script
        assert program.script.isascii()
        assert not any(word in program.script for word in ("[[", "<<<", "$'", "local ", "=~"))
