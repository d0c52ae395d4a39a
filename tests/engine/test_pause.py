"""Waiting for the next turn, unless something happens before it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lvstop.engine.pause import pause
from support.clocks import ManualClock
from support.fake_director import settle


async def test_time_passes() -> None:
    """Nothing happened; nobody waits for it any more."""
    clock, news = ManualClock(), asyncio.Event()
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(pause(clock, 2.0, _until(news)))
    await settle()
    clock.advance(1.9)
    await settle()
    assert not waiting.done()
    clock.advance(0.1)
    assert await waiting is False
    assert asyncio.all_tasks() == before


async def test_something_happens() -> None:
    """No time passes for it."""
    clock, news = ManualClock(), asyncio.Event()
    waiting = asyncio.create_task(pause(clock, 2.0, _until(news)))
    await settle()
    news.set()
    assert await waiting is True
    assert clock.sleeping == 0


async def test_both_at_once_is_news() -> None:
    """It was taken, and would be lost else."""
    clock, news = ManualClock(), asyncio.Event()
    waiting = asyncio.create_task(pause(clock, 2.0, _until(news)))
    await settle()
    clock.advance(2.0)
    news.set()
    assert await waiting is True


async def test_what_cannot_be_heard_any_more_is_told() -> None:
    """The error is the caller's."""

    async def broken() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await pause(ManualClock(), 2.0, broken)


async def test_cancelling_leaves_nobody_waiting() -> None:
    """Neither for the time nor for the news."""
    clock, news = ManualClock(), asyncio.Event()
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(pause(clock, 2.0, _until(news)))
    await settle()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert asyncio.all_tasks() == before


def _until(news: asyncio.Event) -> Callable[[], Awaitable[None]]:
    async def wait() -> None:
        await news.wait()

    return wait
