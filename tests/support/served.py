"""`lvstop serve` as its own process, and a browser's end of it, spoken by hand."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from support.pty_program import Screen

SOURCE = Path(__file__).parent.parent.parent / "src"
PATIENCE = 60.0


class Served:
    """A running server.

    Attributes:
        url: where its page is.
        process: itself.
    """

    def __init__(self, url: str, process: asyncio.subprocess.Process) -> None:
        self.url = url
        self.process = process

    def watching(self) -> list[int]:
        """The processes of watchers, by their numbers."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if int(stat.read_text().rpartition(")")[2].split()[1]) == self.process.pid:
                    found.append(int(stat.parent.name))
        return found


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[Served]:
    """`lvstop serve WORDS` on a free port, until it is told to end; nothing it has started is left then."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    environment = {key: text for key, text in os.environ.items() if not key.startswith("TEXTUAL")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "lvstop",
        "serve",
        "--port",
        str(port),
        *words,
        env={**environment, "PYTHONPATH": str(SOURCE)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE):
            line = await process.stderr.readline()
            assert b"The wall is at" in line, line + await process.stderr.read()
            while not await _listens(port):
                await asyncio.wait([asyncio.ensure_future(process.wait())], timeout=0.05)
        yield Served(f"http://127.0.0.1:{port}", process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


class Browser:
    """One page: sends what is typed, and keeps what would be on its screen.

    Attributes:
        said: messages of the server that are no output, as they came.
    """

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.websocket = websocket
        self.screen = Screen()
        self.said: list[str] = []
        self.closed = False
        self._reading = asyncio.create_task(self._read())

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.screen.row(y) for y in range(60))

    async def type(self, data: bytes) -> None:
        """Keys, as a terminal sends them."""
        await self.websocket.send_json(["stdin", data.decode("latin-1")])

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for the screen to say something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    await asyncio.wait([self._reading], timeout=0.02)
        except TimeoutError:
            raise AssertionError(f"{what}: never came; the screen says:\n{self.text}") from None

    async def answered(self) -> None:
        """All that was sent before has been taken by the server."""
        before = len(self.said)
        await self.websocket.send_json(["ping", 1])
        await self.until(lambda: len(self.said) > before or self.closed, "the answer to a ping")

    async def _read(self) -> None:
        async for message in self.websocket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.screen.feed(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                self.said.append(message.data)
        self.closed = True

    async def close(self) -> None:
        """The page is left."""
        await self.websocket.close()
        await self._reading


@asynccontextmanager
async def browsing(url: str, origin: str | None = None, size: Sequence[int] = (140, 45)) -> AsyncIterator[Browser]:
    """A page of the server, as its own script opens a session."""
    address = f"{url}/ws?width={size[0]}&height={size[1]}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, origin=url if origin is None else origin, max_msg_size=0) as websocket,
    ):
        browser = Browser(websocket)
        try:
            yield browser
        finally:
            await browser.close()
