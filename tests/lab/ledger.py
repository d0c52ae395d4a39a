"""What a lab holds on this machine, written down before it is taken, and given back from that record.

The same record serves the normal end of a lab, a boot that failed half-way, and `python -m lab down` after the
program was killed hard. Only what is recorded here is ever killed, unmounted or deleted.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TypeVar

from lab import netns
from lab.errors import LabError
from lab.shell import ip, run
from lab.wait import wait_until

# every process of a lab carries its name in this variable
MARK = "LVSTOP_LAB_NAME"
RECORD = "lab.json"
T = TypeVar("T")


def runtime_dir() -> Path:
    """Return the folder that has one folder per running lab: $XDG_RUNTIME_DIR/lvstop-lab, or /tmp/lvstop-lab."""
    # in /tmp its owner is checked before it is used
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / "lvstop-lab"  # noqa: S108


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process that leads a process group of its own. `started` tells it from a later one with the same number."""

    pid: int
    started: int
    what: str


@dataclass(slots=True)
class Record:
    """The content of a lab's `lab.json`."""

    name: str
    topology: str
    suite: str
    owner: ProcessRecord
    processes: list[ProcessRecord] = field(default_factory=list)
    mounts: list[str] = field(default_factory=list)
    namespaces: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    # director → its address, for `python -m lab exec`
    addresses: dict[str, str] = field(default_factory=dict)


class Ledger:
    """The resources of one lab, in `folder`. Safe to use from several threads."""

    def __init__(self, folder: Path, record: Record) -> None:
        self.folder = folder
        self.record = record
        self._lock = threading.RLock()
        self._closed = False
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    @classmethod
    def create(cls, name: str, topology: str, suite: str) -> "Ledger":
        """Make the lab's folder and an empty record. Raises LabError when a lab of that name exists already."""
        parent = runtime_dir()
        parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if parent.is_symlink() or parent.stat().st_uid != os.geteuid():
            raise LabError(f"{parent} belongs to somebody else")
        folder = parent / name
        try:
            folder.mkdir(mode=0o755)
        except FileExistsError as error:
            raise LabError(f"a lab {name!r} exists already: end it, or run `python -m lab down {name}`") from error
        owner = ProcessRecord(os.getpid(), start_of(os.getpid()) or 0, "the program that booted the lab")
        ledger = cls(folder, Record(name, topology, suite, owner))
        ledger._save()
        return ledger

    @classmethod
    def load(cls, folder: Path) -> "Ledger":
        """Read the record of a lab that another program started. Raises LabError when it is not readable."""
        try:
            data = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            data["owner"] = ProcessRecord(**data["owner"])
            data["processes"] = [ProcessRecord(**process) for process in data["processes"]]
            return cls(folder, Record(**data))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LabError(f"no readable record of a lab in {folder}: {error}") from error

    def note_address(self, director: str, address: str) -> None:
        """Remember where a director is reached."""
        with self._lock:
            self.record.addresses[director] = address
            self._save()

    def add_namespace(self, name: str) -> None:
        """Make a network namespace."""
        with self._lock:
            self.record.namespaces.append(name)
            self._save()
            ip(None, "netns", "add", name)

    def add_link(self, name: str) -> None:
        """Note an interface of the machine itself, which the caller makes next."""
        with self._lock:
            self.record.links.append(name)
            self._save()

    def mount_overlay(self, lower: Path, folder: Path) -> Path:
        """Mount a writable view of `lower` and return where; what is written stays in `folder`."""
        upper, work, merged = folder / "upper", folder / "work", folder / "root"
        for path in (upper, work, merged):
            path.mkdir(parents=True)
        with self._lock:
            self.record.mounts.append(str(merged))
            self._save()
            options = f"lowerdir={lower},upperdir={upper},workdir={work}"
            run(["mount", "-t", "overlay", "overlay", "-o", options, str(merged)])
        return merged

    def start(
        self,
        what: str,
        argv: Sequence[str],
        *,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        stderr: IO[bytes] | int = subprocess.DEVNULL,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that neither Ctrl-C nor a lost terminal reaches it."""
        with self._lock:
            if self._closed:
                raise LabError(f"the lab {self.record.name} is ending: {what} is not started any more")
            try:
                child = subprocess.Popen(
                    list(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                    env={**os.environ, **(env or {}), MARK: self.record.name},
                    pass_fds=pass_fds,
                )
            except OSError as error:
                raise LabError(f"{what} did not start: {error}") from error
            self.record.processes.append(ProcessRecord(child.pid, start_of(child.pid) or 0, what))
            self._children[child.pid] = child
            self._save()
            return child

    def end(self, child: subprocess.Popen[bytes]) -> None:
        """Kill a program started by `start` with all of its process group, and forget it."""
        with self._lock:
            for process in [process for process in self.record.processes if process.pid == child.pid]:
                self._kill(process)
                self.record.processes.remove(process)
            if not self._closed:
                self._save()

    def give_back(self) -> list[str]:
        """End, unmount and delete everything on record, and remove the lab's folder.

        Goes on after a failure; returns what could not be given back (nothing: all is as it was). The folder and the
        record stay as long as something is left, for another try.
        """
        with self._lock:
            self._closed = True
            failures: list[str] = []
            record = self.record
            _each(record.processes, self._kill, failures)
            _each(record.links, _delete_link, failures)
            _each(record.namespaces, self._delete_namespace, failures)
            _each(record.mounts, _unmount, failures)
            if failures:
                self._save()
            else:
                # a mount below would lose its content: rmtree is safe only now that none is left
                shutil.rmtree(self.folder, ignore_errors=True)
            return failures

    def _save(self) -> None:
        fresh = self.folder / f".{RECORD}.new"
        fresh.write_text(json.dumps(asdict(self.record), indent=1), encoding="utf-8")
        fresh.replace(self.folder / RECORD)

    def _kill(self, process: ProcessRecord) -> None:
        child = self._children.pop(process.pid, None)
        # a child that was not waited for keeps its number, so the number is still ours
        if (child is not None and child.returncode is None) or start_of(process.pid) == process.started:
            _kill_group(process.pid)
        for pid in members(process):
            _kill_one(pid)
        if child is not None:
            child.wait(timeout=30)
        wait_until(lambda: not members(process), 30, f"the end of {process.what} (process group {process.pid})")

    def _delete_namespace(self, name: str) -> None:
        if name not in netns.names():
            return
        # a child started in the moment before the program was killed may be missing from the record
        for word in ip(None, "netns", "pids", name).stdout.split():
            if _is_marked(int(word), self.record.name):
                _kill_one(int(word))
        ip(None, "netns", "del", name)


def start_of(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot, or None when there is no such process."""
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] != "Z" else None


