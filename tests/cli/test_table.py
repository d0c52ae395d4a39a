"""Text tables: columns align by what is seen, not by how many characters it takes."""

from hypothesis import given
from hypothesis import strategies as st

from lvstop.cli.table import cell_width, lay_out


def test_columns_are_as_wide_as_they_need_to_be() -> None:
    """Text begins together, numbers end together, and no line ends in blanks."""
    rows = [("NAME", "COUNT", "NOTE"), ("keepalived1", "7", ""), ("k2", "1,204", "x")]
    assert lay_out(rows, right=frozenset({1})) == [
        "NAME         COUNT  NOTE",
        "keepalived1      7",
        "k2           1,204  x",
    ]


def test_rows_may_be_short() -> None:
    """A row of one cell does not need the others."""
    assert lay_out([("a", "b"), ("no real servers",)]) == ["a                b", "no real servers"]


def test_nothing_is_no_lines() -> None:
    """No rows, no lines."""
    assert lay_out([]) == []


def test_wide_and_combining_characters_are_measured() -> None:
    """What a terminal shows in two columns takes two; an accent of its own takes none."""
    assert cell_width("東京") == 4
    assert cell_width("e\u0301") == 1
    assert lay_out([("東京", "x"), ("abcd", "y")]) == ["東京  x", "abcd  y"]


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=5), st.frozensets(st.integers(0, 3)))
def test_any_cells_can_be_laid_out(rows: list[list[str]], right: frozenset[int]) -> None:
    """One line a row, whatever stands in it."""
    assert len(lay_out(rows, right=right)) == len(rows)
