"""Releasing a lever that is held, and finishing or undoing what an lvstop that has died has begun."""

from dataclasses import replace

import pytest

from lvstop.actions.failover.outcome import FailoverProgress, FailoverStage
from lvstop.actions.failover.timeline import Mark
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import ObjectionCode
from lvstop.actions.store import ChangeStore, StoreError
from lvstop.model.change import FileChange
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase
from lvstop.model.failover_record import Record
from support.failover_director import FailoverDirector, Loss, What
from support.failover_factories import ADDRESS, SOURCE, TARGET
from support.failover_pair import (
    AS_BEFORE,
    FAULT,
    LIMIT,
    OPERATOR,
    PULLED,
    WEIGHTED,
    FailoverPair,
    a_plan,
    a_release,
    plan_for,
)

REACHABLE = (What.PROGRAM, What.CONNECTION)


# releasing


@pytest.mark.parametrize("lever", FailoverLever)
def test_it_comes_back(pair: FailoverPair, lever: FailoverLever) -> None:
    """The source preempts: it has the address again, and the record is gone everywhere."""
    plan = a_release(pair.held(lever))
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert pair.holders() == {SOURCE}
    assert (outcome.failover, outcome.failure, outcome.way_out, outcome.notes) == (None, "", (), ())
    assert outcome.timeline is not None
    first = outcome.timeline.moments[0]
    assert (first.mark, first.director, first.at) == (Mark.LEVER_RELEASED, SOURCE, 0.0)
    (gap,) = outcome.timeline.addresses
    assert gap.absent is not None
    assert gap.absent.seconds < 0, "the higher priority takes over from a master that lives"
    assert [event for event, _ in pair.diary.entries] == ["begin", "step", "end"]
    assert pair.source.notes == pair.target.notes
    assert pair.source.notes == [
        f"{OPERATOR}: release of {lever}, {ADDRESS} from {TARGET} to {SOURCE}: done (kernel update)"
    ]
    assert "record" not in {request.partition(" ")[0] for request in pair.source.requests}


@pytest.mark.parametrize("lever", FailoverLever)
def test_it_stays(pair: FailoverPair, lever: FailoverLever) -> None:
    """With `nopreempt` only the lever is released."""
    plan = a_release(pair.held(lever), moves=False)
    pair.source.router.preempt = False
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert pair.holders() == {TARGET}
    assert pair.source.moved == pair.target.moved == []
    assert pair.source.notes == [f"{OPERATOR}: release of {lever}, {ADDRESS} stays on {TARGET}: done (kernel update)"]


def test_it_does_not_come_back_as_foreseen(pair: FailoverPair) -> None:
    """What was released is not pulled again; the record stays, with what can be typed."""
    plan = a_release(pair.held())
    pair.source.router.preempt = False
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert outcome.failure == f"After {LIMIT:.1f} s {ADDRESS} is on {TARGET}."
    assert outcome.way_out == ("lvstop failover smb --release   # once both directors answer",)
    assert pair.levers == AS_BEFORE
    assert pair.kept == [(plan.failover.id, FailoverPhase.HELD)]
    assert outcome.failover == plan.failover
    pair.judge(plan, outcome)


def test_a_file_that_says_something_else(pair: FailoverPair) -> None:
    """It is somebody else's now."""
    plan = a_release(pair.held())
    pair.source.router.numbers[WEIGHTED] = 2
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [ObjectionCode.CHANGED_SINCE]
    assert "has 2, and not 1" in outcome.objections[0].sentence
    assert pair.kept == [(plan.failover.id, FailoverPhase.HELD)]
    assert pair.deeds == []


def test_a_file_that_was_reset(pair: FailoverPair) -> None:
    """Somebody has released it by hand: the record goes."""
    plan = a_release(pair.held())
    pair.source.router.numbers[WEIGHTED] = 0
    pair.play(pair.noticed())
    pair.rest()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)


