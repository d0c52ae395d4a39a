"""The verbs that read keepalived's dumps: what is believed, what is refused, where they are looked for, what is masked.

A process that looks like keepalived stands in for it. Whose file it is matters, so root is needed.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest

from lvstop.probe.lanes import section_error, section_text
from lvstop.probe.programs import facts
from lvstop.transport.base import Program
from support.local_transport import LocalChannel, LocalTransport

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="keepalived and its dumps are root's"),
    pytest.mark.skipif(Path("/run/keepalived.pid").exists(), reason="a keepalived runs on this machine"),
]

SECRET = "hunter2x"  # noqa: S105
JSON = f'[{{"data":{{"iname":"A","auth_type":1,"auth_data":"{SECRET}"}}}}]\n'
NOBODY = 65534
# enters a root of its own where it is given one, becomes a user, says that it is there and which signals it gets, and
# waits for its end; hears everything, nothing, or one signal that it blocks
STAND_IN = """
import os, signal, sys
if sys.argv[1]:
    os.chroot(sys.argv[1])
os.setuid(int(sys.argv[2]))
if sys.argv[3] == "everything":
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        signal.signal(number, lambda number, _: print(number, flush=True))
elif sys.argv[3] != "nothing":
    signal.pthread_sigmask(signal.SIG_BLOCK, {int(sys.argv[3])})
print(flush=True)
sys.stdin.read()
for number in signal.sigpending():
    print(int(number), flush=True)
# Python tells of a signal between two steps of a program: the one that came with the end needs such a step
for _ in range(1000):
    pass
"""


class Daemon:
    """A process with keepalived's name, and the commands that tell of it."""

    def __init__(self, folder: Path, processes: ExitStack) -> None:
        self._bin = folder / "bin"
        self._bin.mkdir()
        self._processes = processes
        self.version = "v2.2.7"
        self.signal = "36"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, tmpdir: str, *, root: Path | None = None, user: int = 0, hears: str = "everything") -> None:
        """Start it with this TMPDIR, in this root, as this user, hearing everything, nothing, or one signal."""
        program = self._bin.parent / "sbin" / "keepalived"
        program.parent.mkdir(exist_ok=True)
        shutil.copy(Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}"), program)
        environment = {"PYTHONHOME": sys.base_prefix, "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib"}
        process = subprocess.Popen(
            [program, "-S", "-c", STAND_IN, str(root or ""), str(user), hears],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, "TMPDIR": tmpdir},
        )
        self._processes.enter_context(process)
        self._processes.callback(process.kill)
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        self._command("systemctl", f"echo {process.pid}")
        self.process = process

    def _command(self, name: str, script: str) -> None:
        (self._bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self._bin / name).chmod(0o755)

    async def ask(self, request: str, section: str) -> tuple[str | None, str]:
        """The text of a section, and what it said where it failed."""
        async with self.channel() as channel:
            reply = await channel.ask(request, timeout=30)
        return section_text(reply, section), section_error(reply, section)

    @asynccontextmanager
    async def channel(self, program: Program | None = None) -> AsyncIterator[LocalChannel]:
        """The program that reads facts, running here."""
        told = f"[ $1 = -v ] && echo 'Keepalived {self.version} (01/16,2022)' >&2 || echo {self.signal}"
        self._command("keepalived", told)
        transport = LocalTransport({"PATH": f"{self._bin}:/usr/bin:/bin"})
        channel = await transport.open(program or facts(), elevated=False, timeout=30)
        try:
            yield channel
        finally:
            await channel.close()

    async def next_signal(self) -> int:
        """Wait for a signal, and return its number."""
        assert self.process is not None
        assert self.process.stdout is not None
        return int(await asyncio.wait_for(asyncio.to_thread(self.process.stdout.readline), 30))

    def signals(self) -> list[int]:
        """The numbers of the further signals that it got; it ends then."""
        assert self.process is not None
        told, _ = self.process.communicate(timeout=30)
        return [int(line) for line in told.split()]

    @property
    def exit_status(self) -> int | None:
        """How it ended; negative where a signal did it, None while it runs."""
        assert self.process is not None
        return self.process.returncode


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with ExitStack() as processes:
        yield Daemon(tmp_path, processes)


