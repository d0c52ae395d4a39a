"""Which lane of facts is due: each has its cadence, and events can call it earlier."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_LONGEST_PAUSE = 60.0
_CALLS_AT_ONCE = 4
"""So many called readings after one another keep the gap; a restart makes about as many."""


class Lane(StrEnum):
    """A kind of fact with a cadence of its own."""

    DAEMON = "daemon"
    ADDRESSES = "addresses"
    VRRP = "vrrp"
    COUNTERS = "counters"
    SAVED = "saved"
    THRESHOLDS = "thresholds"
    PERSISTENT = "persistent"
    SYNC_DAEMONS = "sync-daemons"
    SYSCTLS = "sysctls"
    CHECKS = "checks"
    CHANGES = "changes"


@dataclass(slots=True)
class _Due:
    every: float
    at: float
    last: float = -math.inf
    called: bool = False
    calls: int = 0
    failures: int = 0


class Schedule:
    """Due times on a monotonic clock. Everything is due at once in the beginning."""

    def __init__(self, cadences: Mapping[Lane, float], now: float) -> None:
        self._lanes = {lane: _Due(every, now) for lane, every in cadences.items()}

    def call(self, lane: Lane, now: float, *, gap: float, growing: bool = False) -> None:
        """Something happened: `lane` is due now, but not within `gap` seconds after its last reading began.

        A lane that is being read is read again: what happened may not be in the answer any more. With `growing`, a gap
        that follows on many called readings grows up to a minute, until a minute was quiet.
        """
        due = self._lanes.get(lane)
        if due is not None:
            if now - due.last > _LONGEST_PAUSE:
                due.calls = 0
            if growing:
                gap = min(_LONGEST_PAUSE, gap * 2.0 ** max(0, min(due.calls, 10) - _CALLS_AT_ONCE))
            due.at = min(due.at, max(now, due.last + gap))
            due.called = True

    def cadence(self, lane: Lane, every: float, now: float) -> None:
        """Change how often `lane` is read; a shorter cadence takes effect at once."""
        due = self._lanes.get(lane)
        if due is not None and due.every != every:
            due.every = every
            due.at = min(due.at, max(now, due.last + every))

    def next_due(
        self, now: float, *, called_only: bool = False, allowed: Callable[[Lane], bool] = lambda _lane: True
    ) -> Lane | None:
        """The lane to read now: one that was called before one whose time has come; None where none is due."""
        waiting = [
            (not due.called, due.at, lane)
            for lane, due in self._lanes.items()
            if due.at <= now and (due.called or not called_only) and allowed(lane)
        ]
        return min(waiting)[2] if waiting else None

    def begin(self, lane: Lane, now: float) -> None:
        """`lane` is being read from now on; calls that arrive meanwhile are for the next reading."""
        due = self._lanes[lane]
        due.calls += due.called
        due.last, due.at, due.called = now, math.inf, False

    def done(self, lane: Lane, now: float, *, failed: bool = False) -> None:
        """The reading has ended. One that fails again and again is tried less and less often, at least every minute."""
        due = self._lanes[lane]
        due.failures = due.failures + 1 if failed else 0
        pause = max(due.every, min(_LONGEST_PAUSE, due.every * 2.0 ** min(due.failures, 10)))
        due.at = min(due.at, now + pause)
        if failed:
            due.at = max(due.at, now + min(pause, _LONGEST_PAUSE))
