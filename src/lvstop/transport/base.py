"""The seam between lvstop and a director.

A director is asked through *programs*: small POSIX sh texts that run there as long as the connection lasts, wait for
one request a line and answer it with named sections. One process per connection serves thousands of requests, so a
tick costs no login, no sudo line and no new process. A transport runs only the programs of the catalogue it was built
with; a request is a word that the program itself looks up, never something a shell evaluates. Reading and changing a
director are therefore different catalogues, not different intentions.

Wire format (program → lvstop). NONCE is a random word given to the program as its first argument, so that no content
can forge a marker; every marker starts a line, and the newline before it belongs to the marker:

    NONCE [ <section> <mode>      a section begins; mode `full` (verbatim text) or `delta` (see probe.delta)
    …content…
    NONCE ] <status>              it ends; status 0 or the exit status of what was to write it
    NONCE . <sequence>            the answer to request <sequence> is complete

Requests (lvstop → program): `<sequence> <verb> [<argument> …]` and a newline. Sequence 0 is the program's greeting,
sent without a request; nothing is sent to a program before it has greeted, because a shell that reads its text from
standard input may read ahead.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from lvstop.errors import LvstopError
from lvstop.model.director import Fault, FaultKind

ANSWER_LIMIT = 32 * 1024 * 1024
"""Bytes in one answer; more is a fault (`answer-too-large`). A table of 100,000 real servers is 7 MB."""


class TransportError(LvstopError):
    """A director cannot be asked, or its answer is not one.

    Attributes:
        fault: the failure as a value, for snapshots and messages.
    """

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.summary)


class NotInCatalogueError(TransportError):
    """A program was to be run that the transport was not built with; nothing was sent.

    A session that only reads has transports for `probe.programs.catalogue()`: whatever else is asked of them ends here.
    """

    def __init__(self, program: str, host: str) -> None:
        summary = f"the program {program} is not among those that lvstop may run on {host}"
        super().__init__(Fault(FaultKind.FORBIDDEN, summary))


@dataclass(frozen=True, slots=True)
class Program:
    """A reader that runs on a director.

    Attributes:
        name: one word, used in recordings and messages.
        script: POSIX sh text, fed to `sh -s -- NONCE`. It ends by itself at the end of its standard input.
    """

    name: str
    script: str


class SectionMode(StrEnum):
    """How a section's body is written."""

    FULL = "full"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Section:
    """One named part of an answer.

    Attributes:
        status: 0, or the exit status of the command that was to write it; 1 also where a file does not exist.
        body: the content as it came, possibly cut short, binary or empty.
    """

    name: str
    mode: SectionMode
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request.

    Attributes:
        sections: in the order in which they came.
        took: seconds from sending the request to the last byte.
        size: bytes on the wire, before SSH's own compression.
    """

    sections: tuple[Section, ...]
    took: float
    size: int

    def section(self, name: str) -> Section | None:
        """The section called `name`, or None where the answer has none."""
        return next((section for section in self.sections if section.name == name), None)


class Channel(Protocol):
    """A running program. One request at a time."""

    greeting: Reply

    async def ask(self, request: str, *, timeout: float) -> Reply:
        """Send `request` (a verb and its arguments, without sequence and newline) and wait for the whole answer.

        After any TransportError, and after cancellation, the channel is closed: answers can no longer be told apart.

        Raises:
            TransportError: `no-answer` after `timeout` seconds, `disconnected`, `bad-answer`, `answer-too-large`.
        """
        ...

    async def close(self) -> None:
        """End the program. Never raises; safe to call twice."""
        ...


class Transport(Protocol):
    """A connection to one director."""

    @property
    def host(self) -> str:
        """Where it leads, as the operator names it."""
        ...

    async def connect(self) -> None:
        """Connect and log in.

        Raises:
            TransportError: with the kind that tells what to mend.
        """
        ...

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        """Start `program`, through `sudo -n` where `elevated`, and wait for its greeting.

        Raises:
            NotInCatalogueError: the transport was not built with this program.
            TransportError: `forbidden` where sudo refuses; else as `ask`.
        """
        ...

    def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """Start `program`, which writes lines as they happen, and yield them until it ends or the iterator is closed.

        A line comes without its newline; of a line beyond 64 kB the rest is missing. Close the iterator
        (`contextlib.aclosing`): only that ends the program while it still has something to say.

        Raises:
            TransportError: as `open`, while iterating.
        """
        ...

    async def close(self) -> None:
        """Disconnect; programs end with it. Never raises; safe to call twice."""
        ...
