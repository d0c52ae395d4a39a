"""A clock that stands still until a test moves it."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)


class ManualClock:
    """Implements `lvstop.clock.Clock`. `sleep` returns when `advance` has passed its time."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return 1000.0 + self._elapsed

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._elapsed + max(0.0, seconds), future))
        await future

    @property
    def sleeping(self) -> int:
        """How many wait."""
        return sum(not future.done() for _, future in self._sleepers)

    def suspend(self, seconds: float) -> None:
        """Time goes by while the machine sleeps: both clocks go on, and whoever waits has waited no longer."""
        self._elapsed += seconds
        self._sleepers = [(at + seconds, future) for at, future in self._sleepers]

    def advance(self, seconds: float) -> None:
        """Move time on and wake who has slept long enough."""
        self._elapsed += seconds
        for at, future in self._sleepers:
            if at <= self._elapsed and not future.done():
                future.set_result(None)
        self._sleepers = [(at, future) for at, future in self._sleepers if not future.done()]


class EagerClock(ManualClock):
    """Passes time by itself: whoever sleeps wakes at once, later by what he asked for."""

    async def sleep(self, seconds: float) -> None:
        self._elapsed += max(0.0, seconds)
        await asyncio.sleep(0)
