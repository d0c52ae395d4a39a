"""`lvstop drain --wait`: following a drain until its real servers may be stopped."""

import asyncio
from collections.abc import Callable

from lvstop.analysis.draining import DrainProgress, Safety, drain_progress
from lvstop.analysis.history import History
from lvstop.analysis.series import RowKey
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.engine.cluster_session import cluster_session
from lvstop.engine.connections import ProbeFactory
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot

TOLD_EVERY = 10.0
"""Seconds between two lines about a drain that goes on."""

SETTLED_AFTER = 10.0
"""Seconds until everything should have been read once: nobody can tell before."""


async def follow(
    change: Change,
    config: ClusterConfig,
    make_probe: ProbeFactory,
    clock: Clock,
    *,
    timeout: float,
    tell: Callable[[DrainProgress], None],
) -> DrainProgress:
    """Read the cluster until the drain is through, was undone by somebody, or `timeout` seconds are over.

    A director that cannot be asked is no end: it may come back.
    """
    follower = _Follower(change, clock, timeout, tell)
    session = cluster_session(config, make_probe, clock, follower.take)
    reading = asyncio.create_task(session.run(), name=f"follow {change.id}")
    reading.add_done_callback(follower.ended)
    try:
        return await follower.end
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


class _Follower:
    def __init__(self, change: Change, clock: Clock, timeout: float, tell: Callable[[DrainProgress], None]) -> None:
        self.end: asyncio.Future[DrainProgress] = asyncio.get_running_loop().create_future()
        self._change = change
        self._clock = clock
        self._began = clock.monotonic()
        self._deadline = self._began + timeout
        self._tell = tell
        self._history = History()
        self._told: tuple[Safety, int | None] | None = None
        self._told_at = 0.0

    def ended(self, reading: asyncio.Task[None]) -> None:
        """Nobody reads any more: an error of lvstop's own, or the operator's wish."""
        if self.end.done() or reading.cancelled():
            return
        self.end.set_exception(reading.exception() or RuntimeError("reading ended by itself"))

    def take(self, snapshot: ClusterSnapshot) -> None:
        """Judge one more look."""
        if self.end.done():
            return
        self._history.take(snapshot)
        self._history.watch(RowKey(director.name, *row) for director in snapshot.directors for row in self._change.rows)
        progress = drain_progress(self._change, snapshot, self._history, snapshot.generated_at)
        now = self._clock.monotonic()
        if progress.safe or progress.safety is Safety.REVERTED or now >= self._deadline:
            self.end.set_result(progress)
        elif any(director.answers for director in snapshot.directors):
            self._perhaps_tell(progress, now)

    def _perhaps_tell(self, progress: DrainProgress, now: float) -> None:
        """Each new verdict, and what is left now and then."""
        if progress.safety is Safety.UNKNOWN and now - self._began < SETTLED_AFTER:
            return
        told, state = self._told, (progress.safety, progress.left)
        if told is None or told[0] is not state[0] or (told != state and now - self._told_at >= TOLD_EVERY):
            self._told, self._told_at = state, now
            self._tell(progress)
