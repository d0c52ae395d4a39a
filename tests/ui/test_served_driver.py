"""What goes to a browser: whole packets, whichever thread says them, and however slowly they are taken."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from textual.app import App

from lvstop.ui.served_driver import ServedDriver

ROUNDS = 60
FRAME = b"y" * 9000
CHUNK = b"x" * 65536
URL = "z" * 6000
LITTLE = 4096
"""Bytes that a slow reader takes at once: less than any packet, so that the pipe is full most of the time."""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The end of a pipe at which everything arrives that a driver says; what it hears never says anything."""
    arriving, said = os.pipe()
    heard, silent = os.pipe()
    with os.fdopen(said, "w") as output, os.fdopen(heard) as keys, os.fdopen(silent, "w"):
        monkeypatch.setattr(sys, "__stdout__", output)
        monkeypatch.setattr(sys, "__stdin__", keys)
        yield arriving


def packets(pipe: int) -> Iterator[tuple[bytes, bytes]]:
    """All that arrive, as a server takes them apart: a kind, a size of four bytes, and that many."""
    held = bytearray()
    while piece := os.read(pipe, LITTLE):
        held += piece
        while len(held) >= 5 and len(held) >= (end := 5 + int.from_bytes(held[1:5], "big")):
            yield bytes(held[:1]), bytes(held[5:end])
            del held[:end]
    assert not held, f"{len(held)} bytes that are no packet, the first of them {held[:20]!r}"


async def made() -> ServedDriver:
    """A driver, which wants a loop to be made in."""
    return ServedDriver(App())


def told(driver: ServedDriver) -> list[Callable[[], None]]:
    """Frames from the event loop, chunks of an export from the thread that reads, a link from wherever."""
    return [
        lambda: driver.write(FRAME.decode()),
        lambda: driver.write_binary_encoded(("deliver_chunk", "key", CHUNK)),
        lambda: driver.write_meta({"type": "open_url", "url": URL}),
    ]


def test_no_packet_is_torn_apart_by_another(taken: int) -> None:
    """A pipe takes no more than 4096 bytes at once: what is longer waits in the middle, and others wait meanwhile."""
    driver = asyncio.run(made())

    def again(say: Callable[[], None]) -> None:
        for _ in range(ROUNDS):
            say()

    def close_after(said: list[Future[None]]) -> None:
        wait(said)
        assert sys.__stdout__ is not None
        sys.__stdout__.close()

    with ThreadPoolExecutor() as threads:
        said = [threads.submit(again, say) for say in told(driver)]
        threads.submit(close_after, said)
        try:
            found = list(packets(taken))
        finally:
            # whoever still writes learns that nobody reads, and this test ends
            os.close(taken)
    assert len(found) == 3 * ROUNDS
    kinds = {kind: [payload for each, payload in found if each == kind] for kind in (b"D", b"P", b"M")}
    assert kinds[b"D"] == [FRAME] * ROUNDS
    assert all(CHUNK in each for each in kinds[b"P"])
    assert all(URL.encode() in each for each in kinds[b"M"])
    assert {kind: len(each) for kind, each in kinds.items()} == dict.fromkeys(kinds, ROUNDS)
