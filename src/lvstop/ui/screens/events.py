"""Everything that changed, on one time axis for all directors."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.reactive import reactive
from textual.widgets import Footer, Input

from lvstop.analysis.event_search import as_jsonl, as_text
from lvstop.analysis.words import count
from lvstop.engine.event_log import export_name, write_export
from lvstop.engine.feed import ClusterFeed
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.event import EventKind
from lvstop.ui.events.bars import KIND_KEYS, Choice, EventCaption, EventDetail, KindBar
from lvstop.ui.events.view import EventList
from lvstop.ui.events.words import KIND_WORDS
from lvstop.ui.failover.screen import FailoverScreen, failover_binding
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.top_bar import TopBar

_NOTHING = "Nothing has changed since lvstop watches."
_NO_FIT = "No event fits."
_JSONL = "application/jsonl"


def _kind_binding(key: str, kind: EventKind) -> Binding:
    word = KIND_WORDS[kind].word
    tooltip = f"Show events of this kind: {word}; again leaves it out"
    return Binding(key, f"kind('{kind}')", word, tooltip=tooltip, show=False, id=f"events.kind-{kind}")


class EventsScreen(FailoverScreen):
    """The event log of one cluster."""

    AUTO_FOCUS = "EventList"
    CSS_PATH = "events.tcss"
    HELP = """\
# Events

Everything that changed while lvstop watches, on all directors, in order of time (UTC), the newest at the bottom.
VRRP transitions have the time that keepalived gives them; everything else the time when it was seen.

- The list **follows** the newest until you move up; `end` follows again. The line below says which it is.
- `1` to `9` choose kinds, several at once; `0` shows all of them. `d` goes through the directors.
- `/` searches in director, subject and summary while you type; all words must be there. Escape shows all again.
- `x` writes what is shown to a file, a JSON object per line; `y` copies the line under the cursor.

Alerts: `✖` critical, `▲` warning, `✔` cleared.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="Leave the search, or go back to the cluster", id="events.back"),
        Binding("slash", "search", "Search", tooltip="Show events with these words only", id="events.search"),
        Binding("d", "director", "Director", tooltip="Show one director after the other", id="events.director"),
        *(_kind_binding(key, kind) for key, kind in KIND_KEYS.items()),
        Binding("0", "all_kinds", "All kinds", tooltip="Show all kinds again", show=False, id="events.all-kinds"),
        Binding("x", "export", "Export", tooltip="Write what is shown to a file", id="events.export"),
        Binding("y", "copy", "Copy", tooltip="Copy the line under the cursor", id="events.copy"),
        failover_binding(show=False),
    ]

    view = query_one(EventList)
    bar = query_one(KindBar)
    detail = query_one(EventDetail)
    caption = query_one(EventCaption)
    search = query_one("#events-search", Input)

    snapshot: reactive[ClusterSnapshot | None] = reactive(None)
    choice: reactive[Choice] = reactive(Choice(), init=False)

    def __init__(self, feed: ClusterFeed) -> None:
        super().__init__()
        self.feed = feed
        self._version = -1

    def compose(self) -> ComposeResult:
        """From the top: bar, kinds, list, the event under the cursor, what is shown."""
        yield TopBar(interval=self.feed.config.interval, place="events").data_bind(snapshot=EventsScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=EventsScreen.snapshot)
        yield KindBar()
        yield EventList(_NOTHING)
        yield EventDetail()
        yield Input(placeholder="words of director, subject or summary", id="events-search", compact=True)
        yield EventCaption()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """What is in the log already."""
        self._show()

    def watch_snapshot(self) -> None:
        """New events, if there are any."""
        if self.is_mounted and self.feed.events.version != self._version:
            self._show()

    def watch_choice(self) -> None:
        """Other events are wanted."""
        self._show()

    def _show(self) -> None:
        log, choice = self.feed.events, self.choice
        self._version = log.version
        self.bar.counts, self.bar.kinds = log.counts_by_kind(), choice.kinds
        self.view.empty = _NO_FIT if choice.narrows and len(log) else _NOTHING
        self.view.show(log.select(choice.text, choice.kinds or None, choice.director), choice.words)

    def on_event_list_moved(self) -> None:
        """The lines below tell of the cursor and of what is shown."""
        self.detail.tell(self.view.cursor)
        self.caption.tell(self.view, self.choice, len(self.feed.events))

    def on_kind_bar_chosen(self, message: KindBar.Chosen) -> None:
        """A click is as good as a key."""
        self.action_kind(message.kind)

    # what the operator does

    def action_back(self) -> None:
        """Leave the search if there is one, else the screen."""
        if self.has_class("-searching"):
            self.search.value = ""
            self._leave_search()
        else:
            self.app.pop_screen()

    def action_search(self) -> None:
        """Open the search."""
        self.add_class("-searching")
        self.search.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed."""
        self.choice = replace(self.choice, text=event.value)

    def on_input_submitted(self) -> None:
        """Back to the events; the search stays."""
        self._leave_search()

    def _leave_search(self) -> None:
        self.set_class(bool(self.search.value.strip()), "-searching")
        self.view.focus()

    def action_kind(self, kind: str) -> None:
        """Choose a kind, or leave it out again."""
        self.choice = replace(self.choice, kinds=self.choice.kinds ^ {EventKind(kind)})

    def action_all_kinds(self) -> None:
        """Every kind."""
        self.choice = replace(self.choice, kinds=frozenset())

    def action_director(self) -> None:
        """The next director; after the last all of them."""
        names = [None, *(director.name for director in self.feed.config.directors)]
        place = names.index(self.choice.director) if self.choice.director in names else 0
        self.choice = replace(self.choice, director=names[(place + 1) % len(names)])

    def action_copy(self) -> None:
        """Copy the event under the cursor, as a line of text."""
        event = self.view.cursor
        if event is not None:
            self.app.copy_to_clipboard(as_text([event]).rstrip("\n"))
            self.notify("Copied, if the terminal allows it (OSC 52).", timeout=3, markup=False)

    def action_export(self) -> None:
        """Write what is shown to a file; a browser gets it as a download, and nothing is written here."""
        if self.app.is_web:
            name = export_name(self.feed.name, self.feed.latest.generated_at)
            self.app.deliver_text(io.StringIO(as_jsonl(self.view.shown)), save_filename=name, mime_type=_JSONL)
            return
        folder = self._exports
        if folder is None:
            self.notify("There is no folder to write to.", title="Not exported", severity="warning", markup=False)
        else:
            self._export(folder)

    @property
    def _exports(self) -> Path | None:
        from lvstop.ui.app import LvstopApp

        return self.app.start.exports if isinstance(self.app, LvstopApp) else None

    @work(group="export", exit_on_error=False, description="writing events to a file")
    async def _export(self, folder: Path) -> None:
        events, now = tuple(self.view.shown), self.feed.latest.generated_at
        try:
            path = await asyncio.to_thread(write_export, folder, self.feed.name, events, now)
        except OSError as error:
            reason = f"{error.strerror or error}: {error.filename or folder}"
            self.notify(reason, title="Not exported", severity="error", timeout=20, markup=False)
            return
        self.notify(f"{count(len(events), 'event')} in {path}", title="Exported", timeout=20, markup=False)
