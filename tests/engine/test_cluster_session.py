"""One cluster over time: directors that share nothing, snapshots that come steadily."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from lvstop.engine.cluster_session import cluster_session
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot, DirectorStatus, FaultKind
from support.clocks import ManualClock
from support.factories import virtual_server
from support.fake_answers import BACKUP_ADDRESSES, MASTER_ADDRESSES, TABLE, VIPS
from support.fake_director import EVENING, NO_ANSWER, FakeDirector, cluster_of, probes_of, settle


@pytest.fixture
def clock() -> ManualClock:
    """Time passes when the test says so."""
    return ManualClock(EVENING)


class Watched:
    """A session of a pair, and what it published."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.first, self.second = FakeDirector(clock), FakeDirector(clock, "d2")
        self.published: list[ClusterSnapshot] = []

    @property
    def last(self) -> ClusterSnapshot:
        """The newest snapshot."""
        return self.published[-1]

    def director(self, name: str) -> DirectorSnapshot:
        """A director in the newest snapshot."""
        return next(each for each in self.last.directors if each.name == name)

    @property
    def events(self) -> list[str]:
        """Kinds of all events so far."""
        return [str(event.kind) for snapshot in self.published for event in snapshot.events]

    async def pass_time(self, seconds: float) -> None:
        """Let time pass in steps that let keepalived's dumps be read."""
        for _ in range(round(seconds * 16)):
            self._clock.advance(1 / 16)
            await settle()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The session runs until the block ends."""
        config = replace(cluster_of(self.first, self.second), interval=1.0)
        session = cluster_session(config, probes_of(self.first, self.second), self._clock, self.published.append)
        task = asyncio.create_task(session.run())
        await settle()
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def pair(clock: ManualClock) -> Watched:
    """A healthy pair, not yet read."""
    return Watched(clock)


async def test_a_healthy_pair_becomes_ok(pair: Watched) -> None:
    """At first nobody can tell; when both have been read the cluster is ok and its VIPs are held by the master."""
    async with pair.running():
        assert [snapshot.health for snapshot in pair.published] == [Health.UNKNOWN]
        assert {each.status for each in pair.last.directors} == {DirectorStatus.CONNECTING}
        await pair.pass_time(3.0)
    assert pair.last.health is Health.OK
    assert pair.last.alerts == ()
    assert {(str(vip.address), vip.holders) for vip in pair.last.vips} == {(each, ("d1",)) for each in VIPS}


async def test_a_mistake_with_one_director_takes_no_other_one_along(
    pair: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever lvstop does wrong with one: the other is read on, and the one that it went wrong with is tried again."""
    async with pair.running():
        await pair.pass_time(3.0)
        pair.second.answers["t"] = None  # type: ignore[assignment]
        await pair.pass_time(10.0)
        told = [snapshot.directors for snapshot in pair.published[-4:]]
        assert {good.status for good, _ in told} == {DirectorStatus.LIVE}
        faults = [wrong.fault for _, wrong in told if wrong.status is DirectorStatus.UNREACHABLE and wrong.fault]
        assert {fault.kind for fault in faults} == {FaultKind.INTERNAL}
        assert faults[0].summary.startswith("lvstop itself went wrong: ")
        assert "Traceback" in caplog.text
        del pair.second.answers["t"]
        await pair.pass_time(40.0)
        assert pair.last.health is Health.OK
    assert len(pair.published) == 54


async def test_a_snapshot_comes_every_interval(pair: Watched) -> None:
    """One snapshot a second, whatever the directors do, each with its own moment."""
    async with pair.running():
        pair.second.hold("connect")
        await pair.pass_time(10.0)
    moments = [snapshot.generated_at for snapshot in pair.published]
    assert len(moments) == 11
    assert moments == sorted(set(moments))