@pytest.fixture
def dumps(tmp_path: Path, daemon: Daemon) -> Path:
    """The folder where a running keepalived writes, safe as `/tmp` is."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    folder.chmod(0o1777)
    daemon.start(str(folder))
    return folder


def write(path: Path, text: str = JSON, mode: int = 0o600) -> Path:
    """A dump as keepalived leaves it."""
    path.write_text(text)
    path.chmod(mode)
    return path


async def test_a_dump_of_roots_alone_is_read_and_masked(daemon: Daemon, dumps: Path) -> None:
    """All of it comes, but for the password."""
    write(dumps / "keepalived.json")
    text, _ = await daemon.ask("dump json", "dump")
    assert text == JSON.replace(SECRET, "********")


@pytest.mark.parametrize(
    ("dump", "name", "text"),
    [
        ("json", "keepalived.json", f'{{"auth_data":"{SECRET}","a":1}}'),
        ("json", "keepalived.json", f'{{"auth_data": "{SECRET}", "a":1}}'),
        ("json", "keepalived.json", f'{{ "auth_data" : "{SECRET}\\"{SECRET}\\\\", "a":1}}'),
        ("json", "keepalived.json", f'{{"auth_data":"{SECRET}"}},{{"auth_data":"{SECRET}"}}'),
        ("json", "keepalived.json", f'{{"auth_data":"{SECRET}'),
        ("data", "keepalived.data", f"   Auth type = SIMPLE_PASSWORD\n   Password = {SECRET}\n"),
    ],
    ids=["json-writer", "json-c", "escapes", "several", "cut-off", "data"],
)
async def test_passwords_do_not_leave_the_director(
    daemon: Daemon, dumps: Path, dump: str, name: str, text: str
) -> None:
    """Whichever library wrote it, and where it is cut off."""
    write(dumps / name, text)
    told, _ = await daemon.ask(f"dump {dump}", "dump")
    assert told is not None
    assert "********" in told
    assert SECRET not in told


def symlink(path: Path) -> None:
    path.symlink_to(write(path.with_name("elsewhere")))


def hard_link(path: Path) -> None:
    path.hardlink_to(write(path.with_name("elsewhere")))


def somebody_elses(path: Path) -> None:
    os.chown(write(path), NOBODY, NOBODY)


def writable_by_the_group(path: Path) -> None:
    write(path, mode=0o620)


def writable_by_others(path: Path) -> None:
    write(path, mode=0o602)


def pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize(
    ("forge", "says"),
    [
        (symlink, "is not a plain file of root's alone: 0 1 777 symbolic link"),
        (hard_link, "is not a plain file of root's alone: 0 2 600"),
        (somebody_elses, f"is not a plain file of root's alone: {NOBODY} 1 600"),
        (writable_by_the_group, "can be written by others: 0 1 620"),
        (writable_by_others, "can be written by others: 0 1 602"),
        (pipe, "is not a plain file of root's alone: 0 1 600 fifo"),
    ],
)
async def test_what_anybody_may_have_put_there_is_refused(
    daemon: Daemon, dumps: Path, forge: Callable[[Path], None], says: str
) -> None:
    """Anybody may write to /tmp: what is not root's own plain file is neither followed nor read."""
    forge(dumps / "keepalived.json")
    text, error = await daemon.ask("dump json", "dump")
    assert text is None
    assert says in error
    assert error.endswith("(exit status 7)")
    told, _ = await daemon.ask("dump json", "stat")
    assert told is not None, "the one that comes after it must be seen to be another one"


@pytest.mark.parametrize(("mode", "owner"), [(0o777, 0), (0o775, 0), (0o757, 0), (0o755, NOBODY), (0o1777, NOBODY)])
async def test_a_folder_where_files_can_be_exchanged_is_refused(
    daemon: Daemon, dumps: Path, mode: int, owner: int
) -> None:
    """Between the look at a file and the reading of it somebody could put another one there."""
    write(dumps / "keepalived.json")
    dumps.chmod(mode)
    os.chown(dumps, owner, owner)
    text, error = await daemon.ask("dump json", "dump")
    assert text is None
    assert "the folder of keepalived.json is not safe" in error


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o711, 0o1777, 0o1755, 0o2755])
async def test_a_folder_where_nobody_else_can_exchange_files_will_do(daemon: Daemon, dumps: Path, mode: int) -> None:
    """Root's alone, or sticky."""
    write(dumps / "keepalived.json")
    dumps.chmod(mode)
    assert (await daemon.ask("dump json", "dump"))[0] is not None


async def test_dumps_are_looked_for_where_keepalived_sees_them(daemon: Daemon, tmp_path: Path) -> None:
    """With PrivateTmp or in a container its root is not the director's."""
    inner = tmp_path / "root" / "var" / "dumps"
    inner.mkdir(parents=True)
    write(inner / "keepalived.json")
    daemon.start("/var/dumps", root=tmp_path / "root")
    text, error = await daemon.ask("dump json", "dump")
    assert text is not None, error


