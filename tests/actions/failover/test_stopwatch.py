"""The stopwatch: what directors tell, in whatever order and by whatever clock, on one axis with honest errors."""

from collections.abc import Mapping
from ipaddress import ip_address
from types import MappingProxyType

import pytest

from lvstop.actions.failover.stopwatch import Stopwatch
from lvstop.actions.failover.timeline import Mark, Moment, Timeline
from lvstop.model.moves import DaemonStopped, GratuitousArp, InstanceEntered, PriorityMoved, Pulse
from lvstop.model.moves import Move as Told
from lvstop.model.vrrp import VrrpState
from support.stopwatches import CLOCKS, LEVER, MOVE, SIXTH, SOURCE, TARGET, VIP, moved, pulled, stamp, stopwatch
from support.virtual_time import START

STRANGER = ip_address("172.26.127.99")


def marks(timeline: Timeline) -> list[tuple[Mark, str, str]]:
    """What happened, in its order."""
    return [(each.mark, each.director, each.subject) for each in timeline.moments]


def count(watch: Stopwatch, director: str, at: float, connections: int) -> Moment | None:
    """A count that was read within 4 ms, so many seconds after the lever."""
    return watch.pulse(director, LEVER + at - 0.002, LEVER + at + 0.002, Pulse(connections, 0))


# marks


def test_everything_that_can_be_told() -> None:
    """Each mark once, by the director that told it, on the lever's axis."""
    watch = stopwatch()
    pulled(watch)
    told: list[tuple[str, Told]] = [
        (SOURCE, PriorityMoved("SMB", 90, stamp(SOURCE, 0.01))),
        (TARGET, InstanceEntered("SMB", VrrpState.MASTER, stamp(TARGET, 3.2))),
        (TARGET, moved(TARGET, 3.21, added=True)),
        (TARGET, GratuitousArp(VIP, "ens3", stamp(TARGET, 3.22))),
        (SOURCE, InstanceEntered("SMB", VrrpState.BACKUP, stamp(SOURCE, 3.23))),
        (SOURCE, moved(SOURCE, 3.24, added=False)),
        (SOURCE, InstanceEntered("SMB", VrrpState.FAULT, stamp(SOURCE, 4.0))),
        (SOURCE, DaemonStopped(stamp(SOURCE, 5.0))),
    ]
    for director, each in reversed(told):
        assert watch.take(director, each) is not None
    watch.agreed(LEVER + 6.0)
    watch.release(SOURCE, "echo 0 > /etc/keepalived/maint", LEVER + 7.0, 0.25)
    timeline = watch.timeline(START)
    assert marks(timeline) == [
        (Mark.LEVER_PULLED, SOURCE, "echo 1 > /etc/keepalived/maint"),
        (Mark.PRIORITY_CHANGED, SOURCE, "SMB 90"),
        (Mark.ENTERED_MASTER, TARGET, "SMB"),
        (Mark.VIP_ADDED, TARGET, str(VIP)),
        (Mark.GRATUITOUS_ARP, TARGET, str(VIP)),
        (Mark.ENTERED_BACKUP, SOURCE, "SMB"),
        (Mark.VIP_REMOVED, SOURCE, str(VIP)),
        (Mark.ENTERED_FAULT, SOURCE, "SMB"),
        (Mark.KEEPALIVED_STOPPED, SOURCE, ""),
        (Mark.AGREED, "", ""),
        (Mark.LEVER_RELEASED, SOURCE, "echo 0 > /etc/keepalived/maint"),
    ]
    at = [each.at for each in timeline.moments]
    assert at == pytest.approx([0.0, 0.01, 3.2, 3.21, 3.22, 3.23, 3.24, 4.0, 5.0, 6.0, 7.0], abs=1e-6)
    errors = [each.error for each in timeline.moments]
    assert errors == [0.004, 0.002, 0.0005, 0.0005, 0.0005, 0.002, 0.002, 0.002, 0.002, 0.0, 0.25]
    assert timeline.began == START


@pytest.mark.parametrize(
    "told",
    [
        moved(SOURCE, 1.0, added=True, address=STRANGER),
        GratuitousArp(STRANGER, "ens3", stamp(SOURCE, 1.0)),
        InstanceEntered("OTHER", VrrpState.MASTER, stamp(SOURCE, 1.0)),
        InstanceEntered("SMB", VrrpState.INIT, stamp(SOURCE, 1.0)),
        PriorityMoved("OTHER", 90, stamp(SOURCE, 1.0)),
    ],
    ids=lambda told: type(told).__name__,
)
def test_what_is_none_of_this_move(told: Told) -> None:
    """Other addresses, instances and states leave no mark."""
    watch = stopwatch()
    pulled(watch)
    assert watch.take(SOURCE, told) is None
    assert [mark for mark, *_ in marks(watch.timeline(START))] == [Mark.LEVER_PULLED]


