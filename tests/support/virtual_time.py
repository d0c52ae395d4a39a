"""Time that passes only where everybody waits: minutes of waiting take a moment, and always go the same way.

All of asyncio takes part: `asyncio.timeout` and `loop.call_later` as well as a clock that is passed.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

START = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)


class StuckError(Exception):
    """Everybody waits, and nobody for a time: this would have hung for ever."""


class _JumpingSelector(selectors.SelectSelector):
    """Where nothing is ready, the time until something will be has passed at once."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise StuckError
            self.elapsed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own, which begins at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.elapsed


class LoopClock:
    """Implements `lvstop.clock.Clock` on the running loop's time."""

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def monotonic(self) -> float:
        return 1000.0 + asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


def run(what: Coroutine[object, object, T]) -> T:
    """Run something to its end, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(what)
