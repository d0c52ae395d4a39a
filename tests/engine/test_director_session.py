"""One director over time: its status, its age, and what is kept of it while it is silent."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from lvstop.engine.director_session import CALM, DirectorSession
from lvstop.model.director import DirectorStatus, Fault, FaultKind
from lvstop.probe.director import DirectorProbe
from lvstop.probe.settings import ProbeSettings
from lvstop.transport.backoff import Backoff
from lvstop.transport.base import TransportError
from support.clocks import ManualClock
from support.fake_answers import BACKUP_ADDRESSES, MASTER_ADDRESSES, TABLE, VIPS
from support.fake_director import EVENING, NO_ANSWER, SUDO_REFUSES, FakeDirector, settle

REFUSED = Fault(FaultKind.REFUSED, "nothing listens on d1.example:22")


@pytest.fixture
def clock() -> ManualClock:
    """Time passes when the test says so."""
    return ManualClock(EVENING)


@pytest.fixture
def director(clock: ManualClock) -> FakeDirector:
    """A director without privilege: nothing but the table lane and a few facts."""
    director = FakeDirector(clock)
    director.root, director.sudo = False, SUDO_REFUSES
    return director


def session_of(director: FakeDirector, clock: ManualClock, *, interval: float = 1.0) -> DirectorSession:
    """A session whose back-off leaves nothing to chance: 1, 2, 4 … seconds, 10 at most."""
    backoff = Backoff(base=1.0, cap=10.0, jitter=0.0)
    return DirectorSession("d1", "d1.example", director.probe(), clock, interval=interval, backoff=backoff)


@asynccontextmanager
async def running(session: DirectorSession) -> AsyncIterator[asyncio.Task[None]]:
    """The session runs until the block ends."""
    task = asyncio.create_task(session.run())
    await settle()
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def pass_time(clock: ManualClock, seconds: float, step: float = 0.5) -> None:
    """Let time pass step by step, and everything happen that waits for it."""
    for _ in range(round(seconds / step)):
        clock.advance(step)
        await settle()


async def test_before_it_runs_a_director_is_connecting(director: FakeDirector, clock: ManualClock) -> None:
    """Nothing is known and nothing is promised before the first answer."""
    snapshot = session_of(director, clock).current()
    assert snapshot.status is DirectorStatus.CONNECTING
    assert not snapshot.answers
    assert (snapshot.virtual_servers, snapshot.age_seconds) == (None, None)
    assert director.connects == 0


async def test_a_director_that_answers_is_live(director: FakeDirector, clock: ManualClock) -> None:
    """Connected, read, and read again each interval; the age begins anew with each answer."""
    session = session_of(director, clock)
    async with running(session):
        assert session.current().status is DirectorStatus.LIVE
        assert session.current().virtual_servers == TABLE
        await pass_time(clock, 10.5)
        assert session.current().status is DirectorStatus.LIVE
        assert session.current().age_seconds == 0.5
        # identified, and eleven ticks
        assert len(director.requests) == 12


async def test_the_table_does_not_wait_for_facts(director: FakeDirector, clock: ManualClock) -> None:
    """A fact that hangs leaves its own fields unknown; the table is shown and read on."""
    director.hold("stats")
    session = session_of(director, clock)
    async with running(session):
        await pass_time(clock, 2.5)
        assert session.current().status is DirectorStatus.LIVE
        assert session.current().virtual_servers == TABLE
        assert session.current().counters is None
        assert session.current().age_seconds == 0.5


async def test_silence_makes_it_stale(director: FakeDirector, clock: ManualClock) -> None:
    """Connected but without an answer for three intervals: what is shown is the past, with its age, and says so."""
    session = session_of(director, clock)
    async with running(session):
        silence = director.hold("t")
        await pass_time(clock, 3.0)
        assert session.current().status is DirectorStatus.LIVE
        await pass_time(clock, 1.0)
        stale = session.current()
        assert stale.status is DirectorStatus.STALE
        assert not stale.answers
        assert stale.age_seconds == 4.0
        assert stale.fault == Fault(FaultKind.NO_ANSWER, "no answer for 4 s")
        assert stale.virtual_servers == TABLE
        await pass_time(clock, 3.0)
        assert session.current().age_seconds == 7.0
        silence.release()
        await settle()
        assert session.current().status is DirectorStatus.LIVE
        assert session.current().fault is None


@pytest.mark.parametrize(("interval", "patience"), [(0.2, 2.0), (1.0, 3.0), (10.0, 30.0)])
async def test_patience_goes_with_the_interval(
    director: FakeDirector, clock: ManualClock, interval: float, patience: float
) -> None:
    """Three intervals, and never less than two seconds."""
    session = session_of(director, clock, interval=interval)
    async with running(session):
        director.hold("t")
        clock.advance(patience)
        await settle()
        assert session.current().status is DirectorStatus.LIVE
        clock.advance(0.1)
        assert session.current().status is DirectorStatus.STALE


async def test_a_lost_director_is_unreachable_and_its_past_is_kept(director: FakeDirector, clock: ManualClock) -> None:
    """The connection is gone: the fault is shown, the last table stays, and grows older."""
    session = session_of(director, clock)
    async with running(session):
        director.refusal = REFUSED
        director.breaks["t"] = NO_ANSWER
        await pass_time(clock, 1.0)
        lost = session.current()
        assert (lost.status, lost.fault) == (DirectorStatus.UNREACHABLE, NO_ANSWER)
        await pass_time(clock, 6.0)
        later = session.current()
        assert (later.status, later.fault) == (DirectorStatus.UNREACHABLE, REFUSED)
        assert later.virtual_servers == TABLE
        assert later.age_seconds == 7.0
        assert director.channels == 0


async def test_it_comes_back_by_itself(director: FakeDirector, clock: ManualClock) -> None:
    """As soon as the director can be reached again it is read anew, and what is shown is the present."""
    session = session_of(director, clock)
    async with running(session):
        director.refusal, director.breaks["t"] = REFUSED, NO_ANSWER
        await pass_time(clock, 5.0)
        assert session.current().status is DirectorStatus.UNREACHABLE
        director.refusal, director.table = None, TABLE[:1]
        director.breaks.clear()
        await pass_time(clock, 8.0)
        back = session.current()
        assert (back.status, back.fault) == (DirectorStatus.LIVE, None)
        assert back.virtual_servers == TABLE[:1]
        assert (back.age_seconds or 0.0) < 1.0


async def test_attempts_become_rarer(director: FakeDirector, clock: ManualClock) -> None:
    """The back-off decides when it is tried again: after 1, 2, 4, 8 and then 10 seconds."""
    director.refusal = REFUSED
    session = session_of(director, clock)
    moments: list[float] = []
    async with running(session):
        for second in range(40):
            if director.connects > len(moments):
                moments.append(second)
            await pass_time(clock, 1.0, step=1.0)
    assert moments == [0, 1, 3, 7, 15, 25, 35]
    assert session.current().status is DirectorStatus.UNREACHABLE
    assert session.current().virtual_servers is None
    assert session.current().age_seconds is None


async def test_success_makes_attempts_quick_again(director: FakeDirector, clock: ManualClock) -> None:
    """After a connection that stood the next loss is tried again after the shortest delay."""
    director.refusal = REFUSED
    session = session_of(director, clock)
    async with running(session):
        await pass_time(clock, 8.0)
        director.refusal = None
        await pass_time(clock, 40.0)
        assert session.current().status is DirectorStatus.LIVE
        director.breaks["t"] = NO_ANSWER
        await pass_time(clock, 1.0)
        attempts = director.connects
        await pass_time(clock, 1.0)
        assert director.connects == attempts + 1


async def test_a_connection_that_never_serves_is_no_success(director: FakeDirector, clock: ManualClock) -> None:
    """It can be connected and fails with the first tick: each attempt is a login there, and they become rarer."""
    for pid in (0, 812):
        director.breaks[f"t 0 {pid} 1"] = director.breaks[f"t 0 {pid} 1 1"] = NO_ANSWER
    session = session_of(director, clock)
    moments: list[float] = []
    async with running(session):
        for second in range(40):
            if director.connects > len(moments):
                moments.append(second)
            await pass_time(clock, 1.0, step=1.0)
    assert moments == [0, 1, 3, 7, 15, 25, 35]


async def test_ticks_keep_their_grid(director: FakeDirector, clock: ManualClock) -> None:
    """A tick that took too long costs those that it overran; the next ones come when they would have come."""
    session = session_of(director, clock)
    async with running(session):
        await pass_time(clock, 2.0)
        slow = director.hold("t")
        await pass_time(clock, 3.5)
        slow.release()
        await settle()
        moments: list[float] = []
        for _ in range(8):
            count = len(director.requests)
            await pass_time(clock, 0.5)
            if len(director.requests) > count:
                moments.append(clock.monotonic() % 1.0)
        assert moments == [0.0] * 4


async def test_a_tick_as_long_as_the_interval_is_followed_at_once(director: FakeDirector, clock: ManualClock) -> None:
    """An answer that takes half an interval delays nothing."""
    session = session_of(director, clock)
    async with running(session):
        slow = director.hold("t")
        await pass_time(clock, 1.5)
        slow.release()
        await settle()
        count = len(director.requests)
        await pass_time(clock, 0.5)
        assert len(director.requests) == count + 1


async def test_cancelling_closes_the_connection(director: FakeDirector, clock: ManualClock) -> None:
    """When the session is cancelled no task is left here and no program there."""
    before = asyncio.all_tasks()
    async with running(session_of(director, clock)):
        assert director.channels == 3
    assert asyncio.all_tasks() == before
    assert director.channels == 0


@pytest.mark.parametrize("request_name", ["connect", "identity", "addresses", "t"])
async def test_cancelling_while_something_hangs(director: FakeDirector, clock: ManualClock, request_name: str) -> None:
    """Whatever the session waits for, cancelling ends it at once and cleanly."""
    before = asyncio.all_tasks()
    hanging = director.hold(request_name)
    async with running(session_of(director, clock)) as task:
        await hanging.reached.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.done()
    assert asyncio.all_tasks() == before
    assert director.channels == 0


async def test_a_move_that_the_kernel_tells_of_is_read_at_once(clock: ManualClock) -> None:
    """Long before the next tick: because the kernel said so, and whoever shows it is told."""
    director = FakeDirector(clock)
    director.addresses = BACKUP_ADDRESSES
    kernel = asyncio.Event()

    async def moves() -> AsyncGenerator[None, None]:
        yield
        while True:
            await kernel.wait()
            kernel.clear()
            yield

    probe = DirectorProbe("d1", director.transport, clock, ProbeSettings(), moves)
    session = DirectorSession("d1", "d1.example", probe, clock, interval=3600.0, backoff=Backoff())
    told: list[frozenset[str]] = []
    session.tell = lambda: told.append(frozenset(str(each.address) for each in session.current().addresses or ()))
    async with running(session):
        await pass_time(clock, 20.0, CALM)
        asked, told[:] = len(director.requests), []
        await pass_time(clock, 10.0, CALM)
        assert (len(director.requests), told) == (asked, [])
        director.addresses = MASTER_ADDRESSES
        kernel.set()
        await settle()
        clock.advance(CALM)
        await settle()
        assert told
        assert {str(vip) for vip in VIPS} <= told[-1]


async def test_a_kernel_that_stops_telling(clock: ManualClock) -> None:
    """The ticks remain."""
    director = FakeDirector(clock)

    async def moves() -> AsyncGenerator[None, None]:
        yield
        raise TransportError(Fault(FaultKind.DISCONNECTED, "the kernel does not tell"))

    probe = DirectorProbe("d1", director.transport, clock, ProbeSettings(), moves)
    session = DirectorSession("d1", "d1.example", probe, clock, interval=1.0, backoff=Backoff())
    async with running(session):
        await pass_time(clock, 10.0)
        asked = len([request for request in director.requests if request.startswith("t ")])
        await pass_time(clock, 10.0)
        assert len([request for request in director.requests if request.startswith("t ")]) >= asked + 10
        assert session.current().status is DirectorStatus.LIVE
