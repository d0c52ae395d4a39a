"""Waiting for the next turn, unless something happens before it."""

import asyncio
from collections.abc import Awaitable, Callable

from lvstop.clock import Clock


async def pause(clock: Clock, seconds: float, news: Callable[[], Awaitable[None]]) -> bool:
    """Wait for `seconds`, or for `news` to return. True where that did, be it at the same moment."""
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    happening = asyncio.ensure_future(news())
    try:
        await asyncio.wait((sleeping, happening), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (sleeping, happening):
            each.cancel()
        await asyncio.wait((sleeping, happening))
    if happening.cancelled():
        sleeping.result()
        return False
    happening.result()
    return True