def test_what_keepalived_repeats() -> None:
    """It announces each address five times and more; the first time counts, on each director and for each address."""
    watch = stopwatch()
    pulled(watch)
    for repeat in range(5):
        for director in (SOURCE, TARGET):
            watch.take(director, GratuitousArp(VIP, "ens3", stamp(director, 3.0 + repeat)))
        watch.take(TARGET, GratuitousArp(SIXTH, "ens3", stamp(TARGET, 3.5 + repeat)))
        watch.take(SOURCE, DaemonStopped(stamp(SOURCE, 4.0 + repeat)))
    assert [each.at for each in watch.timeline(START).moments] == pytest.approx([0, 3, 3, 3.5, 4], abs=1e-6)


def test_what_was_told_before_the_lever() -> None:
    """It is put on the same axis, and is negative there."""
    watch = stopwatch()
    watch.take(SOURCE, PriorityMoved("SMB", 140, stamp(SOURCE, -2.5)))
    pulled(watch)
    first, lever = watch.timeline(START).moments
    assert (first.mark, lever.mark, lever.at) == (Mark.PRIORITY_CHANGED, Mark.LEVER_PULLED, 0.0)
    assert first.at == pytest.approx(-2.5, abs=1e-6)


def test_a_clock_that_began_with_the_lever() -> None:
    """A monotonic clock may stand at 0: that is a time as any other."""
    watch = stopwatch()
    watch.pull(SOURCE, "stop", 0.0, 0.004)
    assert watch.agreed(2.0).at == 2.0
    assert watch.release(SOURCE, "start", 3.0, 0.1).at == 3.0


def test_without_a_lever() -> None:
    """Where a failover is finished whose lever was pulled by an lvstop that has died: the axis begins now."""
    watch = stopwatch()
    watch.take(SOURCE, moved(SOURCE, -0.5, added=False))
    watch.start(LEVER)
    watch.take(TARGET, moved(TARGET, 0.5, added=True))
    watch.agreed(LEVER + 1.0)
    timeline = watch.timeline(START)
    assert [each.at for each in timeline.moments] == pytest.approx([-0.5, 0.5, 1.0], abs=1e-6)


def test_a_director_whose_clock_is_unknown() -> None:
    """It leaves no moments, which nobody could place; who holds what is followed all the same."""
    watch = Stopwatch(MOVE, {SOURCE: CLOCKS[SOURCE]}, {vip: frozenset((SOURCE,)) for vip in MOVE.vips})
    pulled(watch)
    for vip in MOVE.vips:
        assert watch.take(TARGET, moved(TARGET, 1.0, added=True, address=vip)) is None
        assert watch.take(SOURCE, moved(SOURCE, 1.1, added=False, address=vip)) is not None
    assert watch.moved
    gap, _ = watch.timeline(START).addresses
    assert (gap.added, gap.absent) == (None, None)
    assert gap.removed is not None


# addresses


def test_nobody_has_it_for_a_while() -> None:
    """The errors of both clocks add up."""
    watch = stopwatch()
    pulled(watch)
    watch.take(SOURCE, moved(SOURCE, 0.01, added=False))
    watch.take(TARGET, moved(TARGET, 0.72, added=True))
    gap, other = watch.timeline(START).addresses
    assert gap.vip == VIP
    assert gap.absent is not None
    assert gap.absent.seconds == pytest.approx(0.71, abs=1e-6)
    assert gap.absent.error == pytest.approx(0.0025)
    assert (other.vip, other.removed, other.added, other.absent) == (SIXTH, None, None, None)
    assert not watch.moved


def test_both_have_it_for_a_moment() -> None:
    """Which is what a lowered priority does: the gap is negative."""
    watch = stopwatch()
    pulled(watch)
    watch.take(TARGET, moved(TARGET, 3.21, added=True))
    assert watch.holders[VIP] == {SOURCE, TARGET}
    watch.take(SOURCE, moved(SOURCE, 3.24, added=False))
    gap, _ = watch.timeline(START).addresses
    assert gap.absent is not None
    assert gap.absent.seconds == pytest.approx(-0.03, abs=1e-6)


def test_each_of_several_has_its_own_gap() -> None:
    """They neither go nor come at the same time."""
    watch = stopwatch()
    pulled(watch)
    watch.take(SOURCE, moved(SOURCE, 0.01, added=False))
    watch.take(SOURCE, moved(SOURCE, 0.05, added=False, address=SIXTH))
    watch.take(TARGET, moved(TARGET, 0.70, added=True))
    assert not watch.moved
    watch.take(TARGET, moved(TARGET, 0.95, added=True, address=SIXTH))
    assert watch.moved
    spans = [gap.absent for gap in watch.timeline(START).addresses if gap.absent is not None]
    assert [span.seconds for span in spans] == pytest.approx([0.69, 0.90], abs=1e-6)


