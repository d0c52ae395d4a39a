"""One watcher: a browser's websocket, and the process of `lvstop noc` behind it. Neither outlives the other.

Between them goes what Textual's web driver speaks (textual/drivers/web_driver.py): packets of a type (D data, M meta, P
packed), a size of four bytes, the highest first, and that many bytes; before the first packet a line that says so.
"""

import asyncio
import logging
import os
import shlex
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import Download, DownloadManager

from lvstop.errors import LvstopError

_LOG = logging.getLogger("lvstop.serve")
_PRELUDE = b"__GANGLION__\n"
_MOST_LINES = 10
"""Lines that may come before the prelude."""

_LARGEST = 16 * 1024 * 1024
_LONGEST_REASON = 300
_QUIT_SECONDS = 5.0
"""How long a process has to close its connections before it is killed."""

LONGEST_END = _QUIT_SECONDS + 1.0
"""Seconds after which the process of a watcher who leaves is gone, one way or the other."""


class NotUnderstoodError(LvstopError):
    """A process says what no wall says."""


class BrokenOffError(LvstopError):
    """An export has no end."""


def environment(width: int, height: int, inherited: Mapping[str, str]) -> dict[str, str]:
    """What the process finds: Textual's own variables are those of a browser, whatever the server was started with."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("TEXTUAL")}
    return {
        **kept,
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
        "TEXTUAL_FPS": "30",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "COLUMNS": str(width),
        "ROWS": str(height),
    }


class _Downloads(DownloadManager):
    """Exports of one watcher, and which of them came to their end: an empty chunk, which only the process sends."""

    def __init__(self) -> None:
        super().__init__()
        self.whole: set[str] = set()

    async def chunk_received(self, delivery_key: str, chunk: bytes | str) -> None:
        """As textual-serve calls it."""
        if not chunk:
            self.whole.add(delivery_key)
        await super().chunk_received(delivery_key, chunk)


class Watcher(AppService):
    """Starts the process, passes on what either side says, and ends it with the session."""

    # Two underscores, so that no attribute of textual-serve's is overwritten.

    def __init__(self, argv: Sequence[str], websocket: web.WebSocketResponse) -> None:
        # its own: what was exported and never fetched goes with it
        downloads = _Downloads()

        async def close() -> None:
            await websocket.close()

        super().__init__(
            shlex.join(argv),
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=downloads,
        )
        self.__argv = argv
        self.__websocket = websocket
        self.__downloads = downloads
        self.__process: asyncio.subprocess.Process | None = None
        self.__reading: asyncio.Task[None] | None = None

    @property
    def stdin(self) -> asyncio.StreamWriter:
        """The standard input of the process."""
        if self.__process is None or self.__process.stdin is None:
            raise RuntimeError("the process was not started")
        return self.__process.stdin

    async def export(self, key: str) -> Download | None:
        """What the process has said that a browser may fetch by this key; None where that is nothing of it."""
        try:
            return await self.__downloads.get_download_metadata(key)
        except KeyError:
            return None

    async def chunks(self, key: str) -> AsyncGenerator[bytes, None]:
        """The contents of an `export`, asked of the process piece by piece; it is gone afterwards.

        Raises:
            BrokenOffError: that was not all.
        """
        async for chunk in self.__downloads.download(key):
            yield chunk
        if key not in self.__downloads.whole:
            raise BrokenOffError("an export was broken off: its process has ended, or said nothing for too long")
        self.__downloads.whole.discard(key)

    async def start(self, width: int, height: int) -> None:
        """Start it on a terminal of this size, without a shell, and where no Ctrl-C reaches it but by the server."""
        self.__process = await asyncio.create_subprocess_exec(
            *self.__argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(width, height, os.environ),
            start_new_session=True,
        )
        self.__reading = asyncio.create_task(self.run())
        self.__reading.add_done_callback(_tell)

    async def run(self) -> None:
        """Pass on what the process says until it ends; then the session is over.

        What is wrong there may be a packet's frame, or what textual-serve makes of its contents: whatever that raises
        is how this ends. Whoever runs the server is told, and `stop` waits nevertheless.

        Raises:
            NotUnderstoodError: it says something else.
        """
        stdout = None if self.__process is None else self.__process.stdout
        if stdout is None:
            return
        try:
            await _prelude(stdout)
            while True:
                await self._pass_on(stdout)
        except asyncio.IncompleteReadError:
            # it has ended
            pass
        finally:
            await self.__websocket.close()

    async def _pass_on(self, stdout: asyncio.StreamReader) -> None:
        kind, size = await stdout.readexactly(1), int.from_bytes(await stdout.readexactly(4), "big")
        if size > _LARGEST:
            raise NotUnderstoodError(f"{size} bytes are no packet")
        payload = await stdout.readexactly(size)
        # A browser that is gone takes nothing any more; the process is heard to its end nevertheless, or it would wait
        # for ever with what it still has to say.
        with suppress(ConnectionError):
            match kind:
                case b"D":
                    await self.on_data(payload)
                case b"M":
                    await self.on_meta(payload)
                case b"P":
                    await self.on_packed(payload)
                case _:
                    raise NotUnderstoodError(f"{kind!r} is no kind of a packet")

    async def stop(self) -> None:
        """End the process: it is asked, and after some seconds it is not asked any more. Safe to call twice."""
        process, reading = self.__process, self.__reading
        if process is None:
            return
        await self.__downloads.cancel_app_downloads(self.app_service_id)
        try:
            async with asyncio.timeout(_QUIT_SECONDS):
                if process.returncode is None:
                    await self.send_meta({"type": "quit"})
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                # all of its session: an ssh proxy command may be part of it
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        finally:
            self.stdin.close()
        if reading is not None:
            await asyncio.wait([reading])


async def _prelude(stdout: asyncio.StreamReader) -> None:
    """Read the line before the first packet, and what may come before it."""
    for _ in range(_MOST_LINES):
        if await stdout.readuntil() == _PRELUDE:
            return
    raise NotUnderstoodError(f"{_MOST_LINES} lines, and none of them a wall's first")


def _tell(reading: asyncio.Task[None]) -> None:
    """How a session ended that should not have ended like this."""
    if not reading.cancelled() and (error := reading.exception()) is not None:
        _LOG.error("A session is over: what its process says cannot be passed on (%s)", repr(error)[:_LONGEST_REASON])
