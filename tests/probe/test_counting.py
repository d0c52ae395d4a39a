"""Counting on a director: the pace, its end, the privilege, and what is said where it cannot be done."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from lvstop.config.schema import PrivilegeChoice
from lvstop.model.connections import ConnectionScope, Counting, Reach
from lvstop.model.director import Fault, FaultKind
from lvstop.probe.counting import BRISK_SECONDS, MOST_SECONDS, count_connections, scope_words
from lvstop.transport.base import Channel, Program, Reply, Section, SectionMode, Transport, TransportError
from support.clocks import EagerClock
from support.factories import vs_key

SMB = ConnectionScope(vs_key("TCP:172.26.127.20:445"))
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def reply(sections: Mapping[str, tuple[int, str]], took: float = 0.0) -> Reply:
    """An answer with these sections."""
    found = (Section(name, SectionMode.FULL, status, text.encode()) for name, (status, text) in sections.items())
    return Reply(tuple(found), took, 0)


class Table:
    """A transport to a director whose table has so many pieces.

    Attributes:
        asked: requests, in order.
        opened: whether each start of the program was elevated.
        table: what the greeting says of the table, as root and as nobody in particular.
    """

    host = "lb1.example"

    def __init__(self, pieces: int, *, seconds: float = 0.1) -> None:
        self.pieces = pieces
        self.seconds = seconds
        self.asked: list[str] = []
        self.opened: list[bool] = []
        self.table = {True: (0, "/proc/net/ip_vs_conn_sync"), False: (0, "/proc/net/ip_vs_conn_sync")}
        self.reader = (0, "mawk")
        self.answers: dict[str, Reply] = {}
        self.breaks: TransportError | None = None
        self.connected = False

    async def connect(self) -> None:
        """Connect."""
        if self.breaks is not None:
            raise self.breaks
        self.connected = True

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        """Start the program."""
        assert (program.name, timeout > 0) == ("conns", True)
        self.opened.append(elevated)
        return Started(self, reply({"reader": self.reader, "table": self.table[elevated]}))

    def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """Nothing is followed."""
        raise AssertionError(program.name, elevated)

    async def close(self) -> None:
        """Disconnect."""
        self.connected = False

    def answer(self, request: str) -> Reply:
        """A piece of the table, or what was counted."""
        assert self.connected
        self.asked.append(request)
        verb = request.split()[0]
        if verb in self.answers:
            return self.answers[verb]
        read = sum(each != "sum" for each in self.asked)
        over = read >= self.pieces
        if verb == "sum":
            return reply({"counted": (0, f"read {read} {int(over)}\nentries connection LOCAL {read}\n")})
        return reply({"progress": (0, f"read {read} {int(over)}\n")}, self.seconds)


class Started:
    """The program there."""

    def __init__(self, table: Table, greeting: Reply) -> None:
        self.greeting = greeting
        self._table = table
        self._closed = False

    async def ask(self, request: str, *, timeout: float) -> Reply:
        """As a channel does."""
        assert not self._closed
        assert timeout > 0
        return self._table.answer(request)

    async def close(self) -> None:
        """End it."""
        self._closed = True


class Resting(EagerClock):
    """Writes down for how long somebody rests."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.rests: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        await super().sleep(seconds)


async def counted(
    table: Table, clock: Resting, privilege: PrivilegeChoice = PrivilegeChoice.AUTO, stop_after: int = 1_000_000
) -> list[Counting]:
    """All that is told."""
    transport: Transport = table
    told: list[Counting] = []
    steps = count_connections("lb1", transport, SMB, clock, privilege, stopped=lambda: len(told) >= stop_after)
    async with aclosing(steps):
        async for step in steps:
            told.append(step)  # noqa: PERF401 - it is looked at meanwhile
    assert not table.connected
    return told


@pytest.fixture
def clock() -> Resting:
    """Time passes by itself."""
    return Resting()


async def test_it_tells_how_far_it_is_and_then_what_it_has_found(clock: Resting) -> None:
    """A step for each piece; nothing is asked after the last one but the sum."""
    table = Table(3)
    told = await counted(table, clock)
    assert table.asked == ["begin TCP/AC1A7F14/01BD *", "more", "more", "sum"]
    assert [(each.read, each.over) for each in told] == [(1, False), (2, False), (3, False), (3, True)]
    assert told[-1].counts is not None
    assert (told[-1].counts.reach, told[-1].counts.connections.number) == (Reach.WHOLE, 3)
    assert told[-1].at == NOW
    assert clock.rests == []


async def test_it_rests_as_long_as_it_reads(clock: Resting) -> None:
    """But for the first second."""
    await counted(Table(30), clock)
    brisk = round(BRISK_SECONDS / 0.1)
    assert clock.rests == pytest.approx([0.1] * (30 - 1 - brisk), abs=1e-9)


