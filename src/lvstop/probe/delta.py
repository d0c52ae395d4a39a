"""The line delta of the table lane: what `programs/table.sh` leaves out is put back here.

A `delta` body holds `INDEX TEXT` for each line that differs from the last answer, or `INDEX+TAIL` where only its last
21 columns do, which are ActiveConn and InActConn of a real server; blanks at the end of a tail are left out. It ends
with `= TOTAL`. A `full` body is the text itself. Either way the reader gets all the lines and the indices of those that
changed.
"""

from collections.abc import Sequence
from itertools import compress
from operator import ne

from lvstop.errors import ParseError
from lvstop.plain import plain
from lvstop.transport.base import Section, SectionMode

TAIL = 21
"""Columns of ActiveConn and InActConn: `%-10d %-10d` in net/netfilter/ipvs/ip_vs_ctl.c."""


class SectionLines:
    """The lines of one section over time.

    Attributes:
        shrunk: the last answer had fewer lines than the one before it, or than that may have had; no index tells that.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.shrunk = False
        self._unknown = False

    @property
    def lines(self) -> Sequence[str]:
        """All lines of the last answer, without their newlines."""
        return self._lines

    @property
    def text(self) -> str:
        """The last answer as one text."""
        return "".join(f"{line}\n" for line in self._lines)

    def apply(self, section: Section) -> Sequence[int]:
        """Take an answer in and return the ascending indices of lines that changed.

        Bytes that are not UTF-8 become replacement characters: the parsers will say what is wrong with the line.

        Raises:
            ParseError: the body is not a delta; the lines are unknown until a full answer has been applied.
        """
        text, count = plain(section.body.decode("utf-8", "replace")), len(self._lines)
        try:
            full = section.mode is SectionMode.FULL
            changed = self._replace(text.split("\n")) if full else self._patch(section.name, text)
        except ParseError:
            self._lines, self._unknown = [], True
            raise
        self.shrunk, self._unknown = self._unknown or len(self._lines) < count, False
        return changed

    def _replace(self, lines: list[str]) -> Sequence[int]:
        if lines[-1] == "":
            lines.pop()
        before, self._lines = self._lines, lines
        changed = list(compress(range(len(lines)), map(ne, lines, before)))
        changed.extend(range(min(len(before), len(lines)), len(lines)))
        return changed

    def _patch(self, name: str, text: str) -> Sequence[int]:
        rows = text.split("\n")
        if rows[-1] == "":
            rows.pop()
        mark, _, total_text = rows.pop().partition(" ") if rows else ("", "", "")
        if mark != "=" or not total_text.isdecimal():
            raise ParseError(name, "the answer ends without its number of lines")
        total, lines = int(total_text), self._lines
        changed: list[int] = []
        for row in rows:
            index_text, _, line = row.partition(" ")
            tail = None
            if not index_text.isdecimal():
                index_text, _, tail = row.partition("+")
            index = int(index_text) if index_text.isdecimal() and len(index_text) < 9 else -1
            if not 0 <= index < total or (changed and index <= changed[-1]):
                raise ParseError(name, f"line {index_text[:20]!r} of {total} cannot be")
            if tail is not None:
                if index >= len(lines) or len(lines[index]) <= TAIL or len(tail) > TAIL:
                    raise ParseError(name, f"line {index} has no tail to be changed")
                line = lines[index][:-TAIL] + tail.ljust(TAIL)
            if index > len(lines):
                raise ParseError(name, f"line {index} came before line {len(lines)}")
            if index == len(lines):
                lines.append(line)
            else:
                lines[index] = line
            changed.append(index)
        if len(lines) < total:
            raise ParseError(name, f"{total} lines are announced, {len(lines)} are known")
        del lines[total:]
        return changed
