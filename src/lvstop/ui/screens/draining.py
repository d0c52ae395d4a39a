"""Following a drain until its real servers may be stopped."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Button, Static

from lvstop import format as fmt
from lvstop.actions.intent import Restore
from lvstop.analysis.draining import DrainProgress, Safety, drain_progress
from lvstop.analysis.series import RowKey
from lvstop.analysis.words import listing
from lvstop.engine.feed import ClusterFeed
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.access import desk_of, operates
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.actions.drain_lines import SIGN, head_lines, progress_lines
from lvstop.ui.actions.words import of_change, subject
from lvstop.ui.failover.screen import FailoverScreen, failover_binding
from lvstop.ui.fitting import hanging
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.key_bar import KeyBar
from lvstop.ui.widgets.top_bar import TopBar
from lvstop.ui.words import muted

PATIENCES = (5, 10, 20, 30, 60, 0)
"""Minutes after which the operator is asked what is to become of a drain that is not through; 0 is never."""

PATIENCE = 10
_ENDED = "NO LONGER ON RECORD: somebody restored it, or took its record away."
_MARGINS = 3


class DrainScreen(FailoverScreen):
    """One drain. Leaving it leaves the drain: only a restore ends that."""

    CSS_PATH = "draining.tcss"
    HELP = """\
# Following a drain

A line per real server: the connections that have to end, at the beginning and now, how much of that is done, and when
it will be through at the pace of the last minute. The **last line** is the verdict. *Safe to stop* means that no
connection is left that stopping the real server would break, on the director that holds the VIP: for TCP established
ones (those that are closing run out by timeout), for UDP all; with persistence no client that would be sent back.

*Reverted*: the weight is above 0 again on a director. keepalived writes it when a check fails and passes, when a quorum
changes and when it is restarted; or somebody set it. `a` drains again.