async def test_it_is_not_read_for_ever(clock: Resting) -> None:
    """What was read in a minute is told as a part."""
    table = Table(10_000, seconds=2.0)
    (*_, last) = await counted(table, clock)
    assert len(table.asked) == MOST_SECONDS / 2 + 2
    assert last.counts is not None
    assert last.counts.reach is Reach.STOPPED


async def test_it_can_be_stopped(clock: Resting) -> None:
    """What there is then is told."""
    table = Table(10_000)
    told = await counted(table, clock, stop_after=4)
    assert table.asked[-2:] == ["more", "sum"]
    assert len(table.asked) == 5
    assert told[-1].counts is not None
    assert told[-1].counts.read == 4


async def test_whoever_does_not_listen_any_more_has_ended_it(clock: Resting) -> None:
    """The connection is closed with the generator."""
    table = Table(10_000)
    async with aclosing(count_connections("lb1", table, SMB, clock, PrivilegeChoice.AUTO)) as steps:
        async for _ in steps:
            break
        assert table.connected
    assert not table.connected
    assert table.asked == ["begin TCP/AC1A7F14/01BD *"]


REFUSED = (4, "/proc/net/ip_vs_conn_sync may not be read by noc\n")


@pytest.mark.parametrize(
    ("privilege", "opened", "works"),
    [
        (PrivilegeChoice.AUTO, [False, True], True),
        (PrivilegeChoice.SUDO, [False, True], True),
        (PrivilegeChoice.NONE, [False], False),
        (PrivilegeChoice.ROOT, [False], False),
    ],
)
async def test_privilege_is_taken_where_it_is_needed(
    clock: Resting, privilege: PrivilegeChoice, opened: list[bool], works: bool
) -> None:
    """And where the cluster file lets it be; else it is said what would help."""
    table = Table(1)
    table.table[False] = REFUSED
    (*_, last) = await counted(table, clock, privilege)
    assert table.opened == opened
    assert (last.counts is not None) is works
    if not works:
        assert last.fault == Fault(
            FaultKind.FORBIDDEN,
            "/proc/net/ip_vs_conn_sync may not be read by noc",
            "log in as root, or allow this login what `lvstop setup noc` grants",
        )


async def test_where_everybody_may_read_nobody_becomes_root(clock: Resting) -> None:
    """No line of sudo in the director's log for that."""
    table = Table(1)
    await counted(table, clock, PrivilegeChoice.SUDO)
    assert table.opened == [False]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"table": (3, "ip_vs is not loaded\n")}, "ip_vs is not loaded"),
        ({"reader": (1, "perl\n")}, "there is no awk that could count them"),
        ({"progress": (0, "nonsense\n")}, "does not say how far it is"),
        ({"progress": (1, "read 1 1\n")}, "does not say how far it is"),
        ({"counted": (0, "state X 1\n")}, "does not say what it has counted"),
        ({"counted": (0, "read 1 1\nstate X\n")}, "the connection table: expected a name and numbers: state X"),
    ],
    ids=["not-loaded", "no-awk", "odd-progress", "failed", "nothing", "odd"],
)
async def test_what_cannot_be_counted_is_a_fault(clock: Resting, change: dict[str, tuple[int, str]], says: str) -> None:
    """Never a number that is not one."""
    table = Table(1)
    for name, section in change.items():
        if name == "table":
            table.table[False] = section
        elif name == "reader":
            table.reader = section
        else:
            verb = "begin" if name == "progress" else "sum"
            table.answers[verb] = reply({name: section})
    (*_, last) = await counted(table, clock)
    assert last.counts is None
    assert last.fault is not None
    assert says in last.fault.summary


async def test_a_director_that_cannot_be_reached(clock: Resting) -> None:
    """Its fault is told like any other."""
    table = Table(1)
    table.breaks = TransportError(Fault(FaultKind.REFUSED, "lb1 refuses connections"))
    (last,) = await counted(table, clock)
    assert last.fault == table.breaks.fault


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (ConnectionScope(), ("*", "*")),
        (ConnectionScope(vs_key("FWM:7:inet6")), ("FWM/00000007/inet6", "*")),
        (ConnectionScope(vs_key("FWM:9:?")), ("FWM/00000009/?", "*")),
        (
            ConnectionScope(vs_key("UDP:[fd00::1]:53"), vs_key("TCP:[fd00::11]:0").address, 53),
            (f"UDP/fd00:{'0000:' * 6}0001/0035", f"fd00:{'0000:' * 6}0011/0035"),
        ),
        (ConnectionScope(address=vs_key("TCP:172.26.127.21:0").address), ("*", "AC1A7F15/*")),
    ],
    ids=str,
)
def test_scopes_in_the_words_of_the_program(scope: ConnectionScope, words: tuple[str, str]) -> None:
    """As /proc writes addresses, so that they are only compared there."""
    assert scope_words(scope) == words
