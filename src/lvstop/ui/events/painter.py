"""From events to strips. A strip is made when its line comes on screen, and kept."""

import re
from dataclasses import dataclass
from datetime import UTC

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lvstop import format as fmt
from lvstop.model.event import Event
from lvstop.ui.events.words import KIND_WIDTH, Tone, kind_word, printable

_PARTS = ("header", "day", "time", "director", "match", "cursor", "blurred", "empty")
COMPONENTS = {f"events--{name}" for name in (*Tone, *_PARTS)}
_KEPT = 1024
_TIME = 8
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Look:
    """What all lines depend on.

    Attributes:
        director: cells for the names of directors.
        scroll_x: how far the summaries are scrolled; the columns before them stay.
        words: what was searched for, in small letters.
    """

    width: int
    director: int
    scroll_x: int
    words: tuple[str, ...]

    @property
    def before(self) -> int:
        """Cells before the summary."""
        return 1 + _TIME + 2 + KIND_WIDTH + 2 + self.director + 2


class Painter:
    """Paints lines of one look, in the colours of one theme."""

    def __init__(self, view: ScrollView, look: Look) -> None:
        self.look = look
        self._base = view.rich_style
        self._styles = {
            name: view.get_component_rich_style(f"events--{name}", partial=True) for name in (*Tone, *_PARTS)
        }
        self._search = re.compile("|".join(map(re.escape, look.words)), re.IGNORECASE) if look.words else None
        self._strips: LRUCache[tuple[Event, bool | None], Strip] = LRUCache(_KEPT)

    def event(self, event: Event, cursor: bool | None) -> Strip:
        """An event. `cursor`: None, or whether the list has the focus."""
        key = (event, cursor)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._event(event, cursor)
        return strip

    def header(self, day: str) -> Strip:
        """The titles, and the day of the first line that is on screen."""
        style = self._base + self._styles["header"]
        director = set_cell_size("DIRECTOR", self.look.director)
        titles = f" {'TIME UTC'}{_GAP}{'KIND':<{KIND_WIDTH}}{_GAP}{director}{_GAP}SUMMARY"
        room = max(0, self.look.width - len(titles) - len(day) - 2)
        text = f"{titles}{' ' * room} {day} " if room else titles
        return Strip([Segment(text, style)]).crop_extend(0, self.look.width, style)

    def day(self, day: str) -> Strip:
        """A new day begins."""
        return self._text(f" ── {day} ", "day")

    def empty(self, text: str) -> Strip:
        """A line without an event."""
        return self._text(f" {text}", "empty")

    def _text(self, text: str, name: str) -> Strip:
        return Strip([Segment(text, self._base + self._styles[name])]).crop_extend(0, self.look.width, self._base)

    def _event(self, event: Event, cursor: bool | None) -> Strip:
        look, styles = self.look, self._styles
        over = Style.null() if cursor is None else styles["cursor" if cursor else "blurred"]
        base = self._base + over
        kind = kind_word(event)
        director = fmt.UNKNOWN if event.director is None else printable(event.director)
        columns = [
            Segment(f" {event.at.astimezone(UTC):%H:%M:%S}{_GAP}", self._base + styles["time"] + over),
            Segment(f"{kind.sign} {kind.word:<{KIND_WIDTH - 2}}{_GAP}", self._base + styles[kind.tone] + over),
            *self._marked(set_cell_size(director, look.director), self._base + styles["director"] + over),
            Segment(_GAP, base),
        ]
        room = max(0, look.width - look.before)
        whole = Strip(self._marked(printable(event.summary), base))
        summary = whole.crop_extend(look.scroll_x, look.scroll_x + room, base)
        if whole.cell_length > look.scroll_x + room > 0:
            summary = Strip.join([summary.crop(0, room - 1), Strip([Segment("…", self._base + styles["time"] + over)])])
        return Strip.join([Strip(columns), summary]).crop_extend(0, look.width, base).simplify()

    def _marked(self, text: str, style: Style) -> list[Segment]:
        """The text, with what was searched for standing out."""
        if self._search is None:
            return [Segment(text, style)]
        segments: list[Segment] = []
        at = 0
        for found in self._search.finditer(text):
            segments += [Segment(text[at : found.start()], style), Segment(found[0], style + self._styles["match"])]
            at = found.end()
        return [segment for segment in (*segments, Segment(text[at:], style)) if segment.text]
