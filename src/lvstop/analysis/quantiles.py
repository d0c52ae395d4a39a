"""What is usual among some numbers, and what is rare."""

from collections.abc import Iterable


def quantile(values: Iterable[float], part: float) -> float | None:
    """The value that `part` (0–1) of the values do not exceed: the nearest rank; None of no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    rank = min(len(ordered) - 1, max(0, -int(-part * len(ordered) // 1) - 1))
    return ordered[rank]
