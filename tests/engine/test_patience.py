"""Limits that stand still while somebody is asked."""

import asyncio

import pytest

from lvstop.engine.patience import Patience


class Question:
    """A question that is answered when the test says so."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answered = asyncio.Event()

    async def __call__(self, question: str) -> str | None:
        self.asked.set()
        await self.answered.wait()
        return f"{question}!"


async def limited(patience: Patience, seconds: float) -> None:
    """What never ends by itself."""
    async with patience.limit(seconds):
        await asyncio.Event().wait()


async def test_a_limit_ends_what_takes_too_long() -> None:
    with pytest.raises(TimeoutError):
        await limited(Patience(), 0.0)


async def test_a_question_stops_every_limit_until_it_is_answered() -> None:
    """Those that run, those that begin meanwhile, and for as long as any question is open; then time goes on."""
    patience, first, second = Patience(), Question(), Question()
    before = asyncio.create_task(limited(patience, 0.05))
    await asyncio.sleep(0)
    asking = []
    for question in (first, second):
        ask = patience.around(question)
        assert ask is not None
        asking.append(asyncio.ensure_future(ask("who")))
        await question.asked.wait()
    meanwhile = asyncio.create_task(limited(patience, 0.0))
    first.answered.set()
    assert await asking[0] == "who!"
    # longer than either limit
    await asyncio.sleep(0.2)
    assert not before.done()
    assert not meanwhile.done()
    second.answered.set()
    await asking[1]
    for task in (before, meanwhile):
        with pytest.raises(TimeoutError):
            await task


async def test_what_was_in_time_is_in_time() -> None:
    """A limit leaves nothing behind that could end something later."""
    patience, question = Patience(), Question()
    async with patience.limit(0.05):
        pass
    question.answered.set()
    ask = patience.around(question)
    assert ask is not None
    assert await ask("who") == "who!"
    await asyncio.sleep(0.1)


def test_where_nobody_is_asked_nothing_is_wrapped() -> None:
    assert Patience().around(None) is None
