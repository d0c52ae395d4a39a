"""Few clusters on a large terminal: a card each whose state and holder are read at ten paces."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from textual.content import Content

from lvstop.ui.wall.cards import BETWEEN, directors_line, grid, load, padded
from lvstop.ui.wall.cluster_lines import trouble_lines
from lvstop.ui.wall.giant import giant
from lvstop.ui.wall.words import WORD, OnWall, holder
from lvstop.ui.words import HEALTH_SIGN, HEALTH_STYLE, muted

MOST = 12
"""More clusters are better seen in smaller cards."""

_AROUND = 6
"""Lines of a card beside its large letters: state, a sentence, load, directors, and two for what is wrong."""
_LEAST = 4
"""Lines of letters that are large; those of a cluster's name are never larger."""
_STATE = max(map(len, WORD.values())) + 7
"""Cells before a card's name: it stands in the same place whatever the state."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How cards are laid out.

    Attributes:
        width, height: of a card.
        letters: lines of the letters in which holders are written.
        empty: places without a card.
    """

    across: int
    width: int
    height: int
    letters: int
    empty: int

    @property
    def named(self) -> bool:
        """There is room for the cluster's name in large letters as well."""
        return self._spare > _LEAST + 1

    @property
    def airy(self) -> bool:
        """There is room for an empty line above the letters."""
        return self._spare > 0

    @property
    def _spare(self) -> int:
        return self.height - _AROUND - self.letters


def large_cards(clusters: Sequence[OnWall], width: int, height: int) -> list[Content] | None:
    """The lines of the view; None where the names of the directors do not fit in large letters.

    How the cards are laid out follows from the terminal and from the directors' names, which do not change: a cluster
    stays where it is, whatever happens to it.
    """
    if not 0 < len(clusters) <= MOST:
        return None
    names = {director.name for cluster in clusters for director in cluster.snapshot.directors}
    found = [_layout(names, len(clusters), across, width, height) for across in range(1, len(clusters) + 1)]
    best = max(found, key=lambda layout: (layout.letters, layout.named, -layout.empty))
    if best.letters < _LEAST:
        return None
    return grid([_card(cluster, best) for cluster in clusters], best.across)


def _layout(names: Collection[str], clusters: int, across: int, width: int, height: int) -> _Layout:
    rows = -(-clusters // across)
    card, lines = (width + BETWEEN) // across - BETWEEN, (height + 1) // rows - 1
    sizes = [len(giant(name, card, lines - _AROUND)) for name in names]
    # names of some letters are a line lower in the same size
    letters = max(sizes) if sizes and min(sizes) >= _LEAST else 0
    return _Layout(across, card, lines, letters, across * rows - clusters)


def _card(cluster: OnWall, layout: _Layout) -> list[Content]:
    """Exactly so large."""
    width, height = layout.width, layout.height
    style = HEALTH_STYLE[cluster.health]
    held = holder(cluster.snapshot)
    state = f"{HEALTH_SIGN[cluster.health] * 3}  {WORD[cluster.health]}"
    band = f" {state:<{_STATE}}{cluster.snapshot.name}"
    name = giant(cluster.snapshot.name, width, _LEAST) if layout.named else ()
    lines = [
        padded(Content(band), width).stylize(f"bold reverse {style}"),
        *([Content("")] if layout.airy else []),
        *(Content.styled(line, "$muted") for line in name),
        *([Content("")] if name else []),
        *(Content.styled(line, "bold" if held.known else f"bold {style}") for line in _letters(held.word, layout)),
        Content("") if held.known else Content.styled(held.below, style),
        Content(load(cluster.snapshot)),
        directors_line(cluster.snapshot.directors),
    ]
    room = height - len(lines)
    lines += _below(cluster, width, room)[:room]
    lines += [Content("")] * (height - len(lines))
    return [padded(line, width) for line in lines[:height]]


def _letters(word: str, layout: _Layout) -> Sequence[str]:
    """As high in every card, whatever is written: what stands below stays where it is."""
    lines = giant(word, layout.width, layout.letters)
    return [*lines, *[""] * (layout.letters - len(lines))]


def _below(cluster: OnWall, width: int, room: int) -> list[Content]:
    """What is wrong, else what is not known."""
    wrong = trouble_lines(cluster, width, most=max(1, room // 2))
    if wrong or not cluster.unknown:
        return wrong
    return [muted(f"? {cluster.unknown[0]}")]
