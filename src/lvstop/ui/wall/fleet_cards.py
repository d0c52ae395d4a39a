"""All clusters at once: a card for each where there is room, else a line for each, in as many columns as fit."""

from collections.abc import Sequence

from textual.content import Content

from lvstop.model.cluster import WORST_FIRST, Health
from lvstop.ui.wall.cards import BETWEEN, directors_line, grid, load, padded
from lvstop.ui.wall.large_cards import large_cards
from lvstop.ui.wall.words import SHAPE, WORD, OnWall, holder, troubles
from lvstop.ui.words import HEALTH_SIGN, HEALTH_STYLE

CARD = 30
"""Cells of a card without what is between two of them."""
_LINES = 6
_NARROWEST = 24
"""Cells of a line of a cluster that says how it is, its name and who holds its addresses."""


def fleet(clusters: Sequence[OnWall], width: int, height: int) -> list[Content]:
    """The lines of the view. Clusters keep their places: whoever looks up knows where his is."""
    large = large_cards(clusters, width, height)
    if large is not None:
        return large
    across = max(1, (width + BETWEEN) // (CARD + BETWEEN))
    rows = -(-len(clusters) // across)
    if rows * (_LINES + 1) - 1 <= height:
        card = (width + BETWEEN) // min(across, len(clusters)) - BETWEEN
        return grid([_card(each, min(card, 2 * CARD)) for each in clusters], across)
    columns = min(-(-len(clusters) // height), max(1, (width + BETWEEN) // (_NARROWEST + BETWEEN)))
    line = (width + BETWEEN) // columns - BETWEEN
    room = columns * height
    if len(clusters) <= room:
        return _columns([_line(each, line) for each in clusters], columns)
    worst_first = sorted(clusters, key=lambda each: WORST_FIRST.index(each.health))
    left = len(clusters) - room + 1
    rest = padded(Content.styled(f"and {left} more", "$muted"), line)
    return _columns([*(_line(each, line) for each in worst_first[: room - 1]), rest], columns)


def _columns(lines: Sequence[Content], columns: int) -> list[Content]:
    """From the top down, one column after the other."""
    rows = -(-len(lines) // columns)
    return [Content(" " * BETWEEN).join(lines[row::rows]) for row in range(rows)]


def _card(cluster: OnWall, width: int) -> list[Content]:
    snapshot, style = cluster.snapshot, HEALTH_STYLE[cluster.health]
    held = holder(snapshot)
    lines = [
        Content.styled(snapshot.name, "bold"),
        Content.styled(f"{SHAPE[cluster.health]} {WORD[cluster.health]}", f"bold {style}"),
        Content.styled(held.word, "bold" if held.known else f"bold {style}"),
        Content(load(snapshot)),
        directors_line(snapshot.directors),
        _said(cluster, style),
    ]
    return [padded(line, width) for line in lines]


def _said(cluster: OnWall, style: str) -> Content:
    """The worst of what is wrong; what is not known where nothing is."""
    for trouble in troubles(cluster, 1):
        quiet = bool(trouble.note) or cluster.health is Health.OK
        return Content.assemble((trouble.mark, "$muted"), (trouble.summary, "$muted" if quiet else style))
    return Content.styled(f"? {cluster.unknown[0]}" if cluster.unknown else "", "$muted")


def _line(cluster: OnWall, width: int) -> Content:
    """How it is and who holds its addresses; what is wrong, or what it carries, where there is room for that."""
    snapshot, style = cluster.snapshot, HEALTH_STYLE[cluster.health]
    held = holder(snapshot)
    names = max(8, min(16, (width - 2) // 3))
    name = Content.assemble((f"{HEALTH_SIGN[cluster.health]} ", f"bold {style}"), (_cell(snapshot.name, names), "bold"))
    who = Content.styled(f" {_cell(held.word, names)} ", "" if held.known else f"bold {style}")
    rest = _said(cluster, style) if troubles(cluster, 1) else Content(load(snapshot))
    return padded(name + who + rest, width)


def _cell(text: str, width: int) -> str:
    return f"{text:<{width}}" if len(text) <= width else f"{text[: width - 1]}…"
