"""What stands around the list: which kinds there are, what is shown, and the event under the cursor in full."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Static

from lvstop import format as fmt
from lvstop.analysis.words import count
from lvstop.model.event import Event, EventKind
from lvstop.ui.events.view import EventList
from lvstop.ui.events.words import KIND_WORDS, kind_word, printable
from lvstop.ui.words import muted

_BETWEEN = 2
"""Blank cells between two kinds."""
KIND_KEYS = {str(number): kind for number, kind in enumerate(EventKind, start=1)}


@dataclass(frozen=True)
class Choice:
    """Which events are wanted.

    Attributes:
        kinds: empty for all.
        director: None for all.
    """

    text: str = ""
    kinds: frozenset[EventKind] = field(default_factory=frozenset)
    director: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What was typed, a word each."""
        return tuple(self.text.casefold().split())

    @property
    def narrows(self) -> bool:
        """Something is left out."""
        return bool(self.words or self.kinds or self.director)


class KindBar(Widget):
    """The kinds with their keys and how many there are; those that were chosen are marked. A click chooses too."""

    counts: reactive[Mapping[EventKind, int]] = reactive(dict[EventKind, int], layout=True)
    kinds: reactive[frozenset[EventKind]] = reactive(frozenset[EventKind], layout=True)

    @dataclass
    class Chosen(Message):
        """Somebody clicked on a kind."""

        kind: EventKind

    def render(self) -> RenderResult:
        """As many lines as the width needs."""
        return Content("\n").join(self._lines(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A kind is never broken at the edge."""
        return len(self._lines(width))

    def on_click(self, event: events.Click) -> None:
        """The kind under the mouse."""
        kind = event.style.meta.get("kind")
        if isinstance(kind, str):
            self.post_message(self.Chosen(EventKind(kind)))

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        for key, kind in KIND_KEYS.items():
            content = self._kind(key, kind)
            if lines and lines[-1].cell_length + _BETWEEN + content.cell_length <= width:
                lines[-1] = Content.assemble(lines[-1], " " * _BETWEEN, content)
            else:
                lines.append(content)
        return lines

    def _kind(self, key: str, kind: EventKind) -> Content:
        number = self.counts.get(kind, 0)
        chosen = kind in self.kinds
        style = "bold $selection-filter" if chosen else "$foreground" if number and not self.kinds else "$muted"
        word = f"{'✔' if chosen else KIND_WORDS[kind].sign} {KIND_WORDS[kind].word} {number:,}"
        content = Content.assemble((f"{key} ", "$key"), (word, style))
        return content.stylize(Style.from_meta({"kind": str(kind)}))


class EventDetail(Static):
    """The event under the cursor, nothing of it cut."""

    def tell(self, event: Event | None) -> None:
        """Show an event."""
        if event is None:
            self.update(Content(""))
            return
        kind = kind_word(event)
        when = event.at.astimezone(UTC)
        facts = [f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d} UTC", f"{kind.sign} {kind.word}"]
        facts.append(event.director or "the cluster")
        if event.subject != event.director and event.subject not in event.summary:
            facts.append(printable(event.subject))
        self.update(Content.assemble((" · ".join(facts), "$muted"), "\n", printable(event.summary)))


class EventCaption(Static):
    """How much is shown of how much, and whether new events will come into sight."""

    def tell(self, view: EventList, choice: Choice, total: int) -> None:
        """Say it."""
        parts = [self._follows(view)]
        if choice.narrows:
            shown = f"{len(view.shown):,} of {count(total, 'event')}"
            parts.append(Content.styled(shown, "bold $selection-filter"))
        else:
            parts.append(muted(count(total, "event")))
        if choice.words:
            parts.append(Content.styled(f"with {' '.join(choice.text.split())}", "$selection-filter"))
        if choice.director is not None:
            parts.append(Content.styled(f"on {choice.director} (d)", "$selection-filter"))
        if choice.kinds:
            parts.append(Content.styled(f"{count(len(choice.kinds), 'kind')} (0 shows all)", "$selection-filter"))
        self.update(Content("  ").join(parts))

    def _follows(self, view: EventList) -> Content:
        if view.following:
            return muted(" ▼ following the newest")
        more = view.below
        below = f"{fmt.number(more)} below" if more else "standing still"
        return Content.styled(f" ‖ not following: {below}, end follows ", "bold $paused-text on $paused-background")
