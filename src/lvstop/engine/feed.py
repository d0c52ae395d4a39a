"""What one cluster tells over time, kept for whoever draws it: the newest snapshot, history, events and alarms."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from lvstop.analysis.history import History
from lvstop.analysis.vitals_past import VitalsPast
from lvstop.clock import Clock
from lvstop.config.alarms import Debounce
from lvstop.config.schema import ClusterConfig
from lvstop.engine.alarm_watch import AlarmWatch
from lvstop.engine.event_log import EventLog
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Fault, FaultKind

if TYPE_CHECKING:
    from lvstop.transport.ssh import SecretPrompt

Publish = Callable[[ClusterSnapshot], None]


class Session(Protocol):
    """Reads a cluster until it is cancelled."""

    async def run(self) -> None:
        """Read and publish."""
        ...


OpenSession = Callable[[ClusterConfig, Publish, "SecretPrompt"], Awaitable[Session]]
"""Prepares the session of a cluster file; nothing is connected before it runs."""


class ClusterFeed:
    """Collects while its session runs, whoever looks: switching to a cluster shows it at once, with its past.

    Attributes:
        latest: the newest snapshot; before the first one, that of a cluster which is being connected.
    """

    def __init__(
        self, config: ClusterConfig, clock: Clock, tell: Callable[[str], None], debounce: Debounce | None = None
    ) -> None:
        """`debounce`: when an alert is an alarm; None: as usual."""
        self.config = config
        self.history = History()
        self.vitals = VitalsPast()
        self.events = EventLog()
        self.alarms = AlarmWatch(clock, debounce or Debounce(), config.interval)
        self.latest = waiting(config, clock)
        self._clock = clock
        self._tell = tell

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.config.name

    async def run(self, open_session: OpenSession, ask_secret: "SecretPrompt") -> None:
        """Collect until cancelled."""
        session = await open_session(self.config, self.take, ask_secret)
        await session.run()

    def take(self, snapshot: ClusterSnapshot) -> None:
        """Keep a snapshot and tell that there is one."""
        self.latest = snapshot
        self.history.take(snapshot)
        self.vitals.take(snapshot)
        self.events.take(snapshot)
        self.alarms.take(snapshot)
        self._tell(self.name)

    def fail(self, reason: str) -> None:
        """The session ended by an error of lvstop's own: nothing that was read is the present any more."""
        # the rules are not needed for the first frame
        from lvstop.analysis.merge import merge

        fault = Fault(FaultKind.DISCONNECTED, f"lvstop stopped reading: {reason}", "it begins again by itself")
        directors = tuple(
            replace(director, status=DirectorStatus.UNREACHABLE, fault=fault) for director in self.latest.directors
        )
        known, now = self.latest, self._clock.now()
        vips, changes, failovers = self.config.vips, known.changes, known.failovers
        self.take(merge(self.name, directors, vips=vips, now=now, local=changes, local_failovers=failovers))


def waiting(config: ClusterConfig, clock: Clock) -> ClusterSnapshot:
    """A cluster of which nothing is known yet."""
    directors = tuple(
        DirectorSnapshot(name=each.name, host=each.host, status=DirectorStatus.CONNECTING) for each in config.directors
    )
    return ClusterSnapshot(name=config.name, generated_at=clock.now(), directors=directors)
