"""Widgets that are given a snapshot a second and paint only what it makes them say differently."""

from textual.content import Content
from textual.widget import Widget


class QuietWidget(Widget):
    """Says something in lines. Laying the screen out costs more than the rest of a tick: only for other lines."""

    def __init__(self) -> None:
        super().__init__()
        self._said: Content | None = None

    def say(self) -> Content:
        """What there is to say now."""
        raise NotImplementedError

    def render(self) -> Content:
        """As Textual calls it."""
        self._said = self.say()
        return self._said

    def say_news(self) -> None:
        """To be called whenever what there is to say may be different."""
        if not self.display:
            return
        before, now = self._said, self.say()
        if before is None or self._height(before) != self._height(now):
            self.refresh(layout=True)
        elif not now.is_same(before):
            self.refresh()

    def on_resize(self) -> None:
        """Another width: other words fit."""
        self.say_news()

    def _height(self, content: Content) -> int:
        return content.get_height(self.styles.get_rules(), max(1, self.content_size.width))
