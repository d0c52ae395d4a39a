"""Who is called when there is news of alarms: the bell, a notification, the operator's command."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.worker import Worker

from lvstop.analysis.alarms import Alarm, AlarmEvent, AlarmNews
from lvstop.analysis.words import count, listing
from lvstop.config.alarms import Ring
from lvstop.engine.alert_hook import AlertHook
from lvstop.engine.feed import ClusterFeed
from lvstop.model.alert import Severity
from lvstop.ui.alarms.calling import notification

if TYPE_CHECKING:
    from lvstop.ui.alarms.app import AlarmingApp

HOOK_GROUP = "on_alert"
LEAVING_GROUP = "leaving"

LONGEST_LEAVING = 10.0
"""Seconds that leaving waits for the operator's command: as long as a run may take where the settings say nothing."""

_RINGS_FROM = {Ring.WARNING: Severity.WARNING, Ring.CRITICAL: Severity.CRITICAL, Ring.OFF: None}
_MOST_NOTIFICATIONS = 3
"""So many at once; where more is wrong, whoever is called looks at the screen."""


class AlarmDesk:
    """Calls. What it does stays on this machine, so that it is the same in read-only mode."""

    def __init__(self, app: "AlarmingApp") -> None:
        settings = app.start.settings
        self._app = app
        self._settings = settings.alarms
        self._hook = None if settings.on_alert is None else AlertHook(settings.on_alert, app.clock, self._complain)
        self._ring_from = _RINGS_FROM[settings.alarms.bell]
        self._remind_at: float | None = None
        self._worker: Worker[None] | None = None
        self._leaving = False

    @property
    def complaint(self) -> str:
        """What is wrong with the operator's command, as of its last run; empty where nothing is."""
        return "" if self._hook is None else self._hook.complaint

    def take(self, feed: ClusterFeed) -> None:
        """Tell what is news of a cluster, and remind of what nobody has taken note of."""
        news = feed.alarms.fetch()
        begun = [each for each in news if each.event is not AlarmEvent.CLEARED and self._rings(each.alarm)]
        if begun:
            self._call(begun)
        else:
            self._remind()
        if self._hook is not None and news:
            self._hook.put(news)
            self._run(self._hook)

    def acknowledge(self, feeds: Iterable[ClusterFeed]) -> None:
        """Somebody has taken note of the alarms of these clusters: they do not ring any more."""
        noted = {feed.name: number for feed in feeds if (number := feed.alarms.acknowledge())}
        if noted:
            alarms, names = count(sum(noted.values()), "alarm"), listing(noted, most=3)
            said = f"{alarms} of {names} acknowledged, for this terminal. What is new or gets worse calls again."
        else:
            said = "There is no alarm that was not acknowledged."
        self._app.notify(said, timeout=5, markup=False)

    def leave(self) -> None:
        """End the application, once the operator's command was told what is due; asked again, at once."""
        if self._hook is None or self._hook.is_settled or self._leaving:
            self._end()
            return
        self._leaving = True
        said = f"on_alert is being told of {count(self._hook.untold, 'alarm')}. Once more to leave at once."
        self._app.notify(said, title="leaving", timeout=LONGEST_LEAVING, markup=False)
        self._app.run_worker(
            self._end_settled(self._hook), group=LEAVING_GROUP, description="telling what is due", exit_on_error=False
        )

    async def _end_settled(self, hook: AlertHook) -> None:
        await hook.settle(LONGEST_LEAVING)
        self._end()

    def _end(self) -> None:
        untold = 0 if self._hook is None else self._hook.untold
        said = f"lvstop: on_alert was not told what is new of {count(untold, 'alarm')}."
        self._app.exit(message=Text(said) if untold else None)

    def worker_failed(self, worker: Worker[object]) -> None:
        """A worker of the application ended by an error; where it was ours, that is told, and it begins again."""
        if worker is not self._worker or self._hook is None:
            return
        self._hook.failed(worker.error)
        self._worker = None
        self._run(self._hook)

    def _run(self, hook: AlertHook) -> None:
        """Have the command run beside everything else, from the first news on."""
        if self._worker is None:
            self._worker = self._app.run_worker(
                hook.run(), group=HOOK_GROUP, description="telling the operator's command", exit_on_error=False
            )

    def _rings(self, alarm: Alarm) -> bool:
        return self._ring_from is not None and alarm.severity >= self._ring_from and not alarm.acknowledged

    def _call(self, news: Sequence[AlarmNews]) -> None:
        self._ring()
        tell = self._app.tell_terminal
        for each in news[:_MOST_NOTIFICATIONS]:
            sequence = notification(self._settings.notification, each)
            if sequence and tell is not None:
                tell(sequence)

    def _ring(self) -> None:
        self._app.bell()
        every = self._settings.remind_every
        self._remind_at = None if every is None else self._app.clock.monotonic() + every

    def _remind(self) -> None:
        if self._remind_at is None or self._app.clock.monotonic() < self._remind_at:
            return
        self._remind_at = None
        if any(self._rings(alarm) for feed in self._app.feeds.values() for alarm in feed.alarms.standing):
            self._ring()

    def _complain(self, complaint: str) -> None:
        self._app.notify(complaint, title="alarm not told", severity="error", timeout=20, markup=False)
