"""Guards over directors, moments and rows: each fires, stays silent, and stays silent where it cannot know."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lvstop.actions.intent import SetWeight
from lvstop.actions.plan import Plan
from lvstop.actions.planning import build_plan
from lvstop.model.change import ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorStatus
from lvstop.model.failover import FailoverPhase
from support.change_factories import change, weights
from support.factories import FIRST, SECOND, VIP, address, gone, instance, later, silent
from support.failover_factories import failover
from support.planned import (
    AUTHOR,
    ROW,
    TWO,
    drain,
    lead,
    of,
    pair,
    plan_for,
    planned,
    refused,
    restore,
    said,
    stand_by,
)


def test_a_healthy_pair() -> None:
    """Nothing speaks against it."""
    assert planned(drain(), pair()).overridden == ()


# a director that does not answer


@pytest.mark.parametrize("status", [DirectorStatus.UNREACHABLE, DirectorStatus.CONNECTING])
def test_a_director_does_not_answer(status: DirectorStatus) -> None:
    """A failover would undo it; the operator may do without."""
    snapshot = of(lead(), replace(silent(), status=status))
    assert refused(drain(), snapshot) == {
        "director-missing": (
            "keepalived2 does not answer (no answer from 172.26.127.24:22 within 5 s); "
            "a failover would undo what is done on keepalived1 alone."
        )
    }
    plan = planned(drain(), snapshot, insist="it is being repaired")
    assert plan.change.directors == ("keepalived1",)
    assert "Not set on keepalived2: a failover to it undoes it." in plan.lifetime


def test_the_past_of_a_director_is_no_basis() -> None:
    """It is shown on screens and not acted on."""
    plan = planned(drain(), of(lead(), gone(stand_by())), insist="it is being repaired")
    assert {each.director for each in plan.expects} == {"keepalived1"}


def test_no_director_answers() -> None:
    """Nobody can insist on that."""
    told = refused(drain(), of(gone(lead()), gone(stand_by())), insist="I insist")
    assert "no other director is left to change" in told["director-missing"]


def test_a_table_that_could_not_be_read() -> None:
    """The director answers, and its table is not known."""
    told = refused(drain(), of(lead(), stand_by(virtual_servers=None)))
    assert told["not-read-yet"].startswith("The table of keepalived2 is not known;")


# stale data


def test_stale() -> None:
    """With the age of what is known."""
    silent_now = replace(stand_by(), status=DirectorStatus.STALE, age_seconds=42.0)
    told = refused(drain(), of(lead(), silent_now))
    assert told["stale-data"].startswith("keepalived2 does not answer in time: its table was read 42 s ago; a failover")
    assert list(told) == ["stale-data"]


@pytest.mark.parametrize(("seconds", "code"), [(9.0, ""), (11.0, "stale-data")])
def test_an_old_snapshot(seconds: float, code: str) -> None:
    """Nobody told that it is stale: the picture stood still, and the operator looked elsewhere."""
    plan = build_plan(drain(), pair(), author=AUTHOR, now=later(seconds), change_id="c1")
    told = [] if isinstance(plan, Plan) else [str(each.code) for each in plan.objections]
    assert set(told) == ({code} if code else set())


def test_how_old_is_old() -> None:
    """A cluster that is read every minute is not stale after ten seconds."""
    patient = timedelta(minutes=3)
    plan = build_plan(drain(), pair(), author=AUTHOR, now=later(60), change_id="c1", stale_after=patient)
    assert isinstance(plan, Plan)


def test_an_age_that_nobody_knows() -> None:
    """That is no reason to call it old."""
    assert planned(drain(), pair(age_seconds=None, read_at=None)).steps


# a failover under way


def moved(seconds: float) -> ClusterSnapshot:
    """The VIP came to keepalived1 so long ago."""
    vrrp = (instance("MASTER", last_transition=later(-seconds)),)
    return of(lead(vrrp=vrrp), stand_by())


def test_a_failover_a_moment_ago() -> None:
    """Nobody can insist while the tables and the VIP may still be changing."""
    told = refused(drain(), moved(4.0), insist="I insist")
    assert told == {
        "failover-under-way": "SMB became MASTER on keepalived1, or keepalived was reloaded there, 4.0 s ago; "
        "wait until VRRP has settled."
    }


def test_a_failover_long_ago() -> None:
    """It is over."""
    assert said(drain(), moved(11.0), "failover-under-way") == ""


def test_a_clock_that_is_ahead() -> None:
    """The director's moment lies in our future."""
    assert "0.0 s ago" in said(drain(), moved(-2.0), "failover-under-way")
    assert said(drain(), moved(-3600.0), "failover-under-way") == ""


def test_vrrp_that_is_not_known() -> None:
    """Without privilege nobody tells when it moved."""
    assert said(drain(), pair(vrrp=None), "failover-under-way") == ""


def test_two_holders() -> None:
    """A standing split brain does not go away by waiting: the operator decides."""
    both = stand_by(addresses=(address("172.26.127.24"), address(VIP)))
    assert refused(drain(), of(lead(), both)) == {
        "failover-under-way": "172.26.127.20 is held by keepalived1 and keepalived2 at once; settle that first."
    }
    assert planned(drain(), of(lead(), both), insist="the link will take hours").steps


