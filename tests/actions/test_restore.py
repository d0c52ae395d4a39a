"""Restores: back to what is remembered, whole or in part, by the lever that drained, and what is left on record."""

from dataclasses import replace

import pytest

from lvstop.model.change import Change, FileChange, Lever
from lvstop.model.checks import FileCheck
from lvstop.model.cluster import ClusterSnapshot
from support.change_factories import BOTH, change, weights
from support.factories import FIRST, SECOND, SERVICE, checked, checked_server, gone, real_server, virtual_server
from support.planned import (
    OTHER,
    ROW,
    TWO,
    checks_of,
    commands,
    file_checked,
    lead,
    of,
    pair,
    planned,
    refused,
    restore,
    row,
    stand_by,
    track_file,
    watched,
    weighing,
    with_checked,
)

NETBIOS = row("TCP:172.26.127.20:139", "172.26.127.22:139")
FOUR = (*TWO, virtual_server("TCP:172.26.127.20:139", real_server("172.26.127.22:139", 0), "172.26.127.21:139"))


def drained(*, before: int = 5, **more: object) -> Change:
    """The usual real server, by the table."""
    return change(*weights(real=SECOND, before=before), **{"id": "old", **more})


def by_file(number: int = 0, *, after: int = 1) -> Change:
    """The same by the track file, which had `number` in it before."""
    files = tuple(FileChange(name, "drain", "/etc/keepalived/drain", number, after) for name in BOTH)
    return drained(lever=Lever.TRACK_FILE, files=files)


def goals(snapshot: ClusterSnapshot, *rows: tuple[object, object]) -> dict[str, int]:
    """The weights that are to be, by director."""
    plan = planned(restore(*rows), snapshot)  # type: ignore[arg-type]  # rows are rows
    return {each.director: each.after for each in plan.expects}


def test_back_to_what_it_was() -> None:
    """On both directors, and the record ends."""
    plan = planned(restore(), pair(weighing(5, 0), changes=[drained(before=7)]))
    assert commands(plan) == [
        "keepalived2: ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 7 -x 0 -y 0",
        "keepalived1: ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 7 -x 0 -y 0",
    ]
    assert (plan.change.kind, plan.change.lever, plan.closes, plan.keeps) == ("restore", "ipvsadm", ("old",), ())


def test_each_director_has_its_own_memory() -> None:
    """Weights may have differed before."""
    old = change(
        *weights(real=SECOND, before=3, directors=["keepalived1"]), *weights(real=SECOND, directors=["keepalived2"])
    )
    assert goals(pair(weighing(5, 0), changes=[old])) == {"keepalived2": 5, "keepalived1": 3}


def test_in_part() -> None:
    """What is not restored stays drained on record."""
    old = change(*weights(real=SECOND), *weights("TCP:172.26.127.20:139", "172.26.127.22:139"), id="old")
    plan = planned(restore(ROW), pair((*weighing(5, 0), FOUR[1]), changes=[old]))
    assert plan.closes == ()
    assert [(each.id, each.rows, each.directors) for each in plan.keeps] == [("old", (NETBIOS,), BOTH)]
    assert plan.change.rows == (ROW,)


def test_as_a_whole() -> None:
    """Several drains may end at once."""
    second = change(*weights("TCP:172.26.127.20:139", "172.26.127.22:139", before=1), id="second")
    plan = planned(restore(ROW, NETBIOS), pair((*weighing(5, 0), FOUR[1]), changes=[drained(), second]))
    assert plan.closes == ("old", "second")
    assert len(plan.steps) == 4


def test_what_is_in_service_is_left_alone() -> None:
    """`restore` names a real server with all its ports, of which one was drained."""
    table = (*weighing(5, 0), virtual_server("TCP:172.26.127.20:139", "172.26.127.22:139", "172.26.127.21:139"))
    plan = planned(restore(ROW, NETBIOS), pair(table, changes=[drained()]))
    assert plan.change.rows == (ROW,)


def test_nothing_is_drained() -> None:
    """No record, and weights above 0."""
    assert refused(restore(), pair()) == {
        "nothing-to-do": "Nothing is drained: 172.26.127.22:445 of TCP:172.26.127.20:445."
    }


def test_nothing_is_remembered() -> None:
    """It says what keepalived is configured with, and the command that sets it."""
    told = refused(restore(), pair(weighing(5, 0), checks=checks_of(TWO)), insist="I insist")
    assert told == {
        "not-remembered": (
            "172.26.127.22:445 of TCP:172.26.127.20:445 has weight 0 on keepalived1 and keepalived2, and nothing "
            "remembers what it was before; keepalived means it to have 5: `lvstop weight smb 172.26.127.22:445 5 "
            "--virtual-server TCP:172.26.127.20:445` sets it."
        )
    }


