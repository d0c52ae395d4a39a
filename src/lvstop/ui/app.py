"""The application: clusters that keep collecting, and the screens that show one of them.

What the first lines on the terminal do not need is imported where it is needed: they are to be there at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.worker import Worker, WorkerState

from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.config.settings import Settings
from lvstop.config.themes import ThemeSpec
from lvstop.ui.badge import READ_ONLY
from lvstop.ui.diagnostics.app import DiagnosedApp
from lvstop.ui.messages import ShowScreen, SnapshotReady

if TYPE_CHECKING:
    from lvstop.analysis.board import Row
    from lvstop.engine.actor import MakeActor
    from lvstop.engine.counting import CountConnections
    from lvstop.engine.failover_actor import MakeFailoverActor
    from lvstop.engine.feed import ClusterFeed, OpenSession
    from lvstop.model.cluster import ClusterSnapshot
    from lvstop.ui.actions.desk import ActionDesk
    from lvstop.ui.screens.cluster import ClusterScreen, View

RESTART_SECONDS = 5.0
"""After an error of lvstop's own a cluster is read again, but not at once."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the application starts with.

    Attributes:
        themes: at least one; the first is the one where the settings' is not there.
        notices: what was wrong with the operator's own files, a sentence each.
        exports: the folder in which a folder `exports` takes what is written out; None writes nothing.
        make_actor, make_failover_actor: what changes a cluster, and what fails it over; None is read-only, and then
            nothing that could do so exists.
        count_connections: looks into connection tables; None: nobody can ask for that.
    """

    clusters: Sequence[ClusterConfig]
    open_session: "OpenSession"
    clock: Clock
    themes: Sequence[ThemeSpec]
    settings: Settings = field(default_factory=Settings)
    notices: Sequence[str] = ()
    exports: Path | None = None
    make_actor: "MakeActor | None" = None
    make_failover_actor: "MakeFailoverActor | None" = None
    count_connections: "CountConnections | None" = None


def _actions() -> type[Provider]:
    from lvstop.ui.palette import ActionProvider

    return ActionProvider


def _places() -> type[Provider]:
    from lvstop.ui.palette import PlaceProvider

    return PlaceProvider


class LvstopApp(DiagnosedApp):
    """lvstop in a terminal."""

    TITLE = "lvstop"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_actions, _places}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-wall")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall"), (50, "-high")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", tooltip="Leave; nothing changes on the directors", id="app.quit"),
        Binding("question_mark", "toggle_help", "Help", tooltip="What this screen shows, and its keys", id="app.help"),
        Binding("c", "clusters", "Clusters", tooltip="All clusters, a line each", id="app.clusters"),
        Binding("left_square_bracket", "next(-1)", "Previous cluster", show=False, id="app.previous"),
        Binding("right_square_bracket", "next(1)", "Next cluster", show=False, id="app.next"),
        Binding("T", "themes", "Theme", tooltip="Choose the colours", show=False, id="app.theme"),
        Binding("Y", "copy_screen", "Copy screen", tooltip="The screen as text", show=False, id="app.copy-screen"),
    ]

    snapshot: "reactive[ClusterSnapshot | None]" = reactive(None, init=False, repaint=False)
    """The newest snapshot of the cluster that is shown."""

    desk: "ActionDesk"  # there when `open` is called

    def __init__(
        self, start: Start, driver_class: type[Driver] | None = None, prepare: Callable[[], object] | None = None
    ) -> None:
        """`prepare`: as `EarlyApp` takes it."""
        super().__init__(start.clusters[0], start.themes, prepare, driver_class)
        self.start = start
        self.clock = start.clock
        self.feeds: dict[str, ClusterFeed] = {}
        self._views: dict[str, View] = {}
        if prepare is None:
            self._make_feeds()
        self.notices = [*start.notices, *self.take_theme(start.settings.theme)]
        self.set_keymap(dict(start.settings.keymap))

    @property
    def badge(self) -> str:
        """That no key changes anything, if it is so."""
        return READ_ONLY if self.start.make_actor is None or self.start.clusters[0].read_only else ""

    def _make_feeds(self) -> None:
        from lvstop.engine.feed import ClusterFeed
        from lvstop.ui.actions.desk import ActionDesk

        self.desk = ActionDesk(self, self.start)
        hold = self.start.settings.alarms.debounce
        self.feeds = {each.name: ClusterFeed(each, self.clock, self._tell, hold) for each in self.start.clusters}
        self.feed = next(iter(self.feeds.values()))

    def open(self) -> None:
        """Show the first cluster; reading begins when its screen is painted."""
        if not self.feeds:
            self._make_feeds()
        self.stylesheet.read(Path(__file__).with_name("app.tcss"))  # not CSS_PATH: it takes as long as the first lines
        self.refresh_css(animate=False)
        self.snapshot = self.feed.latest
        self.push_screen(self._cluster_screen())
        self.call_after_refresh(self._begin)

    def show_cluster(self, name: str) -> None:
        """Show another cluster. It has been collecting all the time."""
        # data is bound by the node whose message is handled: that has to be the application
        self.call_later(self._switch, name)

    def _switch(self, name: str) -> None:
        from lvstop.ui.screens.cluster import ClusterScreen

        if not self.uncover():
            return
        if isinstance(self.screen, ClusterScreen):
            self._views[self.feed.name] = self.screen.view
        self.feed = self.feeds[name]
        self.snapshot = self.feed.latest
        self.switch_screen(self._cluster_screen())

    def _cluster_screen(self) -> "ClusterScreen":
        from lvstop.ui.screens.cluster import ClusterScreen, View

        view = self._views.get(self.feed.name, View(columns=self.start.settings.columns))
        return ClusterScreen(self.feed, view).data_bind(LvstopApp.snapshot)

    def on_show_screen(self, message: ShowScreen) -> None:
        """Lay a screen over the cluster's."""
        self.push_screen(message.make(self.feed).data_bind(LvstopApp.snapshot))

    def go_to_row(self, row: "Row") -> None:
        """Put the cursor of the table on a row."""
        from lvstop.ui.screens.cluster import ClusterScreen

        if not self.uncover() or not isinstance(self.screen, ClusterScreen):
            return
        if not self.screen.table.go_to(row):
            self.notify("That row is hidden by the filter.", markup=False)

    def uncover(self) -> bool:
        """Close what lies over the cluster's screen; False where a question there waits for its answer."""
        while len(self.screen_stack) > 2:
            if isinstance(self.screen, ModalScreen):
                return False
            self.pop_screen()
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One cluster needs no choice between clusters."""
        if action in ("clusters", "next"):
            return len(self.feeds) > 1
        return super().check_action(action, parameters)

    async def action_quit(self) -> None:
        """Leave, unless something is being changed: that is not left half-way, and takes seconds."""
        if self.feeds and self.desk.executing:
            self.notify("Wait: this is being done, and takes seconds.", title=self.desk.executing[0], markup=False)
            return
        await super().action_quit()

    def action_clusters(self) -> None:
        """Choose a cluster from the list."""
        from lvstop.ui.screens.fleet import FleetScreen

        self.push_screen(FleetScreen(self.feeds, self.feed.name), self.chosen)

    def chosen(self, name: str | None) -> None:
        """Show the cluster that was chosen, if one was."""
        if name is not None and name != self.feed.name:
            self.show_cluster(name)

    def action_next(self, step: int) -> None:
        """The cluster after this one, or before it."""
        names = list(self.feeds)
        self.show_cluster(names[(names.index(self.feed.name) + step) % len(names)])

    def action_themes(self) -> None:
        """Choose a theme, seeing it."""
        from lvstop.ui.screens.themes import ThemesScreen

        self.push_screen(ThemesScreen({spec.name: spec.title for spec in self.start.themes}))

    def action_copy_screen(self) -> None:
        """Put the screen as text into the operator's clipboard (OSC 52)."""
        from lvstop.ui.screen_text import screen_text

        self.copy_to_clipboard(screen_text(self.screen))
        self.notify("The screen is in the clipboard.", timeout=3, markup=False)

    async def ask_secret(self, prompt: str) -> str | None:
        """Ask the operator for a passphrase. What is typed is not kept here."""
        from lvstop.ui.screens.passphrase import PassphraseScreen

        return await self.push_screen_wait(PassphraseScreen(prompt))

    # reading

    def _begin(self) -> None:
        for feed in self.feeds.values():
            self._read(feed)
            self.desk.notice(feed)
        from lvstop.ui.known_keys import mistakes

        for notice in (*self.notices, *mistakes(self.start.settings)):
            self.notify(notice, severity="warning", timeout=20, markup=False)

    def _read(self, feed: "ClusterFeed") -> None:
        self.run_worker(
            feed.run(self.start.open_session, self.ask_secret),
            name=feed.name,
            group=f"poll:{feed.name}",
            description=f"reading {feed.name}",
            exit_on_error=False,
        )

    def _tell(self, cluster: str) -> None:
        if self.is_running:
            self.post_message(SnapshotReady(cluster))

    def on_snapshot_ready(self, message: SnapshotReady) -> None:
        """Show what is new, if it is about the cluster that is shown."""
        self.desk.notice(self.feeds[message.cluster])
        if message.cluster == self.feed.name:
            self.snapshot = self.feed.latest

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """An error of lvstop's own ends nothing: it is told, and the cluster is read again."""
        if event.state is not WorkerState.ERROR:
            return
        from lvstop.ui.actions.words import GROUP

        worker, error = event.worker, event.worker.error
        reason = f"{type(error).__name__}: {error}"
        if worker.group == GROUP:
            self.desk.failed(worker.name, reason)
        feed = self.feeds.get(worker.name)
        if feed is None or worker.group == GROUP:
            return
        self.notify(f"{feed.name}: {reason}", title="lvstop stopped reading", severity="error", markup=False)
        feed.fail(reason)
        self.set_timer(RESTART_SECONDS, lambda: self._read(feed))