@pytest.mark.parametrize("lever", FailoverLever)
def test_the_lever_is_stuck(pair: FailoverPair, lever: FailoverLever) -> None:
    """It cannot be released: said, with what is still pulled, and the record stays."""
    plan = a_release(pair.held(lever))
    pair.source.fails = dict.fromkeys(("put", "priority", "service"), "Read-only file system")
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert "Read-only file system" in outcome.failure
    assert pair.levers == PULLED[lever]
    assert pair.kept == [(plan.failover.id, FailoverPhase.HELD)]
    pair.judge(plan, outcome)


def test_two_files_of_which_the_first_one_is_stuck(pair: FailoverPair) -> None:
    """The one that was not reached is pulled as well, and is said."""
    record = a_plan().failover
    other = FileChange(SOURCE, "fault", FAULT, 0, 1)
    record = replace(record, steps=(*record.steps, other), phase=FailoverPhase.HELD)
    pair.source.router.numbers = {WEIGHTED: 1, FAULT: 1}
    pair.leave(record)
    pair.source.fails["put"] = "Read-only file system"
    outcome = pair.carry_out(a_release(record, moves=False))
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert outcome.way_out[:2] == (f"on {SOURCE}: echo 0 > {FAULT}", f"on {SOURCE}: echo 0 > {WEIGHTED}")


