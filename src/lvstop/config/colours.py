"""Colours of a theme file and their arithmetic.

A colour is `#rrggbb`, or one of the terminal's own (`ansi_red`), of which nobody here knows what it looks like: it
cannot be mixed, and has no contrast.
"""

import re
from collections.abc import Iterable

from lvstop.config.nodes import did_you_mean

_ANSI_HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLOURS = (
    "ansi_default",
    *(f"ansi_{hue}" for hue in _ANSI_HUES),
    *(f"ansi_bright_{hue}" for hue in _ANSI_HUES),
)
"""The colours that the terminal itself defines; `ansi_default` is its text or its background."""

READABLE = 4.5
"""The contrast that text needs at least (WCAG 2, level AA)."""

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)


def parse_colour(text: str) -> str:
    """`#rgb`, `#rrggbb` or an `ansi_` name, as `#rrggbb` in lower case or that name.

    Raises:
        ValueError: it is none of these.
    """
    colour = text.strip().lower()
    if colour in ANSI_COLOURS:
        return colour
    if _HEX.fullmatch(colour):
        return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    hint = did_you_mean(colour, ANSI_COLOURS) if colour.startswith("ansi") else ""
    raise ValueError(f"{text!r} is not a colour such as '#7aa2f7', '#fff' or ansi_blue{hint}")


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with a share (0 to 1) of `other` in it; `colour` itself where one of them is the terminal's own."""
    first, second = _rgb(colour), _rgb(other)
    if first is None or second is None:
        return colour
    mixed = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def luminance(colour: str) -> float | None:
    """WCAG's relative luminance, from 0 (black) to 1 (white); None for the terminal's own colours."""
    rgb = _rgb(colour)
    if rgb is None:
        return None
    red, green, blue = (_linear(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, other: str) -> float | None:
    """WCAG's contrast ratio, from 1 (the same) to 21 (black and white); None for the terminal's own colours."""
    first, second = luminance(colour), luminance(other)
    if first is None or second is None:
        return None
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def readable_on(background: str, candidates: Iterable[str]) -> str:
    """The first of `candidates` that can be read on `background`, else the one with the most contrast.

    A colour of the terminal's own is taken as it comes. There is at least one candidate.
    """
    ratios = {colour: contrast(colour, background) for colour in candidates}
    for colour, ratio in ratios.items():
        if ratio is None or ratio >= READABLE:
            return colour
    return max(ratios, key=lambda colour: ratios[colour] or 0.0)


def _rgb(colour: str) -> tuple[int, int, int] | None:
    if not colour.startswith("#"):
        return None
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
