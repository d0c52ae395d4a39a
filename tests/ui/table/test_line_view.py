"""Lines of a view: painted once for what they show, and again where they are refreshed."""

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widgets import Static

from lvstop.ui.screen_text import screen_text
from lvstop.ui.table.line_view import LineView

_RED = Style(color="red")


class Counted(LineView):
    """Writes how often each line was painted."""

    DEFAULT_CSS = "Counted { height: 5; }"

    def __init__(self) -> None:
        super().__init__()
        self.painted: dict[int, int] = {}

    def on_mount(self) -> None:
        """As large as the screen."""
        self.virtual_size = Size(20, 5)

    def render_line(self, y: int) -> Strip:
        """Its number, and the count."""
        self.painted[y] = self.painted.get(y, 0) + 1
        return Strip([Segment(f"line {y}", _RED)]).adjust_cell_length(self.size.width, _RED)


class CountedApp(App[None]):
    """A line that changes above a view, and one below."""

    def compose(self) -> ComposeResult:
        """All of it."""
        yield Static("above", id="above")
        yield Counted()
        yield Static("below", id="below")


async def test_only_refreshed_lines_are_painted_again() -> None:
    """Whatever changes above and below: Textual asks for all lines from the first change to the last."""
    app = CountedApp()
    async with app.run_test(size=(20, 10)) as pilot:
        view = app.query_one(Counted)
        await pilot.pause()
        first = dict(view.painted)
        assert set(first) == {0, 1, 2, 3, 4}
        app.query_one("#above", Static).update("ABOVE")
        app.query_one("#below", Static).update("BELOW")
        await pilot.pause()
        assert "BELOW" in screen_text(app.screen)
        assert view.painted == first
        view.refresh(Region(0, 2, 20, 1))
        await pilot.pause()
        assert view.painted == {**first, 2: first[2] + 1}
        view.refresh()
        await pilot.pause()
        assert all(view.painted[y] > first[y] for y in first)


async def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Textual does to the lines of any widget is done to these: `NO_COLOR` and the terminal's own colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = CountedApp()
    async with app.run_test(size=(20, 10)) as pilot:
        await pilot.pause()
        (strip,) = app.query_one(Counted).render_lines(Region(0, 1, 20, 1))
        colours = [segment.style.color for segment in strip if segment.style and segment.style.color]
        assert colours
        assert all(each.triplet and len(set(each.triplet)) == 1 for each in colours)
        (part,) = app.query_one(Counted).render_lines(Region(2, 1, 4, 1))
        assert part.text == "ne 1"