def members(process: ProcessRecord) -> list[int]:
    """Return the living processes of the session that a recorded process leads or led."""
    leader = _stat(process.pid)
    if leader is not None and int(leader[19]) != process.started:
        # the kernel gives a number away only when nobody of its session is left: this one is somebody else's by now
        return []
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields and fields[0] != "Z" and int(fields[3]) == process.pid and int(fields[19]) >= process.started:
                found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/<pid>/stat from the state on."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # the name before it may contain blanks and brackets
    return text.rpartition(")")[2].split()


def _is_marked(pid: int, name: str) -> bool:
    try:
        return f"{MARK}={name}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _kill_one(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _delete_link(name: str) -> None:
    if Path("/sys/class/net", name).exists():
        ip(None, "link", "del", name)


def _unmount(path: str) -> None:
    def gone() -> bool:
        if not is_mounted(path):
            return True
        run(["umount", path], check=False)
        return not is_mounted(path)

    wait_until(gone, 20, f"{path} to be unmounted")


def is_mounted(path: str) -> bool:
    """Say whether something is mounted at `path`."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    return any(line.split()[1] == path for line in mounts.splitlines())


def _each(things: list[T], give_back: Callable[[T], None], failures: list[str]) -> None:
    """Give back the newest first, keep on the list what failed."""
    for thing in reversed(things.copy()):
        try:
            give_back(thing)
        except (LabError, OSError, subprocess.TimeoutExpired) as error:
            failures.append(f"{thing}: {error}")
        else:
            things.remove(thing)
