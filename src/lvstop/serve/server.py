"""The web server: a page, and a session of `lvstop noc` for each browser that opens it, up to a number."""

import asyncio
import logging
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import aiohttp_jinja2
import jinja2
import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.download_manager import Download
from textual_serve.server import to_int

from lvstop.serve.guard import Guard
from lvstop.serve.messages import HEIGHTS, WIDTHS, Focus, Keys, Ping, Resize, parse_message, within
from lvstop.serve.watcher import LONGEST_END, BrokenOffError, Watcher

_LOG = logging.getLogger("lvstop.serve")
_PAGE = Path(__file__).with_name("page")
_STATIC = Path(textual_serve.__file__).with_name("static")
"""The terminal that a page shows: script, styles and letters."""

_HEARTBEAT = 15.0
"""Seconds after which a browser that says nothing is asked whether it is there; half of that later it is gone."""

_LARGEST_MESSAGE = 256 * 1024

_TITLE = "lvstop NOC"
_OWN_WORDS = "X-Lvstop"
"""A header of a 503 that is this server's own, and no proxy's: its page comes back by itself."""

FONT_SIZES = (6, 96)
"""Pixels, as `?fontsize=24` asks for them."""


class WallServer:
    """Serves one command, `lvstop noc` with its arguments, and nothing else.

    Args:
        argv: the command.
        guard: who may ask.
        most: how many watchers there may be at the same time. Each is a process with its own SSH connections.
    """

    def __init__(self, argv: Sequence[str], guard: Guard, *, most: int) -> None:
        self._argv = argv
        self._guard = guard
        self._most = most
        self._watchers: dict[Watcher, web.WebSocketResponse] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def serve(self, host: str, port: int) -> None:
        """Serve there until SIGINT or SIGTERM. Lines go to standard error, for a terminal or a journal.

        Raises:
            OSError: the address cannot be had.
        """
        logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stderr)
        web.run_app(self.application(), host=host, port=port, print=None, access_log=None)

    def application(self) -> web.Application:
        """All that is answered; whatever it is, and to whatever, first it is seen who asks."""
        app = web.Application(middlewares=[self._admit])
        app.on_response_prepare.append(_plain)
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(_PAGE))
        app.add_routes(
            [
                web.get("/", self.handle_index),
                web.get("/ws", self.handle_websocket, allow_head=False),
                web.get("/download/{key}", self.handle_download, allow_head=False),
                web.static("/static", _STATIC, show_index=False),
            ]
        )
        app.on_startup.append(self.on_startup)
        app.on_shutdown.append(self.on_shutdown)
        return app

    @web.middleware
    async def _admit(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Nobody who calls this server by another's name is told anything, and nothing is started for him."""
        if not self._guard.knows(request.headers.get("Host")):
            text = f"This server is at {self._guard.url}; no other name leads here (`lvstop serve --url`).\n"
            raise web.HTTPMisdirectedRequest(text=text)
        return await handler(request)

    async def on_startup(self, app: web.Application) -> None:
        """Say where the page is."""
        _LOG.info("The wall is at %s, for %s. Ctrl-C ends it.", self._guard.url, _counted(self._most))

    async def on_shutdown(self, app: web.Application) -> None:
        """End all sessions, and wait for their processes; where one fails, for the others nevertheless."""
        ended = await asyncio.gather(
            *(websocket.close(code=WSCloseCode.GOING_AWAY) for websocket in self._watchers.values()),
            *(watcher.stop() for watcher in self._watchers),
            return_exceptions=True,
        )
        for error in ended:
            if isinstance(error, BaseException):
                _LOG.error("A session was not ended as it should be: %r", error)

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page; where there are watchers enough, words that say so."""
        if not await self._has_room():
            response = aiohttp_jinja2.render_template("full.html", request, {"full": self._full}, status=503)
            response.headers[_OWN_WORDS] = "full"
            return _sealed(response, "default-src 'none'; style-src 'unsafe-inline'")
        nonce = secrets.token_urlsafe(16)
        font_size = within(to_int(request.query.get("fontsize", ""), 16), FONT_SIZES)
        context = {"title": _TITLE, "font_size": font_size, "nonce": nonce}
        # not every browser takes 'self' for a websocket; an address of IPv6 cannot be named here
        websockets = " ".join(
            f"ws{each.removeprefix('http')}" for each in sorted(self._guard.origins) if "[" not in each
        )
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
            f"font-src 'self'; img-src 'self' data:; connect-src 'self' {websockets}; frame-ancestors 'none'; "
            "base-uri 'none'"
        )
        return _sealed(aiohttp_jinja2.render_template("wall.html", request, context), policy)

    async def handle_download(self, request: web.Request) -> web.StreamResponse:
        """What a watcher has exported."""
        key = request.match_info["key"]
        for watcher in tuple(self._watchers):
            if (export := await watcher.export(key)) is not None:
                return await _download(request, watcher, export)
        raise web.HTTPNotFound(text="There is nothing to download here, or not any more.\n")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A session, from its beginning to its end, whichever side ends it."""
        if not self._guard.lets_in(request.headers.get("Origin")):
            raise web.HTTPForbidden(text="A session is opened by this server's own page only.\n")
        if not await self._has_room():
            raise web.HTTPServiceUnavailable(text=f"{self._full}.\n")
        websocket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_LARGEST_MESSAGE)
        watcher = Watcher(self._argv, websocket)
        self._watchers[watcher] = websocket
        try:
            _LOG.info("%s watches: %d of %d", request.remote, len(self._watchers), self._most)
            await websocket.prepare(request)
            width = within(to_int(request.query.get("width", ""), 80), WIDTHS)
            height = within(to_int(request.query.get("height", ""), 24), HEIGHTS)
            await watcher.start(width, height)
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await _take(watcher, websocket, message.data)
        finally:
            # Also where the handler is cancelled: the process is ended before its place is given to somebody else.
            leaving = asyncio.create_task(self._end(watcher))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            await asyncio.shield(leaving)
            _LOG.info("%s has left: %d of %d", request.remote, len(self._watchers), self._most)
        return websocket

    async def _has_room(self) -> bool:
        """There is a place. That of somebody who leaves is waited for: he may be the one who loads his page anew."""
        if len(self._watchers) >= self._most and self._leaving:
            await asyncio.wait(self._leaving, timeout=LONGEST_END, return_when=asyncio.FIRST_COMPLETED)
        return len(self._watchers) < self._most

    @property
    def _full(self) -> str:
        return f"{_counted(self._most)} {'is' if self._most == 1 else 'are'} here already"

    async def _end(self, watcher: Watcher) -> None:
        try:
            await watcher.stop()
        finally:
            self._watchers.pop(watcher, None)


