"""Paragraphs: no number is torn from its unit, nothing is lost, every line fits."""

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from lvstop.ui.fitting import cut_off, fitted, hanging, wrapped_text

WORDS = st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=12), max_size=30)


def test_a_number_stays_with_its_unit() -> None:
    """`31 s old` is broken before the number or behind the unit."""
    for width in range(20, 60):
        for lines in (
            wrapped_text("The last answer of keepalived1 is 31 s old, 5 min ago, 12 lines, 3 h, 98 % of it.", width),
            [
                line.plain.strip()
                for line in hanging(
                    Content("  "),
                    Content("The last answer of keepalived1 is 31 s old, 5 min ago, 12 lines, 3 h, 98 % of it."),
                    width,
                )
            ],
        ):
            assert not any(line.rstrip()[-1:].isdigit() and "keepalived1" not in line.split()[-1] for line in lines)
            assert "\N{NO-BREAK SPACE}" not in "".join(lines)


@given(WORDS, st.integers(20, 90), st.integers(0, 10))
def test_nothing_is_lost(words: list[str], width: int, indent: int) -> None:
    """All words, in their order, in lines that fit."""
    text = " ".join(words)
    lines = hanging(Content(" " * indent), Content(text), width + indent)
    assert " ".join(line.plain for line in lines).split() == text.split()
    assert all(len(line.plain) <= width + indent for line in lines)


def test_what_is_cut_off_says_so() -> None:
    """The last line that is left ends in dots, within the width."""
    lines = [Content("one two three"), Content("four"), Content("five")]
    assert [line.plain for line in cut_off(lines, 3, 13)] == ["one two three", "four", "five"]
    assert [line.plain for line in cut_off(lines, 1, 13)] == ["one two thr …"]
    assert cut_off(lines, 0, 13) == []


def test_parts_that_do_not_fit_are_left_out_as_a_whole() -> None:
    """The first one stays in any case."""
    parts = [Content("first"), Content("second"), Content("third")]
    assert fitted(parts, 13).plain == "first  second"
    assert fitted(parts, 12).plain == "first"
    assert fitted(parts, 2).plain == "first"
