"""What keepalived has lately logged of states and reloads: `now SECONDS` by the same clock, then lines of journal."""

import re
from dataclasses import dataclass
from typing import Final

from lvstop.model.moves import InstanceEntered
from lvstop.model.sounding import Transition
from lvstop.probe.parse.keepalived_words import read_epoch
from lvstop.probe.parse.moves import parse_move
from lvstop.probe.parse.numbers import read_float

_RELOAD_SECONDS: Final = 5.0
"""keepalived before 2.2 logs only that a reload begins; afterwards it takes a moment."""

_BEGINS: Final = re.compile(r"^([0-9]{1,10})\.[0-9]+ .*\]: .*\bReloading\b")
_ENDS: Final = re.compile(r"^([0-9]{1,10})\.[0-9]+ .*\]: .*\bReload complete\b")
_NOW: Final = re.compile(r"now ([0-9]{1,10}(?:\.[0-9]{1,9})?)")


@dataclass(frozen=True, slots=True)
class KeepalivedLog:
    """Transitions by the director's clock, the oldest first, and whether a reload has begun and not ended."""

    transitions: tuple[Transition, ...]
    reloading: bool


def parse_keepalived_log(text: str) -> KeepalivedLog:
    """All that is understood; most of a log is about other things."""
    now, began, ended = 0.0, -1.0, -1.0
    transitions: list[Transition] = []
    for line in text.splitlines():
        if match := _NOW.fullmatch(line):
            now = read_float(match[1]) or 0.0
        elif match := _BEGINS.match(line):
            began = float(match[1])
        elif match := _ENDS.match(line):
            ended = float(match[1])
        elif isinstance(move := parse_move(line.encode()), InstanceEntered):
            at = read_epoch(move.stamp)
            if at is not None:
                transitions.append(Transition(move.instance, move.state, at))
    reloading = began >= 0 and ended < began and now - began < _RELOAD_SECONDS
    return KeepalivedLog(tuple(sorted(transitions, key=lambda each: each.at)), reloading)
