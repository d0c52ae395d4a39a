"""keepalived.conf as text: what the programs of lvstop read in it, and change in it, line by line.

What is in quotes is one word, # and ! begin comments, braces stand alone; the director's own file has nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_QUOTED: Final = re.compile(r'"[^"]*"')
_COMMENT: Final = re.compile(r"[#!].*")
_PRIORITY: Final = re.compile(r"priority[ \t]+[0-9]+")


def words_of(line: str) -> list[str]:
    """The words of a line; one in quotes is a quotation mark."""
    return _COMMENT.sub("", _QUOTED.sub('"', line)).split()


@dataclass(frozen=True, slots=True)
class Line:
    """A line in its place.

    Attributes:
        depth: how many blocks are open before it.
        title: of the outermost block that it opens or is in.
        opens: it opens an outermost block.
    """

    text: str
    words: Sequence[str]
    depth: int
    title: str
    opens: bool


def lines_of(text: str) -> Iterator[Line]:
    """Every line of a file."""
    depth, title = 0, ""
    for line in text.splitlines():
        words = words_of(line)
        if depth == 0 and words and words[0] != "{":
            title = " ".join(words[: words.index("{")] if "{" in words else words)
        yield Line(line, words, depth, title, depth == 0 and "{" in words)
        depth += words.count("{") - words.count("}")


def is_balanced(text: str) -> bool:
    """As many blocks end as begin."""
    words = [word for line in lines_of(text) for word in line.words]
    return words.count("{") == words.count("}")


def priority_in(text: str, instance: str) -> int | None:
    """The number in the one plain line `priority` of an instance; None where there is none, or more than one."""
    found = [each.words for each in lines_of(text) if _is_priority(each, instance)]
    if len(found) != 1 or len(found[0]) != 2 or not found[0][1].isdecimal() or not is_balanced(text):
        return None
    return int(found[0][1])


def with_priority(text: str, instance: str, priority: int) -> str:
    """The same text with another number there."""
    return "".join(
        f"{_PRIORITY.sub(f'priority {priority}', each.text, count=1) if _is_priority(each, instance) else each.text}\n"
        for each in lines_of(text)
    )


def _is_priority(line: Line, instance: str) -> bool:
    return line.title == f"vrrp_instance {instance}" and line.depth == 1 and line.words[:1] == ["priority"]


def skeleton(text: str) -> Iterator[str]:
    """What `sound.sh` makes of a file to find priorities: see `lvstop.probe.parse.priorities`."""
    for number, line in enumerate(text.splitlines(), 1):
        told, rest = _told(words_of(line))
        braces = [word for word in rest if word in "{}"]
        if not told and len(braces) < len(rest):
            told = ["x"] if braces else []
        words = [*told, *braces]
        if words:
            # the shell puts a line together again out of three words, of which the last may be empty
            yield f"{number} {' '.join(words)}{'' if len(words) > 1 else ' '}"


def _told(words: Sequence[str]) -> tuple[list[str], Sequence[str]]:
    """What of a line is told, and the rest of it."""
    match words:
        case ["vrrp_instance", name, *rest]:
            return ["vrrp_instance", name], rest
        case ["priority", number]:
            return ["priority", number], ()
        case _:
            return [], words


def with_lines(text: str, told: Sequence[str]) -> "str | Missing":
    """A file with further lines in it, as the verb `try` of `act.sh` takes them.

    Args:
        told: `+LINE` stands before the first block of VRRP; `>HEADING` and `|LINE` follow on the opening of the block
            with this heading.
    """
    top = [each[1:] for each in told if each.startswith("+")]
    blocks: list[tuple[str, list[str]]] = []
    for each in told:
        if each.startswith(">"):
            blocks.append((each[1:], []))
        elif each.startswith("|") and blocks:
            blocks[-1][1].append(each[1:])
    lines = list(lines_of(text))
    first = next((place for place, each in enumerate(lines) if _is_vrrp(each)), len(lines))
    opened = [each.title for each in lines if each.opens]
    missing = next((heading for heading, _ in blocks if opened.count(heading) != 1), None)
    if missing is not None:
        return Missing(missing)
    made: list[str] = []
    for place, line in enumerate(lines):
        made += top if place == first else []
        made.append(line.text)
        made += [more for heading, block in blocks if line.opens and line.title == heading for more in block]
    made += top if first == len(lines) else []
    return "".join(f"{line}\n" for line in made)


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no block with this heading, or more than one."""

    heading: str


def _is_vrrp(line: Line) -> bool:
    return line.depth == 0 and line.words[:1] in (["vrrp_instance"], ["vrrp_sync_group"])
