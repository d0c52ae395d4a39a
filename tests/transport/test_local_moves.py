"""The kernel of this machine tells when addresses move."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from lvstop.transport.base import TransportError
from lvstop.transport.local.moves import address_moves
from lvstop.transport.local.namespaces import NAMESPACES
from support.fake_director import settle

PATIENCE = 60.0


@pytest.fixture
def netns() -> Iterator[str]:
    """A network namespace of this test's own."""
    name = f"lvstop-moves-{os.getpid()}"
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", name], check=False).returncode != 0:
        pytest.skip("network namespaces are root's to make")
    yield name
    subprocess.run(["ip", "netns", "del", name], check=True)


def ip(netns: str, *words: str) -> None:
    subprocess.run(["ip", "-n", netns, *words], check=True)


# without nodad an IPv6 address is told twice: when it comes, and when nobody else has it
@pytest.mark.parametrize("address", [("10.77.0.1/32",), ("fd00:77::1/128", "nodad")])
async def test_each_coming_and_going_is_told(netns: str, address: tuple[str, ...]) -> None:
    """Of both families, once it listens; nothing is told while nothing happens."""
    async with asyncio.timeout(PATIENCE), aclosing(address_moves(netns)) as moves:
        await anext(moves)
        for verb in ("add", "del", "add"):
            next_move = asyncio.ensure_future(anext(moves))
            await settle()
            assert not next_move.done()
            await asyncio.to_thread(ip, netns, "address", verb, *address, "dev", "lo")
            await next_move


async def test_a_hail_that_overruns_the_socket_is_told_at_once(netns: str) -> None:
    """More addresses than the kernel keeps for a listener that does not listen: something is told, and then nothing."""
    batch = "".join(f"address add 10.77.{number // 250}.{number % 250 + 1}/32 dev lo\n" for number in range(5000))
    async with asyncio.timeout(PATIENCE), aclosing(address_moves(netns)) as moves:
        await anext(moves)
        next_move = asyncio.ensure_future(anext(moves))
        await settle()
        # the event loop stands still meanwhile
        subprocess.run(["ip", "-n", netns, "-batch", "-"], input=batch, text=True, check=True)
        told = 0
        while True:
            await settle()
            if not next_move.done():
                break
            await next_move
            told += 1
            next_move = asyncio.ensure_future(anext(moves))
        assert 1 <= told <= 3
        next_move.cancel()
        await asyncio.wait([next_move])


async def test_other_namespaces_are_not_listened_to(netns: str) -> None:
    """A director in a namespace is not woken by what happens elsewhere."""
    async with aclosing(address_moves(None)) as ours, aclosing(address_moves(netns)) as theirs:
        await anext(ours)
        await anext(theirs)
        unheard, heard = asyncio.ensure_future(anext(ours)), asyncio.ensure_future(anext(theirs))
        await asyncio.to_thread(ip, netns, "address", "add", "10.77.0.1/32", "dev", "lo")
        async with asyncio.timeout(PATIENCE):
            await heard
        assert not unheard.done()
        unheard.cancel()
        await asyncio.wait([unheard])


async def test_entering_a_namespace_takes_no_other_thread_there(netns: str) -> None:
    """Neither the event loop nor the threads that others share."""
    ours = Path("/proc/self/ns/net").readlink()
    async with aclosing(address_moves(netns)) as moves:
        await anext(moves)
        assert Path("/proc/thread-self/ns/net").readlink() == ours
        assert await asyncio.to_thread(Path("/proc/thread-self/ns/net").readlink) == ours


async def test_cancelling_stops_listening(netns: str) -> None:
    """No socket is left."""
    moves = address_moves(netns)
    await anext(moves)
    sockets = _sockets()
    waiting = asyncio.ensure_future(anext(moves))
    await settle()
    waiting.cancel()
    await asyncio.wait([waiting])
    await moves.aclose()
    assert _sockets() == sockets - 1


async def test_a_namespace_that_is_not_there() -> None:
    """A fault and no traceback; and none is made."""
    with pytest.raises(TransportError, match="the kernel does not tell when addresses move: No such file"):
        await anext(address_moves("lvstop-nowhere"))
    assert not (NAMESPACES / "lvstop-nowhere").exists()


def _sockets() -> int:
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += str(entry.readlink()).startswith("socket:")
        except FileNotFoundError:
            continue
    return found
