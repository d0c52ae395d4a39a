"""All clusters at once: a card for each where there is room, else a line for each, in as many columns as fit."""

from collections.abc import Sequence

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.totals import active_connections, throughput
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.wall.words import SHAPE, WORD, holder, worst
from lvstop.ui.words import HEALTH_SIGN, HEALTH_STYLE, STATUS_SIGN, STATUS_STYLE

CARD = 30
"""Cells of a card without what is between two of them."""
_BETWEEN = 3
_LINES = 6
_NARROWEST = 24
"""Cells of a line of a cluster that says how it is, its name and who holds its addresses."""
_WORST_FIRST = (Health.CRITICAL, Health.UNKNOWN, Health.WARNING, Health.OK)


def fleet(snapshots: Sequence[ClusterSnapshot], width: int, height: int) -> list[Content]:
    """The lines of the view. Clusters keep their places: whoever looks up knows where his is."""
    across = max(1, (width + _BETWEEN) // (CARD + _BETWEEN))
    rows = -(-len(snapshots) // across)
    if rows * (_LINES + 1) - 1 <= height:
        card = (width + _BETWEEN) // min(across, len(snapshots)) - _BETWEEN
        return _grid([_card(each, min(card, 2 * CARD)) for each in snapshots], across)
    columns = min(-(-len(snapshots) // height), max(1, (width + _BETWEEN) // (_NARROWEST + _BETWEEN)))
    line = (width + _BETWEEN) // columns - _BETWEEN
    room = columns * height
    if len(snapshots) <= room:
        return _columns([_line(each, line) for each in snapshots], columns)
    worst_first = sorted(snapshots, key=lambda each: _WORST_FIRST.index(each.health))
    left = len(snapshots) - room + 1
    rest = _fitted(Content.styled(f"and {left} more", "$muted"), line)
    return _columns([*(_line(each, line) for each in worst_first[: room - 1]), rest], columns)


def _grid(cards: Sequence[list[Content]], across: int) -> list[Content]:
    lines: list[Content] = []
    for begin in range(0, len(cards), across):
        row = cards[begin : begin + across]
        lines += [Content(" " * _BETWEEN).join(parts) for parts in zip(*row, strict=True)]
        lines.append(Content(""))
    return lines[:-1]


def _columns(lines: Sequence[Content], columns: int) -> list[Content]:
    """From the top down, one column after the other."""
    rows = -(-len(lines) // columns)
    return [Content(" " * _BETWEEN).join(lines[row::rows]) for row in range(rows)]


def _card(snapshot: ClusterSnapshot, width: int) -> list[Content]:
    style = HEALTH_STYLE[snapshot.health]
    held = holder(snapshot)
    alerts = worst(snapshot, 1)
    said = alerts[0].summary if alerts else ""
    lines = [
        Content.styled(snapshot.name, "bold"),
        Content.styled(f"{SHAPE[snapshot.health]} {WORD[snapshot.health]}", f"bold {style}"),
        Content.styled(held.word, "bold" if held.known else f"bold {style}"),
        Content(_load(snapshot)),
        _directors(snapshot.directors),
        Content.styled(said, "$muted" if snapshot.health is Health.OK else style),
    ]
    return [_fitted(line, width) for line in lines]


def _line(snapshot: ClusterSnapshot, width: int) -> Content:
    """How it is and who holds its addresses; what is wrong, or what it carries, where there is room for that."""
    style = HEALTH_STYLE[snapshot.health]
    held = holder(snapshot)
    names = max(8, min(16, (width - 2) // 3))
    name = Content.assemble(
        (f"{HEALTH_SIGN[snapshot.health]} ", f"bold {style}"), (_cell(snapshot.name, names), "bold")
    )
    who = Content.styled(f" {_cell(held.word, names)}", "" if held.known else f"bold {style}")
    alerts = worst(snapshot, 1)
    rest = f" {alerts[0].summary}" if alerts else f" {_load(snapshot)}"
    return _fitted(name + who + Content.styled(rest, style if alerts else ""), width)


def _cell(text: str, width: int) -> str:
    return f"{text:<{width}}" if len(text) <= width else f"{text[: width - 1]}…"


def _load(snapshot: ClusterSnapshot) -> str:
    return f"{fmt.number(active_connections(snapshot))} conns  {fmt.bits(throughput(snapshot))}b/s"


def _directors(directors: Sequence[DirectorSnapshot]) -> Content:
    parts = [
        Content.styled(f"{STATUS_SIGN[each.status]} {each.status}", STATUS_STYLE[each.status]) for each in directors
    ]
    ages = [each.age_seconds for each in directors if each.age_seconds is not None]
    oldest = Content.styled(f" {max(ages):.0f}s", "$muted") if ages else Content("")
    return Content(" ").join(parts) + oldest


def _fitted(line: Content, width: int) -> Content:
    """Exactly so wide."""
    if line.cell_length > width:
        return line.truncate(width, ellipsis=True)
    return line.pad_right(width - line.cell_length)