def test_nothing_is_remembered_nor_configured() -> None:
    """Then it says how a weight is set, and no number."""
    told = refused(restore(), pair(weighing(5, 0), checks=()))
    assert "before; `lvstop weight smb 172.26.127.22:445 N --virtual-server" in told["not-remembered"]


def test_a_part_is_not_remembered() -> None:
    """The rest may be restored all the same, if the operator says so."""
    snapshot = pair((*weighing(5, 0), FOUR[1]), changes=[drained()])
    assert list(refused(restore(ROW, NETBIOS), snapshot)) == ["not-remembered"]
    assert planned(restore(ROW, NETBIOS), snapshot, insist="only the one").change.rows == (ROW,)


def test_it_has_that_weight_already() -> None:
    """Only the record is to end."""
    plan = planned(restore(), pair(changes=[drained()]))
    assert (plan.steps, plan.closes) == ((), ("old",))
    assert [(each.before.weight, each.after) for each in plan.expects] == [(5, 5), (5, 5)]


def test_keepalived_gave_another_weight() -> None:
    """The remembered weight is what the operator had; that keepalived has another opinion is said."""
    plan = planned(restore(), pair(weighing(5, 3), changes=[drained(before=7)]))
    assert [each.after for each in plan.expects] == [7, 7]
    assert any("goes back to weight 7; keepalived is configured to give it 3" in each.sentence for each in plan.remarks)


@pytest.mark.parametrize(("checks", "expected"), [(checks_of(TWO), 5), ((), 7)])
def test_it_had_been_drained_on_one_director(checks: object, expected: int) -> None:
    """In service again it has a weight on both: keepalived's, else the other director's."""
    old = change(
        *weights(real=SECOND, before=7, directors=["keepalived1"]),
        *weights(real=SECOND, before=0, directors=["keepalived2"]),
    )
    assert goals(pair(weighing(5, 0), changes=[old], checks=checks)) == {"keepalived1": 7, "keepalived2": expected}


def test_a_director_that_was_missing_then() -> None:
    """Where it was not drained, nothing is done."""
    old = change(*weights(real=SECOND, directors=["keepalived1"]))
    plan = planned(restore(), of(lead(weighing(5, 0)), stand_by(weighing(5, 4)), changes=[old]))
    assert [each.director for each in plan.steps] == ["keepalived1"]
    assert {each.director: each.after for each in plan.expects} == {"keepalived1": 5, "keepalived2": 4}


def test_a_director_that_is_missing_now() -> None:
    """What it still has stays on record."""
    snapshot = of(lead(weighing(5, 0)), gone(stand_by(weighing(5, 0))), changes=[drained()])
    assert list(refused(restore(), snapshot)) == ["director-missing"]
    plan = planned(restore(), snapshot, insist="it is being repaired")
    assert [(each.id, each.directors) for each in plan.keeps] == [("old", ("keepalived2",))]
    assert plan.closes == ()


@pytest.mark.parametrize("inhibit", [False, True])
def test_it_is_out_of_service(inhibit: bool) -> None:
    """keepalived brings it back with the weight that it is configured with; a weight now would send clients to it."""
    rows = [real_server(FIRST, 5), *([real_server(SECOND, 0)] if inhibit else [])]
    checks = checked_server(SERVICE, checked(FIRST, weight=5), checked(SECOND, weight=5, alive=False, inhibit=inhibit))
    plan = planned(restore(), pair((virtual_server(SERVICE, *rows),), checks=(checks,), changes=[drained()]))
    assert (plan.steps, plan.expects, plan.closes) == ((), (), ("old",))
    assert any("fails keepalived's checks on keepalived1" in each.sentence for each in plan.remarks)


def test_it_was_taken_out_of_the_configuration() -> None:
    """No table has it: the record ends."""
    alone = (virtual_server(SERVICE, real_server(FIRST, 5)),)
    plan = planned(restore(), pair(alone, changes=[drained()]))
    assert (plan.steps, plan.closes) == ((), ("old",))
    assert any("is in no table and in no configuration" in each.sentence for each in plan.remarks)


def test_it_is_missing_without_a_reason() -> None:
    """keepalived means it to be there."""
    alone = (virtual_server(SERVICE, real_server(FIRST, 5)),)
    snapshot = of(lead(weighing(5, 0)), stand_by(alone, checks=checks_of(TWO)), changes=[drained()])
    assert "is not in the table of keepalived2" in refused(restore(), snapshot)["row-missing"]
    assert planned(restore(), snapshot, insist="on one, then").closes == ("old",)


