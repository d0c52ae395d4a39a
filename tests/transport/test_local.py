"""Programs on this very machine: asked, followed, refused, given up; and nothing left behind."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from lvstop.clock import SystemClock
from lvstop.config.schema import DirectorConfig
from lvstop.model.director import FaultKind
from lvstop.transport import installed
from lvstop.transport.base import Program, Section, SectionMode, TransportError
from lvstop.transport.local import LocalTransport
from lvstop.transport.local import transport as local
from support.ssh_server import until

# Answers `echo TEXT`, `bytes COUNT`, `env`, `die`, `slow FIFO`; ends with its input. Its greeting tells its process.
ECHO = Program(
    "echo",
    r"""
nonce=$1
say() { printf '\n%s [ %s full\n%s\n%s ] %s\n' "$nonce" "$1" "$2" "$nonce" "$3"; }
say hello "$$" 0
printf '%s . 0\n' "$nonce"
while read -r sequence verb argument; do
  case $verb in
    echo) say said "$argument" 0 ;;
    bytes) printf '%s [ zeros full\n' "$nonce"; head -c "$argument" /dev/zero; printf '\n%s ] 0\n' "$nonce" ;;
    env) say env "$(env | cut -d= -f1 | sort | tr '\n' ' ')" 0 ;;
    die) echo 'last words' >&2; kill -9 $$ ;;
    slow) read -r _ <"$argument"; echo done >"$argument.done" ;;
    never) continue ;;
  esac
  printf '%s . %s\n' "$nonce" "$sequence"
done
""",
)
TICKS = Program("ticks", "echo $$; while read -r _; do :; done\n")
MANY = Program("many", "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i + 1)); done; exit 0\n")
DEAD = Program("dead", "echo 'it broke' >&2; exit 4\n")
KILLED = Program("killed", "kill -35 $$\n")
ALL = frozenset([ECHO, TICKS, MANY, DEAD, KILLED])
PATIENCE = 30.0


def make(**fields: str) -> LocalTransport:
    return LocalTransport(DirectorConfig("lb1", "local", **fields), programs=ALL, clock=SystemClock())  # type: ignore[arg-type]


@pytest.fixture
async def transport() -> AsyncIterator[LocalTransport]:
    transport = make()
    await transport.connect()
    yield transport
    await transport.close()


def runs(pid: int) -> bool:
    """The process is there, and not only its exit status."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until_gone(pid: int) -> None:
    await until(lambda: not runs(pid))


def pid_of(section: Section | None) -> int:
    assert section is not None
    return int(section.body)


