"""The web server: a page, and a session of `lvstop noc` for each browser that opens it, up to a number."""

import asyncio
import logging
import secrets
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp_jinja2
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.server import Server, to_int

from lvstop.serve.guard import Guard
from lvstop.serve.messages import HEIGHTS, WIDTHS, Focus, Keys, Ping, Resize, parse_message, within
from lvstop.serve.watcher import Watcher

_LOG = logging.getLogger("lvstop.serve")
_PAGE = Path(__file__).with_name("page")
_HEARTBEAT = 15.0
"""Seconds after which a browser that says nothing is asked whether it is there; half of that later it is gone."""

_LARGEST_MESSAGE = 256 * 1024

FONT_SIZES = (6, 96)
"""Pixels, as `?fontsize=24` asks for them."""


class WallServer(Server):
    """Serves one command, `lvstop noc` with its arguments, and nothing else.

    Args:
        argv: the command.
        guard: who may ask.
        most: how many watchers there may be at the same time. Each is a process with its own SSH connections.
    """

    # Two underscores, so that no attribute of textual-serve's is overwritten.

    def __init__(self, argv: Sequence[str], guard: Guard, *, host: str, port: int, most: int) -> None:
        super().__init__(shlex.join(argv), host, port, title="lvstop NOC", public_url=guard.url, templates_path=_PAGE)
        self.__argv = argv
        self.__guard = guard
        self.__most = most
        self.__watchers: dict[Watcher, web.WebSocketResponse] = {}

    def initialize_logging(self) -> None:
        """Lines on standard error, for a terminal or a journal."""
        logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stderr)
        logging.getLogger("aiohttp.access").setLevel("WARNING")

    async def on_startup(self, app: web.Application) -> None:
        """Say where the page is."""
        _LOG.info("The wall is at %s, for %d watchers. Ctrl-C ends it.", self.__guard.url, self.__most)

    async def on_shutdown(self, app: web.Application) -> None:
        """End all sessions, and wait for their processes."""
        await asyncio.gather(
            *(websocket.close(code=WSCloseCode.GOING_AWAY) for websocket in self.__watchers.values()),
            *(watcher.stop() for watcher in self.__watchers),
        )

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page; where there are watchers enough, words that say so."""
        self._admit(request)
        if len(self.__watchers) >= self.__most:
            response = aiohttp_jinja2.render_template("full.html", request, {"most": self.__most}, status=503)
            return _sealed(response, "default-src 'none'; style-src 'unsafe-inline'")
        nonce = secrets.token_urlsafe(16)
        font_size = within(to_int(request.query.get("fontsize", ""), 16), FONT_SIZES)
        context = {"title": self.title, "font_size": font_size, "nonce": nonce}
        # not every browser takes 'self' for a websocket; an address of IPv6 cannot be named here
        websockets = " ".join(
            f"ws{each.removeprefix('http')}" for each in sorted(self.__guard.origins) if "[" not in each
        )
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
            f"font-src 'self'; img-src 'self' data:; connect-src 'self' {websockets}; frame-ancestors 'none'; "
            "base-uri 'none'"
        )
        return _sealed(aiohttp_jinja2.render_template("wall.html", request, context), policy)

    async def handle_download(self, request: web.Request) -> web.StreamResponse:
        """What a watcher has exported."""
        self._admit(request)
        return await super().handle_download(request)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A session, from its beginning to its end, whichever side ends it."""
        self._admit(request)
        if not self.__guard.lets_in(request.headers.get("Origin")):
            raise web.HTTPForbidden(text="A session is opened by this server's own page only.\n")
        if len(self.__watchers) >= self.__most:
            raise web.HTTPServiceUnavailable(text=f"{self.__most} watchers are here already.\n")
        websocket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_LARGEST_MESSAGE)
        watcher = Watcher(self.__argv, websocket, self.download_manager)
        self.__watchers[watcher] = websocket
        try:
            _LOG.info("%s watches: %d of %d", request.remote, len(self.__watchers), self.__most)
            await websocket.prepare(request)
            width = within(to_int(request.query.get("width", ""), 80), WIDTHS)
            height = within(to_int(request.query.get("height", ""), 24), HEIGHTS)
            await watcher.start(width, height)
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await _take(watcher, websocket, message.data)
        finally:
            # Also where the handler is cancelled: the process is ended before its place is given to somebody else.
            await asyncio.shield(self._end(watcher))
            _LOG.info("%s has left: %d of %d", request.remote, len(self.__watchers), self.__most)
        return websocket

    async def _end(self, watcher: Watcher) -> None:
        try:
            await watcher.stop()
        finally:
            self.__watchers.pop(watcher, None)

    def _admit(self, request: web.Request) -> None:
        if not self.__guard.knows(request.headers.get("Host")):
            text = f"This server is at {self.__guard.url}; no other name leads here (`lvstop serve --url`).\n"
            raise web.HTTPMisdirectedRequest(text=text)


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
    response.headers.update(
        {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
    )
    return response
