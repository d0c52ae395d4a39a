"""From points in time to what each column of dots shows of them."""

import math
from collections.abc import Sequence

from lvstop.analysis.series import HOLD, Point

JOINED = 6.0
"""Seconds between two points from which on no line is drawn between them: how the value got there is not known."""

Extent = tuple[float, float]
"""The least and the greatest value that a curve has within one column."""


def extents(points: Sequence[Point], *, now: float, span: float, count: int) -> list[Extent | None]:
    """What a curve passes through in each of `count` columns of the last `span` seconds; the last one contains `now`.

    Neighbouring points are joined, so that no peak is lost however many points share a column. Of points that are more
    than `JOINED` apart the first one holds until the next, as a step: a line would claim a slope that nobody saw. It
    holds for `HOLD` at most, and a column that no one spoke for is None. Columns stand at multiples of their width on
    the time axis: a chart moves on by whole columns and does not shimmer.
    """
    curve = _Curve(now, span / count, count)
    before: tuple[float, float] | None = None
    for at, value in points:
        if value is None:
            if before is not None and at - before[0] <= HOLD:
                # not in the column in which it ceased
                curve.hold(before, curve.place(at) - 1)
            before = None
            continue
        if before is not None and at - before[0] <= JOINED:
            curve.join(before, (at, value))
        elif before is not None and at - before[0] <= HOLD:
            curve.step(before, (at, value))
        else:
            curve.join((at, value), (at, value))
        before = (at, value)
    if before is not None and now > before[0]:
        curve.hold(before, curve.place(min(now, before[0] + HOLD)))
    return curve.columns


class _Curve:
    """Columns that are being filled."""

    def __init__(self, now: float, width: float, count: int) -> None:
        self.columns: list[Extent | None] = [None] * count
        self._width = width
        self._first = math.floor(now / width) - count + 1

    def hold(self, point: tuple[float, float], until: int) -> None:
        """A value speaks up to this column until the next one is known."""
        for place in range(max(0, self.place(point[0])), min(until, len(self.columns) - 1) + 1):
            self._widen(place, point[1], point[1])

    def step(self, one: tuple[float, float], other: tuple[float, float]) -> None:
        """A value that holds, and then is another one."""
        last = self.place(other[0])
        self.hold(one, last)
        if 0 <= last < len(self.columns):
            self._widen(last, one[1], other[1])

    def join(self, one: tuple[float, float], other: tuple[float, float]) -> None:
        """A straight line between two points."""
        (start, low), (end, high) = one, other
        begin, last = self.place(start), self.place(end)
        if begin == last:
            if 0 <= begin < len(self.columns):
                self._widen(begin, low, high)
            return
        slope = (high - low) / (end - start)
        for place in range(max(0, begin), min(last, len(self.columns) - 1) + 1):
            left = (place + self._first) * self._width
            enters = low + slope * (max(start, left) - start)
            leaves = low + slope * (min(end, left + self._width) - start)
            self._widen(place, enters, leaves)

    def place(self, at: float) -> int:
        """The column of a moment; those before the first are negative."""
        return math.floor(at / self._width) - self._first

    def _widen(self, place: int, one: float, other: float) -> None:
        least, greatest = (one, other) if one <= other else (other, one)
        known = self.columns[place]
        if known is not None:
            least, greatest = min(least, known[0]), max(greatest, known[1])
        self.columns[place] = (least, greatest)
