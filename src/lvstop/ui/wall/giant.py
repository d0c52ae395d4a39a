"""Words in letters of several lines, as large as there is room."""

from collections.abc import Sequence
from functools import cache, lru_cache

from pyfiglet import Figlet

_FONTS = ("bigmono12", "mono12", "mono9", "smblock")
"""From large to small. All of them keep the case of a name, in which directors may differ."""
_WIDEST = 400
_KEPT = 512
"""Words with their letters, which are asked for every second."""


def giant(text: str, width: int, height: int) -> Sequence[str]:
    """The lines of `text` in the largest letters that fit; a line of plain text where none do.

    A text with a letter that a font does not have stays plain: it would be left out without a word.
    """
    for font in _FONTS:
        lines = _drawn(text, font)
        if lines and len(lines) <= height and max(map(len, lines)) <= width:
            return lines
    return [text]


@cache
def _font(name: str) -> Figlet:
    return Figlet(font=name, width=_WIDEST)


@lru_cache(maxsize=_KEPT)
def _drawn(text: str, font: str) -> tuple[str, ...]:
    """Without empty lines above and below, and without what is empty at the right; nothing where that cannot be."""
    figlet = _font(font)
    if not text.strip() or any(ord(letter) not in figlet.Font.chars for letter in text):
        return ()
    lines = [line.rstrip() for line in figlet.renderText(text).splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    # more than one piece: it was wider than the widest terminal
    return tuple(lines) if sum(not line for line in lines) == 0 else ()
