"""The last hour of a cluster as a whole, in a bounded number of points: what a wall shows of the past."""

from collections import deque

from lvstop.analysis.series import Series
from lvstop.analysis.totals import active_connections, throughput
from lvstop.model.cluster import ClusterSnapshot

SPAN = 3600.0
EVERY = 10.0
"""Seconds between two points."""


class Hour:
    """Established connections and bytes per second. Not a value: whoever publishes snapshots feeds it."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float | None, float | None]] = deque(maxlen=int(SPAN / EVERY) + 2)

    def take(self, snapshot: ClusterSnapshot) -> None:
        """Keep a point where one is due. A clock that was set back begins a new hour."""
        at = snapshot.generated_at.timestamp()
        if self._points and at < self._points[-1][0]:
            self._points.clear()
        if not self._points or at - self._points[-1][0] >= EVERY:
            active = active_connections(snapshot)
            self._points.append((at, None if active is None else float(active), throughput(snapshot)))

    @property
    def connections(self) -> Series:
        """Established connections."""
        return Series(tuple((at, active) for at, active, _ in self._points))

    @property
    def bytes(self) -> Series:
        """Bytes per second."""
        return Series(tuple((at, rate) for at, _, rate in self._points))
