"""What the wall says, read from its terminal by the words and the large letters on it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lvstop.ui.wall.giant import giant

WIDTH, HEIGHT = 120, 40

_STATE = re.compile(r"(?:███|▲▲▲|✖✖✖|\? \? \?) (OK|WARNING|CRITICAL|UNKNOWN)\b")
_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d) UTC")
_DIRECTOR = re.compile(r"[◌●▲?✖] (\S+) (connecting|live|degraded|stale|unreachable)\b")
_ALERT = re.compile(r"^ *([·▲✖]) (?=\S)")
_NO_NAMES = ("NOBODY", "TWO AT ONCE", "unknown", "connecting")


@dataclass(frozen=True, slots=True)
class Reading:
    """The wall at one moment.

    Attributes:
        second: of the day, by the clock on it; None where there is none.
        state: OK, WARNING, CRITICAL or UNKNOWN; empty where it says nothing of that.
        holder: the large word; empty where it is none of those that can be there.
        directors: how each is, by its name.
        alerts: how many are shown.
        grave: the first lines of those that are more than a note.
        text: all of it.
    """

    second: int | None
    state: str
    holder: str
    directors: Mapping[str, str]
    alerts: int
    grave: tuple[str, ...]
    text: str


def read(rows: Sequence[str], names: Sequence[str]) -> Reading:
    """What is on the screen, of a cluster with directors of these names."""
    text = "\n".join(rows)
    clock, state = _CLOCK.search(text), _STATE.search(text)
    second = (
        None
        if clock is None
        else sum(int(part) * unit for part, unit in zip(clock.groups(), (3600, 60, 1), strict=True))
    )
    at = next((place for place, row in enumerate(rows) if _DIRECTOR.search(row)), len(rows))
    alerts = [(sign[1], row.strip()) for row in rows[at + 1 :] if (sign := _ALERT.match(row)) is not None]
    return Reading(
        second,
        "" if state is None else state[1],
        _large(rows, tuple(names)),
        dict(_DIRECTOR.findall(text)),
        len(alerts),
        tuple(row for sign, row in alerts if sign != "·"),
        text,
    )


def _large(rows: Sequence[str], names: tuple[str, ...]) -> str:
    """The word whose letters, in any of their sizes, stand below one another."""
    stripped = [row.strip() for row in rows]
    for word, variants in _shapes(names).items():
        for shape in variants:
            begins = [at for at, row in enumerate(stripped) if row == shape[0]]
            if any(tuple(stripped[at : at + len(shape)]) == shape for at in begins):
                return word
    return ""


@cache
def _shapes(names: tuple[str, ...]) -> Mapping[str, set[tuple[str, ...]]]:
    heights = range(1, HEIGHT)
    return {
        word: {tuple(line.strip() for line in giant(word, WIDTH - 3, height)) for height in heights}
        for word in (*names, *_NO_NAMES)
    }
