"""Moments that many sessions share: woken together, they cost half of what each costs by itself."""

import math

SLOT = 0.05
"""Seconds between two of these moments. Nobody sees a look that comes so much later."""


def next_slot(due: float) -> float:
    """The first shared moment that is not before `due`, on the same monotonic clock."""
    return math.ceil(due / SLOT) * SLOT
