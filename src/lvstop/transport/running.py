"""A program that runs on a director, whatever carries it there: what is common to SSH and to this very machine."""

import re
import secrets
from dataclasses import dataclass
from typing import Protocol

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import Program

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_STDERR_KEPT = 2048
_SUDO_REMEDY = "allow this login `sudo -n sh` without a password, or set `privilege: none` in the cluster file"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended.

    Attributes:
        connected: the connection is still there.
        status: exit status, None where the program was killed or its end is not known.
        signal: what killed it, by its name without SIG, or by its number if it has none; None where nothing did.
        errors: the beginning and the end of what it wrote to its standard error.
    """

    connected: bool
    status: int | None
    signal: str | None
    errors: str


UNKNOWN_END = Ending(connected=False, status=None, signal=None, errors="")


class Receiver(Protocol):
    """Takes what a program writes."""

    def received(self, data: bytes) -> None:
        """Bytes of the program's standard output."""
        ...

    def ended(self) -> None:
        """The program has ended, or the connection has."""
        ...


class Carrier(Protocol):
    """Holds a program that was started, and gives what it writes to a receiver."""

    def write(self, data: bytes) -> None:
        """Write to the program's standard input; nothing happens where it has ended, which the receiver is told."""
        ...

    def pause(self) -> None:
        """Take nothing more from the program for now: it has to wait."""
        ...

    def resume(self) -> None:
        """Take from the program again."""
        ...

    def abandon(self) -> None:
        """End the program without waiting for it: its input ends, and nobody listens. Safe at any moment."""
        ...

    async def finish(self) -> None:
        """`abandon`, and wait until the program has ended; not long, for it may hang."""
        ...

    def ending(self) -> Ending:
        """What is known of the program's end."""
        ...


class Start(Protocol):
    """Starts programs on one director."""

    async def __call__(self, receiver: Receiver, program: Program, *, nonce: str, elevated: bool) -> Carrier:
        """Start `program`. What it writes may reach the receiver before this returns; after a failure or cancellation
        nothing is left running.

        Raises:
            TransportError: `forbidden` where this login may not run it; `disconnected`.
        """
        ...


class Errors:
    """The beginning and the end of what a program writes to its standard error."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, data: bytes) -> None:
        """Take a piece."""
        room = _STDERR_KEPT - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        del self._tail[:-_STDERR_KEPT]

    def text(self) -> str:
        """All that is kept."""
        return (self._head + self._tail).decode("utf-8", "replace")


def new_nonce() -> str:
    """A word that no content can hold by accident, and that nobody can guess."""
    return f"lvstop-{secrets.token_hex(12)}"


def ending_fault(
    ending: Ending, program: Program, *, host: str, elevated: bool, before: str, output: bytes = b""
) -> Fault:
    """Why a program that should still run does not.

    Args:
        before: what it should have done first, e.g. `its greeting`.
        output: the beginning of what it wrote where nothing was expected: a login shell explains itself there.
    """
    if not ending.connected:
        return Fault(FaultKind.DISCONNECTED, f"the connection to {host} was lost before {before}")
    said = _first_line(ending.errors) or _first_line(output.decode("utf-8", "replace"))
    if elevated and ending.status in (1, 126, 127) and not output:
        reason = said or f"exit status {ending.status}"
        return Fault(FaultKind.FORBIDDEN, f"sudo refuses on {host}: {reason}", _SUDO_REMEDY)
    how = f"signal {ending.signal}" if ending.signal else f"status {ending.status}"
    if ending.status is None and ending.signal is None:
        how = "no status"
    tail = _last_line(ending.errors) or said
    told = f": {tail}" if tail else ""
    return Fault(FaultKind.BAD_ANSWER, f"the program {program.name} on {host} ended with {how} before {before}{told}")


def _lines(text: str) -> list[str]:
    lines = (_CONTROL.sub(" ", line).strip() for line in text.splitlines())
    return [line[:300] for line in lines if line]


def _first_line(text: str) -> str:
    return next(iter(_lines(text)), "")


def _last_line(text: str) -> str:
    return next(reversed(_lines(text)), "")
