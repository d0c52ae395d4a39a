"""The stopwatch whatever the clocks, the ways and the order: what it says contains what happened."""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.actions.failover.plan import Move
from lvstop.actions.failover.stopwatch import DirectorClock, Stopwatch
from lvstop.actions.failover.timeline import Mark
from lvstop.model.moves import AddressMoved, GratuitousArp, InstanceEntered, Pulse
from lvstop.model.vrrp import VrrpState
from support.stopwatches import CLOCKS, LEVER, SIXTH, SOURCE, TARGET, VIP, moved, pulled, stamp, stopwatch
from support.virtual_time import START

ROUNDING = 2e-6
"""Of seconds since the epoch in a float, where clocks are added and subtracted."""


class World:
    """What really happens, and how a director tells of it: by its own clock, over a way of its own length."""

    def __init__(self, seed: int, skews: tuple[float, float], trip: float) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - dice, no secrets
        self._skew = dict(zip((SOURCE, TARGET), skews, strict=True))
        self._trip = trip

    def clock(self, director: str) -> DirectorClock:
        """Measured as a crew does it: of seven round trips the shortest."""
        found: list[DirectorClock] = []
        sent = LEVER - 9.0
        for _ in range(7):
            asked, received = self._exchange(sent)
            stands = self.stamp(director, asked)
            found.append(DirectorClock(stands - (sent + received) / 2, (received - sent) / 2))
            sent = received
        return min(found, key=lambda clock: clock.error)

    def stamp(self, director: str, at: float) -> float:
        """What its clock says."""
        return at + self._skew[director]

    def heard(self, at: float) -> float:
        """When something that was told at once arrives."""
        return at + self._rng.uniform(0, self._trip)

    def counts(self, served: Sequence[float], reused: float) -> Iterator[tuple[float, float, Pulse]]:
        """Counts of a director, one after the other: sent, received, what was counted until it was read in between.

        Each connection is a packet; the part of them that comes by ports of earlier ones is not counted as new.
        """
        counted = [each for each in served if self._rng.random() >= reused]
        sent = LEVER - 1.5
        while sent < LEVER + 12.0:
            asked, received = self._exchange(sent)
            yield sent, received, Pulse(bisect_right(counted, asked), bisect_right(served, asked))
            sent = max(received, sent + 0.01)

    def _exchange(self, sent: float) -> tuple[float, float]:
        asked = self.heard(sent)
        return asked, self.heard(asked)


@settings(max_examples=150)
@given(
    seed=st.integers(0, 2**32),
    skews=st.tuples(st.floats(-1e7, 1e7), st.floats(1.7e9, 1.8e9)),
    trip=st.floats(0.0, 0.3),
    gone=st.floats(0.0, 9.0),
    there=st.floats(0.0, 9.0),
    every=st.floats(0.003, 0.3),
    reused=st.sampled_from((0.0, 0.3, 0.8)),
)
def test_the_truth_is_within_the_errors(
    seed: int, skews: tuple[float, float], trip: float, gone: float, there: float, every: float, reused: float
) -> None:
    """Clocks years apart, ways longer there than back, counts that come late, ports used again: intervals hold it."""
    world = World(seed, skews, trip)
    move = Move(SOURCE, TARGET, ("SMB",), (), (VIP,))
    watch = Stopwatch(move, {name: world.clock(name) for name in CLOCKS}, {VIP: frozenset((SOURCE,))})
    arrivals = [LEVER - 3.0 + number * every for number in range(int(15.0 / every))]
    served = {
        SOURCE: [each for each in arrivals if each < LEVER + gone],
        TARGET: [each for each in arrivals if each >= LEVER + there],
    }
    happenings: list[tuple[float, Callable[[], object]]] = [(LEVER, partial(pulled, watch, 2 * trip))]
    for director, at, added in ((SOURCE, LEVER + gone, False), (TARGET, LEVER + there, True)):
        told = AddressMoved(VIP, "ens3", added, world.stamp(director, at))
        happenings.append((world.heard(at), partial(watch.take, director, told)))
        for sent, received, counted in world.counts(served[director], reused):
            happenings.append((received, partial(watch.pulse, director, sent, received, counted)))
    for _, happen in sorted(happenings, key=itemgetter(0)):
        happen()
    timeline = watch.timeline(START)
    truth = {
        Mark.LEVER_PULLED: 0.0,
        Mark.VIP_REMOVED: gone,
        Mark.VIP_ADDED: there,
        Mark.LAST_CONNECTION: served[SOURCE][-1] - LEVER,
        Mark.FIRST_CONNECTION: served[TARGET][0] - LEVER,
    }
    for moment in timeline.moments:
        assert moment.error >= 0
        assert moment.at == pytest.approx(truth[moment.mark], abs=moment.error + ROUNDING)
    times = [moment.at for moment in timeline.moments]
    assert times == sorted(times)
    (gap,) = timeline.addresses
    assert gap.absent is not None
    assert gap.absent.seconds == pytest.approx(there - gone, abs=gap.absent.error + ROUNDING)
    if timeline.connections is not None:
        between = truth[Mark.FIRST_CONNECTION] - truth[Mark.LAST_CONNECTION]
        assert timeline.connections.seconds == pytest.approx(between, abs=timeline.connections.error + ROUNDING)
    elif trip < 0.02 and every < 0.1 and gone - there < 0.9 and not reused:
        pytest.fail("there was enough to tell")


@given(st.lists(st.tuples(st.sampled_from((SOURCE, TARGET)), st.floats(-20, 20), st.sampled_from(range(7)))))
def test_whatever_is_told(told: Sequence[tuple[str, float, int]]) -> None:
    """In any order, possible or not: moments are in the order of their time, and no error is negative."""
    watch = stopwatch()
    for number, (director, at, what) in enumerate(told):
        if number == len(told) // 2:
            pulled(watch)
        match what:
            case 0:
                sent = LEVER + number - len(told) // 2  # the operator's own clock: it never goes back
                watch.pulse(director, sent, sent + 0.01, Pulse(number * 7 % 50, 0))
            case 1:
                watch.found(director, frozenset((VIP,)))
            case 2 | 3:
                watch.take(director, moved(director, at, added=what == 2))
            case 4:
                watch.take(director, InstanceEntered("SMB", VrrpState.MASTER, stamp(director, at)))
            case 5:
                watch.release(director, "", LEVER + at, 0.1)
            case 6:
                watch.take(director, GratuitousArp(SIXTH, "ens3", stamp(director, at)))
    timeline = watch.timeline(START)
    times = [moment.at for moment in timeline.moments]
    assert times == sorted(times)
    assert all(moment.error >= 0 for moment in timeline.moments)
    for gap in timeline.addresses:
        assert (gap.absent is None) is (gap.removed is None or gap.added is None)
        assert gap.absent is None or gap.absent.error >= 0
