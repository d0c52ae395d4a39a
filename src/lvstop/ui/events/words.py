"""Kinds of events as an operator reads them: a sign, a word and a meaning that gives the colour."""

from datetime import UTC
from enum import StrEnum
from typing import NamedTuple

from lvstop.model.event import Event, EventKind


class Tone(StrEnum):
    """What colours a kind; each is a component class of the list. It repeats what sign and word say."""

    ASKING = "asking"
    VRRP = "vrrp"
    TABLE = "table"
    WEIGHT = "weight"
    CRITICAL = "critical"
    WARNING = "warning"
    GOOD = "good"


class KindWord(NamedTuple):
    """A kind in a cell."""

    sign: str
    word: str
    tone: Tone


KIND_WORDS = {
    EventKind.DIRECTOR: KindWord("◆", "director", Tone.ASKING),
    EventKind.KEEPALIVED: KindWord("◇", "keepalived", Tone.ASKING),
    EventKind.VRRP: KindWord("●", "VRRP", Tone.VRRP),
    EventKind.VIP: KindWord("◉", "VIP", Tone.VRRP),
    EventKind.VIRTUAL_SERVER: KindWord("▣", "virtual server", Tone.TABLE),
    EventKind.REAL_SERVER: KindWord("▪", "real server", Tone.TABLE),
    EventKind.WEIGHT: KindWord("≡", "weight", Tone.WEIGHT),
    EventKind.ALERT: KindWord("▲", "alert", Tone.WARNING),
    EventKind.CHANGE: KindWord("◈", "change", Tone.WEIGHT),
}
KIND_WIDTH = 2 + max(len(each.word) for each in KIND_WORDS.values())
_CRITICAL = KindWord("✖", "alert", Tone.CRITICAL)
_CLEARED = KindWord("✔", "alert", Tone.GOOD)


def kind_word(event: Event) -> KindWord:
    """Alerts by what became of them: raised (and how bad), or cleared."""
    if event.kind is EventKind.ALERT:
        if event.summary.startswith("cleared:"):
            return _CLEARED
        if event.summary.removeprefix("now ").startswith("critical:"):
            return _CRITICAL
    return KIND_WORDS[event.kind]


def printable(text: str) -> str:
    """No control character of what a director said reaches the terminal."""
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)


def day(event: Event) -> str:
    """`Sun 22 Nov 2026`, in UTC."""
    return f"{event.at.astimezone(UTC):%a %-d %b %Y}"
