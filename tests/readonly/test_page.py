"""The page in a real browser: Chromium shows the wall, and nothing comes from anywhere else."""

import os
import shutil
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Page, Route, ViewportSize, WebSocket, async_playwright

from lvstop.demo.process import DemoProcess
from lvstop.serve.guard import guard_of
from lvstop.serve.server import WallServer
from support.pictures_of_pages import colours
from support.played_wall import PLAYED_WALL
from support.pty_program import Screen
from support.served import serving

CHROMIUM = shutil.which("chromium")
SIZE = ViewportSize(width=1280, height=720)
UNREACHABLE = "name: smb\ndirectors:\n  - {name: lb1, host: 127.0.0.1, port: 1}\n"
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class Watched:
    """What a page asks for, and what its terminal is told.

    Attributes:
        asked: addresses of all that it has loaded.
        complaints: what its console says is wrong.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.screen = Screen()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("websocket", self._listen)

    def _listen(self, websocket: WebSocket) -> None:
        self.asked.append(websocket.url)
        websocket.on("framereceived", lambda data: self.screen.feed(data) if isinstance(data, bytes) else None)

    async def until(self, *words: str) -> None:
        """Wait until the terminal has all these words on it."""
        text = ""
        for _ in range(600):
            text = "\n".join(self.screen.row(y) for y in range(80))
            if all(word in text for word in words):
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"{words} never came:\n{text}")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (apt-get install chromium)")
async def test_chromium_shows_the_wall(tmp_path: Path) -> None:
    """The holder in large letters, painted; a key looks closer; everything comes from the server itself."""
    folder = tmp_path / "demo"
    folder.mkdir()
    with DemoProcess("smb", folder, seed=1, speed=1.0):
        async with serving("-c", str(folder / "smb.yaml")) as served, async_playwright() as playwright:
            # its sandbox does not work for root, and there is nothing here to be kept in one
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page(viewport=SIZE)
            watched = Watched(page)
            await page.goto(served.url)
            await page.wait_for_selector("body.-first-byte")
            await watched.until("READ-ONLY", "172.26.127.20", "live")
            assert "READ-ONLY" in await page.title()
            await page.wait_for_timeout(500)
            picture = colours(await page.screenshot(path=tmp_path / "wall.png"))
            await page.keyboard.press("Enter")
            await watched.until("172.26.127.21:445", "READ-ONLY")
            await browser.close()
            server = served.url.partition("://")[2]
    assert watched.asked
    assert all(each.partition("://")[2].startswith(server) or each.startswith("data:") for each in watched.asked)
    assert watched.complaints == []
    # the large letters: not a few pixels, and not everything
    lit = sum(count for (red, green, blue), count in picture.items() if min(red, green, blue) > 180)
    assert 0.02 < lit / (SIZE["width"] * SIZE["height"]) < 0.5
    assert len(picture) > 20


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (apt-get install chromium)")
async def test_a_wall_behind_a_proxy_comes_back(tmp_path: Path) -> None:
    """While lvstop is restarted a proxy answers for it; the page stays where its script is, until lvstop answers."""
    file = tmp_path / "smb.yaml"
    file.write_text(UNREACHABLE)
    refused: list[str] = []

    async def refuse(route: Route) -> None:
        refused.append(route.request.resource_type)
        await route.fulfill(status=502, content_type="text/html", body=BAD_GATEWAY)

    async with serving("-c", str(file)) as served, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport=SIZE)
        await page.goto(served.url)
        await page.wait_for_selector("body.-first-byte")
        await page.route(f"{served.url}/", refuse)
        for process in served.watching():
            os.kill(process, signal.SIGKILL)
        # twice: it asks again, by itself, from where it is
        for _ in range(2):
            async with page.expect_request_finished(lambda request: request.url == f"{served.url}/", timeout=60_000):
                pass
        assert "READ-ONLY" in await page.title()
        await page.unroute(f"{served.url}/", refuse)
        await page.wait_for_selector("body.-first-byte:not(.-closed)", timeout=60_000)
        await browser.close()
    assert set(refused) == {"fetch"}


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (apt-get install chromium)")
async def test_a_page_whose_place_is_taken_says_so_and_waits_for_it() -> None:
    """Loaded anew in a full house, by whoever looks or by itself: words, and the wall again when there is a place."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    server = WallServer((sys.executable, "-c", PLAYED_WALL), guard_of("127.0.0.1", port, None), most=1)
    async with (
        TestServer(server.application(), port=port),
        aiohttp.ClientSession() as session,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport=SIZE)
        other = await session.ws_connect(f"{url}/ws", origin=url)
        await page.goto(url)
        await page.wait_for_selector("text=1 watcher is here already")
        await other.close()
        await page.wait_for_selector("body.-first-byte")
        # a reload asks for the page before the session of the one that is left is closed
        await page.reload()
        await page.wait_for_selector("body.-first-byte")
        await page.evaluate("document.body.classList.add('-closed')")
        await page.wait_for_selector("text=1 watcher is here already")
        await page.wait_for_selector("body.-first-byte")
        await browser.close()
