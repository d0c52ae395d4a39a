"""From cells to strips: widths, titles, and colours by meaning."""

from rich.style import Style

from lvstop.analysis.board import Board
from lvstop.ui.table.cells import Cell, Slot
from lvstop.ui.table.layout import Layout, lay_out, wanted_name
from lvstop.ui.table.painter import Paint, Painter, Palette
from support import scenes

BASE = Style.parse("white on black")
PALETTE = Palette(
    base=BASE,
    slots={slot: Style() for slot in Slot} | {Slot.DOWN: Style.parse("red"), Slot.MATCH: Style.parse("green")},
    header=Style.parse("bold"),
    sorted=Style.parse("blue"),
    cursor=Style.parse("on yellow"),
    blurred=Style.parse("on magenta"),
    changed=Style.parse("underline"),
    past=Style.parse("italic"),
)
ON = Board.of(scenes.steady()[-1])


def layout_of(width: int, *chosen: str) -> Layout:
    """The steady scene's layout."""
    return lay_out(ON, width, chosen, wanted_name(ON))


def painter(width: int, *chosen: str, scrolled: int = 0) -> tuple[Painter, Layout]:
    """A painter and what it paints for."""
    layout = layout_of(width, *chosen)
    return Painter(PALETTE, layout, width, scrolled), layout


def paint(layout: Layout, text: str = "12", name: str = "    10.0.0.1:80", **more: object) -> Paint:
    """A row whose cells all say the same."""
    cells = tuple(Cell(text) for _ in layout.columns)
    values: dict[str, object] = {"changed": frozenset[int](), "cursor": None, "past": False}
    values.update(more)
    return Paint((Cell(name),), cells, **values)  # type: ignore[arg-type]  # a builder


def test_every_line_is_as_wide_as_the_screen() -> None:
    """Rows, titles and blanks, on wide and narrow screens, however long the texts are."""
    for width in (10, 24, 40, 80, 133, 250):
        brush, layout = painter(width)
        for text, name in (("1", "x"), ("1" * 99, "y" * 300), ("", "")):
            assert brush.row(paint(layout, text, name)).cell_length == width
        assert brush.header("active", descending=True).cell_length == width
        assert brush.blank().cell_length == width


def test_columns_stand_below_their_titles() -> None:
    """Numbers end where their title ends, words begin where it begins, a blank apart from the number before them."""
    brush, layout = painter(120)
    titles, row = brush.header(None, descending=True).text, brush.row(paint(layout, "#")).text
    at = layout.name
    for column, width in zip(layout.columns, layout.widths, strict=True):
        assert titles[at : at + width].strip() == layout.title(column)[: width - (not column.right)]
        assert row[at : at + width] == ("#".rjust(width) if column.right else " #".ljust(width))
        at += width + 1


def test_what_is_cut_says_so() -> None:
    """A text that does not fit ends in an ellipsis and does not run into the next column."""
    brush, layout = painter(120, "state", "other")
    text = brush.row(paint(layout, "abcdefghijklmnopqrstuvwxyz")).text
    assert text[layout.name :].split() == ["abcdefgh…", "abcdefghij…"]
    long = brush.row(paint(layout, name="n" * 300)).text
    name = long[: layout.name]
    assert name.replace("n", "") == "… "
    assert 0 < name.index("…") < layout.name // 2, "addresses differ at their ends"


def test_the_name_does_not_scroll() -> None:
    """What stands beside it does."""
    still, layout = painter(60, "weight", "active", "inactive", "in", "out", "spark")
    moved, _ = painter(60, "weight", "active", "inactive", "in", "out", "spark", scrolled=7)
    before, after = still.row(paint(layout)).text, moved.row(paint(layout)).text
    assert before[: layout.name] == after[: layout.name]
    assert before[layout.name + 7 :] == after[layout.name : -7]


def test_the_sorted_column_says_which_way() -> None:
    """A mark beside the title, not only a colour."""
    brush, layout = painter(120)
    assert "ACTIVE▼" in brush.header("active", descending=True).text
    assert "ACTIVE▲" in brush.header("active", descending=False).text
    assert "▼" not in brush.header(None, descending=True).text
    assert layout.columns


def test_meanings_become_styles() -> None:
    """A cell has the style of its slot; cursor, past and change are laid over it."""
    brush, layout = painter(120, "weight")
    row = paint(layout)._replace(cells=(Cell("0", Slot.DOWN),), changed=frozenset({0}), past=True, cursor=True)
    style = next(segment.style for segment in brush.row(row) if segment.text.strip() == "0")
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    assert (style.color.name, style.bgcolor.name, style.italic, style.underline) == ("red", "yellow", True, True)


def test_the_cursor_without_focus() -> None:
    """Looks different from the one that keys move."""
    brush, layout = painter(120)
    looks = [str([s.style for s in brush.row(paint(layout, cursor=cursor))]) for cursor in (None, True, False)]
    assert len(set(looks)) == 3


def test_a_row_is_painted_once() -> None:
    """The same look is the same strip."""
    brush, layout = painter(120)
    assert brush.row(paint(layout)) is brush.row(paint(layout))
    assert brush.row(paint(layout)) is not brush.row(paint(layout, past=True))


def test_data_is_text() -> None:
    """Nothing in a cell or a name is markup."""
    brush, layout = painter(120, "other")
    text = brush.row(paint(layout, "[red]x[/x]", name="[fd00::1]:443 [/x]")).text
    assert "[fd00::1]:443 [/x]" in text
    assert "[red]x[/x]" in text
