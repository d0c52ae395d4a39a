"""Records of changes are read by every login, at once when the table changes, and seldom otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from lvstop.model.change import ChangePhase
from lvstop.model.director import DirectorStatus, LackCause
from lvstop.model.failover import FailoverPhase
from lvstop.model.ipvs import VirtualServer
from lvstop.probe import labels
from support.change_factories import change, weights
from support.clocks import EagerClock
from support.factories import real_server, virtual_server
from support.failover_factories import failover
from support.fake_answers import TABLE
from support.fake_director import EVENING, NO_ANSWER, SUDO_REFUSES, FakeDirector, Ticker

ROW = weights("FWM:5", "10.9.0.12:80", before=2, directors=["d1"])
DRAIN = change(*ROW, cluster="web", at=EVENING)
DRAINED = (TABLE[0], virtual_server("FWM:5", real_server("10.9.0.12:80", 0, forwarding="Masq")))


@pytest.fixture
async def ticker(director: FakeDirector, clock: EagerClock) -> Ticker:
    """A connection some seconds after its first readings."""
    director.changes = (DRAIN,)
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(5)
    ticker.mark()
    return ticker


async def test_records_are_known_from_the_first_readings(director: FakeDirector, clock: EagerClock) -> None:
    """Before them nothing is known, which is not the same as none."""
    ticker = Ticker(director, clock)
    await ticker.probe.connect()
    assert ticker.probe.snapshot().changes is None
    assert (await ticker.connect()).changes == ()
    director.changes = (DRAIN,)
    assert (await ticker.connect()).changes == (DRAIN,)
    await ticker.probe.close()


async def test_a_login_without_privilege_reads_them_too(director: FakeDirector, clock: EagerClock) -> None:
    """They are there for everybody who comes by."""
    director.root, director.sudo, director.changes = False, SUDO_REFUSES, (DRAIN,)
    ticker = Ticker(director, clock)
    assert (await ticker.connect()).changes == (DRAIN,)
    await ticker.probe.close()


async def test_in_quiet_times_they_are_read_every_thirty_seconds(director: FakeDirector, ticker: Ticker) -> None:
    """One short command; a record that somebody wrote without touching the table is found in the end."""
    director.changes = ()
    await ticker.tick(60)
    snapshot = ticker.probe.snapshot()
    await ticker.probe.close()
    assert ticker.asked.count("changes") == 2
    assert snapshot.changes == ()


def weight(table: Sequence[VirtualServer] | None) -> int | None:
    """The weight of the row that changes."""
    return None if table is None else table[1].real_servers[0].weight


async def test_a_weight_that_changes_calls_them(director: FakeDirector, ticker: Ticker) -> None:
    """What the table shows and what is on record belong together: it is told which table the records came after."""
    held = director.hold("changes")
    director.table, director.changes = DRAINED, ()
    for _ in range(2):
        snapshot = await ticker.tick()
        assert snapshot.changes == (DRAIN,)
        assert (weight(snapshot.virtual_servers), weight(snapshot.changes_table)) == (0, 2)
    assert held.reached.is_set()
    held.release()
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert ticker.asked.count("changes") == 1
    assert snapshot.changes == ()
    assert weight(snapshot.changes_table) == 0


async def test_a_weight_that_changes_while_they_are_read_is_later_than_they(
    director: FakeDirector, ticker: Ticker
) -> None:
    """The answer may be from before it, so that another one is asked for."""
    await ticker.tick(24)
    held = director.hold("changes")
    await ticker.tick(2)
    assert held.reached.is_set()
    director.table = DRAINED
    await ticker.tick()
    held.release()
    await ticker.probe.tick()
    snapshot = ticker.probe.snapshot()
    assert (weight(snapshot.virtual_servers), weight(snapshot.changes_table)) == (0, 2)
    snapshot = await ticker.tick(3)
    await ticker.probe.close()
    assert ticker.asked.count("changes") == 2
    assert weight(snapshot.changes_table) == 0


@pytest.mark.parametrize(("begun", "readings"), [(0, 10), (-600, 1), (600, 1)])
async def test_a_change_under_way_is_watched(
    director: FakeDirector, ticker: Ticker, clock: EagerClock, begun: float, readings: int
) -> None:
    """It ends in seconds; one that was interrupted long ago (or that a wrong clock dated) is in no hurry."""
    pending = replace(DRAIN, phase=ChangePhase.PENDING, at=clock.now() + timedelta(seconds=begun))
    director.table, director.changes = DRAINED, (pending,)
    await ticker.tick(5)
    ticker.mark()
    await ticker.tick(20)
    assert abs(ticker.asked.count("changes") - readings) <= 1
    director.changes = (DRAIN,)
    await ticker.tick(31)
    ticker.mark()
    snapshot = await ticker.tick(30)
    await ticker.probe.close()
    assert ticker.asked.count("changes") == 1
    assert snapshot.changes == (DRAIN,)


@pytest.mark.parametrize(("phase", "readings"), [(FailoverPhase.PENDING, 10), (FailoverPhase.HELD, 1)])
async def test_a_failover_under_way_is_watched(
    director: FakeDirector, ticker: Ticker, clock: EagerClock, phase: FailoverPhase, readings: int
) -> None:
    """It ends in seconds as well; a lever that is held is in no hurry."""
    director.addresses, director.changes = director.addresses[1:], (failover(phase=phase, at=clock.now()), DRAIN)
    snapshot = await ticker.tick(5)
    assert (snapshot.failovers, snapshot.changes) == ((director.changes[0],), (DRAIN,))
    ticker.mark()
    await ticker.tick(20)
    await ticker.probe.close()
    assert abs(ticker.asked.count("changes") - readings) <= 1


async def test_an_address_that_moves_calls_them(director: FakeDirector, ticker: Ticker) -> None:
    """Somebody may have moved it, and it is on record whose doing that was."""
    director.addresses = director.addresses[1:]
    await ticker.tick(2)
    await ticker.probe.close()
    assert ticker.asked.count("changes") == 1


async def test_a_folder_that_is_not_believed_is_a_lack(director: FakeDirector, clock: EagerClock) -> None:
    """Then nobody knows what is on record, and why."""
    director.answers["changes"] = {"changes": (7, "/var/lib/lvstop is not a folder that only root can write to\n")}
    snapshot = await Ticker(director, clock).connect()
    assert snapshot.changes is None
    assert [(lack.what, lack.cause) for lack in snapshot.lacks] == [(labels.CHANGES, LackCause.FAILED)]
    assert snapshot.status is DirectorStatus.DEGRADED


async def test_a_record_that_is_none_is_an_issue(director: FakeDirector, clock: EagerClock) -> None:
    """The director is not believed to be whole, and the other records are."""
    director.changes = (DRAIN,)
    good = director.fact("changes")["changes"][1]
    director.answers["changes"] = {"changes": (0, f"rubbish\n{good}")}
    snapshot = await Ticker(director, clock).connect()
    assert snapshot.changes == (DRAIN,)
    assert [(issue.source, issue.text) for issue in snapshot.issues] == [("records of changes", "rubbish")]
    assert snapshot.status is DirectorStatus.DEGRADED


async def test_a_reading_that_dies_is_forgotten(director: FakeDirector, ticker: Ticker) -> None:
    """What was on record before is not known to be true any more."""
    director.breaks["changes"] = NO_ANSWER
    director.table = DRAINED
    snapshot = await ticker.tick(3)
    assert snapshot.changes is None
    del director.breaks["changes"]
    snapshot = await ticker.tick(60)
    await ticker.probe.close()
    assert snapshot.changes == (DRAIN,)
    assert snapshot.lacks == ()
