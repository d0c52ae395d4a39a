"""The application on the wall: collects like any other, changes nothing, and comes back to the wall by itself."""

from collections.abc import Callable
from datetime import timedelta

from textual import events
from textual.driver import Driver

from lvstop.analysis.hour import Hour
from lvstop.ui.app import LvstopApp, Start
from lvstop.ui.messages import SnapshotReady

LEFT_ALONE = 60.0
"""Seconds without a key or the mouse after which the wall is shown again."""


class NocApp(LvstopApp):
    """lvstop on a wall. `start` has nothing that could change a cluster.

    Attributes:
        hours: the last hour of each cluster, by its name.
    """

    def __init__(
        self,
        start: Start,
        dwell: timedelta,
        driver_class: type[Driver] | None = None,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        if start.make_actor is not None or start.make_failover_actor is not None:
            raise ValueError("a wall is given nothing that changes a cluster")
        super().__init__(start, driver_class, prepare)
        self._dwell = dwell
        self.hours = {config.name: Hour() for config in start.clusters}
        self._touched = start.clock.monotonic()
        self._attended = True

    def open(self) -> None:
        """The wall, over the first cluster's screen."""
        super().open()
        self._to_the_wall()
        self.set_interval(5.0, self._return)

    def on_snapshot_ready(self, message: SnapshotReady) -> None:
        """Keep what the wall shows of the past; Textual calls the handlers of the other classes as well."""
        self.hours[message.cluster].take(self.feeds[message.cluster].latest)

    async def on_event(self, event: events.Event) -> None:
        """As Textual calls it for each event."""
        if isinstance(event, events.Key | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp):
            self._touched, self._attended = self.clock.monotonic(), True
        await super().on_event(event)

    def _to_the_wall(self) -> None:
        from lvstop.ui.screens.wall import WallScreen

        self.push_screen(WallScreen(self.feeds, self.hours, self.clock, self._dwell), self._look_closer)

    def _look_closer(self, name: str | None) -> None:
        self._touched = self.clock.monotonic()
        self.chosen(name)

    async def ask_secret(self, prompt: str) -> str | None:
        """As for anybody; but where nobody was there to answer, nobody is asked again before a key is pressed."""
        return await super().ask_secret(prompt) if self._attended else None

    async def _return(self) -> None:
        """Nobody has been there for a while: what was left open is closed, as escape closes it."""
        from lvstop.ui.screens.wall import WallScreen

        if self.clock.monotonic() - self._touched < LEFT_ALONE:
            return
        self._attended = False
        self.action_hide_help_panel()
        while not isinstance(self.screen, WallScreen):
            top = self.screen
            if len(self.screen_stack) <= 2:
                self._to_the_wall()
                return
            escape = top.active_bindings.get("escape")
            if escape is not None:
                await self.run_action(escape.binding.action, escape.node)
            if self.screen is top:
                return  # it takes more than one
