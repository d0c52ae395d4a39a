"""The sum of several rows over time, made once from their past and carried on snapshot by snapshot."""

from collections import deque
from collections.abc import Sequence

from lvstop.analysis.history import KEPT
from lvstop.analysis.series import Point, Series, buckets

_STEP = 5.0
"""Seconds between two points of the past: rows are recorded at moments of their own."""


class RunningSum:
    """One value summed over rows: a chart of hundreds of rows must not add up all their pasts every second."""

    def __init__(self) -> None:
        self._points: deque[Point] = deque()

    def begin(self, parts: Sequence[Series], *, now: float) -> None:
        """Start with the past of the rows, before `now`."""
        self._points = deque(point for point in summed(parts, now=now) if point[0] < now)

    def append(self, at: float, value: float | None) -> None:
        """The sum now. A moment that is not after the last one is not recorded."""
        points = self._points
        if points and at <= points[-1][0]:
            return
        points.append((at, value))
        while points[0][0] < at - KEPT:
            points.popleft()

    @property
    def series(self) -> Series:
        """What is known, oldest first."""
        return Series(tuple(self._points))


def summed(parts: Sequence[Series], *, now: float) -> list[Point]:
    """Several series added up.

    A row that was not there then adds nothing; where no row has a value the sum is unknown: rows of one director are
    unknown together.
    """
    count = round(KEPT / _STEP)
    columns = [buckets(part, now=now, span=KEPT, count=count) for part in parts]
    start = (now // _STEP - count + 1) * _STEP + _STEP / 2
    sums: list[Point] = []
    for number, values in enumerate(zip(*columns, strict=True)):
        known = [value for value in values if value is not None]
        sums.append((start + number * _STEP, sum(known) if known else None))
    known_at = next((index for index, (_, value) in enumerate(sums) if value is not None), len(sums))
    return sums[known_at:]
