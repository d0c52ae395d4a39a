"""Changes that were interrupted: finished or undone, from whatever stands in the tables and files."""

from dataclasses import replace

import pytest

from lvstop.actions.plan import Plan, Refusal
from lvstop.actions.resume import plan_finish, plan_undo
from lvstop.model.change import Change, ChangeKind, ChangePhase, FileChange, Lever
from lvstop.model.cluster import ClusterSnapshot
from support.change_factories import BOTH, change, weights
from support.factories import FIRST, NOW, SECOND, SERVICE, checked, checked_server, gone, real_server, virtual_server
from support.planned import (
    ROW,
    TWO,
    checks_of,
    commands,
    lead,
    of,
    pair,
    refused,
    restore,
    stand_by,
    watched,
    weighing,
)

PATH = "/etc/keepalived/drain"


def begun(kind: ChangeKind = ChangeKind.DRAIN, *, before: int = 5, after: int = 0, **more: object) -> Change:
    """A change of the usual real server that was interrupted."""
    values = {"id": "c1", "kind": kind, "phase": ChangePhase.PENDING, **more}
    return change(*weights(real=SECOND, before=before, after=after), **values)


def by_file() -> Change:
    """The same by a track file."""
    files = tuple(FileChange(name, "drain", PATH, 0, 1) for name in BOTH)
    return begun(lever=Lever.TRACK_FILE, files=files)


def half(first: int, second: int) -> ClusterSnapshot:
    """The usual real server has these weights on keepalived1 and keepalived2."""
    return of(lead(weighing(5, first), checks=checks_of(TWO)), stand_by(weighing(5, second), checks=checks_of(TWO)))


def written(first: int, second: int) -> ClusterSnapshot:
    """The track file has these numbers in it, and the weights follow."""
    mine, theirs = weighing(5, 0 if first else 5), weighing(5, 0 if second else 5)
    return of(lead(mine, **watched(first)), stand_by(theirs, **watched(second)))


def finish(of_change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan:
    """The plan that finishes it."""
    answer = plan_finish(of_change, with_record(snapshot, of_change), now=NOW, insist=insist)
    assert isinstance(answer, Plan), [each.sentence for each in answer.objections]
    return answer


def undo(of_change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan:
    """The plan that undoes it."""
    answer = plan_undo(of_change, with_record(snapshot, of_change), now=NOW, insist=insist)
    assert isinstance(answer, Plan), [each.sentence for each in answer.objections]
    return answer


def with_record(snapshot: ClusterSnapshot, record: Change) -> ClusterSnapshot:
    """As it is found: the record is on the directors."""
    return replace(snapshot, changes=(*snapshot.changes, record))


def objections(answer: Plan | Refusal) -> list[tuple[str, bool]]:
    """Codes, and whether they may be overridden."""
    assert isinstance(answer, Refusal), answer.commands
    return [(str(each.code), each.overridable) for each in answer.objections]


EDIT = "ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w {} -x 0 -y 0"


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (5, 5, ["keepalived2", "keepalived1"]),
        (5, 0, ["keepalived1"]),
        (0, 5, ["keepalived2"]),
        (0, 0, []),
    ],
)
def test_a_drain_is_finished(first: int, second: int, left: list[str]) -> None:
    """Wherever it stopped, what is left is done; all of it is looked at."""
    plan = finish(begun(), half(first, second))
    assert commands(plan) == [f"{name}: {EDIT.format(0)}" for name in left]
    assert {each.director: (each.before.weight, each.after) for each in plan.expects} == {
        "keepalived1": (first, 0),
        "keepalived2": (second, 0),
    }
    assert plan.change == begun()
    assert plan.closes == ()


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (0, 0, ["keepalived2", "keepalived1"]),
        (5, 0, ["keepalived2"]),
        (0, 5, ["keepalived1"]),
        (5, 5, []),
    ],
)
def test_a_drain_is_undone(first: int, second: int, left: list[str]) -> None:
    """The weights of before, and the record goes."""
    plan = undo(begun(), half(first, second))
    assert commands(plan) == [f"{name}: {EDIT.format(5)}" for name in left]
    assert {each.director: (each.before.weight, each.after) for each in plan.expects} == {
        "keepalived1": (first, 5),
        "keepalived2": (second, 5),
    }
    assert (plan.change, plan.closes, plan.keeps) == (begun(), ("c1",), ())
    assert plan.lifetime == ("All is as it was before: nothing has to hold.",)
    assert plan.remarks == ()


