"""The line delta: what the director leaves out is put back."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.errors import ParseError
from lvstop.probe.delta import TAIL, SectionLines
from lvstop.transport.base import Section, SectionMode

LINES = st.lists(
    st.sampled_from(["", "a", "b", "= 3", "0 x", "1+2", "TCP  AC1A7F14:008B rr  "])
    | st.builds(
        "  -> AC1A7F16:008B      Route   {:<6} {:<10} {:<10}".format,
        st.sampled_from([0, 1, 65535]),
        st.integers(0, 12_345_678_901),
        st.sampled_from([0, 7, 1234567890]),
    ),
    max_size=12,
)


class Director:
    """What programs/table.sh does, in Python."""

    def __init__(self) -> None:
        self._seen: dict[int, str] = {}

    def answer(self, lines: Sequence[str]) -> Section:
        """The delta against the last answer."""
        body = "".join(self._row(index, line) for index, line in enumerate(lines) if self._seen.get(index) != line)
        self._seen = dict(enumerate(lines))
        return section(f"{body}= {len(lines)}")

    def _row(self, index: int, line: str) -> str:
        seen = self._seen.get(index, "")
        if len(line) > TAIL and len(seen) == len(line) and seen[:-TAIL] == line[:-TAIL]:
            return f"{index}+{line[-TAIL:].rstrip(' ')}\n"
        return f"{index} {line}\n"


def section(body: str, mode: SectionMode = SectionMode.DELTA) -> Section:
    """A section as it comes off the wire."""
    return Section("ip_vs", mode, 0, body.encode())


@given(st.lists(LINES, max_size=8))
def test_deltas_rebuild_every_answer(answers: list[list[str]]) -> None:
    """Whatever grows, shrinks or changes between answers, the lines come out as they were, with what changed."""
    director, known = Director(), SectionLines()
    before: list[str] = []
    for lines in answers:
        changed = known.apply(director.answer(lines))
        assert list(known.lines) == lines
        assert list(changed) == [i for i, line in enumerate(lines) if i >= len(before) or before[i] != line]
        before = lines


@given(LINES, LINES)
def test_full_answers_tell_what_changed_too(first: list[str], second: list[str]) -> None:
    """`cat` sends everything; the indices that changed are found here."""
    known = SectionLines()
    known.apply(section("".join(f"{line}\n" for line in first), SectionMode.FULL))
    changed = known.apply(section("".join(f"{line}\n" for line in second), SectionMode.FULL))
    assert list(known.lines) == second
    assert list(changed) == [i for i, line in enumerate(second) if i >= len(first) or first[i] != line]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("", "without its number of lines"),
        ("0 a", "without its number of lines"),
        ("0 a\n= x", "without its number of lines"),
        ("x a\n= 1", "cannot be"),
        ("1 a\n= 1", "cannot be"),
        ("1 a\n= 2", "came before line 0"),
        ("0 a\n0 b\n= 1", "cannot be"),
        ("= 3", "3 lines are announced, 0 are known"),
        ("0+5\n= 1", "has no tail"),
    ],
)
def test_what_is_no_delta_is_an_error(body: str, complaint: str) -> None:
    """A delta that cannot be true is never applied in part."""
    known = SectionLines()
    with pytest.raises(ParseError, match=complaint):
        known.apply(section(body))
    assert list(known.lines) == []


@given(st.binary(max_size=60), st.sampled_from(SectionMode))
def test_no_bytes_raise_anything_else(body: bytes, mode: SectionMode) -> None:
    """Binary rubbish is a ParseError or lines with replacement characters."""
    known = SectionLines()
    try:
        known.apply(Section("ip_vs", mode, 0, body))
    except ParseError:
        assert list(known.lines) == []