def test_ipv6_tells_twice() -> None:
    """An address is told again when it has become usable: that is no second arrival."""
    watch = stopwatch()
    pulled(watch)
    assert watch.take(TARGET, moved(TARGET, 3.2, added=True, address=SIXTH)) is not None
    assert watch.take(TARGET, moved(TARGET, 4.3, added=True, address=SIXTH)) is None
    assert watch.take(SOURCE, moved(SOURCE, 3.3, added=False, address=SIXTH)) is not None
    assert watch.take(SOURCE, moved(SOURCE, 3.4, added=False, address=SIXTH)) is None
    _, gap = watch.timeline(START).addresses
    assert gap.absent is not None
    assert gap.absent.seconds == pytest.approx(-0.1, abs=1e-6)


def test_looking_does_not_hide_what_is_told_later() -> None:
    """Where one director's events are lost, both are asked; the other one's events are still on their way."""
    watch = stopwatch()
    pulled(watch)
    watch.found(SOURCE, frozenset())
    watch.found(TARGET, frozenset((VIP, SIXTH, STRANGER)))
    assert watch.moved
    assert watch.take(TARGET, moved(TARGET, 0.7, added=True)) is not None
    assert watch.take(SOURCE, moved(SOURCE, 0.01, added=False)) is not None
    assert watch.moved
    gap, _ = watch.timeline(START).addresses
    assert gap.absent is not None
    assert gap.absent.seconds == pytest.approx(0.69, abs=1e-6)


def test_it_comes_back_to_the_source() -> None:
    """Nobody took over, and the lever was released: for so long nobody had it."""
    watch = stopwatch()
    pulled(watch)
    watch.take(SOURCE, moved(SOURCE, 0.01, added=False))
    watch.release(SOURCE, "systemctl start keepalived.service", LEVER + 4.0, 0.3)
    watch.take(SOURCE, moved(SOURCE, 7.61, added=True))
    gap, _ = watch.timeline(START).addresses
    assert gap.added is not None
    assert gap.added.director == SOURCE
    assert gap.absent is not None
    assert gap.absent.seconds == pytest.approx(7.6, abs=1e-6)
    assert watch.holders[VIP] == {SOURCE}


# connections


def traffic(
    watch: Stopwatch,
    last: float,
    first: float,
    *,
    every: float = 0.02,
    until: float = 6.0,
    uncounted: tuple[float, float] = (99.0, 99.0),
    beside: Mapping[str, tuple[float, float]] = MappingProxyType({}),
) -> None:
    """A connection every so often: on the source until `last`, on the target from `first`. Counted every 10 ms.

    Args:
        uncounted: between these moments they come by ports whose entries IPVS still has.
        beside: by director, when it also carries packets of long connections to other addresses.
    """
    arrivals = [(number * every - 1.0) for number in range(int(8.0 / every))]
    served = {
        SOURCE: [each for each in arrivals if each <= last],
        TARGET: [each for each in arrivals if each >= first],
    }
    is_pulled = False
    for step in range(-100, int(until * 100)):
        at = step / 100 + 0.005
        if at >= 0 and not is_pulled:
            pulled(watch)
            is_pulled = True
        for director, times in served.items():
            known = sum(each <= at and not uncounted[0] <= each <= uncounted[1] for each in times)
            began, ended = beside.get(director, (99.0, 99.0))
            packets = 6 * sum(each <= at for each in times) + int(1000 * max(0.0, min(at, ended) - began))
            watch.pulse(director, LEVER + at - 0.002, LEVER + at + 0.002, Pulse(5000 + known, 70_000 + packets))


def test_the_gap_of_connections() -> None:
    """From the last one that the source counted to the first one of the target; sampling and pace are its error."""
    watch = stopwatch()
    traffic(watch, last=3.2001, first=3.2501)
    timeline = watch.timeline(START)
    assert timeline.connections is not None
    assert timeline.connections.seconds == pytest.approx(0.06, abs=timeline.connections.error)
    assert 0.02 < timeline.connections.error < 0.05
    last, first = (
        next(each for each in timeline.moments if each.mark is mark)
        for mark in (Mark.LAST_CONNECTION, Mark.FIRST_CONNECTION)
    )
    assert (last.director, first.director) == (SOURCE, TARGET)
    assert last.at == pytest.approx(3.2, abs=last.error)
    assert first.at == pytest.approx(3.26, abs=first.error)


