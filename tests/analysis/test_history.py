"""The past of rows: fine where somebody looks, coarse everywhere, and gaps stay gaps."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from lvstop.analysis.history import KEPT, MOST_WATCHED, History
from lvstop.analysis.series import NO_SERIES, Field, Point, RowKey
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus
from lvstop.model.ipvs import Rates, VirtualServerRates
from support.factories import (
    FIRST,
    NOW,
    SECOND,
    SERVICE,
    director,
    gone,
    later,
    real_server,
    rs_key,
    virtual_server,
    vs_key,
)

START = NOW.timestamp()
ROW = RowKey("d1", vs_key(SERVICE), rs_key(FIRST))
OTHER = RowKey("d1", vs_key(SERVICE), rs_key(SECOND))
SERVER = RowKey("d1", vs_key(SERVICE))
DIRECTOR = RowKey("d1")


def shown(active: int, second: float, *, rate: float | None = None, name: str = "d1") -> DirectorSnapshot:
    """A director whose first row has `active` connections and whose second has twice as many."""
    rows = (real_server(FIRST, active=active, inactive=1), real_server(SECOND, active=2 * active, inactive=2))
    rates = None
    if rate is not None:
        each = {rs_key(FIRST): Rates(rate, 1, 1, 10 * rate, 0), rs_key(SECOND): Rates(0, 0, 0, 0, 0)}
        rates = {vs_key(SERVICE): VirtualServerRates(Rates(rate, 1, 1, 10 * rate, 0), each)}
    return director(name, virtual_servers=(virtual_server(SERVICE, *rows),), read_at=later(second), rates=rates)


def look(second: float, *directors: DirectorSnapshot) -> ClusterSnapshot:
    """A look at a cluster so many seconds after the first."""
    return ClusterSnapshot("smb", later(second), directors)


def seen(history: History, key: RowKey, field: Field = Field.ACTIVE, *, span: float = KEPT) -> list[Point]:
    """Points with seconds since the first look."""
    return [(at - START, value) for at, value in history.series(key, field, span=span).points]


def watched(values: Iterable[int], *keys: RowKey) -> History:
    """A history of a look each second, in which `keys` are watched from the first one on."""
    history = History()
    for second, value in enumerate(values):
        history.take(look(second, shown(value, second)))
        history.watch(keys)
    return history


def test_a_watched_row_has_a_value_for_every_look() -> None:
    """From the moment on at which it came into sight, that moment included."""
    history = watched(range(5), ROW)
    assert seen(history, ROW) == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]
    assert seen(history, ROW, Field.INACTIVE) == [(second, 1) for second in range(5)]


def test_totals_are_sums() -> None:
    """Of a virtual server its real servers', of a director its virtual servers'; the director is always watched."""
    history = watched(range(3), SERVER)
    assert seen(history, SERVER) == seen(history, DIRECTOR) == [(0, 0), (1, 3), (2, 6)]


def test_rates_are_those_of_the_snapshot() -> None:
    """Unknown at first, then what the snapshot says; a rate of 0 is a value."""
    history = History()
    for second, rate in enumerate((None, 3.0, 0.0)):
        history.take(look(second, shown(1, second, rate=rate)))
        history.watch([ROW, SERVER])
    for key in (ROW, SERVER, DIRECTOR):
        assert seen(history, key, Field.CONNECTIONS) == [(0, None), (1, 3.0), (2, 0.0)]
        assert seen(history, key, Field.IN_BYTES) == [(0, None), (1, 30.0), (2, 0.0)]
    assert seen(history, ROW, Field.OUT_BYTES) == [(0, None), (1, 0.0), (2, 0.0)]


def test_the_sum_of_a_director_is_unknown_where_counters_began_anew() -> None:
    """Leaving that virtual server out would show a dip."""
    broken = replace(shown(1, 0.0), rates={vs_key(SERVICE): VirtualServerRates(None, {})})
    history = History()
    history.take(look(0.0, broken))
    assert seen(history, DIRECTOR, Field.CONNECTIONS) == [(0, None)]
    assert seen(history, DIRECTOR, Field.ACTIVE) == [(0, 3)]


def test_a_row_that_comes_into_sight_has_a_past() -> None:
    """Every row is recorded every 15 seconds; from the first sight on every second."""
    history = History()
    for second in range(63):
        if second == 60:
            assert seen(history, ROW) == [(0, 0), (15, 15), (30, 30), (45, 45)]
            history.watch([ROW])
        history.take(look(second, shown(second, second, rate=float(second))))
    assert seen(history, ROW) == [(0, 0), (15, 15), (30, 30), (45, 45), (59, 59), (60, 60), (61, 61), (62, 62)]
    assert seen(history, SERVER) == [(at, 3 * at) for at in (0, 15, 30, 45, 60)]
    assert seen(history, OTHER, Field.CONNECTIONS) == [(at, 0) for at in (0, 15, 30, 45, 60)]
    assert seen(history, SERVER, Field.IN_BYTES) == [(at, 10 * at) for at in (0, 15, 30, 45, 60)]


def test_a_series_is_of_its_span_and_the_point_before() -> None:
    """What is older is not told, neither fine nor coarse."""
    history = watched(range(100), ROW)
    assert [at for at, _ in seen(history, ROW, span=3.0)] == [96, 97, 98, 99]
    assert [at for at, _ in seen(history, OTHER, span=20.0)] == [75, 90]


def test_the_past_is_bounded() -> None:
    """After half an hour a quarter of an hour is left, of the fine past and of the coarse one."""
    history = watched(range(1800), ROW)
    fine, coarse = seen(history, ROW), seen(history, OTHER)
    assert len(fine) == len(seen(history, DIRECTOR)) == KEPT + 1
    assert fine[-1] == (1799, 1799)
    assert 1799 - KEPT - 15 <= coarse[0][0] <= 1799 - KEPT + 15
    assert len(coarse) in (60, 61)


def test_silence_is_a_gap() -> None:
    """While a director does not answer its last values are not repeated, neither fine nor coarse."""
    history = History()
    for second in range(40):
        answering = shown(7, second)
        history.take(look(second, answering if second < 5 or second >= 30 else gone(answering, DirectorStatus.STALE)))
        history.watch([ROW])
    assert [value for _, value in seen(history, ROW)] == [7] * 5 + [None] * 25 + [7] * 10
    assert seen(history, OTHER) == [(0, 14), (5, None), (30, 14)]


def test_a_table_that_was_not_read_again_is_no_news() -> None:
    """A slow director has fewer points, not repeated ones."""
    history = History()
    for second in range(6):
        history.take(look(second, shown(second, second - second % 3)))
        history.watch([ROW])
    assert seen(history, ROW) == [(0, 0), (3, 3)]


def test_the_same_look_twice_is_one() -> None:
    """Nothing is recorded twice."""
    history, snapshot = History(), look(0.0, shown(1, 0.0))
    history.take(snapshot)
    history.take(snapshot)
    assert seen(history, DIRECTOR) == [(0, 3)]


def test_a_row_that_is_not_there_is_a_gap() -> None:
    """Taken out and put back: None in between; the others go on."""
    history = History()
    for second in range(30):
        snapshot = shown(second, second)
        if 10 <= second < 20:
            snapshot = replace(snapshot, virtual_servers=(virtual_server(SERVICE, real_server(SECOND, active=9)),))
        history.take(look(second, snapshot))
        if second == 0:
            history.watch([ROW, OTHER])
    values = [value for _, value in seen(history, ROW)]
    assert values == [*range(10), *[None] * 10, *range(20, 30)]
    assert seen(history, OTHER)[12] == (12, 9)
    history.watch([replace(ROW, real_server=rs_key("10.0.0.99:80"))])


def test_the_coarse_past_of_rows_that_come_and_go() -> None:
    """Frames before and after know other rows; each is read by its own."""
    history = History()
    for second in range(0, 60, 15):
        snapshot = shown(second, second)
        if second == 30:
            snapshot = replace(snapshot, virtual_servers=(virtual_server(SERVICE, real_server(SECOND, active=9)),))
        history.take(look(second, snapshot))
    assert seen(history, ROW) == [(0, 0), (15, 15), (30, None), (45, 45)]
    assert seen(history, OTHER) == [(0, 0), (15, 30), (30, 9), (45, 90)]


def test_a_table_that_is_unknown_is_a_gap_and_an_empty_one_is_zero() -> None:
    """A director whose table could not be read has no connections known; one without virtual servers has none."""
    history = History()
    history.take(look(0.0, director("d1", virtual_servers=None, read_at=later(0))))
    history.take(look(1.0, director("d1", virtual_servers=(), read_at=later(1))))
    assert seen(history, DIRECTOR) == [(0, None), (1, 0)]


def test_the_least_recently_watched_rows_are_forgotten() -> None:
    """A few hundred rows are watched, the others have their coarse past."""
    rows = [f"10.0.{n // 200}.{n % 200 + 1}:80" for n in range(MOST_WATCHED + 10)]
    keys = [RowKey("d1", vs_key(SERVICE), rs_key(row)) for row in rows]
    history = History()
    for second in range(4):
        servers = (virtual_server(SERVICE, *[real_server(row, active=5) for row in rows]),)
        history.take(look(second, director("d1", virtual_servers=servers, read_at=later(second))))
        history.watch(keys[:10])
        history.watch(keys[10:])
    history.watch(keys[20:30])
    assert len(seen(history, keys[-1])) == 4
    assert len(seen(history, keys[0])) == 1


def test_large_numbers_are_kept_well_enough() -> None:
    """Coarse numbers have at least three digits, whatever else stands in their column; small counts are exact."""
    for value in (1, 1234, 70_000, 5_000_000):
        history = History()
        history.take(look(0.0, shown(value, 0.0, rate=float(value))))
        assert seen(history, ROW)[0][1] == pytest.approx(value, rel=0.0005, abs=0)
        assert seen(history, ROW, Field.IN_BYTES)[0][1] == pytest.approx(10 * value, rel=0.0005)
        assert seen(history, OTHER, Field.IN_BYTES)[0][1] == 0
    assert seen(watched([1234], ROW), ROW) == [(0, 1234)]


def test_a_clock_that_was_set_back_begins_a_new_past() -> None:
    """Times rise, always."""
    history = watched(range(20), ROW)
    history.take(look(5.0, shown(3, 100.0)))
    assert seen(history, ROW) == [(5, 3)]
    history.watch([ROW])
    history.take(look(6.0, shown(4, 101.0)))
    assert seen(history, ROW) == [(5, 3), (6, 4)]


def test_directors_have_pasts_of_their_own() -> None:
    """Two directors, the same table: each row by its director; one that left the cluster is forgotten."""
    history = History()
    for second in range(3):
        history.take(look(second, shown(1, second), shown(5, second, name="d2")))
        history.watch([ROW, replace(ROW, director="d2")])
    assert [value for _, value in seen(history, replace(ROW, director="d2"))] == [5, 5, 5]
    assert [value for _, value in seen(history, ROW)] == [1, 1, 1]
    history.take(look(3.0, shown(1, 3.0)))
    assert history.series(replace(ROW, director="d2"), Field.ACTIVE, span=60.0) is NO_SERIES


def test_coarse_frames_of_two_directors_are_not_taken_at_once() -> None:
    """One per look, so that no look takes long; none is left out."""
    history = History()
    for second in range(32):
        history.take(look(second, shown(1, second), shown(5, second, name="d2")))
    assert [at for at, _ in seen(history, ROW)] == [0, 15, 30]
    assert [at for at, _ in seen(history, replace(ROW, director="d2"))] == [1, 16, 31]


def test_what_was_never_seen_has_no_series() -> None:
    """An unknown director has none; an unknown row has gaps only."""
    history = History()
    history.watch([ROW])
    assert history.series(ROW, Field.ACTIVE, span=60.0) is NO_SERIES
    history.take(look(0.0, shown(1, 0.0)))
    stranger = RowKey("d1", vs_key("TCP:10.0.0.1:80"))
    assert {value for _, value in seen(history, stranger)} == {None}
    history.watch([stranger])
    assert {value for _, value in seen(history, stranger)} == {None}
