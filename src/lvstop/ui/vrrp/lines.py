"""A widget that shows lines, and draws them again only when they are others."""

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from lvstop.ui.vrrp.matrix import Line


class Lines(Widget):
    """Lines that were fitted to the width already."""

    DEFAULT_CSS = "Lines { height: auto; text-wrap: nowrap; text-overflow: clip; }"

    lines: reactive[tuple[Line, ...]] = reactive(tuple[Line, ...], layout=True)

    def render(self) -> RenderResult:
        """Pieces with their styles; no text is ever taken for markup."""
        return Content("\n").join(Content.assemble(*line) for line in self.lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line is a line."""
        return len(self.lines)
