"""The axes of a chart: where ticks stand and what they say."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lvstop import format as fmt

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TOPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TIME_STEPS = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 150.0, 180.0, 300.0, 450.0, 600.0, 900.0)
_TIME_LABEL = 9
"""Cells that a label of the time axis needs, with the blank beside it."""


class Unit(Enum):
    """What a chart counts: by what its values are multiplied, and whether a part of one makes sense."""

    COUNT = (1.0, True)
    PER_SECOND = (1.0, False)
    BITS = (8.0, False)

    @property
    def factor(self) -> float:
        """From a recorded value to what the axis shows: bytes are shown as bits."""
        return self.value[0]

    @property
    def whole(self) -> bool:
        """Ticks stand at whole numbers only."""
        return self.value[1]

    def label(self, value: float) -> str:
        """A value of the axis in as few characters as possible."""
        if self is Unit.BITS:
            return fmt.bits(value / self.factor).replace(".0", "")
        if self is Unit.COUNT:
            return fmt.number(round(value))
        return fmt.number(int(value)) if value == int(value) else f"{value:g}"

    def tell(self, value: float | None) -> str:
        """A recorded value for the legend."""
        if self is Unit.BITS:
            return fmt.bits(value)
        if self is Unit.COUNT:
            return fmt.number(None if value is None else round(value))
        return fmt.per_second(value)


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """From 0 to `top`; `ticks` are values, 0 and `top` among them."""

    top: float
    ticks: tuple[float, ...]


def value_axis(peak: float, *, most: int, whole: bool) -> ValueAxis:
    """The axis that has room for `peak` with the least empty space above it.

    Args:
        most: intervals between ticks that there is room for.
        whole: ticks stand at whole numbers only.
    """
    if peak <= 0:
        return ValueAxis(1.0, (0.0, 1.0))
    found: tuple[float, int] | None = None
    for count in range(max(1, most), 0, -1):
        step = _least_step(peak / count, _STEPS if count > 1 else _TOPS, whole=whole)
        # an axis with more ticks is worth a little empty space
        if found is None or step * count < 0.8 * found[0] * found[1]:
            found = (step, count)
    step, count = found or (1.0, 1)
    # intervals that the curves do not reach are left out
    count = max(1, math.ceil(peak / step - 1e-9))
    return ValueAxis(step * count, tuple(step * number for number in range(count + 1)))


def _least_step(at_least: float, steps: Sequence[float], *, whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(at_least))
    candidates = [step * scale for scale in (power, power * 10.0, power * 100.0) for step in steps]
    # 1e-9: 0.1 × 3 is a little more than 0.3
    fitting = (each for each in candidates if each >= at_least * (1 - 1e-9))
    return next((each for each in fitting if not whole or each == int(each)), 1.0)


def time_ticks(span: float, width: int) -> list[tuple[int, str]]:
    """Columns and labels of the last `span` seconds in `width` columns, oldest first: `-10 min`, …, `now`."""
    room = max(1, width // _TIME_LABEL)
    # minutes are not told in halves, unless it is the middle
    even = (each for each in _TIME_STEPS if span <= 60 or each % 60 == 0 or each * 2 == span)
    step = next((each for each in even if span % each == 0 and span / each <= room), span)
    count = round(span / step)
    return [
        (round((width - 1) * (1 - number / count)), _ago(number * step, seconds=step < 60 and span <= 60))
        for number in range(count, -1, -1)
    ]


def _ago(seconds_ago: float, *, seconds: bool) -> str:
    if seconds_ago == 0:
        return "now"
    if seconds:
        return f"-{seconds_ago:.0f} s"
    return f"-{seconds_ago / 60:g} min"
