"""The maintenance board: what is drained, by whom, since when and why, and what was left unfinished."""

from collections.abc import Callable
from pathlib import PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.reactive import reactive
from textual.widgets import Static

from lvstop.actions.intent import Restore
from lvstop.engine.feed import ClusterFeed
from lvstop.model.change import Change, ChangeKind
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.access import desk_of, operates
from lvstop.ui.actions.board_rows import BoardEntry, Standing, board_columns, board_rows, entries, entry_lines, unread
from lvstop.ui.actions.desk import ActionDesk
from lvstop.ui.failover.screen import FailoverScreen, failover_binding
from lvstop.ui.fitting import hanging
from lvstop.ui.messages import ShowScreen
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.key_bar import KeyBar
from lvstop.ui.widgets.keyed_table import MOST_ROWS, KeyedTable
from lvstop.ui.widgets.top_bar import TopBar
from lvstop.ui.words import muted

_NOTHING = "Nothing is in maintenance: no drain is on record."
_MARGINS = 3


class MaintenanceScreen(FailoverScreen):
    """All changes on record of one cluster."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["detail.tcss", "maintenance.tcss"]
    AUTO_FOCUS = "KeyedTable"
    HELP = """\
# Maintenance

Every drain that is on record, whoever made it, here or on the directors: since when, until when it was meant to last
(`overdue` reminds, nothing is restored by itself), and why. Below is the one under the cursor with the weights from
before the drain on each director.

- *safe to stop*, *draining*, *unknown*: enter follows it.
- *REVERTED*: a director gave it weight again (`≠`); `a` drains it again, `R` ends the drain for good.
- *UNFINISHED*: a change that was begun and neither finished nor undone, since something failed or lvstop was ended.
  `f` shows what it takes to finish it, `u` to put everything back; both ask before they do anything.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R,f4,f9", "restore", "Restore", tooltip="The weights from before the drain", id="board.restore"),
        Binding("a", "repeat", "Drain again", tooltip="Where it was reverted", id="board.repeat"),
        Binding("f", "finish", "Finish", tooltip="Do what is left of an unfinished change", id="board.finish"),
        Binding("u", "undo", "Undo", tooltip="Put back what an unfinished change did", id="board.undo"),
        Binding("escape,b", "app.pop_screen", "Back", tooltip="Where you came from", id="board.back"),
        failover_binding(show=False),
    ]

    table = query_one(KeyedTable)
    about = query_one("#about-change", Static)

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def __init__(self, feed: ClusterFeed) -> None:
        super().__init__()
        self.feed = feed
        self._entries: list[BoardEntry] = []
        self._enabled: tuple[bool | None, ...] = ()

    def compose(self) -> ComposeResult:
        """From the top: bar, changes, the one under the cursor."""
        interval = self.feed.config.interval
        yield TopBar(interval=interval, place="maintenance").data_bind(snapshot=MaintenanceScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=MaintenanceScreen.snapshot)
        yield KeyedTable()
        with VerticalScroll(id="change", can_focus=False):
            yield Static(id="about-change")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what there is."""
        self.show()

    def on_resize(self) -> None:
        """Another width: other lines."""
        self.show()

    def watch_snapshot(self) -> None:
        """Show what is new."""
        if self.is_mounted:
            self.show()

    def on_keyed_table_moved(self) -> None:
        """Another change is under the cursor."""
        self._tell()

    @property
    def entry(self) -> BoardEntry | None:
        """The change under the cursor."""
        key = self.table.cursor_key
        return next((each for each in self._entries if each.change.id == key), None)

    def show(self) -> None:
        """Bring everything up to date."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.name != self.feed.name:
            return
        self._entries = entries(snapshot)[:MOST_ROWS]
        self.table.display = bool(self._entries)
        found, width = self._entries, self.size.width
        self.table.show(board_columns(found, width), board_rows(found, snapshot.generated_at, width))
        self._tell()

    def _tell(self) -> None:
        snapshot, entry = self.snapshot, self.entry
        if snapshot is None:
            return
        width = max(40, self.size.width - _MARGINS)
        lines = [Content(f" {_NOTHING}")] if entry is None else entry_lines(entry, snapshot, width)
        missing = unread(snapshot)
        if missing:
            lines += [Content(""), *hanging(muted(" ? "), muted(missing), width)]
        self.about.update(Content("\n").join(lines))
        enabled = tuple(self.check_action(each, ()) for each in ("restore", "repeat", "finish", "undo"))
        if enabled != self._enabled:
            self._enabled = enabled
            self.refresh_bindings()

    # what the operator does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done depends on the change under the cursor; in read-only mode it is nothing."""
        if action not in ("restore", "repeat", "finish", "undo"):
            return super().check_action(action, parameters)
        entry = self.entry if self.is_mounted else None
        if entry is None or not operates(self, self.feed.name):
            return None
        if action in ("finish", "undo"):
            return entry.pending or None
        if action == "repeat":
            return entry.standing is Standing.REVERTED or None
        return (not entry.pending and entry.change.kind is ChangeKind.DRAIN) or None

    def on_keyed_table_opened(self) -> None:
        """Follow a drain."""
        from lvstop.ui.screens.draining import DrainScreen

        entry = self.entry
        if entry is None or entry.progress is None:
            return
        change = entry.change
        self.post_message(ShowScreen(lambda feed: DrainScreen(feed, change)))

    def action_restore(self) -> None:
        """Back to work, after a question."""
        self._with(lambda desk, change: desk.ask(self.feed, Restore(change.rows)))

    def action_repeat(self) -> None:
        """Drain again, after a question."""
        self._with(lambda desk, change: desk.repeat(self.feed, change))

    def action_finish(self) -> None:
        """Finish it, after a question."""
        self._with(lambda desk, change: desk.finish(self.feed, change))

    def action_undo(self) -> None:
        """Put everything back, after a question."""
        self._with(lambda desk, change: desk.undo(self.feed, change))

    def _with(self, do: Callable[[ActionDesk, Change], None]) -> None:
        desk, entry = desk_of(self), self.entry
        if desk is not None and entry is not None:
            do(desk, entry.change)
