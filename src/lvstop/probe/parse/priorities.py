"""Where keepalived's configuration says `priority`: the skeleton that `sound.sh` makes of the files, a line each.

-   `file PATH`: a file begins, the main one or one that is included at this place; `end`: it ends
-   `NUMBER vrrp_instance NAME [{]`, `NUMBER priority VALUE`, `NUMBER [x] {… }…` (other words, and braces)
-   `NUMBER $`: a variable, which may stand for a whole line
-   `NUMBER ?`: a line that matters and is not understood: a condition, words in one
-   `whole`: that was everything
"""

from dataclasses import dataclass, field
from typing import Final

from lvstop.model.sounding import PriorityLine
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_unsigned

SOURCE: Final = "keepalived.conf"

_FILES_WITHIN_FILES: Final = 10


class _NotUnderstoodError(Exception):
    """The skeleton says `?`, or is none; the message completes "line N: "."""


@dataclass(slots=True)
class _Configuration:
    """Read as keepalived reads it: one stream, whichever file a line comes from."""

    files: list[str] = field(default_factory=list)
    depth: int = 0
    instance: str | None = None
    opened_in: str = ""
    found: list[PriorityLine] = field(default_factory=list)

    def take(self, words: list[str], line: str) -> None:
        """One line of the skeleton."""
        match words:
            case ["file", _, *_]:
                if len(self.files) >= _FILES_WITHIN_FILES:
                    raise _NotUnderstoodError("too many files are included in one another")
                self.files.append(line.partition(" ")[2])
            case ["end"] if self.files:
                self.files.pop()
            case [number, *told] if self.files and (line_number := read_unsigned(number)) is not None:
                self._told(line_number, told)
            case _:
                raise _NotUnderstoodError("expected a line of a configuration file")

    def _told(self, line_number: int, told: list[str]) -> None:
        braces = told
        match told:
            case ["vrrp_instance", name, *braces]:
                if self.depth == 0:
                    self.instance, self.opened_in = name, self.files[-1]
            case ["priority", value, *braces]:
                if self.depth == 1 and self.instance is not None:
                    self._priority(line_number, value)
            case ["$"] if self.depth != 1 or self.instance is None:
                braces = []
            case ["x", *braces]:
                if self.depth == 0:
                    self.instance = None
            case _:
                pass
        for brace in braces:
            if brace not in ("{", "}"):
                raise _NotUnderstoodError(f"line {line_number} of {self.files[-1]} is not understood")
            self.depth += 1 if brace == "{" else -1
        if self.depth < 0:
            raise _NotUnderstoodError(f"line {line_number} of {self.files[-1]} has a brace too many")
        if self.depth == 0 and "}" in braces:
            self.instance = None

    def _priority(self, line_number: int, value: str) -> None:
        priority = read_unsigned(value, 255)
        if priority is None or self.instance is None:
            raise _NotUnderstoodError(f"line {line_number} of {self.files[-1]} has no plain priority")
        if self.files[-1] != self.opened_in:
            raise _NotUnderstoodError(f"line {line_number} of {self.files[-1]} belongs to a block of {self.opened_in}")
        self.found.append(PriorityLine(self.instance, self.files[-1], line_number, priority))


def parse_priorities(text: str) -> Parsed[tuple[PriorityLine, ...] | None]:
    """All priorities of VRRP instances, in keepalived's order; None where not all of the files is understood."""
    issues = IssueLog(SOURCE)
    lines = text.strip("\n").split("\n")
    if lines[-1] != "whole":
        issues.add(0, "", "the files are too many, too long, or could not be read")
        return Parsed(None, issues.result())
    configuration = _Configuration()
    for number, line in enumerate(lines[:-1], 1):
        try:
            configuration.take(line.split(), line)
        except _NotUnderstoodError as error:
            issues.add(number, "", str(error))
            return Parsed(None, issues.result())
    if configuration.depth or configuration.files:
        issues.add(0, "", "a block or a file has no end")
        return Parsed(None, issues.result())
    return Parsed(tuple(configuration.found), issues.result())
