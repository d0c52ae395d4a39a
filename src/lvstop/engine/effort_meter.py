"""Adds up what reading one director costs."""

from collections import deque

from lvstop.model.effort import Effort

LOOKS = 120
"""So many looks are remembered one by one."""


class EffortMeter:
    """Told by a session what it does; the moments are those of a clock that never goes back."""

    def __init__(self) -> None:
        self._looks = 0
        self._failures = 0
        self._connections = 0
        self._latencies: deque[float] = deque(maxlen=LOOKS)
        self._read: deque[tuple[float, int]] = deque(maxlen=LOOKS)

    def connected(self) -> None:
        """There is a connection, another one than before."""
        self._connections += 1

    def failed(self) -> None:
        """A look, or an attempt to connect, came to nothing."""
        self._failures += 1

    def looked(self, began: float, ended: float, bytes_read: int) -> None:
        """A look succeeded. `bytes_read`: all that was ever read of this director."""
        self._looks += 1
        self._latencies.append(ended - began)
        self._read.append((ended, bytes_read))

    def effort(self) -> Effort:
        """All of it, now."""
        oldest, newest = (self._read[0], self._read[-1]) if self._read else ((0.0, 0), (0.0, 0))
        seconds = newest[0] - oldest[0]
        return Effort(
            looks=self._looks,
            failures=self._failures,
            connections=self._connections,
            latencies=tuple(self._latencies),
            bytes_read=newest[1],
            bytes_per_second=(newest[1] - oldest[1]) / seconds if seconds > 0 else None,
        )