@pytest.mark.parametrize("moves", [True, False], ids=["comes back", "stays"])
@pytest.mark.parametrize("what", What, ids=lambda what: what.value)
@pytest.mark.parametrize("effective", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("lever", [each for each in FailoverLever if each is not FailoverLever.FAULT])
def test_lost_while_releasing(
    pair: FailoverPair, lever: FailoverLever, effective: bool, what: What, moves: bool
) -> None:
    """A release that was not answered is not believed, even where no address has to move."""
    plan = a_release(pair.held(lever), moves=moves)
    pair.source.router.preempt = moves
    pair.source.trip = pair.target.trip = 0.06
    verbs = {FailoverLever.STOP: "service", FailoverLever.PRIORITY: "priority"}
    pair.source.lose = Loss(verbs.get(lever, "put"), effective, what)
    outcome = pair.carry_out(plan)
    assert pair.source.lose is None
    pair.judge(plan, outcome)
    assert outcome.kind is (OutcomeKind.DONE if what in REACHABLE else OutcomeKind.INCOMPLETE)


@pytest.mark.parametrize("what", [What.CONNECTION, What.WAY], ids=lambda what: what.value)
@pytest.mark.parametrize("effective", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["uid", "lock", "date", "addresses", "forget", "note"])
@pytest.mark.parametrize("name", [SOURCE, TARGET])
def test_lost_around_a_release(pair: FailoverPair, name: str, step: str, effective: bool, what: What) -> None:
    """Before it nothing is done, after it nothing is undone."""
    plan = a_release(pair.held())
    pair.source.trip = pair.target.trip = 0.06
    pair.director(name).lose = Loss(step, effective, what)
    outcome = pair.carry_out(plan)
    assert pair.director(name).lose is None
    if outcome.kind is OutcomeKind.REFUSED:
        assert pair.kept == [(plan.failover.id, FailoverPhase.HELD)]
        assert pair.deeds == []
    else:
        pair.judge(plan, outcome)


# finishing and undoing


def pending(pair: FailoverPair, lever: FailoverLever = FailoverLever.TRACK_FILE) -> Failover:
    """An lvstop has died over a failover."""
    record = a_plan(lever).failover
    pair.leave(record)
    return record


def test_finishing_what_has_moved(pair: FailoverPair) -> None:
    """There is nothing left to do but to see that it is so."""
    record = pending(pair)
    pair.pull(record.lever)
    plan = plan_for(record, ())
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert outcome.failover == replace(record, phase=FailoverPhase.HELD), "it keeps the moment when it was begun"
    assert pair.deeds == []
    assert outcome.timeline is not None
    assert all(abs(each.at) < 5 for each in outcome.timeline.moments)
    assert outcome.standings[0].lever == f"held: echo 1 > {WEIGHTED}"


def test_finishing_what_was_not_begun(pair: FailoverPair) -> None:
    """The record was kept, and then lvstop died."""
    record = pending(pair)
    plan = plan_for(record, record.steps)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert outcome.failover is not None
    assert outcome.failover.at == record.at


def test_finishing_while_it_moves(pair: FailoverPair) -> None:
    """The lever was pulled a moment ago."""
    record = pending(pair)
    pair.pull(record.lever, rest=0.5)
    plan = plan_for(record, ())
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert outcome.timeline is not None
    assert outcome.timeline.addresses[0].absent is not None


def test_finishing_in_vain(pair: FailoverPair) -> None:
    """The target does not take over: what the dead lvstop has pulled is released as well."""
    record = pending(pair)
    pair.pull(record.lever, rest=0.5)
    other = FileChange(SOURCE, "fault", FAULT, 0, 1)
    record = replace(record, steps=(*record.steps, other))
    pair.leave(record)

    def watch(progress: FailoverProgress) -> None:
        if progress.stage is FailoverStage.PULLING:
            pair.target.router.die()

    pair.watch = watch
    plan = plan_for(record, (other,))
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    pair.judge(plan, outcome)
    released = [what for event, what in pair.diary.entries if event == "step" and "echo 0" in what]
    assert released == [f"{SOURCE}: echo 0 > {FAULT}", f"{SOURCE}: echo 0 > {WEIGHTED}"]


def test_finishing_without_a_step_in_vain(pair: FailoverPair) -> None:
    """All was pulled before, and the target does not take over: all is released."""
    record = pending(pair)
    pair.pull(record.lever, rest=0.5)
    pair.play(pair.deaf())
    plan = plan_for(record, ())
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    pair.judge(plan, outcome)


def test_finishing_without_a_store(pair: FailoverPair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done, and nothing is undone: it is on record as it was."""
    record = pending(pair)
    pair.pull(record.lever)

    def full(_store: ChangeStore, _record: Record) -> None:
        raise StoreError("no space left on the device")

    monkeypatch.setattr(ChangeStore, "save", full)
    other = FileChange(SOURCE, "fault", FAULT, 0, 1)
    plan = plan_for(replace(record, steps=(*record.steps, other)), (other,))
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert pair.deeds == []
    assert f"on {SOURCE}: echo 0 > {WEIGHTED}" in outcome.way_out
    assert pair.kept == [(record.id, FailoverPhase.PENDING)]


@pytest.mark.parametrize("pulled", [False, True], ids=["not pulled", "pulled"])
def test_undoing(pair: FailoverPair, pulled: bool) -> None:
    """Whether the lever was pulled or not: it is released, and the source holds everything."""
    record = pending(pair)
    if pulled:
        pair.pull(record.lever)
    plan = a_release(record)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert pair.holders() == {SOURCE}


def test_undoing_where_everything_was_released(pair: FailoverPair) -> None:
    """Only the record is left of it."""
    record = pending(pair, FailoverLever.PRIORITY)
    plan = replace(a_release(record), steps=())
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert pair.deeds == []


# without the other director


async def dies(director: FailoverDirector) -> None:
    """Power off."""
    director.lose_now(What.MACHINE)


@pytest.mark.parametrize("lever", FailoverLever)
def test_the_only_way_out_where_the_holder_is_dead(pair: FailoverPair, lever: FailoverLever) -> None:
    """Nobody else can serve: the lever is released, the address comes back, and what nobody can tell is said."""
    plan = a_release(pair.held(lever))
    pair.play(dies(pair.target))
    pair.rest()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    pair.judge(plan, outcome)
    assert SOURCE in pair.holders()
    assert pair.levers == AS_BEFORE
    assert outcome.failure == f"Nobody can tell what {TARGET} holds."
    assert any(TARGET in note for note in outcome.notes)


def test_not_without_the_one_whose_lever_it_is(pair: FailoverPair) -> None:
    """There is nothing that could be released."""
    plan = a_release(pair.held())
    pair.source.lose_now(What.WAY)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [ObjectionCode.DIRECTOR_MISSING]


def test_no_failover_without_the_other_one(pair: FailoverPair) -> None:
    """Who is to take over has to be there."""
    pair.target.lose_now(What.WAY)
    outcome = pair.carry_out(a_plan())
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [ObjectionCode.DIRECTOR_MISSING]
    pair.judge(a_plan(), outcome)
