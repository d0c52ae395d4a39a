"""Widgets that are given a snapshot a second and paint only what it makes them say differently."""

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget


class QuietWidget(Widget):
    """Says something in lines. To lay the screen out costs more than the rest of a tick: only for other lines."""

    def __init__(self) -> None:
        super().__init__()
        self._said: Content | None = None

    def say(self) -> Content:
        """What there is to say now."""
        raise NotImplementedError

    def render(self) -> Content:
        """As Textual calls it: what was said last, for which the screen was laid out."""
        if self._said is None:
            self._said = self.say()
        return self._said

    def say_news(self) -> None:
        """To be called whenever what there is to say may be different."""
        before, self._said = self._said, None
        if not self.display:
            return
        now = self._said = self.say()
        lines = self._height(now)
        if before is None or not now.is_same(before):
            self.refresh(*self._changed(before, now, lines))
        if self.content_size.height not in (0, lines):
            # Not by asking for a layout: of two requests Textual forgets the later one where it has laid out between.
            self.styles.height = lines + self.gutter.height

    def _changed(self, before: Content | None, now: Content, height: int) -> list[Region]:
        """Where other words stand; empty where all is to be painted."""
        old = [] if before is None else before.split("\n", allow_blank=True)
        new = now.split("\n", allow_blank=True)
        # wrapped lines do not stand where their number says
        if not len(old) == len(new) == height:
            return []
        width = self.content_size.width
        pairs = enumerate(zip(old, new, strict=True))
        return [Region(0, y, width, 1) for y, (was, line) in pairs if not line.is_same(was)]

    def on_resize(self) -> None:
        """Another width: other words fit."""
        self.say_news()

    def _height(self, content: Content) -> int:
        return content.get_height(self.styles.get_rules(), self.content_size.width or self.app.size.width)
