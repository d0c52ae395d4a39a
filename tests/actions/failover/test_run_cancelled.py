"""Failovers whose lvstop is ended in the middle: what was pulled is on record, and nothing is left behind."""

import asyncio
from collections.abc import Callable

import pytest

from lvstop.actions.failover.outcome import FailoverProgress, FailoverStage
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.failover.timeline import Mark
from lvstop.model.failover import FailoverLever, FailoverPhase
from support.failover_factories import SOURCE, TARGET
from support.failover_pair import AS_BEFORE, FailoverPair, a_plan, a_release


def cancelled(pair: FailoverPair, plan: FailoverPlan, prepare: Callable[[Callable[[], object]], None]) -> bool:
    """Execute a plan that is cancelled when `prepare` says so; False where it had ended before.

    Args:
        prepare: is called with what cancels it.
    """

    async def execute() -> bool:
        task = asyncio.ensure_future(pair.executed(plan))
        prepare(task.cancel)
        await asyncio.wait((task,))
        if not task.cancelled():
            task.result()
        return task.cancelled()

    was = pair.play(execute())
    pair.assert_nothing_is_left()
    if was:
        assert ("end", "done") not in pair.diary.entries
        on_record(pair, plan)
    return was


def on_record(pair: FailoverPair, plan: FailoverPlan) -> None:
    """The next lvstop, whoever's it is, finds it."""
    if pair.levers == AS_BEFORE:
        return
    everywhere = [phase for _, phase in pair.kept] + pair.recorded(pair.source) + pair.recorded(pair.target)
    assert len(everywhere) == 3, "it is not on record everywhere"
    assert FailoverPhase.PENDING in everywhere or everywhere == [FailoverPhase.HELD] * 3
    assert list(pair.source.records) == list(pair.target.records) == [plan.failover.id]


def at_progress(pair: FailoverPair, number: int) -> Callable[[Callable[[], object]], None]:
    """When something is told for the nth time."""

    def prepare(cancel: Callable[[], object]) -> None:
        def watch(_progress: FailoverProgress) -> None:
            if len(pair.told) == number:
                cancel()

        pair.watch = watch

    return prepare


@pytest.mark.parametrize("lever", [FailoverLever.TRACK_FILE, FailoverLever.STOP])
@pytest.mark.parametrize("number", range(1, 25))
def test_at_each_step_and_moment(pair: FailoverPair, lever: FailoverLever, number: int) -> None:
    """It is ended while it tells something; all of it is told before it is done, but for the moments."""
    if not cancelled(pair, a_plan(lever), at_progress(pair, number)):
        assert number > len(pair.told) >= 18


@pytest.mark.parametrize("effective", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("verb", ["uid", "lock", "number", "record", "date", "addresses", "put", "note"])
@pytest.mark.parametrize("name", [SOURCE, TARGET])
def test_over_each_request(pair: FailoverPair, name: str, verb: str, effective: bool) -> None:
    """It is ended while a director is asked, which has done it already or does it nevertheless."""

    def prepare(cancel: Callable[[], object]) -> None:
        def before(request: str) -> None:
            if request.partition(" ")[0] == verb:
                pair.later(0.001 if effective else 0.0, cancel)

        pair.director(name).before = before

    asked = name == SOURCE or verb not in ("number", "put")
    assert cancelled(pair, a_plan(), prepare) is asked


@pytest.mark.parametrize("tenths", range(0, 70, 2))
def test_at_any_time(pair: FailoverPair, tenths: int) -> None:
    """Whatever it is at."""
    plan = a_plan()
    was = cancelled(pair, plan, lambda cancel: pair.later(tenths / 10, cancel))
    assert was or pair.kept == [(plan.failover.id, FailoverPhase.HELD)]


@pytest.mark.parametrize("turns", range(6))
def test_just_after_an_event(pair: FailoverPair, turns: int) -> None:
    """What has just been seen wakes it: its cancellation must not be taken for that of its own waiting."""

    def prepare(cancel: Callable[[], object]) -> None:
        def after(left: int) -> None:
            if left:
                asyncio.get_running_loop().call_soon(after, left - 1)
            else:
                cancel()

        def watch(progress: FailoverProgress) -> None:
            if progress.moment is not None and progress.moment.mark is Mark.GRATUITOUS_ARP:
                after(turns)

        pair.watch = watch

    assert cancelled(pair, a_plan(), prepare)


@pytest.mark.parametrize("number", range(1, 8))
def test_while_undoing(pair: FailoverPair, number: int) -> None:
    """The target does not take over, and then lvstop is ended as well."""

    def prepare(cancel: Callable[[], object]) -> None:
        undoing: list[FailoverProgress] = []

        def watch(progress: FailoverProgress) -> None:
            if progress.stage is FailoverStage.PULLING:
                pair.target.router.die()
            if undoing or progress.stage is FailoverStage.UNDOING:
                undoing.append(progress)
                if len(undoing) == number:
                    cancel()

        pair.watch = watch

    plan = a_plan(FailoverLever.FAULT)
    if not cancelled(pair, plan, prepare):
        assert number > 3
        assert pair.kept == []


@pytest.mark.parametrize("number", range(1, 22))
def test_while_releasing(pair: FailoverPair, number: int) -> None:
    """The record stays as it was until the lever is released, and is verified to be."""
    record = pair.held()
    plan = a_release(record)
    if not cancelled(pair, plan, at_progress(pair, number)):
        assert number > len(pair.told) >= 14
        return
    closing = [each for each in pair.told if each.stage is FailoverStage.CLOSING]
    if not closing:
        assert pair.kept == [(record.id, FailoverPhase.HELD)]