async def test_a_program_greets_and_answers_again_and_again(transport: LocalTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    for number in range(20):
        reply = await channel.ask(f"echo number {number}", timeout=PATIENCE)
        assert reply.sections == (Section("said", SectionMode.FULL, 0, f"number {number}".encode()),)
    await channel.close()
    assert not runs(pid)


async def test_an_answer_larger_than_a_pipe(transport: LocalTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    section = (await channel.ask("bytes 700000", timeout=PATIENCE)).section("zeros")
    assert section is not None
    assert section.body == bytes(700_000)


async def test_programs_get_no_more_of_the_environment_than_a_login_has(
    transport: LocalTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    section = (await channel.ask("env", timeout=PATIENCE)).section("env")
    assert section is not None
    names = section.body.decode().split()
    assert "PATH" in names
    assert not {"TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV"} & set(names)


async def test_a_program_is_out_of_reach_of_what_is_typed_into_the_terminal(transport: LocalTransport) -> None:
    """Ctrl-C goes to a terminal's process group: a change under way must not get it."""
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    assert os.getsid(pid) == pid != os.getsid(0)


async def test_the_last_words_of_a_program_that_was_killed(transport: LocalTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    with pytest.raises(TransportError) as caught:
        await channel.ask("die", timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.BAD_ANSWER
    assert "echo on this machine ended with signal KILL" in caught.value.fault.summary
    assert "last words" in caught.value.fault.summary
    with pytest.raises(TransportError):
        await channel.ask("echo again", timeout=PATIENCE)


async def test_a_program_that_ends_before_it_greets(transport: LocalTransport) -> None:
    with pytest.raises(TransportError, match=r"dead on this machine ended with status 4 .* it broke"):
        await transport.open(DEAD, elevated=False, timeout=PATIENCE)


async def test_a_signal_that_has_no_name_has_its_number(transport: LocalTransport) -> None:
    """Real-time signals between the first and the last: signal(7) names those two."""
    with pytest.raises(TransportError, match="killed on this machine ended with signal 35 "):
        await transport.open(KILLED, elevated=False, timeout=PATIENCE)


async def test_a_program_that_is_in_no_catalogue(transport: LocalTransport) -> None:
    with pytest.raises(TransportError) as caught:
        await transport.open(Program("stranger", "reboot\n"), elevated=False, timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.FORBIDDEN


async def test_no_answer_in_time_ends_the_program(transport: LocalTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    with pytest.raises(TransportError) as caught:
        await channel.ask("never", timeout=0.05)
    assert caught.value.fault.kind is FaultKind.NO_ANSWER
    await until_gone(pid)


async def test_cancelling_leaves_nothing_running(transport: LocalTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    asking = asyncio.create_task(channel.ask("bytes 104857600", timeout=PATIENCE))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until_gone(pid)


async def test_what_was_begun_is_done_though_nobody_listens_any_more(transport: LocalTransport, tmp_path: Path) -> None:
    """As where an SSH connection is lost: a change is not cut off in the middle."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    with pytest.raises(TransportError):
        await channel.ask(f"slow {gate}", timeout=0.05)
    assert runs(pid)
    await asyncio.to_thread(gate.write_text, "go\n", "ascii")
    await until_gone(pid)
    assert Path(f"{gate}.done").exists()


async def test_closing_ends_every_program(tmp_path: Path) -> None:
    transport = make()
    await transport.connect()
    channels = [await transport.open(ECHO, elevated=False, timeout=PATIENCE) for _ in range(3)]
    pids = [pid_of(channel.greeting.section("hello")) for channel in channels]
    await transport.close()
    assert [pid for pid in pids if runs(pid)] == []
    with pytest.raises(TransportError, match="there is no connection"):
        await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    await transport.close()


async def test_lines_are_followed_until_the_iterator_is_closed(transport: LocalTransport) -> None:
    async with aclosing(transport.follow(TICKS, elevated=False)) as lines:
        pid = int(await anext(lines))
        assert runs(pid)
    await until_gone(pid)


async def test_lines_that_are_taken_slowly_all_come(transport: LocalTransport) -> None:
    lines: list[bytes] = []
    async for line in transport.follow(MANY, elevated=False):
        if len(lines) < 20:
            await asyncio.sleep(0.001)
        lines.append(line)
    assert lines == [f"line {number}".encode() for number in range(5000)]


async def test_a_followed_program_that_fails(transport: LocalTransport) -> None:
    with pytest.raises(TransportError, match="it broke"):
        [line async for line in transport.follow(DEAD, elevated=False)]


@pytest.fixture
def sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sudo of the test's own in front of all others."""
    path = tmp_path / "bin" / "sudo"
    path.parent.mkdir()
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    return path


def write(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
    path.chmod(0o755)


async def test_elevated_programs_go_through_sudo(transport: LocalTransport, sudo: Path) -> None:
    write(sudo, f'echo "$*" >{sudo}.called; shift 2; exec "$@"')
    channel = await transport.open(ECHO, elevated=True, timeout=PATIENCE)
    assert (await channel.ask("echo a", timeout=PATIENCE)).sections[0].body == b"a"
    assert Path(f"{sudo}.called").read_text("ascii").startswith("-n -- sh -s -- lvstop-")


async def test_sudo_refuses(transport: LocalTransport, sudo: Path) -> None:
    write(sudo, "echo 'sudo: a password is required' >&2; exit 1")
    with pytest.raises(TransportError) as caught:
        await transport.open(ECHO, elevated=True, timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.FORBIDDEN
    assert caught.value.fault.summary == "sudo refuses on this machine: sudo: a password is required"


async def test_there_is_no_sudo(transport: LocalTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TransportError) as caught:
        await transport.open(ECHO, elevated=True, timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.FORBIDDEN
    assert "sudo cannot be run on this machine" in caught.value.fault.summary


async def test_programs_that_are_installed_are_called_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rights of `lvstop setup`, sudo runs nothing else."""
    script = tmp_path / "echo.sh"
    script.write_text(ECHO.script, encoding="utf-8")
    director = tmp_path / "director"
    write(
        director, f'[ "$1" = about ] && echo "echo {installed.digest(ECHO)}" && exit; read -r n; exec sh {script} "$n"'
    )
    monkeypatch.setattr(installed, "DIRECTOR", str(director))
    monkeypatch.setattr(local, "ABOUT", (str(director), "about"))
    transport = make()
    await transport.connect()
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    assert str(script) in Path(f"/proc/{pid}/cmdline").read_text("utf-8")
    assert (await channel.ask("echo a", timeout=PATIENCE)).sections[0].body == b"a"
    await transport.close()


async def test_only_linux_is_a_director(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(TransportError, match="does not run Linux") as caught:
        await make().connect()
    assert caught.value.fault.kind is FaultKind.CONFIGURATION


async def test_a_namespace_that_is_not_there() -> None:
    with pytest.raises(TransportError, match="there is no network namespace nowhere on this machine") as caught:
        await make(netns="nowhere").connect()
    assert caught.value.fault.kind is FaultKind.CONFIGURATION


async def test_only_root_enters_a_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lb1").touch()
    monkeypatch.setattr(local, "NAMESPACES", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(TransportError, match="only root may enter the network namespace lb1") as caught:
        await make(netns="lb1").connect()
    assert caught.value.fault.kind is FaultKind.FORBIDDEN


@pytest.fixture
def netns() -> Iterator[str]:
    """A network namespace of this test's own."""
    name = f"lvstop-test-{os.getpid()}"
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", name], check=False).returncode != 0:
        pytest.skip("network namespaces are root's to make")
    yield name
    subprocess.run(["ip", "netns", "del", name], check=True)


async def test_programs_run_in_the_namespace_of_the_director(netns: str) -> None:
    transport = LocalTransport(
        DirectorConfig("lb1", "local", netns=netns), programs=frozenset([ECHO]), clock=SystemClock()
    )
    await transport.connect()
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    theirs = Path(f"/proc/{pid}/ns/net").stat().st_ino
    assert theirs == Path(f"/run/netns/{netns}").stat().st_ino != Path("/proc/self/ns/net").stat().st_ino
    await transport.close()
    assert not runs(pid)


async def test_a_program_that_does_not_end_is_not_waited_for_without_end() -> None:
    """lvstop may end before its programs do; they end by themselves."""
    transport = make()
    await transport.connect()
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    pid = pid_of(channel.greeting.section("hello"))
    os.kill(pid, signal.SIGSTOP)
    await transport.close()
    assert runs(pid)
    os.kill(pid, signal.SIGCONT)
    await until_gone(pid)