def test_a_re_weight_is_finished_and_undone() -> None:
    """To the number, or back."""
    record = begun(ChangeKind.WEIGHT, after=9)
    assert [each.after for each in finish(record, half(9, 5)).expects] == [9, 9]
    assert len(finish(record, half(9, 5)).steps) == 1
    assert commands(undo(record, half(9, 5))) == [f"keepalived1: {EDIT.format(5)}"]


def test_a_restore_is_finished() -> None:
    """And the drain that it was to end, ends."""
    drained = change(*weights(real=SECOND), id="old")
    record = begun(ChangeKind.RESTORE, before=0, after=5)
    snapshot = replace(half(0, 5), changes=(drained,))
    plan = finish(record, snapshot)
    assert commands(plan) == [f"keepalived1: {EDIT.format(5)}"]
    assert plan.closes == ("old",)


def test_a_restore_is_undone() -> None:
    """The drain stands, and holds again."""
    drained = change(*weights(real=SECOND), id="old")
    record = begun(ChangeKind.RESTORE, before=0, after=5)
    plan = undo(record, replace(half(0, 5), changes=(drained,)))
    assert commands(plan) == [f"keepalived2: {EDIT.format(0)}"]
    assert (plan.closes, plan.keeps) == (("c1",), ())


def test_a_repeated_drain_is_undone() -> None:
    """An older drain holds the row still: it stays at 0, whatever it weighed before all."""
    older = change(*weights(real=SECOND, before=9), id="old")
    plan = undo(begun(before=9), replace(half(0, 5), changes=(older,)))
    assert commands(plan) == [f"keepalived2: {EDIT.format(0)}"]
    assert plan.closes == ("c1",)


def test_a_repeated_drain_is_finished() -> None:
    """The older record ends."""
    older = change(*weights(real=SECOND, before=9), id="old")
    assert finish(begun(before=9), replace(half(0, 5), changes=(older,))).closes == ("old",)


def test_somebody_changed_it_since() -> None:
    """A third weight: the operator decides."""
    for plan in (plan_finish, plan_undo):
        answer = plan(begun(), with_record(half(7, 5), begun()), now=NOW)
        assert objections(answer) == [("changed-since", True)]
        assert isinstance(answer, Refusal)
        assert answer.objections[0].sentence == (
            "172.26.127.22:445 of TCP:172.26.127.20:445 has weight 7 on keepalived1, neither 5 nor 0: "
            "somebody has changed it since."
        )
    assert commands(finish(begun(), half(7, 0), insist="0 it is")) == [f"keepalived1: {EDIT.format(0)}"]
    assert commands(undo(begun(), half(7, 5), insist="5 it is")) == [f"keepalived1: {EDIT.format(5)}"]


def test_keepalived_changed_it_since() -> None:
    """It wrote the weight that it is configured with, which is nobody's wish."""
    assert len(finish(begun(before=9), half(5, 0)).steps) == 1
    assert commands(undo(begun(before=9), half(5, 9))) == [f"keepalived1: {EDIT.format(9)}"]


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [(0, 0, ["keepalived2", "keepalived1"]), (1, 0, ["keepalived2"]), (1, 1, [])],
)
def test_a_file_is_finished(first: int, second: int, left: list[str]) -> None:
    """The numbers that are not there yet; keepalived follows."""
    snapshot = of(
        lead(weighing(5, 0 if first else 5), **watched(first)),
        stand_by(weighing(5, 0 if second else 5), **watched(second)),
    )
    plan = finish(by_file(), snapshot)
    assert commands(plan) == [f"{name}: echo 1 > {PATH}" for name in left]
    assert {each.after for each in plan.expects} == {0}


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [(1, 1, ["keepalived2", "keepalived1"]), (1, 0, ["keepalived1"]), (0, 0, [])],
)
def test_a_file_is_undone(first: int, second: int, left: list[str]) -> None:
    """Back to the number of before, and to the weights that keepalived makes of it."""
    snapshot = of(
        lead(weighing(5, 0 if first else 5), **watched(first)),
        stand_by(weighing(5, 0 if second else 5), **watched(second)),
    )
    plan = undo(by_file(), snapshot)
    assert commands(plan) == [f"{name}: echo 0 > {PATH}" for name in left]
    assert {each.after for each in plan.expects} == {5}


