"""Which notices stay on the screen when there are many: the newest ones, as far as they leave the upper part free."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.notifications import Notification

SHARE = 0.4
"""Of the height of the terminal. The badge, the directors and the holder of the VIP stand above that."""

_WIDEST = 60
"""Columns of a notice, at most; and half of what is there beside the rack's hidden scroll bar."""
_SCROLLBAR = 2
_AROUND = 3
"""Columns of a notice that are not its text (border, padding), and lines (padding, margin)."""


def outdated(shown: Sequence[Notification], new: Notification, size: Size) -> Sequence[Notification]:
    """Those of the notices on the screen, oldest first, that give way to a new one: what says the same, and too much.

    Args:
        size: of the terminal.
    """
    room = SHARE * size.height - lines_of(new, size.width)
    gone = []
    for each in reversed(shown):
        if (each.title, each.message) == (new.title, new.message):
            gone.append(each)
            continue
        room -= lines_of(each, size.width)
        if room < 0:
            gone.append(each)
    return gone


def lines_of(notice: Notification, width: int) -> int:
    """How many lines it takes on a terminal of so many columns; no fewer than that where there is markup in it."""
    parts = [Content(notice.title), Content(notice.message)] if notice.title else [Content(notice.message)]
    return sum(len(part.wrap(max(1, min(_WIDEST, (width - _SCROLLBAR) // 2) - _AROUND))) for part in parts) + _AROUND
