"""Sums over time: what is unknown stays so, and what is past is not added up again."""

from lvstop.analysis.combined import RunningSum, summed
from lvstop.analysis.history import KEPT
from lvstop.analysis.series import NO_SERIES, Series

NOW = 1_000_000.0


def steady(value: float | None, since: float = 60.0, every: float = 1.0) -> Series:
    """A value at equal distances up to now."""
    return Series(tuple((NOW - since + step * every, value) for step in range(int(since / every) + 1)))


def test_rows_are_added_up_whatever_their_pace() -> None:
    """One is recorded every second and one every 15."""
    points = summed([steady(2.0), steady(3.0, every=15.0)], now=NOW)
    assert {value for _, value in points} == {5.0}


def test_a_row_that_came_later_adds_nothing_before() -> None:
    """It was not there."""
    values = [value for _, value in summed([steady(2.0), steady(3.0, since=20.0)], now=NOW)]
    assert (values[0], values[-1]) == (2.0, 5.0)


def test_where_no_row_is_known_the_sum_is_unknown() -> None:
    """A director that did not answer has no 0 connections."""
    gap = Series(((NOW - 40, 1.0), (NOW - 35, None), (NOW - 10, 1.0)))
    values = [value for _, value in summed([gap, gap], now=NOW)]
    assert None in values
    assert set(values) <= {None, 2.0}


def test_nothing_makes_nothing() -> None:
    """No rows, and rows without a past."""
    assert summed([], now=NOW) == []
    assert summed([NO_SERIES], now=NOW) == []


def test_a_running_sum_goes_on_from_the_past() -> None:
    """A moment is recorded once, and what is too old is forgotten."""
    running = RunningSum()
    running.begin([steady(2.0)], now=NOW)
    running.append(NOW, 7.0)
    running.append(NOW, 8.0)
    running.append(NOW + 1, None)
    assert running.series.points[-2:] == ((NOW, 7.0), (NOW + 1, None))
    running.append(NOW + 2 * KEPT, 1.0)
    assert running.series.points == ((NOW + 2 * KEPT, 1.0),)
