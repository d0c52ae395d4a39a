"""Drains: what is recorded, what is left out, and what is not even begun."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.intent import Drain
from lvstop.actions.plan import Plan
from lvstop.model.change import ChangePhase, FileChange, Lever
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import Privilege
from support.change_factories import change, weights
from support.factories import FIRST, SECOND, SERVICE, checked, checked_server, gone, later, real_server, virtual_server
from support.planned import (
    AUTHOR,
    OTHER,
    ROW,
    TWO,
    checks_of,
    commands,
    drain,
    file_checked,
    lead,
    of,
    pair,
    plan_for,
    planned,
    refused,
    row,
    stand_by,
    watched,
    weighing,
    with_checked,
)


def remembered(plan: Plan) -> dict[str, int]:
    """The weights that a restore would go back to, by director."""
    return {each.director: each.before.weight for each in plan.change.weights}


def test_what_is_recorded() -> None:
    """Who, when, why, until when, by which lever, and what stood there before."""
    until = later(3600)
    record = planned(drain(reason="new disks", until=until), pair()).change
    assert (record.id, record.cluster, record.phase, record.author) == ("c1", "smb", ChangePhase.PENDING, AUTHOR)
    assert (record.kind, record.lever, record.reason, record.until) == ("drain", "ipvsadm", "new disks", until)
    assert [(each.director, each.before.weight, each.after) for each in record.weights] == [
        ("keepalived2", 5, 0),
        ("keepalived1", 5, 0),
    ]
    assert record.at == later(0)


def test_connections_are_those_of_the_holder() -> None:
    """The other director counts copies, or nothing."""
    idle = virtual_server(SERVICE, real_server(FIRST, 5), real_server(SECOND, 5))
    assert planned(drain(), of(lead(), stand_by((idle,)))).change.active_connections == 30
    assert planned(drain(), of(stand_by(TWO), lead((idle,)))).change.active_connections == 0


def test_connections_of_a_holder_that_does_not_answer() -> None:
    """Nobody knows how many there are; the other director's numbers are no answer."""
    plan = planned(drain(), of(gone(lead()), stand_by()), insist="the master is being repaired")
    assert plan.change.directors == ("keepalived2",)


def test_shares_before_and_after() -> None:
    """Of the whole virtual server, as its scheduler deals."""
    plan = planned(drain(), pair(weighing(5, 5, scheduler="wrr")))
    assert [(str(each.real_server), each.now, each.then) for each in plan.shares] == [
        (FIRST, 0.5, 1.0),
        (SECOND, 0.5, 0.0),
    ]


def test_shares_that_do_not_follow() -> None:
    """None where the scheduler does not tell; a drained real server gets nothing all the same."""
    plan = planned(drain(), pair(weighing(5, 5, scheduler="lblc")))
    assert [(each.now, each.then) for each in plan.shares] == [(None, None), (None, 0.0)]


def test_nothing_to_do() -> None:
    """Weight 0 on all directors already."""
    assert refused(drain(), pair(weighing(5, 0))) == {
        "nothing-to-do": "Weight 0 already: 172.26.127.22:445 of TCP:172.26.127.20:445."
    }


def test_nothing_was_named() -> None:
    """No rows at all."""
    assert refused(Drain(()), pair()) == {"nothing-to-do": "No real server is named."}


def test_a_row_that_nobody_has() -> None:
    """It was there when the key was pressed."""
    told = refused(drain(row(SERVICE, "172.26.127.29:445")), pair())
    assert told == {"row-missing": "No director that answers has 172.26.127.29:445 of TCP:172.26.127.20:445."}
    both = refused(drain(ROW, row(SERVICE, "172.26.127.29:445")), pair())
    assert set(both) == {"row-missing"}
    assert planned(drain(ROW, row(SERVICE, "172.26.127.29:445")), pair(), insist="it is gone").steps


def test_without_privilege() -> None:
    """Thresholds cannot be read, so that nothing can be restated."""
    told = refused(drain(), pair(details=None, privilege=Privilege.NONE), insist="I insist")
    assert list(told) == ["privilege-missing"]
    assert "has no privilege" in told["privilege-missing"]


@pytest.mark.parametrize("told", [{"details": None}, {"details": {}}])
def test_before_details_were_read(told: dict[str, Any]) -> None:
    """In the first seconds of a session."""
    assert list(refused(drain(), pair(**told), insist="I insist")) == ["not-read-yet"]


def test_one_director_is_not_read_yet() -> None:
    """Half a drain is not planned."""
    assert "keepalived2" in refused(drain(), of(lead(), stand_by(details=None)))["not-read-yet"]


def test_a_drain_that_keepalived_undid_is_repeated() -> None:
    """The weight to be remembered is the one before the first drain, on both directors; the old record ends."""
    old = change(*weights(real=SECOND, before=9), id="old")
    plan = planned(drain(), of(lead(weighing(5, 0)), stand_by(weighing(5, 3)), changes=[old]))
    assert [line.split(":")[0] for line in commands(plan)] == ["keepalived2"]
    assert remembered(plan) == {"keepalived2": 9, "keepalived1": 9}
    assert (plan.closes, plan.keeps) == (("old",), ())


