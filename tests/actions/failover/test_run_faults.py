"""Failovers when something goes wrong in the middle: undone, or it is said what stands where and what to type."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from lvstop.actions.failover.outcome import FailoverProgress, FailoverStage
from lvstop.actions.failover.timeline import Mark
from lvstop.actions.outcome import OutcomeKind
from lvstop.model.failover import FailoverLever, FailoverPhase
from support.failover_director import What
from support.failover_factories import ADDRESS, SOURCE, TARGET
from support.failover_pair import AS_BEFORE, LIMIT, PULLED, WEIGHTED, FailoverPair, a_plan

GENTLE = (FailoverLever.TRACK_FILE, FailoverLever.PRIORITY)
HARD = (FailoverLever.FAULT, FailoverLever.STOP)


def at(pair: FailoverPair, stage: FailoverStage, happen: Callable[[], object]) -> None:
    """Something happens when a stage is told for the first time."""
    seen: set[FailoverStage] = set()

    def watch(progress: FailoverProgress) -> None:
        if progress.stage is stage and stage not in seen and progress.moment is None:
            happen()
        seen.add(progress.stage)

    pair.watch = watch


# nobody takes over


@pytest.mark.parametrize("lever", GENTLE)
def test_the_target_does_not_take_over(pair: FailoverPair, lever: FailoverLever) -> None:
    """Its keepalived hangs: after the limit the lever is released, and everything is as before."""
    at(pair, FailoverStage.PULLING, pair.target.router.die)
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    assert outcome.failure == f"After {LIMIT:.1f} s {ADDRESS} is on {SOURCE}."
    pair.judge(plan, outcome)
    assert outcome.timeline is not None
    released = [each for each in outcome.timeline.moments if each.mark is Mark.LEVER_RELEASED]
    assert [each.director for each in released] == [SOURCE]
    assert released[0].at >= LIMIT
    assert [kind for kind, _ in pair.diary.entries] == ["begin", "step", "step", "end"]
    assert pair.source.notes[-1].endswith("undone (kernel update)")
    assert outcome.failover is None


@pytest.mark.parametrize("lever", HARD)
def test_nobody_has_the_address(pair: FailoverPair, lever: FailoverLever) -> None:
    """The source has given it up and the target does not take it: that is not borne until the limit."""
    at(pair, FailoverStage.PULLING, pair.target.router.die)
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    assert f"{ADDRESS} is on no director" in outcome.failure
    pair.judge(plan, outcome)
    assert outcome.timeline is not None
    (released,) = [each for each in outcome.timeline.moments if each.mark is Mark.LEVER_RELEASED]
    assert released.at < 5.0
    (gap,) = outcome.timeline.addresses
    (gone, _, _), (back, _, _) = pair.source.moved
    assert gap.absent is not None
    assert gap.absent.seconds == pytest.approx(back - gone, abs=gap.absent.error + 2e-6)


def test_the_target_is_late(pair: FailoverPair) -> None:
    """It takes over after the limit, and gives back what it took when the lever is released."""
    pair.target.router.slow = LIMIT
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    pair.judge(plan, outcome)


def test_what_went_wrong_is_said_once(pair: FailoverPair) -> None:
    """The way to the target is lost when it is read back, and stays lost when the lever is released."""
    at(pair, FailoverStage.VERIFYING, lambda: pair.target.lose_now(What.WAY))
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert outcome.failure == f"Nobody can tell what {TARGET} holds. The lever was released."
    pair.judge(plan, outcome)


def test_the_file_cannot_be_written(pair: FailoverPair) -> None:
    """Its file system is read-only: nothing has happened, and nothing is left."""
    pair.source.fails["put"] = "Read-only file system"
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    assert "Read-only file system" in outcome.failure
    pair.judge(plan, outcome)


def test_the_lever_cannot_be_released(pair: FailoverPair) -> None:
    """The target does not take over, and the file has become read-only: it is said what is still pulled."""

    def happen() -> None:
        pair.target.router.die()
        pair.later(1.0, lambda: pair.source.fails.update(put="Read-only file system"))

    at(pair, FailoverStage.PULLING, happen)
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert "The lever may still be pulled" in outcome.failure
    assert f"on {SOURCE}: echo 0 > {WEIGHTED}" in outcome.way_out
    assert any("Read-only file system" in note for note in outcome.notes)
    assert pair.levers == PULLED[FailoverLever.TRACK_FILE]
    pair.judge(plan, outcome)


# two masters


@pytest.mark.parametrize("lost", [None, What.PROGRAM, What.CONNECTION], ids=str)
def test_two_masters(pair: FailoverPair, lost: What | None) -> None:
    """The source does not hear that the target has taken over. The lever stays: releasing it would mend nothing."""

    def lose(what: What) -> None:
        for channel in tuple(pair.target.channels):
            pair.target.lose_now(what, channel)

    def happen() -> None:
        pair.segment.cut.add((TARGET, SOURCE))
        if lost is not None:
            pair.later(1.0, partial(lose, lost))

    at(pair, FailoverStage.PULLING, happen)
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert f"{ADDRESS} is on {SOURCE} and {TARGET}" in outcome.failure
    assert pair.holders() == {SOURCE, TARGET}
    assert pair.levers == PULLED[FailoverLever.TRACK_FILE]
    assert "adverts do not pass" in outcome.way_out[0]
    assert f"on {SOURCE}: echo 0 > {WEIGHTED}" in outcome.way_out
    assert any(f"lvstop resume smb {plan.failover.id} --undo" in line for line in outcome.way_out)
    assert [(each.director, each.holds) for each in outcome.standings] == [(SOURCE, (ADDRESS,)), (TARGET, (ADDRESS,))]
    assert pair.kept == [(plan.failover.id, FailoverPhase.PENDING)]
    assert pair.recorded(pair.source) == pair.recorded(pair.target) == [FailoverPhase.PENDING]
    assert pair.source.notes[-1].endswith("incomplete (kernel update)")
    pair.judge(plan, outcome)


@pytest.mark.parametrize("heard", [True, False], ids=["told", "not told"])
def test_the_source_takes_it_back_while_reading_back(pair: FailoverPair, heard: bool) -> None:
    """All had moved, and then adverts were lost: two masters, also where no event tells of it any more."""

    def happen() -> None:
        if not heard:
            pair.source.lose_now(What.CONNECTION)
        pair.segment.cut.update({(TARGET, SOURCE), (SOURCE, TARGET)})
        pair.source.router.take_over()

    at(pair, FailoverStage.VERIFYING, happen)
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert pair.levers == PULLED[FailoverLever.TRACK_FILE]
    assert "adverts do not pass" in outcome.way_out[0]
    pair.judge(plan, outcome)


# directors die


@pytest.mark.parametrize("lever", FailoverLever)
def test_the_target_dies_after_the_lever(pair: FailoverPair, lever: FailoverLever) -> None:
    """The source has the address, or has it again; that the other one is silent is said."""
    at(pair, FailoverStage.WAITING, lambda: pair.target.lose_now(What.MACHINE))
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    pair.judge(plan, outcome)
    assert pair.holders() == {SOURCE}
    assert pair.levers == AS_BEFORE
    assert "obody can tell what keepalived2 holds" in outcome.failure
    assert outcome.way_out == (f"lvstop resume smb {plan.failover.id} --undo   # once both directors answer",)


@pytest.mark.parametrize("lever", GENTLE)
def test_the_target_is_silent_for_a_while(pair: FailoverPair, lever: FailoverLever) -> None:
    """The holder gave up because it heard the target: that nobody can ask it is no reason to go back."""
    target = pair.target

    def fall_silent() -> None:
        target.lose_now(What.SILENCE)
        asyncio.get_running_loop().call_later(6.0, setattr, target, "reached", True)

    at(pair, FailoverStage.WAITING, fall_silent)
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    assert pair.holders() == {TARGET}
    assert pair.levers == PULLED[lever]
    pair.judge(plan, outcome)


@pytest.mark.parametrize("lever", FailoverLever)
def test_the_target_does_not_answer_any_more(pair: FailoverPair, lever: FailoverLever) -> None:
    """It serves, and nobody can tell: the addresses are taken back to where they can be watched."""
    at(pair, FailoverStage.WAITING, lambda: pair.target.lose_now(What.SILENCE))
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert pair.holders() == {SOURCE}
    assert pair.levers == AS_BEFORE
    assert "obody can tell what keepalived2 holds" in outcome.failure
    pair.judge(plan, outcome)


@pytest.mark.parametrize("lever", FailoverLever)
def test_the_source_dies_after_the_lever(pair: FailoverPair, lever: FailoverLever) -> None:
    """The target has the address: and what is left on the source is said."""
    at(pair, FailoverStage.WAITING, lambda: pair.source.lose_now(What.MACHINE))
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    pair.judge(plan, outcome)
    assert pair.holders() == {TARGET}
