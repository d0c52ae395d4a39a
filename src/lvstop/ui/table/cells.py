"""What stands in a cell: a text and the meaning that gives it its style. Nothing here draws."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from lvstop import format as fmt
from lvstop.analysis.board import Row
from lvstop.analysis.shares import Share


class Slot(StrEnum):
    """The meaning of a text. Each is a component class of the table, and so a colour of the theme."""

    PLAIN = "plain"
    SERVER = "server"
    MUTED = "muted"
    UNKNOWN = "unknown"
    DRAINED = "drained"
    DOWN = "down"
    DRIFT = "drift"
    MATCH = "match"
    SPARK = "spark"
    SHARE = "share"
    MARKED = "marked"


class Cell(NamedTuple):
    """A text and what it means."""

    text: str
    slot: Slot = Slot.PLAIN


NOTHING = Cell("")
UNKNOWN = Cell(fmt.UNKNOWN, Slot.UNKNOWN)


def no_record(_row: Row) -> str:
    """Nothing is on record."""
    return ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a cell may show beyond its own row.

    Attributes:
        spark: the row's recent past on a director in so many buckets, oldest first; None is a bucket without a value.
        share: what a real server should get of its virtual server and what it gets.
        record: who drained a real server and when, where that is on record and there is room for it; else empty.
    """

    spark: Callable[[str, Row, int], tuple[float | None, ...]]
    share: Callable[[Row], Share | None]
    record: Callable[[Row], str] = no_record


# not up to the full block: rows would run into each other
_BARS = "▁▂▃▄▅▆▇"


@lru_cache(maxsize=1024)
def sparkline(values: tuple[float | None, ...]) -> str:
    """Values as bars between 0 and their greatest; a gap is a blank, 0 is the lowest bar."""
    top = max((value for value in values if value is not None), default=0.0)
    if top <= 0:
        return "".join(" " if value is None else _BARS[0] for value in values)
    steps = len(_BARS) - 1
    return "".join(" " if value is None else _BARS[round(max(0.0, value) / top * steps)] for value in values)


_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(part: float, width: int) -> str:
    """A horizontal bar of `part` (0–1) of `width` cells, to an eighth of a cell."""
    eighths = round(max(0.0, min(1.0, part)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)
