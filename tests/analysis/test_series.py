"""Buckets of a sparkline: means of what was seen, and nothing where nothing was."""

import pytest

from lvstop.analysis.series import HOLD, NO_SERIES, Point, Series, buckets


def series_of(*points: Point) -> Series:
    """Points given as they are."""
    return Series(points)


def test_a_bucket_is_the_mean_of_its_points() -> None:
    """Points at the beginning of a bucket belong to it, those at its end to the next one."""
    series = series_of((0.0, 1.0), (1.0, 3.0), (2.0, 10.0), (3.0, 20.0), (4.0, 7.0))
    assert buckets(series, now=4.5, span=6.0, count=3) == (2.0, 15.0, 7.0)


def test_buckets_stand_still_while_time_goes_on() -> None:
    """Within one width nothing moves: a sparkline does not shimmer."""
    series = series_of(*[(float(second), float(second % 7)) for second in range(100)])
    looks = {buckets(series, now=90.0 + tenth / 10, span=30.0, count=10) for tenth in range(30)}
    assert len(looks) == 1
    assert buckets(series, now=93.0, span=30.0, count=10)[:-1] == looks.pop()[1:]


def test_a_gap_is_none_and_is_not_bridged() -> None:
    """Where nobody could tell there is no value, neither before nor after by any mean."""
    series = series_of((0.0, 5.0), (1.0, None), (4.0, 5.0))
    assert buckets(series, now=4.5, span=5.0, count=5) == (5.0, None, None, None, 5.0)


def test_a_bucket_with_a_gap_and_values_has_the_values() -> None:
    """The mean is of what is known."""
    assert buckets(series_of((0.0, None), (1.0, 4.0)), now=1.5, span=2.0, count=1) == (4.0,)


def test_a_coarse_value_speaks_until_the_next_one() -> None:
    """Points every 15 seconds fill buckets of 5 seconds."""
    series = series_of((0.0, 1.0), (15.0, 2.0), (30.0, 3.0))
    assert buckets(series, now=34.0, span=35.0, count=7) == (1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0)


def test_no_value_speaks_for_long() -> None:
    """After `HOLD` seconds without a point nothing is claimed any more; nothing is claimed before the first one."""
    found = buckets(series_of((100.0, 1.0)), now=149.0, span=60.0, count=60)
    assert found[:10] == (None,) * 10
    assert found[10 : 11 + int(HOLD)] == (1.0,) * (1 + int(HOLD))
    assert set(found[11 + int(HOLD) :]) == {None}


@pytest.mark.parametrize("count", [1, 20])
def test_without_points_there_is_nothing(count: int) -> None:
    """An unknown row has empty buckets, not zeros."""
    assert buckets(NO_SERIES, now=1000.0, span=60.0, count=count) == (None,) * count


def test_the_last_value_and_the_greatest() -> None:
    """The newest is unknown where the newest point is a gap; the peak is of what is known."""
    series = series_of((0.0, 1.0), (1.0, 4.0), (2.0, None))
    assert (series.last, series.peak) == (None, 4.0)
    assert (NO_SERIES.last, NO_SERIES.peak) == (None, None)
