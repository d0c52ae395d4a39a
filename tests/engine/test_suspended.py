"""The laptop is closed and opened again, or lvstop is stopped with ^Z and goes on: hours are missing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from lvstop.clock import SystemClock
from lvstop.engine.cluster_session import cluster_session
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Fault, FaultKind
from support.clocks import ManualClock
from support.fake_director import EVENING, FakeDirector, cluster_of, probes_of, settle

HOURS = 8 * 3600.0
NO_ROUTE = Fault(FaultKind.NO_ROUTE, "no route to d1.example")


class Laptop:
    """A session of a pair, on a machine that can be suspended."""

    def __init__(self) -> None:
        self.clock = ManualClock(EVENING)
        self.directors = [FakeDirector(self.clock), FakeDirector(self.clock, "d2")]
        self.published: list[ClusterSnapshot] = []

    @property
    def health(self) -> Health:
        """The word for all of it."""
        return self.last.health

    @property
    def last(self) -> ClusterSnapshot:
        """What is shown."""
        return self.published[-1]

    def director(self, name: str) -> DirectorSnapshot:
        """One of the directors."""
        return next(each for each in self.last.directors if each.name == name)

    async def pass_time(self, seconds: float) -> None:
        """Time in which the machine is awake, in steps that let dumps be read."""
        for _ in range(round(seconds * 16)):
            self.clock.advance(1 / 16)
            await settle()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The session runs until the block ends."""
        config = replace(cluster_of(*self.directors), interval=1.0)
        session = cluster_session(config, probes_of(*self.directors), self.clock, self.published.append)
        task = asyncio.create_task(session.run())
        await settle()
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def laptop() -> Laptop:
    """Awake, and not yet connected."""
    return Laptop()


async def test_what_was_read_before_is_stale_until_it_is_read_again(laptop: Laptop) -> None:
    """The first look after waking shows the past as the past, with its age, whatever the connection would say."""
    async with laptop.running():
        await laptop.pass_time(3.0)
        assert str(laptop.health) == "ok"
        for director in laptop.directors:
            director.hold("connect")
        laptop.clock.suspend(HOURS)
        await laptop.pass_time(1.0)
        assert {each.status for each in laptop.last.directors} == {DirectorStatus.STALE}
        assert all((each.age_seconds or 0) > HOURS for each in laptop.last.directors)
        assert laptop.health is Health.UNKNOWN


async def test_it_connects_anew_when_it_wakes(laptop: Laptop) -> None:
    """Whatever became of the connections meanwhile: seconds later everything is the present again."""
    async with laptop.running():
        await laptop.pass_time(3.0)
        before = [director.connects for director in laptop.directors]
        laptop.clock.suspend(HOURS)
        await laptop.pass_time(2.0)
        assert [director.connects for director in laptop.directors] == [each + 1 for each in before]
        assert {each.status for each in laptop.last.directors} == {DirectorStatus.LIVE}
        assert laptop.health is Health.OK
        assert [director.channels for director in laptop.directors] == [3, 3]


async def test_it_does_not_wait_out_a_pause_of_before(laptop: Laptop) -> None:
    """The laptop was carried home, where nothing could be reached, and back: half a minute would be too long."""
    async with laptop.running():
        for director in laptop.directors:
            director.refusal = NO_ROUTE
            director.breaks["t"] = NO_ROUTE
        await laptop.pass_time(120.0)
        attempts = laptop.directors[0].connects
        for director in laptop.directors:
            director.refusal = None
            director.breaks.clear()
        laptop.clock.suspend(HOURS)
        await laptop.pass_time(2.0)
        assert laptop.directors[0].connects == attempts + 1
        assert {each.status for each in laptop.last.directors} == {DirectorStatus.LIVE}


async def test_after_waking_pauses_are_short_again(laptop: Laptop) -> None:
    """Where the network comes back a few seconds later than lvstop, it is tried as at the first time."""
    async with laptop.running():
        for director in laptop.directors:
            director.refusal = NO_ROUTE
            director.breaks["t"] = NO_ROUTE
        await laptop.pass_time(120.0)
        attempts = laptop.directors[0].connects
        laptop.clock.suspend(HOURS)
        await laptop.pass_time(8.0)
        # at once, and after 1, 2 and 4 seconds at the latest
        assert laptop.directors[0].connects >= attempts + 4


async def test_rates_do_not_count_the_hours(laptop: Laptop) -> None:
    """What the directors counted meanwhile is no rate of this second: unknown at first, then as it is."""
    async with laptop.running():
        for _ in range(6):
            laptop.directors[0].connections += 50
            await laptop.pass_time(1.0)
        assert laptop.director("d1").rates
        laptop.directors[0].connections += 10_000_000
        laptop.clock.suspend(HOURS)
        for _ in range(12):
            laptop.directors[0].connections += 50
            await laptop.pass_time(1.0)
            rates = laptop.director("d1").rates or {}
            assert all(each.total is None or each.total.connections < 100 for each in rates.values())
        assert laptop.director("d1").rates


async def test_a_short_absence_is_none(laptop: Laptop) -> None:
    """A machine that is busy for some seconds does not connect anew to all directors on top of that."""
    async with laptop.running():
        await laptop.pass_time(3.0)
        before = [director.connects for director in laptop.directors]
        laptop.clock.suspend(10.0)
        await laptop.pass_time(2.0)
        assert [director.connects for director in laptop.directors] == before
        assert {each.status for each in laptop.last.directors} == {DirectorStatus.LIVE}


def test_the_steady_clock_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux CLOCK_MONOTONIC stands still meanwhile, and what is hours old would look new."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        pytest.skip("there is no such clock here")
    told = {time.CLOCK_BOOTTIME: 30_000.0, time.CLOCK_MONOTONIC: 5.0}
    monkeypatch.setattr(time, "clock_gettime", told.__getitem__)
    assert SystemClock().monotonic() == 30_000.0
