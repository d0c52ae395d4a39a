"""What a page says over its websocket, as textual-serve's script writes it: a JSON array of a word and its matter."""

import json
from dataclasses import dataclass

WIDTHS = (20, 500)
HEIGHTS = (5, 250)
"""Cells of a terminal that is taken seriously; what is beyond is cut to them."""

_MOST_KEYS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Keys:
    """Typed, clicked or pasted: bytes as a terminal would send them."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Resize:
    """The window has another size, in cells."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Ping:
    """The page wants its matter back."""

    matter: int | float | str | None


@dataclass(frozen=True, slots=True)
class Focus:
    """The page has the focus, or has lost it."""

    here: bool


Message = Keys | Resize | Ping | Focus


def parse_message(text: str) -> Message | None:
    """What was said; None for what is not understood, which nobody has to answer."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, list) or not said:
        return None
    word, matter = said[0], said[1] if len(said) > 1 else None
    match word:
        case "stdin" if isinstance(matter, str) and len(matter) <= _MOST_KEYS:
            return Keys(matter.encode("utf-8", "replace"))
        case "resize" if isinstance(matter, dict):
            return _resize(matter.get("width"), matter.get("height"))
        case "ping" if matter is None or isinstance(matter, int | float | str):
            return Ping(matter)
        case "focus" | "blur":
            return Focus(word == "focus")
    return None


def _resize(width: object, height: object) -> Resize | None:
    if not isinstance(width, int) or not isinstance(height, int):
        return None
    return Resize(within(width, WIDTHS), within(height, HEIGHTS))


def within(cells: int, bounds: tuple[int, int]) -> int:
    """The nearest number of cells that is taken seriously."""
    return min(max(cells, bounds[0]), bounds[1])
