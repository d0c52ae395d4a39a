"""What the past of a drain says: the fraction that is done, and a forecast that is made only where there is one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.draining import DrainProgress, drain_progress
from lvstop.analysis.draining.past import LONGEST, first_known, seconds_left
from lvstop.analysis.history import History
from lvstop.analysis.series import RowKey
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.ipvs import VirtualServer
from support.change_factories import change, weights
from support.factories import FIRST, SERVICE, backup, cluster, gone, later, master, real_server, rs_key, virtual_server
from support.factories import vs_key as key_of

UDP = "UDP:172.26.127.20:53"
MARK = "FWM:7"


def shown(second: float, *servers: VirtualServer, silent: bool = False) -> ClusterSnapshot:
    """The cluster so many seconds after the drain was made."""
    mine = master(virtual_servers=servers, read_at=later(second))
    idle = tuple(virtual_server(str(each.key), real_server(FIRST, 0)) for each in servers)
    return cluster(gone(mine) if silent else mine, backup(virtual_servers=idle), now=later(second))


def server(service: str, active: int, inactive: int = 0) -> VirtualServer:
    """A drained row with connections."""
    return virtual_server(service, real_server(FIRST, 0, active=active, inactive=inactive))


def followed(
    values: Sequence[int | None],
    *,
    of: Change | None = None,
    make: Callable[[int], Sequence[VirtualServer]] = lambda value: (server(SERVICE, value),),
    first: float = 0,
) -> DrainProgress:
    """A drain after a look each second, the first of them so long after it was made; None is a silent director."""
    history = History()
    drain = of or change(active_connections=None)
    snapshot = shown(first, *make(0))
    for index, value in enumerate(values):
        snapshot = shown(first + index, *make(value or 0), silent=value is None)
        history.take(snapshot)
        history.watch(RowKey("keepalived1", *row) for row in drain.rows)
    return drain_progress(drain, snapshot, history, snapshot.generated_at)


def test_the_record_knows_what_there_was() -> None:
    """Of the row that is the only one."""
    drain = change(active_connections=40)
    progress = drain_progress(drain, shown(5, server(SERVICE, 10)), None, later(5))
    assert (progress.left, progress.start, progress.done) == (10, 40, 0.75)
    assert (progress.rows[0].start, progress.rows[0].done) == (40, 0.75)


def test_without_a_record_the_first_that_was_seen_counts() -> None:
    """Not the greatest: persistence may have added to them since."""
    progress = followed([40, 60, 10])
    assert (progress.start, progress.done) == (40, 0.75)


def test_what_was_before_the_drain_does_not_count() -> None:
    """The last value before it is the one it began with; one that is minutes old says nothing."""
    assert first_known([(-5, 90.0), (-1, 40.0), (1, 39.0)], 0) == 40
    assert first_known([(-60, 90.0), (1, 39.0)], 0) == 39
    assert first_known([], 0) is None


@pytest.mark.parametrize(
    ("start", "left", "done"), [(40, 50, 0.0), (40, 40, 0.0), (40, 0, 1.0), (0, 0, 1.0), (0, 3, 0.0), (None, 3, None)]
)
def test_the_fraction_is_honest(start: int | None, left: int, done: float | None) -> None:
    """Never below 0, never beyond 1, and unknown where the beginning is."""
    progress = drain_progress(change(active_connections=start), shown(5, server(SERVICE, left)), None, later(5))
    assert progress.done == done


def test_several_rows_are_added_up() -> None:
    """The record has the sum; what a single row had nobody knows without its past."""
    other = "TCP:172.26.127.20:139"
    drain = change(*weights(), *weights(other), active_connections=40)
    progress = drain_progress(drain, shown(5, server(SERVICE, 3), server(other, 7)), None, later(5))
    assert (progress.left, progress.start, progress.done) == (10, 40, 0.75)
    assert [row.done for row in progress.rows] == [None, None]


def test_udp_is_counted_by_what_it_has() -> None:
    """The record's ActiveConn says nothing of it."""
    drain = change(*weights(UDP), active_connections=0)
    progress = followed([8, 6, 2], of=drain, make=lambda value: (server(UDP, 0, value),))
    assert (progress.left, progress.start, progress.done) == (2, 8, 0.75)


def test_marks_are_counted_by_both() -> None:
    """ActiveConn and InActConn of the same moment."""
    progress = followed([8, 6, 2], of=change(*weights(MARK)), make=lambda value: (server(MARK, value, 2 * value),))
    assert (progress.left, progress.start, progress.done) == (6, 24, 0.75)


def test_a_forecast_follows_the_last_minute() -> None:
    """From 100 down by two a second: 20 are left, so ten seconds."""
    progress = followed([100 - 2 * second for second in range(41)])
    assert progress.left == 20
    assert progress.seconds == pytest.approx(10.0)


def test_a_forecast_forgets_what_was_before() -> None:
    """It fell for a while, and then not any more."""
    assert followed([300 - second for second in range(100)] + [200] * 61).seconds is None


@pytest.mark.parametrize(
    "values",
    [[5], [9, 7], [9, 8, 7, 6, 5], [5] * 30, list(range(30)), [30 - second for second in range(10)] + [None] * 3],
    ids=["one look", "two", "too short", "level", "rising", "silent"],
)
def test_no_forecast_where_there_is_none(values: list[int | None]) -> None:
    """Too little data, nothing that falls, or nobody who tells."""
    assert followed(values).seconds is None


def test_an_end_needs_no_forecast() -> None:
    """What is through is through, at once."""
    assert followed([0]).seconds == 0.0


def test_persistence_has_no_forecast() -> None:
    """When its clients stay away nobody knows."""
    snapshot = shown(0)
    history = History()
    for second in range(30):
        bound = replace(server(SERVICE, 60 - second), persistent=True)
        snapshot = shown(second, bound)
        mine = replace(snapshot.directors[0], sysctls=None)
        snapshot = replace(snapshot, directors=(mine, *snapshot.directors[1:]))
        history.take(snapshot)
        history.watch([RowKey("keepalived1", key_of(SERVICE), rs_key(FIRST))])
    progress = drain_progress(change(), snapshot, history, snapshot.generated_at)
    assert (progress.left, progress.seconds) == (31, None)


def test_the_last_row_decides_when_it_is_over() -> None:
    """One needs ten seconds, the other one thirty."""
    other = "TCP:172.26.127.20:139"
    drain = change(*weights(), *weights(other))
    both = followed(
        [20 - second for second in range(11)],
        of=drain,
        make=lambda value: (server(SERVICE, value), server(other, 3 * value)),
    )
    assert both.seconds == pytest.approx(10.0)
    assert [row.seconds for row in both.rows] == [pytest.approx(10.0)] * 2
    uneven = followed(
        [20 - second for second in range(11)],
        of=drain,
        make=lambda value: (server(SERVICE, value), server(other, value + 20)),
    )
    assert uneven.seconds == pytest.approx(30.0)


def test_a_drain_that_is_seen_late() -> None:
    """An hour later, after a start: the fraction is of what was seen first, since nobody knows more."""
    progress = followed([30, 20, 15], first=3600)
    assert (progress.start, progress.done) == (30, 0.5)


POINTS = st.lists(st.tuples(st.floats(0, 60), st.integers(0, 10**6).map(float)), max_size=30).map(sorted)


@given(POINTS)
def test_a_forecast_is_a_length_of_time_or_none(points: list[tuple[float, float]]) -> None:
    """Whatever the past looks like."""
    seconds = seconds_left(points, 60.0)
    assert seconds is None or 0 <= seconds <= LONGEST