def test_ports_that_are_used_again() -> None:
    """IPVS counts no connection that comes through an entry of an earlier one; clients are served all the same.

    As on a real pair: nothing new was counted from 0.09 s before the addresses went to 0.08 s after they came.
    """
    watch = stopwatch()
    traffic(watch, last=0.081, first=0.719, uncounted=(0.0, 0.79))
    timeline = watch.timeline(START)
    connections = timeline.connections
    assert connections is not None
    assert connections.seconds - connections.error <= 0.64
    assert connections.seconds + connections.error >= 0.80
    last, first = (
        next(each for each in timeline.moments if each.mark is mark)
        for mark in (Mark.LAST_CONNECTION, Mark.FIRST_CONNECTION)
    )
    assert last.at == pytest.approx(0.08, abs=last.error)
    assert last.at == pytest.approx(-0.02, abs=last.error)
    assert first.at == pytest.approx(0.72, abs=first.error)
    assert first.at == pytest.approx(0.80, abs=first.error)


def test_long_connections_to_addresses_that_stay() -> None:
    """The source goes on with packets, which say no more when its last new connection was: its addresses do."""
    watch = stopwatch()
    traffic(watch, last=3.21, first=3.25, uncounted=(3.13, 3.22), beside={SOURCE: (-1.0, 9.0)})
    assert watch.timeline(START).connections is None
    watch.take(SOURCE, moved(SOURCE, 3.215, added=False))
    assert watch.timeline(START).connections is None
    watch.take(SOURCE, moved(SOURCE, 3.22, added=False, address=SIXTH))
    timeline = watch.timeline(START)
    assert timeline.connections is not None
    assert timeline.connections.seconds == pytest.approx(0.06, abs=timeline.connections.error)
    last = next(each for each in timeline.moments if each.mark is Mark.LAST_CONNECTION)
    assert last.at == pytest.approx(3.2, abs=last.error)
    assert last.at + last.error == pytest.approx(3.222)


def test_a_target_with_long_connections_of_its_own() -> None:
    """Whose packets they are that it carries first cannot be told."""
    watch = stopwatch()
    traffic(watch, last=3.2, first=3.3, beside={TARGET: (-1.0, 9.0)})
    assert watch.timeline(START).connections is None


def test_the_first_connection_is_told_at_once() -> None:
    """And only the first one of the target."""
    watch = stopwatch()
    count(watch, SOURCE, -0.2, 70)
    count(watch, TARGET, -0.2, 5)
    pulled(watch)
    assert count(watch, SOURCE, 0.1, 80) is None
    assert count(watch, TARGET, 0.1, 5) is None
    first = count(watch, TARGET, 0.2, 6)
    assert first is not None
    assert (first.mark, first.director) == (Mark.FIRST_CONNECTION, TARGET)
    assert first.at - first.error == pytest.approx(0.098)
    assert first.at + first.error == pytest.approx(0.202)
    assert count(watch, TARGET, 0.3, 9) is None


def test_too_little_traffic() -> None:
    """A connection every half a second says nothing of a gap of milliseconds."""
    watch = stopwatch()
    traffic(watch, last=3.2, first=3.3, every=0.5)
    assert watch.timeline(START).connections is None


def test_no_traffic() -> None:
    """Nothing is counted, nothing is said."""
    watch = stopwatch()
    traffic(watch, last=-5.0, first=99.0)
    timeline = watch.timeline(START)
    assert timeline.connections is None
    assert marks(timeline) == [(Mark.LEVER_PULLED, SOURCE, "echo 1 > /etc/keepalived/maint")]


def test_a_source_that_serves_something_else_as_well() -> None:
    """It goes on counting: its last connection is not the end of anything, however soon one asks."""
    watch = stopwatch()
    traffic(watch, last=9.0, first=3.3, until=3.6)
    assert watch.timeline(START).connections is None
    watch = stopwatch()
    traffic(watch, last=9.0, first=3.3)
    assert watch.timeline(START).connections is None


def test_a_target_that_was_serving_already() -> None:
    """Its first connection since the lever says nothing."""
    watch = stopwatch()
    traffic(watch, last=3.2, first=-0.5)
    assert watch.timeline(START).connections is None


def test_a_source_that_is_not_heard_of_any_more() -> None:
    """It may have served connections since: the last one that is known is not the last one."""
    watch = stopwatch()
    for step in range(-50, 100):
        if step == 0:
            pulled(watch)
        count(watch, SOURCE, step / 100, 1000 + step)
        count(watch, TARGET, step / 100, 7)
    for step in range(100, 500):
        count(watch, TARGET, step / 100, 7 + max(0, step - 320))
    assert watch.timeline(START).connections is None


def test_counters_that_are_zeroed() -> None:
    """`ipvsadm -Z` is no traffic, and what comes after it is counted again."""
    watch = stopwatch()
    pulled(watch)
    assert count(watch, TARGET, 1.0, 500) is None
    assert count(watch, TARGET, 1.1, 0) is None
    assert count(watch, TARGET, 1.2, 1) is not None
