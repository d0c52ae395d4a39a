"""The list of events, drawn line by line: 10,000 of them cost what is on screen."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lvstop.model.event import Event
from lvstop.ui.events.painter import COMPONENTS, Look, Painter
from lvstop.ui.events.words import day

HEADER = 1
"""Lines above the events."""
_MOST_DIRECTOR = 20


class EventList(ScrollView, can_focus=True, inherit_bindings=False):
    """Events in order of time, the newest at the bottom, with a line where another day begins."""

    BINDING_GROUP_TITLE = "Events"
    COMPONENT_CLASSES = COMPONENTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="events.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="events.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="events.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="events.page-down"),
        Binding("home", "edge(-1)", "Oldest", show=False, id="events.oldest"),
        Binding("end", "edge(1)", "Newest", tooltip="Follow the newest", show=False, id="events.newest"),
        Binding("left", "sideways(-16)", "Scroll left", show=False, id="events.left"),
        Binding("right", "sideways(16)", "Scroll right", show=False, id="events.right"),
    ]

    following: reactive[bool] = reactive(default=True, init=False)
    """The newest is kept in sight."""

    @dataclass
    class Moved(Message):
        """The cursor, what is in sight or what is there is another now."""

    def __init__(self, empty: str) -> None:
        """`empty`: what stands there as long as there is no event."""
        super().__init__()
        self.empty = empty
        self._events: Sequence[Event] = ()
        self._lines: list[Event | str] = []
        self._words: tuple[str, ...] = ()
        self._director = 0
        self._cursor = -1
        self._painter: Painter | None = None
        self._placing = False

    # what others ask

    @property
    def shown(self) -> Sequence[Event]:
        """The events, oldest first."""
        return self._events

    @property
    def cursor(self) -> Event | None:
        """The event under the cursor."""
        line = self._lines[self._cursor] if 0 <= self._cursor < len(self._lines) else None
        return line if isinstance(line, Event) else None

    @property
    def below(self) -> int:
        """How many events are below what is in sight."""
        hidden = self._lines[self.scroll_offset.y + max(0, self.size.height - HEADER) :]
        return sum(isinstance(line, Event) for line in hidden)

    def show(self, events: Sequence[Event], words: tuple[str, ...]) -> None:
        """Show these. The cursor and what is in sight stay with their events, unless the newest is followed."""
        cursor, top = self.cursor, self._top_event()
        self._events, self._words = events, words
        self._lines = list(_with_days(events))
        names = (len(event.director) for event in events if event.director is not None)
        self._director = min(_MOST_DIRECTOR, max(names, default=0)) or len("DIRECTOR")
        self._director = max(self._director, len("DIRECTOR"))
        self._redraw()
        self._measure()
        if self.following:
            self._place_last()
        else:
            self._cursor = self._line_of(cursor)
            if top is not None:
                self._place(self._line_of(top))
        self.post_message(self.Moved())

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        painter = self._ready_painter()
        top = self.scroll_offset.y
        if y < HEADER:
            first = self._top_event()
            return painter.header("" if first is None else day(first))
        index = top + y - HEADER
        if index >= len(self._lines):
            return painter.empty(self.empty if not self._lines and y == HEADER else "")
        line = self._lines[index]
        if isinstance(line, str):
            return painter.day(line)
        return painter.event(line, self.has_focus if index == self._cursor else None)

    def _ready_painter(self) -> Painter:
        if self._painter is None or self._painter.look.width != self._room:
            look = Look(self._room, self._director, int(self.scroll_offset.x), self._words)
            self._painter = Painter(self, look)
        return self._painter

    @property
    def _room(self) -> int:
        """Cells beside the scrollbar."""
        return self.scrollable_content_region.width

    def _redraw(self) -> None:
        self._painter = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: other styles."""
        super().notify_style_update()
        self._redraw()

    def on_resize(self, _event: events.Resize) -> None:
        """Another width, and other lines in sight."""
        self._redraw()
        self._measure()
        if self.following:
            self._place_last()
        self.post_message(self.Moved())

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Strips are cut at the scroll position."""
        super().watch_scroll_x(old_value, new_value)
        self._redraw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever scrolls up reads; whoever scrolls to the end wants the newest."""
        super().watch_scroll_y(old_value, new_value)
        if not self._placing:
            self.following = new_value >= self.max_scroll_y
            self.post_message(self.Moved())

    # where things are

    def _measure(self) -> None:
        longest = max((len(event.summary) for event in self._events), default=0)
        width = max(self._room, self._ready_painter().look.before + longest + 1)
        size = Size(width, len(self._lines) + HEADER)
        if size != self.virtual_size:
            self._placing = True
            self.virtual_size = size
            self._placing = False

    def _top_event(self) -> Event | None:
        """The first event in sight."""
        top = self.scroll_offset.y
        return next((line for line in self._lines[top : top + 2] if isinstance(line, Event)), None)

    def _line_of(self, event: Event | None) -> int:
        """Where an event is; what took its place where it is gone."""
        if event is None:
            return -1
        moments: list[datetime] = [line.at for line in self._events]
        place = bisect_left(moments, event.at)
        while place < len(moments) - 1 and moments[place] == event.at and self._events[place] != event:
            place += 1
        found = self._events[min(place, len(moments) - 1)] if moments else None
        return next((index for index, line in enumerate(self._lines) if line is found), -1)

    def _place(self, line: int) -> None:
        self._placing = True
        self.scroll_to(y=max(0, line), animate=False, force=True)
        self._placing = False

    def _place_last(self) -> None:
        self._cursor = len(self._lines) - 1
        self._place(len(self._lines) + HEADER - self.size.height)

    def _set_cursor(self, line: int, step: int) -> None:
        """Put the cursor on an event: lines that tell the day are passed over in the direction of `step`."""
        line = max(0, min(line, len(self._lines) - 1))
        while 0 <= line < len(self._lines) and isinstance(self._lines[line], str):
            line += step or 1
        if not 0 <= line < len(self._lines):
            line = min(1, len(self._lines) - 1)
        self._cursor = line
        top, room = self.scroll_offset.y, max(1, self.size.height - HEADER)
        if line < top + 1:
            # With the line that tells the day, where that is just above.
            above = line > 0 and isinstance(self._lines[line - 1], str)
            self._place(line - 1 if above else line)
        elif line >= top + room:
            self._place(line - room + 1)
        self.following = line == len(self._lines) - 1
        self.refresh()
        self.post_message(self.Moved())

    # what the operator does

    def action_move(self, lines: int) -> None:
        """Move the cursor by so many lines."""
        self._set_cursor(self._cursor + lines, lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screen."""
        self._set_cursor(self._cursor + pages * max(1, self.size.height - HEADER - 1), pages)

    def action_edge(self, side: int) -> None:
        """To the oldest (-1) or the newest (1)."""
        self._set_cursor(0 if side < 0 else len(self._lines) - 1, 1)

    def action_sideways(self, cells: int) -> None:
        """Scroll the summaries."""
        self.scroll_to(x=self.scroll_offset.x + cells, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there."""
        line = self.scroll_offset.y + event.y - HEADER
        if event.y >= HEADER and line < len(self._lines):
            self._set_cursor(line, 1)


def _with_days(events: Sequence[Event]) -> Sequence[Event | str]:
    """Events, and a line before the first of each day."""
    lines: list[Event | str] = []
    today = None
    for event in events:
        date = event.at.astimezone(UTC).date()
        if date != today:
            today = date
            lines.append(day(event))
        lines.append(event)
    return lines
