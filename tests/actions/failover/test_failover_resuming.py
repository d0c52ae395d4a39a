"""Failovers that were begun and not ended: what is left to do of them, and what undoes them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.failover.checks import CheckCode, Verdict
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal
from lvstop.actions.failover.planning import plan_again, plan_finish, plan_undo
from lvstop.model.change import FileChange
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import Keepalived
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, PriorityChange
from lvstop.model.sounding import ConfigCheck, PriorityLine, Sounding
from support.assessed import (
    CONF,
    MAINT,
    SOURCE,
    TARGET,
    check,
    lead,
    moved,
    moved_soundings,
    objected,
    pair,
    planned,
    refused,
    soundings,
    stand_by,
    track_file,
    troubles,
    vrrp,
)
from support.factories import VIP, address, later, silent
from support.failover_factories import failover

STEP = FileChange(SOURCE, "maint", MAINT, 0, 1)
PENDING = failover(phase=FailoverPhase.PENDING, at=later(-300), returns=True)
PULLED: dict[str, Any] = {"vrrp_track_files": (track_file(status=1),), "vrrp": (vrrp("MASTER", effective_priority=90),)}
NOW = later(0)


def kept(snapshot: ClusterSnapshot, record: Failover = PENDING) -> ClusterSnapshot:
    """With the pending record on both directors."""
    directors = tuple(replace(each, failovers=(record,)) for each in snapshot.directors)
    return replace(snapshot, directors=directors, failovers=(record,))


def finish(
    snapshot: ClusterSnapshot,
    asked: Mapping[str, Sounding] | None = None,
    record: Failover = PENDING,
    *,
    accepted: frozenset[CheckCode] = frozenset(),
) -> FailoverPlan | FailoverRefusal:
    """What is left to do."""
    answers = soundings() if asked is None else asked
    return plan_finish(record, kept(snapshot, record), answers, now=NOW, accepted=accepted)


def undo(
    snapshot: ClusterSnapshot, asked: Mapping[str, Sounding] | None = None, record: Failover = PENDING
) -> FailoverPlan | FailoverRefusal:
    """What puts it back."""
    return plan_undo(record, kept(snapshot, record), soundings() if asked is None else asked, now=NOW)


class TestFinish:
    """The lever is pulled if it is not yet, and the target holds everything."""

    def test_nothing_was_done(self) -> None:
        """It is as if it began now, under its own name."""
        plan = planned(finish(pair()))
        assert (plan.failover, plan.steps, plan.releases, plan.moves) == (PENDING, (STEP,), False, True)
        assert plan.limit == pytest.approx(6.609, abs=0.001)

    def test_its_own_record_is_not_in_its_way(self) -> None:
        """Another one is."""
        other = replace(PENDING, id="other")
        snapshot = kept(pair())
        both = replace(snapshot, failovers=(PENDING, other))
        refusal = refused(plan_finish(PENDING, both, soundings(), now=NOW))
        assert troubles(refusal) == {"nothing-under-way": "blocked"}

    def test_a_blocked_check(self) -> None:
        """Nothing was done yet, so that nothing has to be done."""
        refusal = refused(finish(pair(target=stand_by(vrrp=(vrrp("FAULT", priority=100),)))))
        assert check(CheckCode.PEER_BACKUP, refusal).verdict is Verdict.BLOCKED

    def test_the_lever_has_changed(self) -> None:
        """What is on record would not do any more."""
        refusal = refused(finish(pair(lead(vrrp_track_files=(track_file(-30),)))))
        assert "changed-since" in objected(refusal)

    def test_the_lever_is_pulled(self) -> None:
        """Nothing is left to do but to wait and to look."""
        plan = planned(finish(pair(lead(**PULLED))))
        assert (plan.steps, plan.moves, plan.assessment.chosen is not None) == ((), True, True)

    def test_the_addresses_have_moved(self) -> None:
        """Only the record is to be brought up to date."""
        plan = planned(finish(replace(moved(), failovers=()), moved_soundings()))
        assert (plan.steps, plan.moves) == ((), True)

    def test_two_masters(self) -> None:
        """With the lever pulled that is a warning: to wait is all that can be done."""
        divided = stand_by(vrrp=(vrrp("MASTER", priority=100),), addresses=(address(VIP),))
        snapshot = pair(lead(**PULLED), divided)
        refusal = refused(finish(snapshot))
        assert set(refusal.unaccepted) == {CheckCode.ONE_MASTER, CheckCode.ONE_HOLDER}
        assert planned(finish(snapshot, accepted=frozenset(refusal.unaccepted))).steps == ()

    def test_a_service(self) -> None:
        """Stopped, or not."""
        record = failover(lever=FailoverLever.STOP, phase=FailoverPhase.PENDING, at=later(-300))
        stopped = moved(keepalived=Keepalived("2.2.7", False, None), vrrp=())
        assert planned(finish(stopped, moved_soundings(), record)).steps == ()
        accepted = frozenset({CheckCode.LEVER})
        assert planned(finish(pair(), record=record, accepted=accepted)).steps == record.steps

    @pytest.mark.parametrize(("priority", "left"), [(150, 1), (90, 0)])
    def test_a_priority(self, priority: int, left: int) -> None:
        """By the line in the file."""
        step = PriorityChange(SOURCE, CONF, "SMB", 150, 99)
        record = failover(lever=FailoverLever.PRIORITY, steps=(step,), phase=FailoverPhase.PENDING, at=later(-300))
        number = 99 if left == 0 else priority
        lines = soundings({"priority_lines": (PriorityLine("SMB", CONF, 12, number),)})
        assert len(planned(finish(pair(), lines, record)).steps) == left

    def test_a_director_that_was_taken_away(self) -> None:
        """The cluster file does not have it any more."""
        record = replace(PENDING, target="keepalived9")
        said = objected(finish(pair(), record=record))
        assert said == {
            "no-such-director": "keepalived9, which this failover is about, is no director of smb any more."
        }

    def test_the_other_one_is_silent(self) -> None:
        """It cannot be finished."""
        refusal = refused(finish(pair(lead(**PULLED), silent())))
        assert check(CheckCode.DIRECTORS_LIVE, refusal).verdict is Verdict.BLOCKED

    def test_again(self) -> None:
        """Under the locks: what is left may be less by then, and is shown once more."""
        plan = planned(finish(pair()))
        assert planned(plan_again(plan, kept(pair()), soundings(), now=later(3))).steps == (STEP,)
        assert "changed-since" in objected(plan_again(plan, kept(pair(lead(**PULLED))), soundings(), now=later(3)))


class TestUndo:
    """The lever is released, whether it was pulled or not."""

    @pytest.mark.parametrize("source", [{}, PULLED], ids=["not pulled", "pulled"])
    def test_nothing_has_moved(self, source: dict[str, Any]) -> None:
        """Afterwards the first director holds everything, as it does now."""
        plan = planned(undo(pair(lead(**source))))
        assert (plan.releases, plan.moves, plan.steps, plan.failover) == (True, True, (STEP,), PENDING)
        assert (plan.move.source, plan.move.target) == (TARGET, SOURCE)

    def test_the_addresses_have_moved(self) -> None:
        """They go back, or stay."""
        assert planned(undo(replace(moved(), failovers=()), moved_soundings())).moves
        stays = moved(vrrp=(vrrp("BACKUP", effective_priority=90, preempt=False),))
        assert not planned(undo(replace(stays, failovers=()), moved_soundings())).moves

    def test_warnings_need_not_be_accepted(self) -> None:
        """Two masters, a silent director: the lever is let go."""
        divided = stand_by(vrrp=(vrrp("MASTER", priority=100),), addresses=(address(VIP),))
        plan = planned(undo(pair(lead(**PULLED), divided)))
        assert all(each.verdict is not Verdict.BLOCKED for each in plan.assessment.checks)
        assert planned(undo(pair(lead(**PULLED), silent()))).steps == (STEP,)

    def test_a_warning_that_shows_when_it_is_read_again(self) -> None:
        """Nor does that one need to be accepted."""
        snapshot = kept(pair(lead(**PULLED)))
        agreed = planned(plan_undo(PENDING, snapshot, soundings(), now=NOW))
        bad = soundings({"configuration": ConfigCheck(valid=False, said=())})
        assert planned(plan_again(agreed, snapshot, bad, now=NOW)).steps == (STEP,)

    def test_another_change_that_is_not_finished(self) -> None:
        """Each can be undone by itself, so that two of them do not block each other."""
        snapshot = kept(pair(lead(**PULLED)))
        both = replace(snapshot, failovers=(PENDING, replace(PENDING, id="other")))
        assert planned(plan_undo(PENDING, both, soundings(), now=NOW)).releases

    def test_a_silent_first_director(self) -> None:
        """It cannot be undone there."""
        assert refused(undo(pair(silent(SOURCE), stand_by()))).objections == ()

    def test_a_priority_that_was_not_changed(self) -> None:
        """There is nothing to put back; the record ends."""
        step = PriorityChange(SOURCE, CONF, "SMB", 150, 99)
        record = failover(lever=FailoverLever.PRIORITY, steps=(step,), phase=FailoverPhase.PENDING)
        assert planned(undo(pair(), record=record)).steps == ()
        lines = soundings({"priority_lines": (PriorityLine("SMB", CONF, 12, 99),)})
        assert planned(undo(pair(), lines, record)).steps == (step,)

    def test_the_last_step_first(self) -> None:
        """In the opposite order."""
        other = FileChange(SOURCE, "nfs", "/run/nfs", 0, 1)
        record = replace(PENDING, steps=(STEP, other))
        assert planned(undo(pair(), record=record)).steps == (other, STEP)
