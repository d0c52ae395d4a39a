"""Programs that are followed over SSH: lines as they come, and an end that leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from lvstop.clock import SystemClock
from lvstop.model.director import FaultKind
from lvstop.transport.base import Program, TransportError
from lvstop.transport.ssh import SshTransport
from support.ssh_server import SshServer, until

LINES = Program("lines", "printf 'one\\ntwo\\nthree'; exit 0\n")
TICKER = Program("ticker", "echo one; echo two; while read -r _; do :; done\n")
ENDLESS = Program("endless", "while :; do echo line; done\n")
FAILING = Program("failing", "echo one; echo 'no journal' >&2; exit 1\n")
LONG = Program("long", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo short; exit 0\n")
ALL = frozenset([LINES, TICKER, ENDLESS, FAILING, LONG])


@pytest.fixture
async def transport(server: SshServer) -> AsyncIterator[SshTransport]:
    transport = SshTransport(server.director(), server.ssh(), programs=ALL, clock=SystemClock())
    await transport.connect()
    yield transport
    await transport.close()


async def test_following_yields_lines_until_the_program_ends(transport: SshTransport) -> None:
    lines = [line async for line in transport.follow(LINES, elevated=False)]
    assert lines == [b"one", b"two", b"three"]


async def test_closing_the_iterator_ends_the_followed_program(transport: SshTransport, server: SshServer) -> None:
    async with aclosing(transport.follow(TICKER, elevated=False)) as lines:
        assert [await anext(lines), await anext(lines)] == [b"one", b"two"]
        assert not server.sessions[0].exited.is_set()
    await server.programs_ended()


async def test_cancelling_who_follows_ends_the_program(transport: SshTransport, server: SshServer) -> None:
    got: list[bytes] = []

    async def follow() -> None:
        async with aclosing(transport.follow(TICKER, elevated=False)) as lines:
            async for line in lines:
                got.append(line)  # noqa: PERF401 - kept line by line, for it is cut off

    following = asyncio.create_task(follow())
    await until(lambda: len(got) == 2)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    await server.programs_ended()


async def test_a_followed_program_waits_for_a_reader_that_is_slow(transport: SshTransport, server: SshServer) -> None:
    async with aclosing(transport.follow(ENDLESS, elevated=False)) as lines:
        async for number, line in _numbered(lines):
            assert line == b"line"
            if number > 20_000:
                break
    await server.programs_ended()


async def _numbered(lines: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    number = 0
    async for line in lines:
        number += 1
        yield number, line


async def test_long_lines_are_cut(transport: SshTransport) -> None:
    lines = [line async for line in transport.follow(LONG, elevated=False)]
    assert lines == [b"x" * 65536, b"short"]


async def test_a_followed_program_that_fails(transport: SshTransport) -> None:
    lines = transport.follow(FAILING, elevated=True)
    assert await anext(lines) == b"one"
    with pytest.raises(TransportError, match=r"failing on 127.0.0.1 ended with status 1 .*no journal") as caught:
        await anext(lines)
    assert caught.value.fault.kind is FaultKind.BAD_ANSWER


async def test_a_connection_that_is_cut_while_following(transport: SshTransport, server: SshServer) -> None:
    lines = transport.follow(TICKER, elevated=False)
    assert await anext(lines) == b"one"
    server.drop()
    with pytest.raises(TransportError) as caught:
        async for _ in lines:
            pass
    assert caught.value.fault.kind is FaultKind.DISCONNECTED
