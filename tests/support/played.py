"""What a played program writes, kept instead of sent."""

from collections.abc import Sequence

from lvstop.demo.catalogue import PROGRAMS
from lvstop.demo.director import Director
from lvstop.demo.logins import LOGINS
from lvstop.demo.shell import Shell
from lvstop.transport.base import Program, Section
from lvstop.transport.framing import decode_sections

NONCE = "lvstop-0123456789"


class Screen:
    """An `Output` that keeps what it is given."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.errors = ""
        self.status: int | None = None

    def out(self, data: bytes) -> None:
        """Standard output."""
        self.data += data

    def error(self, text: str) -> None:
        """Standard error."""
        self.errors += text

    def exit(self, status: int) -> None:
        """The end."""
        self.status = status


def sections_of(screen: Screen, sequence: int) -> Sequence[Section]:
    """The sections of the answer that it holds, which is then taken off it."""
    data = bytes(screen.data)
    screen.data.clear()
    return decode_sections(data, nonce=NONCE, sequence=sequence)


class Started:
    """A played program that runs on a director.

    Args:
        login: who runs it.
    """

    def __init__(self, program: Program, login: str = "root", *, on: Director) -> None:
        self.screen = Screen()
        self.shell = Shell(on, LOGINS[login], f"exec sh -s -- {NONCE}", programs=PROGRAMS, output=self.screen)
        self.shell.feed(program.script.encode())

    def lines(self) -> list[bytes]:
        """What it has written since the last time."""
        lines = bytes(self.screen.data).splitlines()
        self.screen.data.clear()
        return lines


class Played(Started):
    """One that is asked one request after the other.

    Attributes:
        greeting: the sections that it began with.
    """

    def __init__(self, program: Program, login: str = "root", *, on: Director) -> None:
        super().__init__(program, login, on=on)
        self._sequence = 0
        self.greeting = sections_of(self.screen, 0)

    def ask(self, request: str) -> Sequence[Section]:
        """The sections of an answer."""
        self._sequence += 1
        self.shell.feed(f"{self._sequence} {request}\n".encode())
        return sections_of(self.screen, self._sequence)


def answered(played: Played, request: str) -> str:
    """The text of the one section of an answer, which is no failure."""
    (section,) = played.ask(request)
    assert section.status == 0, section.body
    return section.body.decode()
