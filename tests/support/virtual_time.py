"""Time that passes only where everybody waits: minutes of waiting take a moment, and always go the same way.

All of asyncio takes part: `asyncio.timeout` and `loop.call_later` as well as a clock that is passed.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

START = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)


_FASTEST = 100.0
"""How much faster than the real one time passes at the most, where others have to be waited for."""


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


class _PatientSelector(_JumpingSelector):
    """Sockets get a moment before time jumps, the longer the further: a busy kernel may take its time over loopback."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        moment = 0.0 if timeout is None else max(timeout, 0.0) / _FASTEST
        return selectors.SelectSelector.select(self, moment) or super().select(timeout)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own, which begins at 0."""

    def __init__(self, selector: _JumpingSelector | None = None) -> None:
        self._jumping = selector or _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.elapsed


class LoopbackLoop(VirtualLoop):
    """One for programs that speak with each other over loopback within it. No time passes in threads."""

    def __init__(self) -> None:
        super().__init__(_PatientSelector())

    def run_in_executor(self, _executor: object, func: Callable[..., T], *args: object) -> asyncio.Future[T]:
        """What is done beside the loop has been done when this returns."""
        with ThreadPoolExecutor(1) as thread:
            done = thread.submit(func, *args)
        return asyncio.wrap_future(done, loop=self)


class LoopClock:
    """Implements `lvstop.clock.Clock` on the running loop's time."""

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def monotonic(self) -> float:
        return 1000.0 + asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


def run(what: Coroutine[object, object, T], loop: type[VirtualLoop] = VirtualLoop) -> T:
    """Run something to its end, in virtual time."""
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(what)