def test_a_drain_that_was_found_is_remembered_as_it_was() -> None:
    """A later record found the 0 of an earlier one: the earlier one knows better."""
    first = change(*weights(real=SECOND, before=9, directors=["keepalived1"]), id="first")
    second = change(*weights(real=SECOND, before=0, directors=["keepalived1"]), id="second")
    plan = planned(drain(), of(lead(weighing(5, 0)), stand_by(), changes=[second, first]))
    assert remembered(plan) == {"keepalived2": 5, "keepalived1": 9}
    assert set(plan.closes) == {"first", "second"}


def test_a_drain_that_stands_is_not_repeated() -> None:
    """Asking twice is asking once, even where a better lever has turned up since."""
    old = change(*weights(real=SECOND), id="old")
    assert list(refused(drain(), pair(weighing(5, 0), changes=[old], **watched()))) == ["nothing-to-do"]


def test_a_part_of_an_older_drain() -> None:
    """The rows that are drained anew leave it, the others stay."""
    old = change(*weights(real=SECOND), *weights(real=FIRST), id="old")
    plan = planned(drain(), pair(weighing(5, 5), changes=[old]))
    assert plan.closes == ()
    (kept,) = plan.keeps
    assert (kept.id, kept.rows) == ("old", (OTHER,))


def test_directors_that_left_the_cluster_leave_the_record() -> None:
    """Nobody can restore there any more."""
    old = change(*weights(real=SECOND, directors=["keepalived1", "keepalived2", "keepalived0"]), id="old")
    assert planned(drain(), pair(weighing(5, 5), changes=[old])).closes == ("old",)


def test_a_drain_is_made_to_last_by_asking_for_it() -> None:
    """From the table to the track file: no weight changes, the original one stays remembered."""
    old = change(*weights(real=SECOND), id="old")
    plan = planned(drain(lever=Lever.TRACK_FILE), pair(weighing(5, 0), changes=[old], **watched()))
    assert commands(plan) == [
        "keepalived2: echo 1 > /etc/keepalived/drain",
        "keepalived1: echo 1 > /etc/keepalived/drain",
    ]
    assert remembered(plan) == {"keepalived2": 5, "keepalived1": 5}
    assert plan.closes == ("old",)


def test_a_file_that_an_older_drain_wrote() -> None:
    """The number before the first drain is remembered."""
    files = tuple(FileChange(name, "drain", "/etc/keepalived/drain", 3, 1) for name in ("keepalived1", "keepalived2"))
    old = change(*weights(real=SECOND), id="old", files=files, lever=Lever.TRACK_FILE)
    plan = planned(drain(), pair(changes=[old], **watched()))
    assert [(each.before, each.after) for each in plan.change.files] == [(3, 1), (3, 1)]
    assert [(each.before, each.after) for each in plan.steps if isinstance(each, FileChange)] == [(0, 1), (0, 1)]


def failed(*, inhibit: bool) -> ClusterSnapshot:
    """A real server that keepalived took out of service."""
    rows = [real_server(FIRST, 5), *([real_server(SECOND, 0)] if inhibit else [])]
    checks = checked_server(SERVICE, checked(FIRST, weight=5), checked(SECOND, weight=5, alive=False, inhibit=inhibit))
    return pair((virtual_server(SERVICE, *rows),), checks=(checks,))


@pytest.mark.parametrize("inhibit", [False, True])
def test_what_keepalived_took_out_of_service(inhibit: bool) -> None:
    """A weight in the table is overwritten when it comes back, so there is nothing to drain."""
    assert refused(drain(), failed(inhibit=inhibit), insist="I insist") == {
        "row-missing": (
            "172.26.127.22:445 of TCP:172.26.127.20:445 fails keepalived's checks on keepalived1 and keepalived2: "
            "it is left alone there, and gets its configured weight when they pass."
        )
    }


def test_a_file_drains_what_is_out_of_service() -> None:
    """It comes back with weight 0: that is what the file is for."""
    fields = watched()
    down = with_checked(file_checked(), SECOND, lambda each: replace(each, alive=False))
    plan = planned(drain(), pair((virtual_server(SERVICE, real_server(FIRST, 5)),), **{**fields, "checks": (down,)}))
    assert len(plan.steps) == 2
    assert plan.expects == ()
    assert (plan.change.rows, remembered(plan)) == ((ROW,), {"keepalived1": 5, "keepalived2": 5})
    assert any("when they pass, it stays at weight 0" in each.sentence for each in plan.remarks)


def test_on_one_director_only() -> None:
    """Where the row is not, nothing is done, and the operator has to know it."""
    alone = (virtual_server(SERVICE, real_server(FIRST, 5)),)
    snapshot = of(lead(), stand_by(alone, checks=checks_of(alone)))
    assert list(refused(drain(), snapshot)) == ["row-missing"]
    plan = planned(drain(), snapshot, insist="it is not configured there")
    assert plan.change.directors == ("keepalived1",)
    assert [str(each.code) for each in plan.overridden] == ["row-missing"]


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_insisting_takes_words(reason: str | None) -> None:
    """A reason without a reason overrides nothing."""
    alone = (virtual_server(SERVICE, real_server(FIRST, 5)),)
    assert "row-missing" in refused(drain(), of(lead(), stand_by(alone)), insist=reason)


def test_the_same_snapshot_gives_the_same_plan() -> None:
    """Nothing else goes into it."""
    assert plan_for(drain(), pair()) == plan_for(drain(), pair())
