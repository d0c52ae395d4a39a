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
        """Seconds on a clock that never goes back. For durations and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` on the monotonic clock."""
        ...


class SystemClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
