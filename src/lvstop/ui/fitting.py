"""Lines that fit: what there is no room for is left out as a whole, or goes on below, and is not cut in the middle."""

import re
import textwrap
from collections.abc import Sequence

from textual.content import Content

_LEAST = 20
"""Narrower than this nothing is wrapped."""


def fitted(parts: Sequence[Content], width: int, between: str = "  ") -> Content:
    """The first part, and of the others as many as fit: the most important come first."""
    kept = list(parts[:1])
    used = sum(part.cell_length for part in kept)
    for part in parts[1:]:
        used += len(between) + part.cell_length
        if used > width:
            break
        kept.append(part)
    return Content(between).join(kept)


def wrapped(content: Content, width: int) -> list[Content]:
    """A paragraph in lines of `width` cells."""
    return hanging(Content(""), content, width)


_NUMBER_AND_UNIT = re.compile(r"(?<=\d) (?=(?:s|min|h|days?|lines?)\b|%)")


def _glued(text: str) -> str:
    """Text in which no number is torn from its unit at the end of a line; of the same length."""
    return _NUMBER_AND_UNIT.sub("\N{NO-BREAK SPACE}", text)


def wrapped_text(text: str, width: int) -> list[str]:
    """Plain text in lines of `width` cells, broken between words; an empty text is a line."""
    lines = textwrap.wrap(_glued(text), max(_LEAST, width), break_on_hyphens=False) or [""]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def cut_off(lines: Sequence[Content], most: int, width: int) -> list[Content]:
    """The first lines; where there were more, the last of them says so."""
    if len(lines) <= most:
        return list(lines)
    if most < 1:
        return []
    last = lines[most - 1]
    return [*lines[: most - 1], last.truncate(min(last.cell_length, width - 2)) + " …"]


def hanging(first: Content, content: Content, width: int) -> list[Content]:
    """A paragraph behind `first`, its further lines below the beginning of the text."""
    indent = first.cell_length
    plain, place = _glued(content.plain), 0
    lines: list[Content] = []
    for text in textwrap.wrap(plain, max(_LEAST, width - indent), break_on_hyphens=False) or [""]:
        # wrapping drops the blanks between lines, so that each line is looked for in what follows the one before
        place = max(place, plain.find(text, place))
        piece = content[place : place + len(text)]
        lines.append(Content.assemble(first if not lines else " " * indent, piece))
        place += len(text)
    return lines
