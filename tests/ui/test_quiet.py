"""Widgets that paint only what is new: which lines they ask to be painted."""

from collections.abc import Sequence
from typing import Self

from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Region

from lvstop.ui.screen_text import screen_text
from lvstop.ui.widgets.quiet import QuietWidget


class Told(QuietWidget):
    """Says what it is told, and takes note of what is to be painted."""

    DEFAULT_CSS = "Told { height: auto; border: round white; }"

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.words: Sequence[str] = words
        self.asked: list[tuple[Region, ...]] = []

    def say(self) -> Content:
        """A line each."""
        return Content("\n").join(Content(word) for word in self.words)

    def tell(self, *words: str) -> None:
        """Something else from now on."""
        self.words, self.asked = words, []
        self.say_news()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As Textual is asked."""
        self.asked.append(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class ToldApp(App[None]):
    """One such widget."""

    def compose(self) -> ComposeResult:
        """Three lines."""
        yield Told("one", "two", "three")


async def test_only_lines_with_other_words_are_painted() -> None:
    """Nothing where nothing is new, one line where one is, and a layout only for another number of lines."""
    app = ToldApp()
    async with app.run_test(size=(20, 10)) as pilot:
        widget = app.query_one(Told)
        await pilot.pause()
        widget.tell("one", "two", "three")
        assert widget.asked == []
        widget.tell("one", "TWO", "three")
        assert widget.asked == [(Region(0, 1, widget.content_size.width, 1),)]
        await pilot.pause()
        assert screen_text(app.screen).splitlines()[1:4] == [f"│{word:<18}│" for word in ("one", "TWO", "three")]
        widget.tell("one", "TWO")
        assert () in widget.asked
        await pilot.pause()
        assert "three" not in screen_text(app.screen)
        assert widget.outer_size.height == 4