def _counted(watchers: int) -> str:
    return "1 watcher" if watchers == 1 else f"{watchers} watchers"


async def _download(request: web.Request, watcher: Watcher, export: Download) -> web.StreamResponse:
    """Pass on a file as the process hands it out."""
    kind = export.mime_type or "application/octet-stream"
    headers = {
        "Content-Type": f"{kind}; charset={export.encoding}" if export.encoding else kind,
        "Content-Disposition": f'attachment; filename="{quote(export.file_name)}"',
        "Cache-Control": "no-store",
    }
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    try:
        async for chunk in watcher.chunks(export.delivery_key):
            await response.write(chunk)
    except BrokenOffError as error:
        _LOG.warning("%s", error)
        if request.transport is not None:
            # without the end that HTTP has for it: a browser must not take this for a whole file
            request.transport.abort()
        return response
    await response.write_eof()
    return response


async def _take(watcher: Watcher, websocket: web.WebSocketResponse, text: str) -> None:
    """Do what a page says."""
    match parse_message(text):
        case Keys(data):
            await watcher.send_bytes(data)
        case Resize(width, height):
            await watcher.set_terminal_size(width, height)
        case Ping(matter):
            await websocket.send_json(["pong", matter])
        case Focus(here):
            await (watcher.focus() if here else watcher.blur())


def _sealed(response: web.Response, policy: str) -> web.Response:
    """Nothing of the page comes from elsewhere, and nothing of it is kept."""
    response.headers.update({"Content-Security-Policy": policy, "Cache-Control": "no-store"})
    return response


async def _plain(request: web.Request, response: web.StreamResponse) -> None:
    """No answer is taken for anything else than it is, and no page that is found here is told of."""
    response.headers.update({"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"})
