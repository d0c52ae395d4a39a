"""A table whose rows are known by keys: the cursor stays with its row, and data is never markup."""

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from lvstop.config.themes import shipped_themes
from lvstop.ui.table.cells import Cell, Slot
from lvstop.ui.theme import variable_defaults
from lvstop.ui.widgets.keyed_table import KeyedTable, TableColumn, TableRow

COLUMNS = (TableColumn("NAME", 14), TableColumn("ACTIVE", 8, right=True), TableColumn("STATE", 9))


def row(key: str, active: int = 0, state: str = "● up") -> TableRow:
    """A row as the screens make them."""
    return TableRow(key, ((Cell(key),), (Cell(str(active)),), (Cell(state, Slot.MUTED),)))


class TableApp(App[None]):
    """A table and nothing else."""

    CSS_PATH = "../../src/lvstop/ui/screens/detail.tcss"
    CSS = "KeyedTable { max-height: 100%; }"
    opened: str | None = None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The slots of our themes."""
        return variable_defaults(shipped_themes()[0])

    def compose(self) -> ComposeResult:
        """The table."""
        yield KeyedTable()

    def on_keyed_table_opened(self, message: KeyedTable.Opened) -> None:
        """Remember it."""
        self.opened = message.key

    @property
    def table(self) -> KeyedTable:
        """The table."""
        return self.query_one(KeyedTable)

    def text(self) -> list[str]:
        """What is on screen, line by line."""
        return [self.table.render_line(y).text for y in range(self.table.size.height)]


async def test_rows_and_columns_stand_where_they_belong() -> None:
    """Names to the left, numbers to the right, what is too long cut with a sign."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show(COLUMNS, [row("10.0.0.1:80", 1204), row("a very long name", 7)])
        await pilot.pause()
        text = [line.rstrip() for line in app.text()]
    assert (
        text
        == ["NAME             ACTIVE STATE", "10.0.0.1:80        1204 ● up", "a very long n…        7 ● up"][
            : len(text)
        ]
    )
    assert len(text) == 3


@pytest.mark.parametrize("name", ["[fd00::1]:443", "[/x]", "[bold]x", "$primary"])
async def test_data_is_never_markup(name: str) -> None:
    """An IPv6 address in brackets is shown as it is."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show(COLUMNS, [row(name)])
        await pilot.pause()
        assert app.text()[1].startswith(name)


async def test_the_cursor_stays_with_its_row() -> None:
    """Rows come and go above it: what enter opens is what was chosen."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.focus()
        app.table.show(COLUMNS, [row(f"r{number}") for number in range(5)])
        await pilot.press("down", "down", "down")
        assert app.table.cursor_key == "r3"
        app.table.show(COLUMNS, [row("r0"), row("r3"), row("r4")])
        await pilot.pause()
        assert app.table.cursor_key == "r3"
        app.table.show(COLUMNS, [row(f"r{number}") for number in range(9, -1, -1)])
        await pilot.press("enter")
        assert app.opened == "r3"


async def test_a_cursor_whose_row_is_gone_is_on_no_row() -> None:
    """Never on the neighbour: a key that is pressed a moment later would be about another real server."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.focus()
        app.table.show(COLUMNS, [row("a"), row("b"), row("c")])
        await pilot.press("down")
        assert app.table.cursor_key == "b"
        app.table.show(COLUMNS, [row("a"), row("c")])
        assert app.table.cursor_key is None
        await pilot.press("enter")
        assert app.opened is None
        style = app.table.get_component_rich_style("rows--cursor", partial=True)
        backgrounds = [each.style.bgcolor for y in (1, 2) for each in app.table.render_line(y) if each.style]
        assert style.bgcolor not in backgrounds


async def test_a_row_that_comes_back_has_its_cursor_again() -> None:
    """Unless the operator moved meanwhile."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.focus()
        app.table.show(COLUMNS, [row("a"), row("b"), row("c")])
        await pilot.press("down")
        app.table.show(COLUMNS, [row("a"), row("c")])
        app.table.show(COLUMNS, [row("a"), row("c"), row("d"), row("b")])
        assert app.table.cursor_key == "b"
        app.table.show(COLUMNS, [row("a"), row("c")])
        await pilot.press("up")
        assert app.table.cursor_key in ("a", "c")
        moved = app.table.cursor_key
        app.table.show(COLUMNS, [row("a"), row("b"), row("c")])
        assert app.table.cursor_key == moved


async def test_a_table_without_rows_has_no_cursor() -> None:
    """Enter opens nothing; the keys that move do no harm."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.focus()
        app.table.show(COLUMNS, [row("a"), row("b")])
        app.table.show(COLUMNS, [])
        await pilot.press("enter", "down", "up", "pagedown")
        assert app.table.cursor_key is None
        assert app.opened is None
        app.table.show(COLUMNS, [row("x"), row("y")])
        assert app.table.cursor_key == "x"


async def test_a_number_at_the_edge_is_whole_or_not_there() -> None:
    """`1204` is not shown as `12`, at either edge, however far the columns are scrolled."""
    app = TableApp()
    columns = (TableColumn("NAME", 6), *(TableColumn(f"N{number}", 6, right=True) for number in range(6)))
    cells = TableRow("a", ((Cell("a"),), *((Cell("123456"),) for _ in range(6))))
    async with app.run_test(size=(30, 10)) as pilot:
        app.table.show(columns, [cells])
        await pilot.pause()
        for x in range(20):
            app.table.scroll_to(x=x, animate=False, force=True)
            await pilot.pause()
            words = app.text()[1][7:].split()
            assert words
            assert set(words) <= {"123456", "…"}


async def test_the_row_under_the_cursor_keeps_its_line_on_screen() -> None:
    """A hundred rows come above it: the view goes with it."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.focus()
        app.table.show(COLUMNS, [row(f"r{number}") for number in range(20)])
        await pilot.pause()
        await pilot.press("down", "down", "down")
        app.table.show(COLUMNS, [*(row(f"new{number}") for number in range(100)), *(row(f"r{n}") for n in range(20))])
        await pilot.pause()
        assert app.text()[1 + 3].startswith("r3 ")


async def test_columns_scroll_and_the_name_stays() -> None:
    """What does not fit can be scrolled to."""
    app = TableApp()
    async with app.run_test(size=(24, 10)) as pilot:
        app.table.focus()
        app.table.show(COLUMNS, [row("10.0.0.1:80", 5)])
        await pilot.press("right")
        assert app.text()[1].startswith("10.0.0.1:80 ")
        assert "● up" in app.text()[1]
        await pilot.press("left")
        assert "● up" not in app.text()[1]


async def test_the_past_looks_like_the_past() -> None:
    """Rows of a director that does not answer are told apart."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show(COLUMNS, [row("a"), row("b")])
        await pilot.pause()
        app.table.mark_past()
        await pilot.pause()
        assert all(each.past for each in app.table.rows)
        italics = [segment.style.italic for segment in app.table.render_line(2) if segment.style]
        assert italics[0] is True
        app.table.show(COLUMNS, [replace(each, past=False) for each in app.table.rows])
        assert not any(each.past for each in app.table.rows)


async def test_a_click_chooses_and_a_double_click_opens() -> None:
    """For those who use the mouse."""
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show(COLUMNS, [row("a"), row("b"), row("c")])
        await pilot.pause()
        await pilot.click(KeyedTable, offset=(3, 2))
        assert (app.table.cursor_key, app.opened) == ("b", None)
        await pilot.double_click(KeyedTable, offset=(3, 3))
        assert app.opened == "c"
