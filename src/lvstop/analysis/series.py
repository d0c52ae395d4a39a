"""Values over time, as charts and sparklines take them: named, in order of time, with gaps that stay gaps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lvstop.model.address import RealServerKey, VirtualServerKey

Point = tuple[float, float | None]
"""Seconds on the time axis (`ClusterSnapshot.generated_at`, as a POSIX timestamp) and a value; None is a gap."""

HOLD = 20.0
"""A value speaks until the next point, and for so many seconds at most: the coarse past has one every 15 seconds."""


class Field(StrEnum):
    """What is recorded of a row: connections now, and per second new connections and bytes."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    CONNECTIONS = "connections/s"
    IN_BYTES = "in bytes/s"
    OUT_BYTES = "out bytes/s"


@dataclass(frozen=True, slots=True)
class RowKey:
    """A row of one director's table over time.

    Attributes:
        virtual_server: None for the total of the whole director.
        real_server: None for the total of the virtual server.
    """

    director: str
    virtual_server: VirtualServerKey | None = None
    real_server: RealServerKey | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One value of one row over time, oldest first. The first point may be older than what was asked for.

    A point whose value is None is a moment at which nobody could tell. Where there are no points nobody looked.
    """

    points: tuple[Point, ...]

    @property
    def last(self) -> float | None:
        """The newest value; None where it is unknown or where there is none."""
        return self.points[-1][1] if self.points else None

    @property
    def peak(self) -> float | None:
        """The greatest value; None where none is known."""
        return max((value for _, value in self.points if value is not None), default=None)


NO_SERIES = Series(())


def buckets(series: Series, *, now: float, span: float, count: int) -> tuple[float | None, ...]:
    """The mean of each of `count` equal parts of the last `span` seconds, oldest first; the last one contains `now`.

    The parts stand at multiples of their width on the time axis: a sparkline moves on by whole bars and does not
    shimmer. A part without a point of its own has the value of the point before it, for `HOLD` seconds at most; after a
    gap, before the first point, and where all points are gaps it is None.
    """
    width = span / count
    first = math.floor(now / width) - count + 1
    points = series.points
    index, held = 0, None
    means: list[float | None] = []
    for number in range(first, first + count):
        start = number * width
        end = start + width
        while index < len(points) and points[index][0] < start:
            held = points[index]
            index += 1
        begin = index
        while index < len(points) and points[index][0] < end:
            index += 1
        if index > begin:
            held = points[index - 1]
            means.append(_mean(points[begin:index]))
        else:
            means.append(held[1] if held is not None and start - held[0] <= HOLD else None)
    return tuple(means)


def _mean(points: Sequence[Point]) -> float | None:
    values = [value for _, value in points if value is not None]
    return sum(values) / len(values) if values else None