@pytest.mark.parametrize("request_name", ["connect", "identity", "t", "stats"])
async def test_a_hung_director_does_not_delay_the_other(pair: Watched, request_name: str) -> None:
    """Wherever one director hangs, the other one is read every second."""
    pair.second.hold(request_name)
    async with pair.running():
        await pair.pass_time(3.0)
        before = len(pair.first.requests)
        pair.first.table = TABLE[:1]
        await pair.pass_time(5.0)
        assert len(pair.first.requests) == before + 5
        assert pair.director("d1").status is DirectorStatus.LIVE
        assert pair.director("d1").virtual_servers == TABLE[:1]
        # a fact that hangs leaves the table, which is told beside it
        assert (pair.director("d2").status is DirectorStatus.LIVE) is (request_name == "stats")


async def test_a_lost_director_is_an_alert_and_not_an_empty_table(pair: Watched) -> None:
    """The other side is unreachable, its last table stays, and the cluster warns."""
    async with pair.running():
        await pair.pass_time(3.0)
        pair.second.breaks["t"] = pair.second.refusal = NO_ANSWER
        await pair.pass_time(3.0)
        assert pair.director("d2").status is DirectorStatus.UNREACHABLE
        assert pair.director("d2").virtual_servers == TABLE
        assert "director-unreachable" in {str(alert.code) for alert in pair.last.alerts}
        assert pair.last.health is Health.WARNING


async def test_what_happens_becomes_events_once(pair: Watched) -> None:
    """A real server that is removed on one side is an event in one snapshot, and not repeated."""
    async with pair.running():
        await pair.pass_time(3.0)
        pair.published.clear()
        await pair.pass_time(3.0)
        assert pair.events == []
        pair.first.table = (virtual_server("TCP:10.9.0.200:80", "10.9.0.11:80", scheduler="wlc"), TABLE[1])
        await pair.pass_time(4.0)
    changed = [snapshot for snapshot in pair.published if snapshot.events]
    assert len(changed) >= 1
    assert len(pair.events) == len(
        {(event.kind, event.subject, event.summary) for each in changed for event in each.events}
    )


async def test_a_failover_is_seen_on_both_sides(pair: Watched) -> None:
    """VIPs move: within seconds the other director holds them, its keepalived says MASTER, and nothing is critical."""
    async with pair.running():
        await pair.pass_time(4.0)
        pair.first.addresses, pair.second.addresses = BACKUP_ADDRESSES, MASTER_ADDRESSES
        pair.first.dumps, pair.second.dumps = pair.second.dumps, pair.first.dumps
        await pair.pass_time(6.0)
        assert {vip.holders for vip in pair.last.vips} == {("d2",)}
        states = {each.name: {str(instance.state) for instance in each.vrrp or ()} for each in pair.last.directors}
        assert states == {"d1": {"BACKUP"}, "d2": {"MASTER"}}
        assert pair.last.health is not Health.CRITICAL


async def test_vips_are_remembered_while_nobody_tells_them(pair: Watched) -> None:
    """Both keepalived end: which VIPs there should be is not forgotten, and that nobody holds them is critical."""
    async with pair.running():
        await pair.pass_time(4.0)
        for director, number in ((pair.first, 101), (pair.second, 102)):
            director.pid, director.addresses = None, (f"10.9.0.{number}", f"fe80::{number}")
        await pair.pass_time(8.0)
        assert {str(vip.address) for vip in pair.last.vips} == set(VIPS)
        assert {vip.holders for vip in pair.last.vips} == {()}
        assert pair.last.health is Health.CRITICAL


async def test_counters_become_rates(pair: Watched) -> None:
    """From the second reading of counters on there are rates."""
    async with pair.running():
        await pair.pass_time(1.0)
        assert pair.director("d1").rates is None
        for _ in range(6):
            pair.first.connections += 50
            await pair.pass_time(1.0)
        rates = pair.director("d1").rates
        assert rates is not None
        (first, *_) = rates.values()
        assert first.total is not None
        assert 40 <= first.total.connections <= 60


async def test_cancelling_leaves_nothing(pair: Watched) -> None:
    """When the session ends so do the sessions of its directors and their connections."""
    before = asyncio.all_tasks()
    async with pair.running():
        await pair.pass_time(2.0)
    assert asyncio.all_tasks() == before
    assert (pair.first.channels, pair.second.channels) == (0, 0)
