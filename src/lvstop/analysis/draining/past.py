"""What the past of a draining row says: how many connections there were at first, and when there will be none."""

from collections.abc import Sequence

from lvstop.analysis.history import KEPT, History
from lvstop.analysis.series import HOLD, Field, RowKey

WINDOW = 60.0
"""Seconds of the past that a forecast is made from."""

LEAST_POINTS = 3
LEAST_SECONDS = 5.0
"""So much of the past is the least that a forecast follows from."""

LONGEST = 86_400.0
"""Seconds. Who falls so slowly that it takes a day does not fall."""

KnownPoint = tuple[float, float]


def past_of(history: History, keys: Sequence[RowKey], fields: Sequence[Field], now: float) -> list[KnownPoint]:
    """The sum of some values of one row on some directors, at the moments at which all of them are known.

    Args:
        now: POSIX timestamp.
    """
    sums: dict[float, list[float]] = {}
    for key in keys:
        for field in fields:
            for at, value in history.series(key, field, span=KEPT).points:
                if value is not None and at <= now:
                    sums.setdefault(at, []).append(value)
    wanted = len(keys) * len(fields)
    return sorted((at, sum(values)) for at, values in sums.items() if len(values) == wanted)


def first_known(past: Sequence[KnownPoint], since: float) -> int | None:
    """The value at a moment, or the first that was seen after it."""
    before = [value for at, value in past if since - HOLD <= at <= since]
    after = [value for at, value in past if at > since]
    found = before[-1:] or after[:1]
    return round(found[0]) if found else None


def seconds_left(past: Sequence[KnownPoint], now: float) -> float | None:
    """When a value that falls as it did over the last minute will be 0; None where it does not fall, or who knows.

    The line through the points is that of least squares; it begins at the newest value.
    """
    recent = [point for point in past if now - WINDOW <= point[0]]
    if len(recent) < LEAST_POINTS or recent[-1][0] - recent[0][0] < LEAST_SECONDS or now - recent[-1][0] > HOLD:
        return None
    mean_at = sum(at for at, _ in recent) / len(recent)
    mean = sum(value for _, value in recent) / len(recent)
    slope = sum((at - mean_at) * (value - mean) for at, value in recent) / sum((at - mean_at) ** 2 for at, _ in recent)
    if slope >= 0:
        return None
    seconds = recent[-1][1] / -slope - (now - recent[-1][0])
    return max(0.0, seconds) if seconds <= LONGEST else None