def test_by_the_file() -> None:
    """The number goes back to the one before; keepalived does the rest."""
    plan = planned(restore(), pair(weighing(5, 0), changes=[by_file()], **watched(1)))
    assert commands(plan) == [
        "keepalived2: echo 0 > /etc/keepalived/drain",
        "keepalived1: echo 0 > /etc/keepalived/drain",
    ]
    assert plan.change.lever is Lever.TRACK_FILE
    assert [(each.before.weight, each.after) for each in plan.expects] == [(0, 5), (0, 5)]
    assert plan.closes == ("old",)


def test_the_weight_that_a_file_brings_back() -> None:
    """It is the configured one, whatever had been set by hand before."""
    plan = planned(
        restore(), pair(weighing(5, 0), changes=[replace(by_file(), weights=drained(before=9).weights)], **watched(1))
    )
    assert {each.after for each in plan.expects} == {5}


def test_a_file_that_was_written_back_by_hand() -> None:
    """Only the record is to end."""
    plan = planned(restore(), pair(changes=[by_file()], **watched(0)))
    assert (plan.steps, plan.closes) == ((), ("old",))


def test_a_file_that_had_drained_before() -> None:
    """Back to the number that somebody had drained with would be no restore."""
    plan = planned(restore(), pair(weighing(5, 0), changes=[by_file(7, after=7)], **watched(7)))
    assert {each.after for each in plan.steps} == {0}


def test_a_file_that_had_another_number() -> None:
    """It goes back to that."""
    plan = planned(restore(), pair(weighing(5, 0), changes=[by_file(-1, after=1)], **watched(1)))
    assert {(each.before, each.after) for each in plan.steps} == {(1, -1)}
    assert {each.after for each in plan.expects} == {259}


def test_a_table_that_was_changed_over_a_file() -> None:
    """Perhaps keepalived was asked before the drain. Else the file is back already, and it will not write."""
    snapshot = pair(weighing(5, 0), changes=[by_file()], **watched(0))
    assert "has weight 0, which does not fit" in refused(restore(), snapshot)["not-read-yet"]
    plan = planned(restore(), snapshot, insist="it was set by hand")
    assert [str(command).split()[0] for command in plan.commands] == ["ipvsadm", "ipvsadm"]


def test_a_file_of_several_rows() -> None:
    """All of them or none."""
    files = by_file().files
    old = change(*weights(real=SECOND), *weights(real=FIRST), id="old", lever=Lever.TRACK_FILE, files=files)
    server = with_checked(
        file_checked(effective=0),
        FIRST,
        lambda each: replace(each, effective_weight=0, file_checks=(FileCheck("drain", -254, reverse=False),)),
    )
    snapshot = pair(weighing(0, 0), changes=[old], checks=(server,), track_files=(track_file(1),))
    told = refused(restore(), snapshot, insist="I insist")
    assert told["lever-shared"].endswith("of TCP:172.26.127.20:445 as well: restore them together.")
    assert planned(restore(ROW, OTHER), snapshot).closes == ("old",)


def test_a_file_that_is_watched_no_more() -> None:
    """The weight is in the table only; the file is named, lest it drains again one day."""
    plan = planned(restore(), pair(weighing(5, 0), changes=[by_file()]))
    assert [str(command).split()[0] for command in plan.commands] == ["ipvsadm", "ipvsadm"]
    (remedy, _) = [each.remedy for each in plan.remarks if "no longer watches" in each.sentence]
    assert remedy == "Before it is configured again: echo 0 > /etc/keepalived/drain"


def test_a_file_that_was_not_read() -> None:
    """What is in it now has to be known."""
    unread = watched(1, checks=None, track_files=None)
    told = refused(restore(), pair(weighing(5, 0), changes=[by_file()], **unread), insist="I insist")
    assert told["not-read-yet"].endswith("is not known: keepalived was not asked.")


def test_files_of_rows_that_stay_drained() -> None:
    """They stay as they are, and on record."""
    first, second = FileCheck("a", -254, reverse=False), FileCheck("b", -254, reverse=False)
    server = with_checked(
        file_checked(SECOND, second, effective=0),
        FIRST,
        lambda each: replace(each, effective_weight=0, file_checks=(first,)),
    )
    files = tuple(FileChange(name, file, f"/{file}", 0, 1) for name in BOTH for file in ("a", "b"))
    old = change(*weights(real=SECOND), *weights(real=FIRST), id="old", lever=Lever.TRACK_FILE, files=files)
    tracked = (track_file(1, name="a", path="/a"), track_file(1, name="b", path="/b"))
    plan = planned(restore(), pair(weighing(0, 0), changes=[old], checks=(server,), track_files=tracked))
    assert {each.path for each in plan.change.files} == {"/b"}
    (kept,) = plan.keeps
    assert ({each.path for each in kept.files}, kept.rows) == ({"/a"}, (OTHER,))