Leaving (`k`, escape) changes nothing: the drain stays until it is restored (`R`), and stands on the board (`b`).
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R,f4,f9", "restore", "Restore", tooltip="The weights from before the drain", id="drain.restore"),
        Binding("a", "repeat", "Drain again", tooltip="Where it was reverted", id="drain.repeat"),
        Binding("t", "patience", "Ask after", tooltip="After how long you are asked what to do", id="drain.patience"),
        Binding("k,escape", "leave", "Leave it drained", tooltip="The drain stays, on the board", id="drain.leave"),
        Binding("up", "scroll(-1)", "Scroll up", show=False, id="drain.up"),
        Binding("down", "scroll(1)", "Scroll down", show=False, id="drain.down"),
        Binding("pageup", "scroll(-10)", "Page up", show=False, id="drain.page-up"),
        Binding("pagedown", "scroll(10)", "Page down", show=False, id="drain.page-down"),
        failover_binding(show=False),
    ]

    body = query_one("#drain", VerticalScroll)
    words = query_one("#drain-words", Static)
    verdict = query_one("#verdict", Static)
    asking = query_one("#asking", Static)

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)
    patience: reactive[int] = reactive(PATIENCE, init=False)

    def __init__(self, feed: ClusterFeed, change: Change, since: datetime | None = None) -> None:
        """`since`: when it was done; tables that were read before tell nothing of it. None where that is long ago."""
        super().__init__()
        self.feed = feed
        self._change = change
        self._since = since
        self._began: datetime | None = None
        self._recorded = False
        self._safety: Safety | None = None

    def compose(self) -> ComposeResult:
        """From the top: bar, the drain and its rows, the verdict, what will be asked."""
        interval = self.feed.config.interval
        yield TopBar(interval=interval, place="following a drain").data_bind(snapshot=DrainScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=DrainScreen.snapshot)
        with VerticalScroll(id="drain", can_focus=False):
            yield Static(id="drain-words")
        yield Static(id="verdict")
        yield Static(id="asking")
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

    def watch_patience(self) -> None:
        """Another time to be asked."""
        self.show()

    @property
    def ended(self) -> bool:
        """It was on record and is not any more."""
        return self._recorded and self._now_recorded() is None

    def _now_recorded(self) -> Change | None:
        changes = () if self.snapshot is None else self.snapshot.changes
        return next((each for each in changes if each.id == self._change.id), None)

    def show(self) -> None:
        """Bring everything up to date."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.name != self.feed.name:
            return
        recorded = self._now_recorded()
        self._recorded = self._recorded or recorded is not None
        self._change = recorded or self._change
        self._began = self._began or snapshot.generated_at
        self.feed.history.watch(self._keys(snapshot))
        if self._since is not None and not _read_since(snapshot, self._since):
            self._tell_reading(snapshot)
            return
        progress = drain_progress(self._change, snapshot, self.feed.history, snapshot.generated_at)
        width = max(40, self.size.width - _MARGINS)
        rows = progress_lines(progress, width)
        self.words.update(Content("\n").join([*head_lines(self._change, snapshot, width), Content(""), *rows]))
        self._tell_verdict(progress)
        self._tell_asking(progress, snapshot.generated_at)
        if progress.safety is not self._safety:
            self._safety = progress.safety
            self.refresh_bindings()

    def _tell_reading(self, snapshot: ClusterSnapshot) -> None:
        """What is known of it is from before."""
        lines = head_lines(self._change, snapshot, max(40, self.size.width - _MARGINS))
        self.words.update(Content("\n").join(lines))
        self.verdict.update(muted(f" · Reading {listing(each.name for each in snapshot.directors)} …"))

    def _keys(self, snapshot: ClusterSnapshot) -> Iterable[RowKey]:
        return [RowKey(each.name, *row) for each in snapshot.directors for row in self._change.rows]

    def _tell_verdict(self, progress: DrainProgress) -> None:
        ended = self.ended
        for name in Safety:
            self.verdict.set_class(name is progress.safety and not ended, f"-{name}")
        sign, said = ("·", _ENDED) if ended else (SIGN[progress.safety], progress.headline)
        self.verdict.update(Content("\n").join(hanging(Content(f" {sign} "), Content(said), self.size.width - 1)))

    def _tell_asking(self, progress: DrainProgress, now: datetime) -> None:
        """What will be asked when; and the question, when it is time."""
        if not operates(self, self.feed.name):
            self.asking.update(muted(" k leaves; the drain stays"))
        elif self.ended or progress.safe or self._began is None:
            self.asking.update(muted(" R puts it back to work · k leaves it drained"))
        elif not self.patience:
            self.asking.update(muted(" You are never asked (t)."))
        else:
            left = self._began + timedelta(minutes=self.patience) - now
            if left <= timedelta(0):
                self._ask(progress)
            text = f" After {self.patience} min you are asked what to do: in {fmt.duration(left)} (t changes it)"
            self.asking.update(Content.styled(text, "$muted"))

    def _ask(self, progress: DrainProgress) -> None:
        """Once at a time, and not over another question."""
        if self.is_active:
            waited = timedelta(minutes=self.patience)
            self.app.push_screen(PatienceScreen(self._change, progress.headline, waited), self._take)

    def _take(self, choice: "Choice | None") -> None:
        self._began = None if self.snapshot is None else self.snapshot.generated_at
        if choice is Choice.RESTORE:
            self.action_restore()
        elif choice is Choice.LEAVE:
            self.action_leave()

    # what the operator does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is over cannot be restored; only what was reverted can be repeated; in read-only mode neither."""
        if action == "restore":
            return (operates(self, self.feed.name) and not self.ended and self._safety is not None) or None
        if action == "repeat":
            reverted = self._safety is Safety.REVERTED and not self.ended
            return (operates(self, self.feed.name) and reverted) or None
        return super().check_action(action, parameters)

    def action_restore(self) -> None:
        """Back to work, after a question."""
        desk = desk_of(self)
        if desk is not None:
            desk.ask(self.feed, Restore(self._change.rows), self._close)

    def action_repeat(self) -> None:
        """Drain it again, after a question."""
        desk = desk_of(self)
        if desk is not None:
            desk.repeat(self.feed, self._change, self._close)

    def action_patience(self) -> None:
        """The next length of time."""
        place = PATIENCES.index(self.patience)
        self.patience = PATIENCES[(place + 1) % len(PATIENCES)]

    def action_leave(self) -> None:
        """Leave; the drain stays."""
        if not self.ended:
            self.notify(f"The {of_change(self._change)} stays: b shows it, R there restores.", markup=False)
        self._close()

    def _close(self) -> None:
        if self.is_active:
            self.app.pop_screen()

    def action_scroll(self, lines: int) -> None:
        """Scroll the rows."""
        self.body.scroll_relative(y=lines, animate=False, force=True)


def _read_since(snapshot: ClusterSnapshot, since: datetime) -> bool:
    """Every director that answers has been read since a moment."""
    ages = (each.age_seconds for each in snapshot.directors if each.answers)
    return all(age is None or snapshot.generated_at - timedelta(seconds=age) >= since for age in ages)


class Choice(StrEnum):
    """What is to become of a drain that takes long."""

    WAIT = "wait"
    RESTORE = "restore"
    LEAVE = "leave"


class PatienceScreen(ActionDialog[Choice | None]):
    """A drain takes longer than the operator wanted to wait."""

    HELP = "Nothing happens by itself: wait on, put it back to work, or leave it drained and follow it no longer."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "wait", "Wait on", tooltip="Ask again after as long", id="patience.wait"),
    ]

    def __init__(self, change: Change, headline: str, waited: timedelta) -> None:
        super().__init__(f"Not through after {fmt.duration(waited)}", "esc waits on")
        self._change = change
        self._headline = headline

    def lines(self, width: int) -> Sequence[Content]:
        """What it is about, and how it stands."""
        about = hanging(Content(" "), Content.styled(subject(self._change.rows), "bold"), width)
        return [*about, *hanging(Content(" "), Content(self._headline), width)]

    def buttons(self) -> Iterable[Widget]:
        """The harmless one first."""
        yield harmless("Wait on")
        yield consequential("Restore …", "restore")
        yield consequential("Leave it drained", "leave")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        chosen = {"restore": Choice.RESTORE, "leave": Choice.LEAVE}
        self.answer(chosen.get(event.button.id or "", Choice.WAIT))

    def action_wait(self) -> None:
        """Go on waiting."""
        self.answer(Choice.WAIT)