def test_no_holder() -> None:
    """Nobody serves it now."""
    snapshot = of(lead(addresses=(address("172.26.127.23"),)), stand_by())
    assert refused(drain(), snapshot)["failover-under-way"] == "No director holds 172.26.127.20; settle that first."


def test_a_holder_that_is_not_known() -> None:
    """The silent director may hold it: that it is silent is said by another guard."""
    assert said(drain(), of(gone(lead()), stand_by()), "failover-under-way") == ""


def test_the_vip_of_another_service() -> None:
    """It does not matter here."""
    other = instance("MASTER", "OTHER", "10.0.0.9", vrid=9)
    snapshot = of(lead(vrrp=(instance("MASTER"), other)), stand_by())
    assert said(drain(), snapshot, "failover-under-way") == ""


# a change that is not finished


@pytest.mark.parametrize(
    ("kind", "verb"), [(ChangeKind.DRAIN, "drain"), (ChangeKind.RESTORE, "restore"), (ChangeKind.WEIGHT, "re-weight")]
)
def test_a_change_is_not_finished(kind: ChangeKind, verb: str) -> None:
    """Who, since when, and what can be done."""
    begun = change(*weights(real=SECOND), kind=kind, phase=ChangePhase.PENDING, at=later(-300))
    told = refused(drain(), pair(changes=[begun]), insist="I insist")
    assert told == {
        "change-unfinished": (
            f"ops@desk began to {verb} 172.26.127.22:445 of TCP:172.26.127.20:445 5 min ago, and it is not finished: "
            "wait for it, or see `lvstop resume smb` if it was interrupted."
        )
    }


def test_a_change_of_other_rows() -> None:
    """It is nobody's business here."""
    begun = change(*weights(real=FIRST), phase=ChangePhase.PENDING)
    assert said(drain(), pair(changes=[begun]), "change-unfinished") == ""


def test_a_change_that_stands() -> None:
    """It is finished."""
    assert said(drain(), pair(changes=[change(*weights(real=SECOND))]), "change-unfinished") == ""


# rows


def test_a_row_that_one_director_lacks() -> None:
    """The plan covers where it is."""
    alone = (replace(TWO[0], real_servers=TWO[0].real_servers[:1]),)
    snapshot = of(lead(), stand_by(alone))
    assert refused(drain(), snapshot) == {
        "row-missing": (
            "172.26.127.22:445 of TCP:172.26.127.20:445 is not in the table of keepalived2: it is left alone there."
        )
    }
    plan = planned(drain(), snapshot, insist="it is configured on one only")
    assert plan.change.directors == ("keepalived1",)
    assert "Set in part only on keepalived2: a failover to it undoes the rest." in plan.lifetime


def test_a_row_on_a_silent_director() -> None:
    """Whether it is there is not known."""
    assert said(drain(), of(lead(), silent()), "row-missing") == ""


def test_what_cannot_be_overridden_comes_first() -> None:
    """It has to be settled whatever else is insisted on."""
    begun = change(*weights(real=SECOND), phase=ChangePhase.PENDING)
    answer = plan_for(drain(), of(lead(), silent(), changes=[begun]))
    assert not isinstance(answer, Plan)
    assert [each.overridable for each in answer.objections] == [False, True]
    assert not answer.overridable


def test_what_was_insisted_against_is_in_the_plan() -> None:
    """It goes into the audit."""
    plan = planned(drain(), of(lead(), silent()), insist="it is being repaired")
    assert [str(each.code) for each in plan.overridden] == ["director-missing"]
    assert plan.insistence == "it is being repaired"
    assert planned(drain(), pair(), insist="there is nothing to insist against").insistence == ""


def test_a_restore_is_guarded_too() -> None:
    """By what concerns directors, and not by what is left in service."""
    old = change(*weights(real=SECOND))
    assert list(refused(restore(), of(lead(), silent(), changes=[old]))) == ["director-missing"]


def test_a_drain_is_no_obstacle_to_a_drain() -> None:
    """Only other weights have to be asked for twice."""
    old = change(*weights(real=SECOND))
    assert said(drain(), pair(changes=[old]), "held-by-drain") == ""
    assert said(SetWeight((ROW,), 3), pair(changes=[old]), "held-by-drain") != ""


# a failover that is not finished


@pytest.mark.parametrize("phase", FailoverPhase)
def test_a_failover_that_is_not_finished(phase: FailoverPhase) -> None:
    """Which table counts may change at any moment, and nobody can insist; a lever that is held is no hindrance."""
    record = failover(phase=phase, at=later(-60))
    snapshot = replace(pair(), failovers=(record,))
    if phase is FailoverPhase.HELD:
        assert planned(drain(), snapshot).overridden == ()
        return
    assert refused(drain(), snapshot, insist="I insist") == {
        "failover-unfinished": (
            "ops@desk began to move SMB from keepalived1 to keepalived2 60 s ago, and it is not finished: wait for it, "
            "or see `lvstop resume smb` if it was interrupted."
        )
    }
