"""Curves as Braille dots: two columns and four rows of them in a cell of the terminal."""

from collections.abc import Sequence
from itertools import groupby

from lvstop.ui.chart.curve import Extent

ACROSS, DOWN = 2, 4
BLANK = -1
"""Stands for the owner of a cell in which there is no dot."""

_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Bits of a cell's dots by column and row, from the bottom."""

_BRAILLE = 0x2800
_PATTERNS = ((True,), (True, True, True, False, False), (True, False, False), (True, True, True, False, True, False))
"""How curves are told apart without colours: solid, dashed, dotted, and both by turns."""


class Canvas:
    """Dots, and which curve each cell belongs to. Where curves share a cell, the one that is drawn last has it."""

    def __init__(self, width: int, height: int) -> None:
        """`width` and `height` in cells."""
        self._bits = [[0] * width for _ in range(height)]
        self._owners = [[BLANK] * width for _ in range(height)]
        self._dots = height * DOWN

    def draw(self, curve: Sequence[Extent | None], top: float, number: int) -> None:
        """Draw a curve, a column of dots for each of its extents, in the pattern of its number."""
        pattern = _PATTERNS[number % len(_PATTERNS)]
        for column, extent in enumerate(curve):
            if extent is None:
                continue
            low, high = self._dot(extent[0], top), self._dot(extent[1], top)
            # what is steep is drawn in any case: a peak is no place for a hole
            if high - low < 2 and not pattern[column % len(pattern)]:
                continue
            for dot in range(low, high + 1):
                self._set(column, dot, number)

    def rows(self) -> list[list[tuple[str, int]]]:
        """Each row from the top, as pieces of text and their owners."""
        return [_pieces(bits, owners) for bits, owners in zip(self._bits, self._owners, strict=True)]

    def _dot(self, value: float, top: float) -> int:
        return max(0, min(self._dots - 1, round(value / top * (self._dots - 1))))

    def _set(self, column: int, dot: int, number: int) -> None:
        row, x = len(self._bits) - 1 - dot // DOWN, column // ACROSS
        self._bits[row][x] |= _BITS[column % ACROSS][dot % DOWN]
        self._owners[row][x] = number


def _pieces(bits: Sequence[int], owners: Sequence[int]) -> list[tuple[str, int]]:
    pieces: list[tuple[str, int]] = []
    for owner, group in groupby(zip(owners, bits, strict=True), key=lambda cell: cell[0]):
        text = "".join(" " if owner == BLANK else chr(_BRAILLE | dots) for _, dots in group)
        pieces.append((text, owner))
    return pieces


def row_of(value: float, top: float, height: int) -> int:
    """The row of cells, from the top, in which a value's dot is."""
    dots = height * DOWN
    return height - 1 - max(0, min(dots - 1, round(value / top * (dots - 1)))) // DOWN


def sample(number: int, width: int = 3) -> str:
    """A piece of a curve's pattern for the legend."""
    canvas = Canvas(width, 1)
    canvas.draw([(0.5, 0.5)] * (width * ACROSS), 1.0, number)
    return "".join(text for text, _ in canvas.rows()[0]).replace(" ", chr(_BRAILLE))
