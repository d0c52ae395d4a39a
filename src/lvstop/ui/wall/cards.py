"""What cards of all sizes have in common, and how they are put side by side."""

from collections.abc import Sequence

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.totals import active_connections, throughput
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.words import STATUS_SIGN, STATUS_STYLE

BETWEEN = 3
"""Cells between two cards."""


def grid(cards: Sequence[list[Content]], across: int) -> list[Content]:
    """Cards of the same size, so many in a row, a line between two rows."""
    lines: list[Content] = []
    for begin in range(0, len(cards), across):
        row = cards[begin : begin + across]
        lines += [Content(" " * BETWEEN).join(parts) for parts in zip(*row, strict=True)]
        lines.append(Content(""))
    return lines[:-1]


def padded(line: Content, width: int) -> Content:
    """Exactly so wide."""
    if line.cell_length > width:
        return line.truncate(width, ellipsis=True)
    return line.pad_right(width - line.cell_length)


def load(snapshot: ClusterSnapshot) -> str:
    """What it carries."""
    return f"{fmt.number(active_connections(snapshot))} conns  {fmt.bits(throughput(snapshot))}b/s"


def directors_line(directors: Sequence[DirectorSnapshot]) -> Content:
    """How far each can be trusted, and how old the oldest answer is."""
    parts = [
        Content.styled(f"{STATUS_SIGN[each.status]} {each.status}", STATUS_STYLE[each.status]) for each in directors
    ]
    ages = [each.age_seconds for each in directors if each.age_seconds is not None]
    oldest = Content.styled(f" {max(ages):.0f}s", "$muted") if ages else Content("")
    return Content(" ").join(parts) + oldest
