"""The audit: who changed what, from where, and what became of it. One JSON object a line, only ever appended.

`begin` is written before a change is made, `end` after it, both with the change's id: a `begin` without an `end` is a
change that nobody saw through. Where nothing can be written nothing may be changed.

    {"event": "begin", "id", "at", "cluster", "kind", "lever", "reason", "author": {"user", "host"},
     "from": {"ssh_client", "tty"}, "version", "overridden": [{"code", "sentence"}], "insistence", "closes": [id],
     "rows": [{"director", "virtual_server", "real_server", "before": {"forwarding", "weight", "upper_threshold",
               "lower_threshold", "tunnel"}, "after": weight}],
     "files": [{"director", "name", "path", "before", "after"}], "commands": {director: [command]}}
    {"event": "end", "id", "at", "cluster", "kind", "outcome", "failure", "objections": [{"code", "sentence"}],
     "rows": [{"director", "virtual_server", "real_server", "weight", "found", "as_planned", "as_before"}],
     "notes": [sentence], "seconds"}

What is written of failovers stands in `failover.journal`.

A line that a crash or a full disk has cut short is left as it is, and the next entry begins on a line of its own: who
reads skips what is no JSON.
"""

import fcntl
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lvstop import __version__
from lvstop.actions.command import Command
from lvstop.actions.outcome import Outcome, RowStanding
from lvstop.actions.plan import Objection, Plan
from lvstop.actions.private import make_private, sync_folder
from lvstop.clock import Clock
from lvstop.errors import LvstopError
from lvstop.model.change import Destination, FileChange, WeightChange
from lvstop.model.failover_record import Record

ROTATED_AT = 8 * 1024 * 1024
"""Bytes that the current file may have; more begin a new one."""

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]


class AuditError(LvstopError):
    """Nothing could be written down, so that nothing may be done."""


class Audit(Protocol):
    """Writes down what is done. Both wait until it is on the disk, and for another lvstop that writes just now."""

    def begin(self, plan: Plan) -> None:
        """What is about to be done.

        Raises:
            AuditError: it could not be written; the plan must not be executed.
        """
        ...

    def end(self, plan: Plan, outcome: Outcome) -> None:
        """What became of it; also of what was refused when it was to be done.

        Raises:
            AuditError: it could not be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the operator sits.

    Attributes:
        ssh_client: the address that he logged in from (the first word of SSH_CONNECTION); None where he did not.
        tty: the terminal, e.g. `/dev/pts/3`; None without one.
    """

    ssh_client: str | None
    tty: str | None

    @classmethod
    def of_this_process(cls, environment: Mapping[str, str] = os.environ) -> "Origin":
        """Where whoever started this process sits."""
        words = environment.get("SSH_CONNECTION", "").split()
        return cls(words[0] if words else None, _tty())


def _tty() -> str | None:
    for stream in (sys.__stdin__, sys.__stderr__):
        try:
            if stream is not None and stream.isatty():
                return os.ttyname(stream.fileno())
        except (OSError, ValueError):  # a terminal without a name here; a stream that was closed
            continue
    return None


