"""Plans of failovers: the record, a lever that is held already, and the same deed assessed once more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from lvstop.actions.failover.checks import CheckCode, Verdict
from lvstop.actions.failover.intent import FailOver, Release
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal, Move
from lvstop.actions.failover.planning import plan_again, plan_intent
from lvstop.model.change import FileChange
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import Keepalived
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase
from lvstop.model.sounding import ConfigCheck, Sounding, Transition
from lvstop.model.vrrp import VrrpState
from support.assessed import (
    ADDRESS,
    ID,
    MAINT,
    SOURCE,
    TARGET,
    check,
    lead,
    made,
    moved,
    moved_soundings,
    objected,
    pair,
    planned,
    refused,
    soundings,
    stand_by,
    track_file,
    two_backups,
    two_instances,
    vrrp,
)
from support.change_factories import AUTHOR
from support.factories import NOW, VIP, address, later
from support.failover_factories import failover

DOWN = Keepalived("2.2.7", False, None)
STEP = FileChange(SOURCE, "maint", MAINT, 0, 1)


def test_the_record() -> None:
    """Everything that the next one has to know, and pending."""
    plan = planned(made(intent=FailOver(reason="kernel update")))
    assert plan.failover == Failover(
        id=ID,
        cluster="smb",
        phase=FailoverPhase.PENDING,
        lever=FailoverLever.TRACK_FILE,
        source=SOURCE,
        target=TARGET,
        instances=("SMB",),
        vips=(ADDRESS,),
        steps=(STEP,),
        author=AUTHOR,
        at=NOW,
        reason="kernel update",
        returns=True,
    )
    assert (plan.move, plan.steps, plan.releases, plan.moves) == (
        Move(SOURCE, TARGET, ("SMB",), (), (ADDRESS,)),
        (STEP,),
        False,
        True,
    )


@pytest.mark.parametrize(
    ("source", "returns"),
    [
        (vrrp("MASTER"), True),
        (vrrp("MASTER", preempt=False), False),
        (vrrp("MASTER", preempt=None), None),
    ],
)
def test_whether_it_returns(source: object, returns: bool | None) -> None:
    """By what the first director will do when the lever is released."""
    assert planned(made(pair(lead(vrrp=(source,))))).failover.returns is returns


def test_names_that_do_not_fit() -> None:
    """With everything that can be said all the same."""
    refusal = refused(made(intent=FailOver(instance="WEB")))
    assert objected(refusal) == {"no-such-instance": "No director has a VRRP instance WEB; there is SMB."}
    assert (refusal.assessment.move, refusal.assessment.chosen, refusal.unaccepted) == (None, None, ())
    assert {each.code for each in refusal.assessment.checks} >= {CheckCode.DIRECTORS_LIVE, CheckCode.PRIVILEGE}


class TestHeldLevers:
    """A lever that is held decides who may be MASTER."""

    def test_going_back_is_its_release(self) -> None:
        """The operator says where, and lvstop what it takes."""
        plan = planned(made(moved(), moved_soundings(), intent=FailOver(target=SOURCE, reason="done")))
        assert (plan.releases, plan.moves, plan.steps) == (True, True, (STEP,))
        assert (plan.move.source, plan.move.target) == (TARGET, SOURCE)
        assert (plan.failover.id, plan.failover.reason) == (failover().id, "done")
        assert planned(made(moved(), moved_soundings())).releases

    def test_it_would_not_go_back(self) -> None:
        """nopreempt: it has to be released first, and only then can the other director give it back."""
        stays = vrrp("BACKUP", effective_priority=90, preempt=False)
        refusal = refused(made(moved(vrrp=(stays,)), moved_soundings(), intent=FailOver(target=SOURCE)))
        said = objected(refusal)["lever-held"]
        assert said == (
            "The lever track-file of SMB is held on keepalived1, pulled by ops@desk at 14:02 UTC: release it first "
            "(`lvstop failover smb --release`)."
        )

    def test_part_of_what_it_holds(self) -> None:
        """A release would move the rest as well."""
        held = failover(instances=("SMB", "NFS"))
        back: dict[str, Any] = {
            "vrrp": (vrrp("BACKUP"), vrrp("BACKUP", "NFS", "172.26.127.30", vrid=21)),
            "addresses": (address("172.26.127.23"),),
        }
        there: dict[str, Any] = {
            "vrrp": (vrrp("MASTER", priority=100), vrrp("MASTER", "NFS", "172.26.127.30", vrid=21, priority=100)),
            "addresses": (address(VIP), address("172.26.127.30")),
        }
        snapshot = pair(lead(**back), stand_by(**there), failovers=[held])
        assert "lever-held" in objected(made(snapshot, intent=FailOver(instance="SMB")))

    def test_another_one_of_the_same_directors(self) -> None:
        """Two levers at once would leave nobody."""
        held = failover(id="other", instances=("NFS",), vips=())
        snapshot = pair(lead(**two_instances("BACKUP")), stand_by(**two_backups("MASTER")), failovers=[held])
        refusal = made(snapshot, intent=FailOver(instance="SMB"), accepted=frozenset(CheckCode))
        assert "lever-held" in objected(refusal)


class TestRelease:
    """A lever is let go."""

    def release(
        self,
        snapshot: ClusterSnapshot,
        asked: Mapping[str, Sounding] | None = None,
        *,
        accepted: frozenset[CheckCode] = frozenset(CheckCode),
        now: datetime = NOW,
    ) -> FailoverPlan | FailoverRefusal:
        """Asked for by its id, with every warning accepted unless told."""
        intent = Release(failover().id)
        answers = moved_soundings() if asked is None else asked
        return plan_intent(intent, snapshot, answers, author=AUTHOR, now=now, failover_id="unused", accepted=accepted)

    def test_it_is_not_on_record(self) -> None:
        """Somebody else was quicker."""
        said = objected(self.release(pair()))
        assert said == {"no-such-failover": f"No failover {failover().id} is on record: its lever has been released."}

    def test_it_is_not_finished(self) -> None:
        """It is to be finished or undone."""
        pending = failover(phase=FailoverPhase.PENDING)
        said = objected(self.release(pair(failovers=[pending])))
        assert said == {"failover-unfinished": "It is not finished: `lvstop resume smb` finishes it or undoes it."}

    def test_it_goes_back(self) -> None:
        """The priorities without the lever decide, whatever the file says now."""
        plan = planned(self.release(moved()))
        assert (plan.releases, plan.moves, plan.steps) == (True, True, (STEP,))
        assert plan.assessment.consequences is not None
        assert plan.assessment.consequences.failback == "automatic"
        assert plan.assessment.consequences.connections == 100
        said = "keepalived1 is BACKUP of SMB, and ready for the lever to be released."
        assert check(CheckCode.PEER_BACKUP, plan).sentence == said
        assert check(CheckCode.ADVERTS_ARRIVE, plan).sentence == "keepalived1 hears adverts: 5 of SMB in 5.2 s."
        assert plan.limit == pytest.approx(3 + 106 / 256 + 3, abs=0.01)

    def test_it_stays(self) -> None:
        """Nothing moves, so that only what a release itself needs is checked."""
        stays = vrrp("BACKUP", effective_priority=90, preempt=False)
        plan = planned(self.release(moved(vrrp=(stays,)), accepted=frozenset()))
        assert (plan.releases, plan.moves) == (True, False)
        assert plan.assessment.consequences is not None
        assert plan.assessment.consequences.breaking == 0
        assert CheckCode.TABLES_EQUAL not in {each.code for each in plan.assessment.checks}

    def test_files_that_were_told_before_the_lever(self) -> None:
        """keepalived tells its track files less often than its priorities: then what was foreseen counts."""
        late = moved(vrrp_track_files=(track_file(status=0),))
        for returns in (True, False):
            snapshot = replace(late, failovers=(failover(returns=returns),))
            assert planned(self.release(snapshot)).moves is returns

    def test_a_service(self) -> None:
        """A stopped keepalived tells nothing: what was foreseen counts; its empty table is no drift."""
        held = failover(lever=FailoverLever.STOP, returns=True)
        stopped = {
            "keepalived": DOWN,
            "vrrp": (),
            "virtual_servers": (),
            "vrrp_track_files": None,
            "sync_daemons": (),
        }
        after = moved(**stopped)
        snapshot = replace(after, failovers=(held,))
        plan = planned(self.release(snapshot))
        assert (plan.moves, plan.steps) == (True, held.steps)
        for code in (CheckCode.PEER_BACKUP, CheckCode.TABLES_EQUAL, CheckCode.PEER_HEALTH):
            assert check(code, plan).verdict is Verdict.PASSED
        old = replace(snapshot, directors=(replace(after.directors[0], vrrp_read_at=later(-3600)), after.directors[1]))
        assert check(CheckCode.ONE_MASTER, self.release(old)).verdict is Verdict.PASSED
        stays = replace(snapshot, failovers=(replace(held, returns=False),))
        assert not planned(self.release(stays)).moves

    def test_a_fault(self) -> None:
        """FAULT by the lever is what the release mends."""
        held = failover(lever=FailoverLever.FAULT)
        snapshot = replace(moved(vrrp=(vrrp("FAULT"),), vrrp_track_files=(track_file(0, status=1),)), failovers=(held,))
        plan = planned(self.release(snapshot))
        assert plan.moves
        assert check(CheckCode.PEER_BACKUP, plan).verdict is Verdict.PASSED

    def test_nobody_holds_the_address(self) -> None:
        """The other director is gone: the release is the way out, and nothing but warnings is said."""
        held = failover(lever=FailoverLever.FAULT)
        after = moved(vrrp=(vrrp("FAULT"),), vrrp_track_files=(track_file(0, status=1),))
        source, target = after.directors
        dead = replace(target, addresses=(), vrrp=(), keepalived=DOWN)
        plan = planned(self.release(pair(source, dead, failovers=[held])))
        assert plan.moves
        assert all(each.verdict is not Verdict.BLOCKED for each in plan.assessment.checks)

    def test_the_director_is_silent(self) -> None:
        """That alone cannot be done."""
        after = moved()
        gone = replace(after.directors[0], status=after.directors[0].status.UNREACHABLE)
        snapshot = replace(after, directors=(gone, after.directors[1]))
        assert check(CheckCode.DIRECTORS_LIVE, refused(self.release(snapshot))).verdict is Verdict.BLOCKED

    def test_what_the_lever_did_is_no_flapping(self) -> None:
        """A lever that is released soon after."""
        moves = (Transition("SMB", VrrpState.BACKUP, later(20)),)
        answers = {**moved_soundings()}
        answers[SOURCE] = replace(answers[SOURCE], transitions=moves)
        plan = self.release(moved(), answers, now=later(100))
        told = check(CheckCode.NOT_FLAPPING, plan)
        assert told.verdict is Verdict.PASSED
        assert told.sentence == "No change of state within 10 min but what the lever did."
        before = replace(answers[SOURCE], transitions=(Transition("SMB", VrrpState.MASTER, later(-20)), *moves))
        plan = self.release(moved(), {**answers, SOURCE: before}, now=later(100))
        assert check(CheckCode.NOT_FLAPPING, plan).verdict is Verdict.WARNED

    def test_flapping_after_the_lever_is_flapping(self) -> None:
        """It moves each instance on each director once; what comes after that, nobody has meant."""
        states = (VrrpState.BACKUP, VrrpState.MASTER, VrrpState.BACKUP)
        moves = tuple(Transition("SMB", state, later(20 + 60 * place)) for place, state in enumerate(states))
        answers = {**moved_soundings()}
        answers[SOURCE] = replace(answers[SOURCE], transitions=moves)
        told = check(CheckCode.NOT_FLAPPING, self.release(moved(), answers, now=later(400)))
        assert told.verdict is Verdict.WARNED
        assert told.sentence.startswith("2 changes of state within 10 min")
        answers[SOURCE] = replace(answers[SOURCE], transitions=(Transition("SMB", VrrpState.BACKUP, later(90)),))
        told = check(CheckCode.NOT_FLAPPING, self.release(moved(), answers, now=later(400)))
        assert told.verdict is Verdict.WARNED


class TestAgain:
    """Under the locks, with everything read anew."""

    def again(
        self, snapshot: ClusterSnapshot | None = None, asked: Mapping[str, Sounding] | None = None
    ) -> FailoverPlan | FailoverRefusal:
        """The usual plan, which was agreed to when all was well."""
        agreed = planned(made())
        return plan_again(agreed, snapshot or pair(), soundings() if asked is None else asked, now=later(9))

    def test_nothing_has_changed(self) -> None:
        """It is the same deed, with the evidence of now."""
        plan = planned(self.again())
        assert (plan.failover, plan.steps) == (planned(made()).failover, (STEP,))
        assert check(CheckCode.ONE_HOLDER, plan).age_seconds == pytest.approx(9.3)

    def test_something_is_blocked_now(self) -> None:
        """The preflight counts, not what was seen before."""
        refusal = refused(self.again(pair(target=stand_by(vrrp=(vrrp("FAULT", priority=100),)))))
        assert check(CheckCode.PEER_BACKUP, refusal).verdict is Verdict.BLOCKED

    def test_a_new_warning(self) -> None:
        """Nobody has accepted it."""
        bad = ConfigCheck(valid=False, said=())
        assert refused(self.again(asked=soundings({"configuration": bad}))).unaccepted == (
            CheckCode.CONFIGURATION_VALID,
        )

    def test_a_new_warning_that_was_accepted_before(self) -> None:
        """Whoever accepts by code, on the command line, has accepted what only shows when everything is read again."""
        bad = soundings({"configuration": ConfigCheck(valid=False, said=())})
        agreed = planned(made(accepted=frozenset({CheckCode.CONFIGURATION_VALID})))
        assert agreed.accepted_warnings == ()
        found = planned(plan_again(agreed, pair(), bad, now=later(3)))
        assert found.accepted_warnings == (CheckCode.CONFIGURATION_VALID,)

    def test_it_takes_something_else_now(self) -> None:
        """Another number than the one that was shown."""
        said = objected(self.again(pair(lead(vrrp_track_files=(track_file(-30),)))))
        assert said == {
            "changed-since": "What it takes to move it is not what was agreed to: look again before you decide."
        }

    def test_it_has_moved(self) -> None:
        """Somebody else, or a fault, was quicker."""
        refusal = refused(self.again(replace(moved(), failovers=())))
        said = "keepalived2 is MASTER of SMB now, and not keepalived1: look again before you decide."
        assert objected(refusal) == {"changed-since": said}

    def test_more_would_move(self) -> None:
        """The instance has another address now."""
        wider = (vrrp("MASTER", "SMB", VIP, "172.26.127.99"),)
        assert "changed-since" in objected(self.again(pair(lead(vrrp=wider))))

    def test_a_release(self) -> None:
        """As planned, or not at all."""
        agreed = planned(made(moved(), moved_soundings()))
        assert planned(plan_again(agreed, moved(), moved_soundings(), now=later(9))).steps == (STEP,)
        stays = moved(vrrp=(vrrp("BACKUP", effective_priority=90, preempt=False),))
        assert "changed-since" in objected(plan_again(agreed, stays, moved_soundings(), now=later(9)))

    def test_a_priority_that_was_asked_for(self) -> None:
        """It is still permitted."""
        agreed = planned(made(configured=FailoverLever.PRIORITY))
        assert planned(plan_again(agreed, pair(), soundings(), now=later(9))).steps == agreed.steps
