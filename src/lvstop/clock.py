"""Time as something that is passed, so that logic never reads it from the wall."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What lvstop knows of time."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware, UTC. For showing and for the audit, never for durations."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, nor stops while the machine sleeps. For durations and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` in which the machine was awake."""
        ...


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""On Linux the one that goes on while the machine is suspended (clock_gettime(2)): what was read before that is old."""


class SystemClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.clock_gettime(_STEADY)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