class AuditLog:
    """Implements `Audit` with one file and its predecessors.

    Args:
        path: the current file; `audit.jsonl` in `config.paths.state_folder()`. A full one is renamed to
            `audit-<UTC>.jsonl` beside it, is kept, and never written again.
    """

    def __init__(self, path: Path, clock: Clock, origin: Origin, *, rotated_at: int = ROTATED_AT) -> None:
        self._path = path
        self._clock = clock
        self._origin = origin
        self._rotated_at = rotated_at

    def begin(self, plan: Plan) -> None:
        change = plan.change
        self.write(
            "begin",
            change,
            str(change.kind),
            {
                "lever": str(change.lever),
                "reason": change.reason,
                "author": {"user": change.author.user, "host": change.author.host},
                **self.whence(),
                "overridden": told_objections(plan.overridden),
                "insistence": plan.insistence,
                "closes": list(plan.closes),
                "rows": [_row(each) for each in plan.expects],
                "files": [_file(each) for each in plan.steps if isinstance(each, FileChange)],
                "commands": told_commands(plan.commands),
            },
        )

    def end(self, plan: Plan, outcome: Outcome) -> None:
        self.write(
            "end",
            plan.change,
            str(plan.change.kind),
            {
                "outcome": str(outcome.kind),
                "failure": outcome.failure,
                "objections": told_objections(outcome.objections),
                "rows": [_standing(each) for each in outcome.rows],
                "notes": list(outcome.notes),
                "seconds": round(outcome.seconds, 3),
            },
        )

    def whence(self) -> dict[str, Json]:
        """Where the operator sits, and which lvstop he runs."""
        return {"from": {"ssh_client": self._origin.ssh_client, "tty": self._origin.tty}, "version": __version__}

    def write(self, event: str, record: Record, kind: str, values: Mapping[str, Json]) -> None:
        """One line about what is on record, on the disk when this returns.

        Raises:
            AuditError: it could not be written.
        """
        at = _moment(self._clock.now())
        head = {"event": event, "id": record.id, "at": at, "cluster": record.cluster, "kind": kind}
        self._append({**head, **values})

    def _append(self, entry: Mapping[str, Json]) -> None:
        # ASCII: whatever an operator has typed, nothing in the file is obeyed by the terminal that shows it
        line = json.dumps(entry).encode("ascii") + b"\n"
        try:
            make_private(self._path.parent)
            with self._locked(len(line)) as descriptor:
                _write(descriptor, line)
        except OSError as error:
            raise AuditError(f"the audit {self._path} cannot be written: {error.strerror or error}") from error

    @contextmanager
    def _locked(self, length: int) -> Iterator[int]:
        """The current file with room for `length` bytes, open and locked against every other lvstop."""
        while True:
            descriptor, new = _open(self._path)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                size = os.fstat(descriptor).st_size
                if not _is_at(descriptor, self._path):
                    continue  # renamed by another lvstop while this one waited
                if size and size + length > self._rotated_at:
                    self._rotate()
                    continue
                if new:
                    sync_folder(self._path.parent)
                yield descriptor
                return
            finally:
                os.close(descriptor)

    def _rotate(self) -> None:
        """Rename the current file, which is locked, to a name that nothing has."""
        stamp = f"{self._clock.now():%Y%m%dT%H%M%SZ}"
        number = 1
        while True:
            suffix = "" if number == 1 else f"-{number}"
            name = self._path.with_name(f"{self._path.stem}-{stamp}{suffix}{self._path.suffix}")
            try:
                os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
                break
            except FileExistsError:
                number += 1
        try:
            self._path.rename(name)
        except OSError:
            name.unlink()
            raise
        sync_folder(self._path.parent)


def _open(path: Path) -> tuple[int, bool]:
    """The file, and whether it had to be made."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
    try:
        return os.open(path, flags), False
    except FileNotFoundError:
        return os.open(path, flags | os.O_CREAT, 0o600), True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write(descriptor: int, line: bytes) -> None:
    """One write, so that two entries are never mixed; what is cut short is an error and stays."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    written = os.write(descriptor, line)
    if written < len(line):
        raise OSError(f"only {written} of {len(line)} bytes could be written")
    os.fsync(descriptor)


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def told_objections(objections: Sequence[Objection]) -> Json:
    """Objections of a line."""
    return [{"code": str(each.code), "sentence": each.sentence} for each in objections]


def told_commands(commands: Sequence[Command]) -> Json:
    """Commands of a line, by director."""
    told: dict[str, list[Json]] = {}
    for command in commands:
        told.setdefault(command.director, []).append(str(command))
    return told


def _row(change: WeightChange) -> Json:
    return {
        "director": change.director,
        "virtual_server": str(change.virtual_server),
        "real_server": str(change.real_server),
        "before": _destination(change.before),
        "after": change.after,
    }


def _destination(destination: Destination) -> Json:
    return {
        "forwarding": str(destination.forwarding),
        "weight": destination.weight,
        "upper_threshold": destination.upper_threshold,
        "lower_threshold": destination.lower_threshold,
        "tunnel": None if destination.tunnel is None else str(destination.tunnel),
    }


def _file(change: FileChange) -> Json:
    return {
        "director": change.director,
        "name": change.name,
        "path": change.path,
        "before": change.before,
        "after": change.after,
    }


def _standing(row: RowStanding) -> Json:
    return {
        "director": row.director,
        "virtual_server": str(row.virtual_server),
        "real_server": str(row.real_server),
        "weight": row.weight,
        "found": row.found,
        "as_planned": row.as_planned,
        "as_before": row.as_before,
    }
