"""The web server by itself, in this process: who is answered, and with what."""

import asyncio
import gc
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientPayloadError, ClientWebSocketResponse, WSCloseCode, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from lvstop.serve.guard import guard_of
from lvstop.serve.server import WallServer
from lvstop.serve.watcher import Watcher
from support.played_wall import BROKEN_OFF, EXPORT, EXPORT_NAME, PLAYED_WALL

HERE = "localhost:8000"
OWN: Mapping[str, str] = {"Host": HERE, "Origin": f"http://{HERE}"}
PATIENCE = 30.0
Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def serving(most: int, *words: str) -> AsyncIterator[Client]:
    """A server that starts a played wall, with these words, for up to so many watchers."""
    server = WallServer((sys.executable, "-c", PLAYED_WALL, *words), guard_of("127.0.0.1", 8000, None), most=most)
    async with TestClient(TestServer(server.application())) as client:
        yield client


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A server for up to two."""
    async with serving(2) as client:
        yield client


def addresses(client: Client) -> list[str]:
    """One below each route that there is, a file and a folder of what is static, and one to which none leads."""
    assert client.app is not None
    places = [resource.canonical for resource in client.app.router.resources()]
    found = [place.replace("{key}", "a-key") for place in places]
    assert {"/", "/ws", "/download/a-key", "/static"} == set(found), "a new route: what does this test ask there?"
    return [*found, "/static/", "/static/js/textual.js", "/static/..%2fserver.py", "/nowhere"]


async def test_no_other_name_leads_anywhere(client: Client) -> None:
    """Whatever the address: nothing is told to a page that found this server under a name of its own."""
    for address in addresses(client):
        answer = await client.get(address, headers={"Host": "evil.example", "Origin": "http://evil.example"})
        assert (address, answer.status) == (address, 421)
        assert "This server is at http://127.0.0.1:8000" in await answer.text()


@pytest.mark.parametrize("headers", [OWN, {"Host": HERE}, {"Host": "evil.example"}], ids=["own", "no page", "evil"])
async def test_no_answer_is_taken_for_something_else(client: Client, headers: Mapping[str, str]) -> None:
    """No browser guesses what an answer might be, and nobody is told where somebody came from."""
    for address in addresses(client):
        answer = await client.get(address, headers=headers)
        assert (address, answer.headers.get("X-Content-Type-Options")) == (address, "nosniff")
        assert (address, answer.headers.get("Referrer-Policy")) == (address, "no-referrer")


async def test_nothing_is_listed_and_nothing_else_is_read(client: Client) -> None:
    """Of what is static there are the files that a page asks for."""
    script = await client.get("/static/js/textual.js", headers=OWN)
    assert script.status == 200
    for address in ("/static", "/static/", "/static/js", "/static/js/", "/static/..%2fserver.py"):
        answer = await client.get(address, headers=OWN)
        assert (address, answer.status in (403, 404)) == (address, True)
        assert "textual.js" not in await answer.text()


async def test_a_session_is_opened_by_its_own_page_only(client: Client) -> None:
    """Under the right name, but from elsewhere, or from nobody knows where."""
    for origin in ("http://evil.example", "null", None):
        headers = {"Host": HERE} if origin is None else {"Host": HERE, "Origin": origin}
        answer = await client.get("/ws", headers=headers)
        assert (origin, answer.status) == (origin, 403)


async def exported(page: ClientWebSocketResponse) -> str:
    """The address of what a page is told to download."""
    async for message in page:
        if message.type is WSMsgType.TEXT:
            word, key = json.loads(message.data)
            assert word == "deliver_file_start"
            return f"/download/{key}"
    raise AssertionError("the session ended before anything was exported")


async def test_an_export_is_there_once(client: Client) -> None:
    """Each watcher's under a key of its own, as a file to be kept; afterwards it is not there any more."""
    async with client.ws_connect("/ws", headers=OWN) as one, client.ws_connect("/ws", headers=OWN) as other:
        addresses = [await exported(page) for page in (one, other)]
        assert len(set(addresses)) == 2
        for address in addresses:
            answer = await client.get(address, headers=OWN)
            assert answer.status == 200
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{EXPORT_NAME}"'
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.content_type == "application/jsonl"
            assert await answer.read() == EXPORT
            assert (await client.get(address, headers=OWN)).status == 404
    assert (await client.get("/download/nothing", headers=OWN)).status == 404


