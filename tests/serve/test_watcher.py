"""The process behind a browser: whatever it says, its end is waited for, and what was wrong is said once."""

import logging
import sys

import pytest
from aiohttp import WSCloseCode, web

from lvstop.serve.watcher import Watcher

PRELUDE = b"__GANGLION__\n"
SAYING = "import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))"


class Page(web.WebSocketResponse):
    """A browser's end, without a network: keeps what it is told.

    Attributes:
        painted: the output of the process.
        told: everything else.
        ended: the session is over.
    """

    def __init__(self) -> None:
        super().__init__()
        self.painted = bytearray()
        self.told: list[str] = []
        self.ended = False

    async def send_bytes(self, data: bytes, compress: int | None = None) -> None:
        """Output."""
        self.painted += data

    async def send_str(self, data: str, compress: int | None = None) -> None:
        """Words."""
        self.told.append(data)

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        """The end."""
        self.ended = True
        return True


def packet(kind: bytes, payload: bytes) -> bytes:
    """As a process writes it."""
    return kind + len(payload).to_bytes(4, "big") + payload


async def hear(said: bytes) -> Page:
    """A session whose process says this and ends, until that is waited for."""
    page = Page()
    watcher = Watcher((sys.executable, "-c", SAYING, said.hex()), page)
    await watcher.start(80, 24)
    await watcher.stop()
    return page


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What whoever runs the server reads."""
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


async def test_what_a_process_says_is_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    """Output as it is; a link in words; the end of the process ends the session, without a complaint."""
    link = b'{"type": "open_url", "url": "https://example.org", "new_tab": true}'
    page = await hear(b"a warning\n" + PRELUDE + packet(b"D", b"first") + packet(b"M", link) + packet(b"D", b" last"))
    assert page.painted == b"first last"
    assert page.told == ['["open_url", {"url": "https://example.org", "new_tab": true}]']
    assert page.ended
    assert complaints(caplog) == []


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(packet(b"P", b"t3:abc"), id="a packed packet that ends too early"),
        pytest.param(packet(b"P", b"t" + b"e"), id="a packed packet of nothing"),
        pytest.param(packet(b"P", b"ti1e" * 5000), id="a packed packet without a bottom"),
        pytest.param(packet(b"M", b"{}"), id="a meta packet of no type"),
        pytest.param(packet(b"M", b"[]"), id="a meta packet that is no object"),
        pytest.param(packet(b"M", b"{"), id="a meta packet that is no JSON"),
        pytest.param(packet(b"M", b'{"type": "open_url"}'), id="a link to nowhere"),
        pytest.param(packet(b"X", b"abc"), id="a packet of no kind"),
        pytest.param(b"D\xff\xff\xff\xff", id="a packet too large"),
    ],
)
async def test_what_it_says_wrongly_ends_the_session(nonsense: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """With one line for whoever runs the server; what it says after that is not believed."""
    page = await hear(PRELUDE + packet(b"D", b"first") + nonsense + packet(b"D", b" last"))
    assert page.painted == b"first"
    assert page.ended
    (line,) = complaints(caplog)
    assert line.startswith("A session is over: ")


async def test_a_process_that_is_no_wall_ends_the_session(caplog: pytest.LogCaptureFixture) -> None:
    """It says something, but never what a wall begins with."""
    page = await hear(b"usage: something else\n" * 20)
    assert page.painted == b""
    assert page.ended
    assert len(complaints(caplog)) == 1