OLD = ("v1.3.9", "v2.0.19", "v2.1.5", "v2.2.4")
NEW = ("v2.2.5", "v2.2.10", "v2.3.3", "v2.10.0", "of no known version")


@pytest.mark.parametrize("version", [*OLD, *NEW])
async def test_tmpdir_counts_from_2_2_5_on(daemon: Daemon, tmp_path: Path, version: str) -> None:
    """Before, keepalived writes to /tmp whatever its environment says."""
    for folder in ("tmp", "dumps"):
        (tmp_path / "root" / folder).mkdir(parents=True)
        write(tmp_path / "root" / folder / "keepalived.json", f'"{folder}"\n')
    daemon.start("/dumps", root=tmp_path / "root")
    daemon.version = version
    text, _ = await daemon.ask("dump json", "dump")
    assert text == ('"dumps"\n' if version in NEW else '"tmp"\n')


async def test_without_tmpdir_it_is_tmp(daemon: Daemon, tmp_path: Path) -> None:
    """As in every packaged unit."""
    (tmp_path / "root" / "tmp").mkdir(parents=True)
    write(tmp_path / "root" / "tmp" / "keepalived_check.data", "x\n")
    daemon.start("", root=tmp_path / "root")
    assert await daemon.ask("dump check", "dump") == ("x\n", "x (exit status 0)")


async def test_a_process_that_is_not_roots_is_not_keepalived(daemon: Daemon, tmp_path: Path) -> None:
    """A pid file outlives a keepalived that was killed, and its number may be anybody's now."""
    write(tmp_path / "keepalived.json")
    daemon.start(str(tmp_path), user=NOBODY)
    for request, section in (("dump json", "dump"), ("stat json", "stat"), ("signal data", "signal")):
        text, error = await daemon.ask(request, section)
        assert text is None
        assert error.endswith("has keepalived's name, but it is not root's (exit status 4)")


VERBS = (
    *("identity", "daemon", "addresses", "threads", "sysctls", "stats", "rates", "thresholds", "persistent", "save"),
    *("daemons", "uid", "stat json", "dump json", "dump data", "dump check", "dbus", "changes"),
)


@pytest.mark.parametrize("verb", VERBS)
async def test_whatever_was_asked_in_between(daemon: Daemon, dumps: Path, tmp_path: Path, verb: str) -> None:
    """A shell's variables are everybody's: no verb changes the number of the signal that another one sends."""
    records = tmp_path / "lvstop" / "changes"
    records.mkdir(parents=True)
    for number in range(9):
        write(records / f"{number}.json", "{}\n", 0o644)
    program = Program("facts", facts().script.replace("/var/lib/lvstop/changes", str(records)))
    async with daemon.channel(program) as channel:
        await channel.ask("signal json", timeout=30)
        # before the next one: Python tells once of two that come at a time
        assert await daemon.next_signal() == 36
        for request in (verb, verb, "signal json"):
            await channel.ask(request, timeout=30)
        assert await daemon.next_signal() == 36
    assert daemon.signals() == []


@pytest.mark.parametrize("number", ["1", "2", "3", "9", "15", "19", "0", "-9", "15 36", "", "100"])
async def test_a_signal_that_is_none_for_a_dump(daemon: Daemon, dumps: Path, number: str) -> None:
    """Whatever keepalived says, nothing is sent that ends it, stops it or makes it reload."""
    daemon.signal = number
    text, told = await daemon.ask("signal json", "signal")
    assert text is None
    assert "not a signal that asks for a dump" in told
    assert daemon.signals() == []


async def test_one_that_has_just_been_started(daemon: Daemon, tmp_path: Path) -> None:
    """It has not come to its signals yet, and any of them would end it: it gets none until it waits for them."""
    daemon.start(str(tmp_path), hears="nothing")
    text, told = await daemon.ask("signal json", "signal")
    assert text is None
    assert "has just been started" in told
    daemon.signal = "10"
    assert (await daemon.ask("signal data", "signal"))[0] is None
    assert daemon.signals() == []
    assert daemon.exit_status == 0


@pytest.mark.parametrize("number", [10, 34, 36, 48, 49, 63, 64])
async def test_one_that_hears_a_single_signal(daemon: Daemon, tmp_path: Path, number: int) -> None:
    """By a signalfd, as keepalived does: blocked, and read by itself. Its neighbours are not sent."""
    daemon.start(str(tmp_path), hears=str(number))
    for other in (number - 1, number + 1):
        daemon.signal = str(other)
        assert (await daemon.ask("signal json", "signal"))[0] is None
    daemon.signal = str(number)
    assert (await daemon.ask("signal json", "signal"))[0] == ""
    assert daemon.signals() == [number]
    assert daemon.exit_status == 0
