"""What a played program writes, kept instead of sent."""

from collections.abc import Sequence

from lvstop.transport.base import Section
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
