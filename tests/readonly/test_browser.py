"""`lvstop serve`: whoever watches in a browser can change nothing, and leaves nothing behind."""

import json
import random
from pathlib import Path

import aiohttp
import asyncssh
import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from lvstop.demo.process import DemoProcess
from support.demo_pair import running
from support.served import Browser, Served, browsing, serving
from support.tally import Tally

SHOWN = "172.26.127.20"
"""On the wall, once a director has answered."""

DOORS = ("", "\r", "\rv", "\re", "\rb", "\ra", "\r\x1b[B\r", "\r\x10")
"""Keys that lead from the wall to screens behind it; whatever comes after them may lead to any other."""

MOST_TRIES = 3


def every_sequence(dice: random.Random) -> list[bytes]:
    """Bytes, shuffled, those that leave last: every character, each with Alt, all that Textual knows, clicks."""
    characters = [bytes([each]) for each in range(128)]
    held = [b"\x1b" + each for each in characters]
    known = [sequence.encode("latin-1") for sequence in ANSI_SEQUENCES_KEYS]
    places = [(x, y) for x in range(2, 140, 12) for y in range(1, 44, 3)]
    clicks = [f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m".encode() for x, y in places]
    found = list(dict.fromkeys([*characters, *held, *known, *clicks]))
    dice.shuffle(found)
    return sorted(found, key=lambda each: each in LEAVING)


LEAVING = (b"q", b"\x11")


async def whole(browser: Browser) -> None:
    """The wall is there, with what the directors say."""
    await browser.until(lambda: "READ-ONLY" in browser.text and SHOWN in browser.text, "the wall")


async def press_all(served: Served, door: str, dice: random.Random) -> None:
    """In a session that begins behind a door, press everything in some order; one that is left is begun again."""
    waiting = every_sequence(dice)
    tries = 0
    while waiting:
        async with browsing(served.url) as browser:
            await whole(browser)
            for key in door:
                await browser.type(key.encode("latin-1"))
            while waiting:
                for keys in waiting[:40]:
                    await browser.type(keys)
                await browser.answered()
                tries += browser.closed
                if browser.closed and tries % MOST_TRIES:
                    break
                del waiting[:40]
                if browser.closed:
                    break


async def test_every_key_in_a_browser_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the websocket to the process and over SSH to the directors: nothing but what reads arrives there."""
    tally = Tally(monkeypatch)
    dice = random.Random(7)  # noqa: S311 - dice, no secrets
    async with running(tmp_path) as demo, serving("-c", str(tmp_path / "smb.yaml")) as served:
        for door in DOORS:
            await press_all(served, door, dice)
        assert demo.clusters
    assert min(tally.read[name] for name in ("keepalived1", "keepalived2")) > 0
    assert tally.changed == {}
    assert tally.asked == {}


async def test_a_session_ends_with_its_browser(tmp_path: Path) -> None:
    """Left, closed without a word, or refused: no process stays; and none outlives the server, however that ends."""
    with DemoProcess("smb", tmp_path, seed=1, speed=1.0):
        async with serving("-c", str(tmp_path / "smb.yaml"), "--watchers", "2") as served:
            async with browsing(served.url) as first, browsing(served.url) as second:
                await whole(first)
                await whole(second)
                assert len(served.watching()) == 2
                async with aiohttp.ClientSession() as session, session.get(served.url) as answer:
                    assert answer.status == 503
                    assert "2 watchers are here already" in await answer.text()
                with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                    async with browsing(served.url):
                        pass
                await second.close()
                await first.until(lambda: len(served.watching()) == 1, "the end of the other one's process")
            async with browsing(served.url) as third:
                await whole(third)
                await third.until(lambda: len(served.watching()) == 1, "that the first one's process has ended as well")
                (process,) = served.watching()
                assert b"\0noc\0" in Path(f"/proc/{process}/cmdline").read_bytes()
                served.process.kill()
                await third.until(lambda: not running_still(process), "the end of what served it")


def running_still(process: int) -> bool:
    """It has not ended, whether or not somebody has taken note of that."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_only_its_own_page_is_served(tmp_path: Path) -> None:
    """No other name leads there, and no other page opens a session: nothing is started for it."""
    with DemoProcess("smb", tmp_path, seed=1, speed=1.0):
        async with serving("-c", str(tmp_path / "smb.yaml")) as served, aiohttp.ClientSession() as session:
            async with session.get(served.url) as answer:
                assert answer.status == 200
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                page = await answer.text()
                assert "READ-ONLY" in page
                assert "//" not in page.replace("// ", "").replace('"//', "")
            async with session.get(served.url, headers={"Host": "evil.example"}) as answer:
                assert answer.status == 421
            for origin in ("http://evil.example", "null"):
                with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                    async with browsing(served.url, origin=origin):
                        pass
            assert served.watching() == []


async def test_an_export_is_downloaded_and_nothing_is_written(tmp_path: Path) -> None:
    """The log of events goes to the browser; the folders of whoever serves stay as they were."""
    with DemoProcess("smb", tmp_path, seed=1, speed=1.0):
        before = sorted(tmp_path.rglob("*"))
        async with serving("-c", str(tmp_path / "smb.yaml")) as served, browsing(served.url) as browser:
            await whole(browser)
            await browser.type(b"\r")
            await browser.until(
                lambda: "OPERATOR" not in browser.text and "ACTIVE" in browser.text.upper(), "the table"
            )
            await browser.type(b"e")
            await browser.until(lambda: "follow" in browser.text, "the events")
            await browser.type(b"x")
            await browser.until(lambda: any("deliver_file_start" in each for each in browser.said), "the download")
            (key,) = [json.loads(each)[1] for each in browser.said if "deliver_file_start" in each]
            async with aiohttp.ClientSession() as session, session.get(f"{served.url}/download/{key}") as answer:
                assert answer.status == 200
                assert "smb-events-" in answer.headers["Content-Disposition"]
                for line in (await answer.text()).splitlines():
                    json.loads(line)
        assert sorted(tmp_path.rglob("*")) == before


async def test_nobody_is_asked_for_a_passphrase(tmp_path: Path) -> None:
    """A key that has one is of no use there, and the wall says so."""
    with DemoProcess("smb", tmp_path, seed=1, speed=1.0):
        file = tmp_path / "client_key"
        key = asyncssh.import_private_key(file.read_bytes())
        file.write_bytes(key.export_private_key(passphrase="secret"))  # noqa: S106 - of a key made for this test
        async with serving("-c", str(tmp_path / "smb.yaml")) as served, browsing(served.url) as browser:
            await browser.until(lambda: "UNKNOWN" in browser.text or "unreachable" in browser.text, "the fault")
            await browser.type(b"\r")
            await browser.until(lambda: "ssh-add" in browser.text, "what helps")
            assert "Passphrase" not in browser.text