def test_a_file_with_another_number() -> None:
    """Neither of before nor as wanted."""
    snapshot = pair(weighing(5, 0), **watched(4))
    told = objections(plan_finish(by_file(), with_record(snapshot, by_file()), now=NOW))
    assert told == [("changed-since", True), ("changed-since", True)]
    assert {each.after for each in undo(by_file(), snapshot, insist="0 it is").steps} == {0}


def test_a_file_that_was_not_read() -> None:
    """What is in it has to be known."""
    snapshot = pair(checks=None, track_files=None)
    told = objections(plan_undo(by_file(), with_record(snapshot, by_file()), now=NOW, insist="I insist"))
    assert set(told) == {("not-read-yet", False)}


def test_a_file_that_is_watched_no_more() -> None:
    """It decides nothing now; the operator may leave it."""
    told = objections(plan_undo(by_file(), with_record(pair(), by_file()), now=NOW))
    assert set(told) == {("lever-unusable", True)}
    assert undo(by_file(), pair(), insist="its FILE_CHECK is gone").steps == ()


def test_a_file_that_an_older_drain_wrote() -> None:
    """It stays, as long as that one stands."""
    older = replace(by_file(), id="old", phase=ChangePhase.STANDING)
    plan = undo(by_file(), replace(pair(weighing(5, 0), **watched(1)), changes=(older,)))
    assert plan.steps == ()
    assert {each.after for each in plan.expects} == {0}


def test_a_director_is_missing() -> None:
    """It may be finished without it; undone, its share of the change would be forgotten, and that is said."""
    snapshot = of(lead(weighing(5, 0)), gone(stand_by()))
    assert objections(plan_finish(begun(), snapshot, now=NOW)) == [("director-missing", True)]
    answer = plan_undo(begun(), snapshot, now=NOW)
    assert objections(answer) == [("director-missing", True), ("director-missing", True)]
    assert isinstance(answer, Refusal)
    assert any("What it did on keepalived2 would stay" in each.sentence for each in answer.objections)


def test_the_row_is_gone() -> None:
    """Where it is not, nothing is to be put back; a drain cannot be finished there."""
    alone = (virtual_server(SERVICE, real_server(FIRST, 5)),)
    snapshot = of(lead(weighing(5, 0)), stand_by(alone, checks=checks_of(TWO)))
    assert objections(plan_finish(begun(), snapshot, now=NOW)) == [("row-missing", True)]
    plan = undo(begun(), snapshot)
    assert commands(plan) == [f"keepalived1: {EDIT.format(5)}"]
    assert any("is not in the table of keepalived2" in each.sentence for each in plan.remarks)


def test_it_fails_its_checks() -> None:
    """keepalived gives it its weight when it comes back; a weight now would send clients to it."""
    checks = (checked_server(SERVICE, checked(FIRST, weight=5), checked(SECOND, weight=5, alive=False, inhibit=True)),)
    plan = undo(begun(), pair(weighing(5, 0), checks=checks))
    assert (plan.steps, plan.expects, plan.closes) == ((), (), ("c1",))


def test_guards_still_watch_what_is_finished() -> None:
    """The other real server was drained since."""
    snapshot = of(lead(weighing(0, 5), checks=checks_of(TWO)), stand_by(weighing(0, 0), checks=checks_of(TWO)))
    told = objections(plan_finish(begun(), with_record(snapshot, begun()), now=NOW))
    assert told == [("last-real-server", True)]
    assert undo(begun(), snapshot).steps


def test_its_own_record_is_no_obstacle() -> None:
    """It is what is being ended; for everybody else it is one."""
    assert finish(begun(), half(5, 0)).steps
    assert "change-unfinished" in refused(restore(ROW), with_record(half(5, 0), begun()))
