"""Counting the entries of a director's connection table: only when somebody asks, over a connection of its own.

The program `conns` counts there, piece by piece; this sets the pace. For the first second it reads on and on; from then
on it rests as long as it reads, so that it takes half of a processor at the most, and after a minute it leaves it at
that. Whoever stops listening ends it: the connection is closed, and the program with it.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Final

from lvstop.clock import Clock
from lvstop.config.schema import PrivilegeChoice
from lvstop.model.connections import ConnectionCounts, ConnectionScope, Counting
from lvstop.model.director import Fault, FaultKind
from lvstop.probe import programs
from lvstop.probe.lanes import section_text
from lvstop.probe.parse.counted import parse_counts, parse_progress
from lvstop.probe.parse.proc_words import proc_address, server_words
from lvstop.transport.base import Channel, Reply, Transport, TransportError

ANSWER_SECONDS: Final = 10.0
"""Longest wait for a piece, of which each takes a tenth of a second."""

BRISK_SECONDS: Final = 1.0
"""Of reading; then it rests."""

MOST_SECONDS: Final = 60.0
"""Of reading. Before Linux 6.8 a table of 140,000 entries takes as long."""

_REFUSED: Final = 4
"""The table's status in the greeting: it may not be read."""


async def count_connections(
    director: str,
    transport: Transport,
    scope: ConnectionScope,
    clock: Clock,
    privilege: PrivilegeChoice,
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> AsyncGenerator[Counting, None]:
    """How far it is, again and again, and at last what came of it or why nothing did. Disconnects at the end.

    Close the generator (`contextlib.aclosing`): that ends what still counts.

    Args:
        stopped: asked before each piece; True ends the reading, and what was counted so far is told.
    """
    began, read = clock.monotonic(), 0
    try:
        await transport.connect()
        channel = await _open(transport, privilege)
        reading, verb = 0.0, f"begin {' '.join(scope_words(scope))}"
        while True:
            reply = await channel.ask(verb, timeout=ANSWER_SECONDS)
            reading += reply.took
            read, over = _progress(reply)
            yield Counting(director, read, clock.monotonic() - began)
            if over or reading > MOST_SECONDS or stopped():
                break
            if reading > BRISK_SECONDS:
                await clock.sleep(reply.took)
            verb = "more"
        counts = _counts(await channel.ask("sum", timeout=ANSWER_SECONDS))
        yield Counting(director, read, clock.monotonic() - began, clock.now(), counts)
    except TransportError as error:
        yield Counting(director, read, clock.monotonic() - began, clock.now(), fault=error.fault)
    finally:
        await transport.close()


def scope_words(scope: ConnectionScope) -> tuple[str, str]:
    """The arguments of `begin`."""
    server = real = "*"
    if scope.virtual_server is not None:
        server = "/".join(server_words(scope.virtual_server))
    if scope.address is not None:
        real = f"{proc_address(scope.address)}/{'*' if scope.port is None else f'{scope.port:04X}'}"
    return server, real


async def _open(transport: Transport, wish: PrivilegeChoice) -> Channel:
    """The program, as root only where nobody else may read the table.

    Raises:
        TransportError: it cannot be read.
    """
    channel = await _start(transport, elevated=False)
    table = channel.greeting.section("table")
    if table is not None and table.status == _REFUSED and wish in (PrivilegeChoice.AUTO, PrivilegeChoice.SUDO):
        await channel.close()
        channel = await _start(transport, elevated=True)
    refusal = _refusal(channel.greeting)
    if refusal is not None:
        await channel.close()
        raise TransportError(refusal)
    return channel


async def _start(transport: Transport, *, elevated: bool) -> Channel:
    return await transport.open(programs.conns(), elevated=elevated, timeout=ANSWER_SECONDS)


def _refusal(greeting: Reply) -> Fault | None:
    if section_text(greeting, "table") is None:
        section = greeting.section("table")
        said = "" if section is None else section.body.decode("utf-8", "replace").strip()
        forbidden = section is not None and section.status == _REFUSED
        remedy = "log in as root, or allow this login what `lvstop setup noc` grants" if forbidden else ""
        return Fault(FaultKind.FORBIDDEN if forbidden else FaultKind.BAD_ANSWER, said or "no answer", remedy)
    if section_text(greeting, "reader") is None:
        return Fault(FaultKind.BAD_ANSWER, "there is no awk that could count them", "install mawk or gawk there")
    return None


def _progress(reply: Reply) -> tuple[int, bool]:
    text = section_text(reply, "progress")
    found = None if text is None else parse_progress(text)
    if found is None:
        raise TransportError(Fault(FaultKind.BAD_ANSWER, "the program conns does not say how far it is"))
    return found


def _counts(reply: Reply) -> ConnectionCounts:
    text = section_text(reply, "counted")
    parsed = None if text is None else parse_counts(text)
    if parsed is None or parsed.value is None:
        raise TransportError(Fault(FaultKind.BAD_ANSWER, "the program conns does not say what it has counted"))
    if parsed.issues:
        issue = parsed.issues[0]
        raise TransportError(Fault(FaultKind.BAD_ANSWER, f"{issue.source}: {issue.reason}: {issue.text}"))
    return parsed.value
