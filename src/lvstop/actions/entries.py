"""What operators type: a weight, a length of time."""

import re
from collections.abc import Sequence
from datetime import timedelta

from lvstop.actions.intent import AddWeight, Intent, Row, ScaleWeight, SetWeight

GREATEST = 65535
"""The greatest weight that every ipvsadm takes (1.31; Debian's takes more)."""

WEIGHT_FORMS = "5  +1  -1  50%"
SPAN_FORMS = "30m  2h  1d"

_PLAIN = re.compile(r"\d+", re.ASCII)
_DELTA = re.compile(r"[+-]\d+", re.ASCII)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%", re.ASCII)
_SPAN = re.compile(r"(\d+)\s*([mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_weight(text: str, rows: Sequence[Row]) -> Intent:
    """`5` sets a weight, `+1` and `-1` add to it, `50%` is a part of what keepalived means it to be.

    Raises:
        ValueError: it is none of these; the text is a sentence.
    """
    word = text.strip().replace("−", "-")
    if _PLAIN.fullmatch(word):
        if int(word) > GREATEST:
            raise ValueError(f"{word} is too much: a weight is at most {GREATEST}")
        return SetWeight(tuple(rows), int(word))
    if _DELTA.fullmatch(word):
        if not 0 < abs(int(word)) <= GREATEST:
            raise ValueError(f"{word} is no difference between two weights")
        return AddWeight(tuple(rows), int(word))
    percent = _PERCENT.fullmatch(word)
    if percent and 0 < float(percent[1]) <= GREATEST:
        return ScaleWeight(tuple(rows), float(percent[1]))
    raise ValueError(f"{text.strip()!r} is no weight: {WEIGHT_FORMS}")


def parse_span(text: str) -> timedelta | None:
    """`30m`, `2h`, `1d`; None for nothing.

    Raises:
        ValueError: it is none of these; the text is a sentence.
    """
    word = text.strip()
    if not word:
        return None
    match = _SPAN.fullmatch(word)
    if match is None or not 0 < int(match[1]) < 10_000:
        raise ValueError(f"{word!r} is no length of time: {SPAN_FORMS}")
    return int(match[1]) * _UNITS[match[2]]
