"""Time limits that stand still while the operator is being asked: a slow typist is not a slow director."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Ask = Callable[[str], Awaitable[str | None]]
"""Asks the operator for a secret; None where he declines."""


class Patience:
    """The limits of one program, and the questions that stop them. One keyboard: a question stops them all."""

    def __init__(self) -> None:
        self._left: dict[asyncio.Timeout, float] = {}
        self._questions = 0

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """Give the block so many seconds, without those in which somebody was asked.

        Raises:
            TimeoutError: they are over.
        """
        async with asyncio.timeout(None if self._questions else seconds) as limit:
            self._left[limit] = seconds
            try:
                yield
            finally:
                del self._left[limit]

    def around(self, ask: Ask | None) -> Ask | None:
        """`ask`, with all limits standing still until it is answered."""
        if ask is None:
            return None

        async def asking(question: str) -> str | None:
            self._stop()
            try:
                return await ask(question)
            finally:
                self._go_on()

        return asking

    def _stop(self) -> None:
        self._questions += 1
        if self._questions > 1:
            return
        now = asyncio.get_running_loop().time()
        for limit in self._left:
            when = limit.when()
            if when is not None and not limit.expired():
                self._left[limit] = max(0.0, when - now)
                limit.reschedule(None)

    def _go_on(self) -> None:
        self._questions -= 1
        if self._questions:
            return
        now = asyncio.get_running_loop().time()
        for limit, left in self._left.items():
            if not limit.expired():
                limit.reschedule(now + left)
