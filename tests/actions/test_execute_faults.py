"""Carrying out plans when something fails in the middle: everything is put back, or it is said what stands where."""

from dataclasses import replace

import pytest

from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.progress import Progress, Stage
from lvstop.model.change import ChangePhase, FileChange
from lvstop.model.director import Fault, FaultKind
from support.execution import LEVER, OTHER, ROUTE, ROW, VS, Pair, plan_of, weight_changes


@pytest.mark.parametrize("name", ["keepalived1", "keepalived2"])
async def test_an_edit_is_refused(pair: Pair, name: str) -> None:
    """The other director is put back, and nothing is kept."""
    pair.director(name).fails["edit"] = "Memory allocation problem"
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.UNDONE
    assert "Memory allocation problem" in outcome.failure
    assert (pair.d1.rows, pair.d2.rows) == ({(VS, OTHER): ROUTE, ROW: ROUTE},) * 2
    assert (pair.kept, pair.d1.records, pair.d2.records) == ([], {}, {})
    assert pair.diary.entries[-1] == ("end", "undone")


@pytest.mark.parametrize("effective", [True, False])
@pytest.mark.parametrize("name", ["keepalived1", "keepalived2"])
async def test_the_connection_is_lost_over_an_edit(pair: Pair, name: str, effective: bool) -> None:
    """Whether it had its effect is unknown: lvstop connects again, looks, and puts back what there is to put back."""
    pair.director(name).lose = ("edit", effective)
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.UNDONE
    assert (pair.d1.rows, pair.d2.rows) == ({(VS, OTHER): ROUTE, ROW: ROUTE},) * 2
    assert (pair.kept, pair.d1.records, pair.d2.records) == ([], {}, {})


async def test_a_director_dies_over_an_edit(pair: Pair) -> None:
    """It cannot be asked again: incomplete, with what stands where, and the record stays pending."""
    pair.d1.lose = ("edit", True)

    def watch(progress: Progress) -> None:
        if progress.stage is Stage.CHANGING and progress.director == "keepalived1":
            pair.d1.refusal = Fault(FaultKind.TIMEOUT, "no route to host")

    pair.watch = watch
    plan = plan_of(*weight_changes())
    outcome = await pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert [row.found for row in outcome.rows] == ["weight 1, as before", "unknown: keepalived1 does not answer"]
    assert pair.d2.weight(ROW) == 1
    assert outcome.change == plan.change
    assert pair.kept == [(plan.change.id, ChangePhase.PENDING)]
    assert [each.phase for each in pair.d2.records.values()] == [ChangePhase.PENDING]


async def test_undoing_fails_too(pair: Pair) -> None:
    """The second director refuses the edit, the first one refuses to be put back: incomplete, and exactly said."""
    pair.d1.fails["edit"] = "Memory allocation problem"

    def watch(progress: Progress) -> None:
        if progress.stage is Stage.UNDOING:
            pair.d2.fails["edit"] = "Memory allocation problem"

    pair.watch = watch
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert [(row.director, row.found) for row in outcome.rows] == [
        ("keepalived2", "weight 0, as planned"),
        ("keepalived1", "weight 1, as before"),
    ]
    assert pair.kept == [("20261122T140211Z-abc123", ChangePhase.PENDING)]


async def test_keepalived_writes_in_between(pair: Pair) -> None:
    """A row that is neither as planned nor as before is not touched again: it is somebody else's now."""

    def meddle(request: str) -> None:
        if request == "table" and pair.d1.weight(ROW) == 0:
            pair.d1.rows[ROW] = replace(ROUTE, weight=3, upper_threshold=7)

    pair.d1.before = meddle
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert "weight 3 instead of 0, upper threshold 7 instead of 0" in outcome.failure
    assert pair.d2.weight(ROW) == 1
    assert pair.d1.rows[ROW] == replace(ROUTE, weight=3, upper_threshold=7)


def file_changes() -> tuple[FileChange, ...]:
    """The lever of both directors."""
    return tuple(FileChange(name, "drain-rs2", LEVER, 0, 1) for name in ("keepalived2", "keepalived1"))


async def test_a_track_file_works_through_keepalived(pair: Pair) -> None:
    """The number is written, and the weight that keepalived sets a moment later is what counts."""
    asked = 0

    def later(request: str) -> None:
        nonlocal asked
        asked += request == "table"
        if asked > 4:
            for each in (pair.d1, pair.d2):
                each.set_weight(ROW, 1 - each.numbers.get(LEVER, 0))

    pair.d1.before = later
    outcome = await pair.carry_out(plan_of(*weight_changes(), files=file_changes()))
    assert outcome.kind is OutcomeKind.DONE
    assert pair.d1.numbers == pair.d2.numbers == {LEVER: 1}
    assert not [each for each in pair.d1.requests if each.startswith("edit")]


async def test_a_track_file_that_brings_nothing_about(pair: Pair) -> None:
    """keepalived does not follow it: the number is put back."""
    outcome = await pair.carry_out(plan_of(*weight_changes(), files=file_changes()))
    assert outcome.kind is OutcomeKind.UNDONE
    assert "keepalived1 is not as planned: weight 1, as before" in outcome.failure
    assert pair.d1.numbers == pair.d2.numbers == {LEVER: 0}


async def test_a_track_file_with_another_number_in_it(pair: Pair) -> None:
    """Somebody uses it for something else: refused."""
    pair.d2.numbers[LEVER] = 7
    outcome = await pair.carry_out(plan_of(*weight_changes(), files=file_changes()))
    assert outcome.kind is OutcomeKind.REFUSED
    assert "has 7 in it instead of 0" in outcome.objections[0].sentence


class _KilledError(BaseException):
    """The end of this program, at a step."""


@pytest.mark.parametrize("at", range(1, 40))
async def test_killed_at_every_step(pair: Pair, at: int) -> None:
    """Whenever lvstop ends, what was changed is on a record that the next one finds; what is not, was not changed."""
    told = 0

    def watch(_progress: Progress) -> None:
        nonlocal told
        told += 1
        if told == at:
            raise _KilledError

    pair.watch = watch
    plan = plan_of(*weight_changes())
    try:
        outcome = await pair.carry_out(plan)
    except _KilledError:
        pass
    else:
        assert outcome.kind is OutcomeKind.DONE
        assert at > told >= 12
        return
    touched = pair.d1.weight(ROW) == 0 or pair.d2.weight(ROW) == 0
    if touched:
        assert pair.kept
        assert all(plan.change.id in each.records for each in (pair.d1, pair.d2))
    found = [phase for _, phase in pair.kept]
    if found == [ChangePhase.STANDING]:
        assert pair.d1.weight(ROW) == pair.d2.weight(ROW) == 0
