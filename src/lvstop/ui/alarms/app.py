"""The part of the application that knows alarms."""

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from lvstop.clock import Clock
from lvstop.ui.messages import SnapshotReady
from lvstop.ui.opening import EarlyApp

if TYPE_CHECKING:
    from lvstop.engine.feed import ClusterFeed
    from lvstop.ui.alarms.desk import AlarmDesk
    from lvstop.ui.app import Start


class AlarmingApp(EarlyApp):
    """An application that calls somebody, and lets him say that he has heard it."""

    # Its handlers are called beside those of its subclasses: Textual calls those of every class.

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "A",
            "acknowledge",
            "Acknowledge",
            tooltip="You know of these alarms: no bell for them, here",
            show=False,
            id="app.acknowledge",
        )
    ]

    start: "Start"
    clock: Clock
    feeds: "dict[str, ClusterFeed]"
    feed: "ClusterFeed"  # there when `open` is called

    @cached_property
    def alarms(self) -> "AlarmDesk":
        """Where alarms are told. What it needs is not needed for the first lines on the terminal."""
        from lvstop.ui.alarms.desk import AlarmDesk

        return AlarmDesk(self)

    def on_snapshot_ready(self, message: SnapshotReady) -> None:
        """Tell what is news of the alarms of a cluster."""
        self.alarms.take(self.feeds[message.cluster])

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What tells the operator's command goes on after an error of lvstop's own."""
        if event.state is WorkerState.ERROR:
            self.alarms.worker_failed(event.worker)

    def action_acknowledge(self) -> None:
        """Take note of the alarms of the cluster that is shown."""
        self.alarms.acknowledge([self.feed])

    async def action_quit(self) -> None:
        """Leave. What is due is told to the operator's command before, which takes seconds at most."""
        self.alarms.leave()
