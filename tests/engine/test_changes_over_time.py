"""Changes on record, watched over time on a pair: undone drains are told at once, restores are never taken for them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from lvstop.analysis.records import LocalRecords
from lvstop.engine.cluster_session import cluster_session
from lvstop.engine.look import look
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.event import EventKind
from support.change_factories import change, weights
from support.clocks import EagerClock, ManualClock
from support.factories import real_server
from support.fake_answers import TABLE
from support.fake_director import EVENING, FakeDirector, cluster_of, probes_of, settle

SERVICE = "TCP:10.9.0.200:80"
ROW = f"10.9.0.12:80 of {SERVICE}"
ANNA, BOB = Author("anna", "desk"), Author("bob", "laptop")
DRAIN = change(
    *weights(SERVICE, "10.9.0.12:80", before=2, directors=["d1", "d2"]), cluster="web", author=ANNA, at=EVENING
)
RESTORE = replace(DRAIN, id="r", kind=ChangeKind.RESTORE, phase=ChangePhase.PENDING, author=BOB)
DRAINED = (replace(TABLE[0], real_servers=(TABLE[0].real_servers[0], real_server("10.9.0.12:80", 0))), TABLE[1])
STEPS = 16
"""A second in so many steps."""


class Pair:
    """A session of a pair, in which a real server is drained on record, and what it published."""

    def __init__(self) -> None:
        self.clock = ManualClock(EVENING)
        self.directors = FakeDirector(self.clock), FakeDirector(self.clock, "d2")
        for director in self.directors:
            director.table, director.changes = DRAINED, (DRAIN,)
        self.local: Sequence[Change] = ()
        self.published: list[ClusterSnapshot] = []

    async def step(self, steps: int = 1) -> None:
        """Let so many sixteenths of a second pass."""
        for _ in range(steps):
            self.clock.advance(1 / STEPS)
            await settle()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The session runs, and has read everything, until the block ends."""
        config = replace(cluster_of(*self.directors), interval=1.0)
        session = cluster_session(
            config,
            probes_of(*self.directors),
            self.clock,
            self.published.append,
            local_records=lambda: LocalRecords(self.local),
        )
        task = asyncio.create_task(session.run())
        await self.step(5 * STEPS)
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def codes(self, since: int = 0) -> list[set[str]]:
        """The alerts of each snapshot."""
        return [{str(alert.code) for alert in snapshot.alerts} for snapshot in self.published[since:]]

    @staticmethod
    def weight(snapshot: ClusterSnapshot) -> int | None:
        """What the first director shows of the row."""
        table = snapshot.directors[0].virtual_servers
        return table[0].real_servers[1].weight if table else None

    def told(self) -> list[str]:
        """What events told of records."""
        return [
            event.summary for snapshot in self.published for event in snapshot.events if event.kind is EventKind.CHANGE
        ]


@pytest.fixture
def pair() -> Pair:
    """Not read yet."""
    return Pair()


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("offset", range(0, STEPS, 5))
async def test_a_drain_that_is_undone_is_told_at_once(pair: Pair, both: bool, offset: int) -> None:
    """keepalived writes the row again. The first snapshot to show it waits for the records, the next one tells."""
    async with pair.running():
        assert pair.codes()[-1] == {"maintenance"}
        mark = len(pair.published)
        await pair.step(offset)
        for director in pair.directors[: 2 if both else 1]:
            director.table = TABLE
        await pair.step(4 * STEPS)
    shows = [pair.weight(snapshot) == 2 for snapshot in pair.published[mark:]]
    tells = ["drain-reverted" in codes for codes in pair.codes(mark)]
    assert tells.index(True) <= shows.index(True) + 1
    assert all(tells[tells.index(True) :])


async def test_who_starts_afterwards_is_told_as_well(pair: Pair) -> None:
    """The record is the evidence: nobody had to watch."""
    for director in pair.directors:
        director.table = TABLE
    async with pair.running():
        assert "drain-reverted" in pair.codes()[-1]
    clock = EagerClock(EVENING)
    directors = FakeDirector(clock), FakeDirector(clock, "d2")
    for director in directors:
        director.changes = (DRAIN,)
    (snapshot,) = await look([cluster_of(*directors)], probes_of(*directors), clock, timeout=10)
    assert "drain-reverted" in {str(alert.code) for alert in snapshot.alerts}


@pytest.mark.parametrize("offset", range(0, STEPS, 3))
@pytest.mark.parametrize("pause", [1, 5, 20])
async def test_somebody_elses_restore_is_never_taken_for_a_reversion(pair: Pair, offset: int, pause: int) -> None:
    """Recorded, done on one director after the other, taken off the record, however that falls between the ticks."""
    first, second = pair.directors
    async with pair.running():
        mark = len(pair.published)
        await pair.step(offset)
        for director in pair.directors:
            director.changes = (DRAIN, RESTORE)
            await pair.step(pause)
        for director in pair.directors:
            director.table = TABLE
            await pair.step(pause)
        first.changes = ()
        await pair.step(pause)
        second.changes = ()
        await pair.step(5 * STEPS)
    assert set().union(*pair.codes(mark)) <= {"maintenance"}
    assert pair.published[-1].changes == ()
    (restored,) = pair.told()
    assert restored.endswith(f"restored {ROW}, which anna@desk had drained.") or "was restored" in restored


async def test_somebody_elses_drain_is_told_with_his_name(pair: Pair) -> None:
    """Begun, standing; no weight by hand is complained of, and none that differs."""
    for director in pair.directors:
        director.table, director.changes = TABLE, ()
    async with pair.running():
        mark = len(pair.published)
        for director in pair.directors:
            director.changes = (replace(DRAIN, phase=ChangePhase.PENDING, at=pair.clock.now()),)
        for director in pair.directors:
            director.table = DRAINED
            await pair.step()
        for director in pair.directors:
            director.changes = (replace(DRAIN, at=pair.clock.now()),)
        await pair.step(5 * STEPS)
    assert pair.told()[-1] == f"anna@desk drained {ROW}."
    assert pair.published[-1].changes[0].phase is ChangePhase.STANDING
    assert pair.codes()[-1] == {"maintenance"}
    assert "drain-reverted" not in set().union(*pair.codes(mark))


async def test_what_this_machine_has_on_record_is_asked_at_every_look(pair: Pair) -> None:
    """Before the directors are read it is all there is; it goes when it is taken away."""
    pair.local = [replace(DRAIN, id="mine", phase=ChangePhase.PENDING)]
    async with pair.running():
        assert [each.id for each in pair.published[0].changes] == ["mine"]
        assert {each.id for each in pair.published[-1].changes} == {DRAIN.id, "mine"}
        pair.local = ()
        await pair.step(STEPS)
        assert {each.id for each in pair.published[-1].changes} == {DRAIN.id}


async def test_one_look_takes_them_too() -> None:
    """Those of other clusters are somebody else's."""
    clock = EagerClock(EVENING)
    director = FakeDirector(clock)
    mine, other = replace(DRAIN, phase=ChangePhase.PENDING), replace(DRAIN, id="other", cluster="smb")
    (snapshot,) = await look(
        [cluster_of(director)],
        probes_of(director),
        clock,
        timeout=10,
        local_records=lambda: LocalRecords([mine, other]),
    )
    assert snapshot.changes == (mine,)