async def test_an_export_that_is_broken_off_is_not_taken_for_a_whole_one(caplog: pytest.LogCaptureFixture) -> None:
    """The process ended in the middle, or said nothing for too long: the browser tells that the download failed."""
    async with serving(1, BROKEN_OFF) as client, client.ws_connect("/ws", headers=OWN) as page:
        answer = await client.get(await exported(page), headers=OWN)
        with pytest.raises(ClientPayloadError):
            await answer.read()
    assert [each.getMessage() for each in caplog.records if each.name == "lvstop.serve" and each.levelno > logging.INFO]


async def test_what_nobody_fetches_goes_with_its_watcher() -> None:
    """Neither the export is kept nor who has made it, however many watchers come and go."""
    address = ""
    async with serving(1) as client:
        for _ in range(3):
            async with client.ws_connect("/ws", headers=OWN) as page:
                address = await exported(page)
            async with asyncio.timeout(PATIENCE):
                while (await client.get("/", headers=OWN)).status != 200:
                    pass
        gc.collect()
        assert [each for each in gc.get_objects() if isinstance(each, Watcher)] == []
        assert (await client.get(address, headers=OWN)).status == 404


async def test_at_its_end_everybody_is_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where a session cannot be closed as it should be: that is said, and all processes are gone nevertheless."""
    close, failing = web.WebSocketResponse.close, list[web.WebSocketResponse]()

    async def fail_once(websocket: web.WebSocketResponse, *, code: int = WSCloseCode.OK) -> bool:
        if code == WSCloseCode.GOING_AWAY and not failing:
            failing.append(websocket)
            raise RuntimeError("of no use")
        return await close(websocket, code=code)

    monkeypatch.setattr(web.WebSocketResponse, "close", fail_once)
    async with client.ws_connect("/ws", headers=OWN) as one, client.ws_connect("/ws", headers=OWN) as other:
        addresses = [await exported(page) for page in (one, other)]
        await client.server.close()
    assert [each for each in addresses if Path(f"/proc/{each.rpartition('-')[2]}").exists()] == []
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert "of no use" in line


async def test_who_loads_the_page_anew_is_not_shut_out_by_himself() -> None:
    """His old session is still ending when the page is asked for again: its place is waited for."""
    async with serving(1) as client:
        async with client.ws_connect("/ws", headers=OWN) as page:
            await exported(page)
        assert (await client.get("/", headers=OWN)).status == 200
        async with client.ws_connect("/ws", headers=OWN) as page:
            await exported(page)
        async with client.ws_connect("/ws", headers=OWN) as page:
            await exported(page)


@pytest.mark.parametrize(("most", "words"), [(1, "1 watcher is here already"), (2, "2 watchers are here already")])
async def test_a_full_house_says_so_and_looks_again_soon(
    most: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """At once: nobody is leaving. A browser that asks by itself stays outside for seconds, not for half a minute."""
    caplog.set_level(logging.INFO)
    async with serving(most) as client, AsyncExitStack() as sessions:
        for _ in range(most):
            await exported(await sessions.enter_async_context(client.ws_connect("/ws", headers=OWN)))
        answer = await client.get("/", headers=OWN)
        assert answer.status == 503
        text = await answer.text()
        assert words in text
        refresh = re.search(r'http-equiv="refresh" content="(\d+)"', text)
        assert refresh is not None
        assert int(refresh[1]) <= 5
        refused = await client.get("/ws", headers=OWN)
        assert (refused.status, words in await refused.text()) == (503, True)
    assert f"for {words.partition(' ')[0]} {words.split()[1]}." in caplog.text
