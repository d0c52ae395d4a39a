"""What holds for whatever carries a program: over SSH and on this very machine."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import asyncssh
import pytest

from lvstop.transport.local.child import Child
from lvstop.transport.running import Carrier
from lvstop.transport.ssh.session import ProgramSession
from support.ssh_server import USER, SshServer, until

LISTENING = ("sh", "-c", "while read -r _; do :; done")
"""Ends with its input, and not before."""

PATIENCE = 30.0


class Heard:
    """A receiver that takes note of the end."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def received(self, data: bytes) -> None:
        """Nothing is said."""

    def ended(self) -> None:
        """The end."""
        self.over.set()


Begin = Callable[[Heard, str], tuple[Carrier, Coroutine[object, object, object]]]
"""Takes the receiver and the program's name; returns the carrier and what has to run until it carries the program."""


@pytest.fixture(params=["local", "ssh"])
async def begin(request: pytest.FixtureRequest, server: SshServer) -> AsyncIterator[Begin]:
    """How a program is begun, by each carrier."""
    connection = await asyncssh.connect(
        server.host,
        server.port,
        username=USER,
        client_keys=[str(server.client_key)],
        known_hosts=str(server.known_hosts),
        config=None,
    )

    def local(receiver: Heard, name: str) -> tuple[Carrier, Coroutine[object, object, object]]:
        child = Child(receiver, {})
        return child, child.start((*LISTENING, name), b"")

    def ssh(receiver: Heard, name: str) -> tuple[Carrier, Coroutine[object, object, object]]:
        session = ProgramSession(receiver)
        return session, connection.create_session(lambda: session, shlex.join((*LISTENING, name)), encoding=None)

    async with connection:
        yield local if request.param == "local" else ssh


def runs(name: str) -> bool:
    """A process has this name among its arguments."""
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"\0{name}\0".encode() in place.read_bytes():
                return True
        except (FileNotFoundError, ProcessLookupError):
            continue
    return False


@pytest.mark.parametrize("turns", range(4))
async def test_a_program_may_be_abandoned_before_it_is_there(begin: Begin, turns: int, tmp_path: Path) -> None:
    """At whatever moment of its beginning: its input ends as soon as it has one, and nothing goes on unheard."""
    receiver, name = Heard(), str(tmp_path)
    carrier, beginning = begin(receiver, name)
    starting = asyncio.ensure_future(beginning)
    for _ in range(turns):
        await asyncio.sleep(0)
    carrier.abandon()
    await asyncio.wait([starting], timeout=PATIENCE)
    assert starting.done()
    if starting.exception() is None:
        async with asyncio.timeout(PATIENCE):
            await receiver.over.wait()
    await until(lambda: not runs(name))


async def test_to_finish_waits_for_a_program_that_was_not_there_yet(begin: Begin, tmp_path: Path) -> None:
    """Whoever closes everything while something begins leaves nothing behind."""
    receiver, name = Heard(), str(tmp_path)
    carrier, beginning = begin(receiver, name)
    starting = asyncio.ensure_future(beginning)
    await asyncio.sleep(0)
    await carrier.finish()
    await asyncio.wait([starting], timeout=PATIENCE)
    await until(lambda: not runs(name))
