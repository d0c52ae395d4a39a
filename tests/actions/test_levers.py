"""Which lever drains, by version, by configuration, and by what the number in a file makes of weights."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.levers import keepalived_version, weight_by_keepalived
from lvstop.model.change import FileChange, Lever
from lvstop.model.checks import CheckedRealServer, FileCheck
from lvstop.model.director import Keepalived
from support.factories import FIRST, SECOND, SERVICE, checked, director, real_server, virtual_server
from support.planned import (
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
    planned,
    refused,
    row,
    stand_by,
    track_file,
    watched,
    weighing,
    with_checked,
)

FORCED = drain(lever=Lever.TRACK_FILE)
DOUBT = (
    "172.26.127.22:445 of TCP:172.26.127.20:445 on keepalived1 and keepalived2 has weight 5, which does not fit what "
    "keepalived last found in /etc/keepalived/drain; try again in a moment, when it has been asked anew."
)
DRAIN = FileCheck("drain", -254, reverse=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.2.7", (2, 2, 7)),
        ("v2.3.4", (2, 3, 4)),
        ("2.2.8 (05/31,2023)", (2, 2, 8)),
        ("2.4", (2, 4, 0)),
        ("", None),
        ("unknown", None),
        (None, None),
    ],
)
def test_versions(text: str | None, expected: tuple[int, ...] | None) -> None:
    """As keepalived prints them."""
    assert keepalived_version(director(keepalived=Keepalived(text, True, 1))) == expected


def test_the_file_is_preferred() -> None:
    """It lasts. One number on each director; the weights are what it is to bring about."""
    plan = planned(drain(), pair(**watched()))
    assert commands(plan) == [
        "keepalived2: echo 1 > /etc/keepalived/drain",
        "keepalived1: echo 1 > /etc/keepalived/drain",
    ]
    assert plan.change.lever is Lever.TRACK_FILE
    assert set(plan.change.files) == set(plan.steps)
    assert [(each.director, each.before.weight, each.after) for each in plan.expects] == [
        ("keepalived2", 5, 0),
        ("keepalived1", 5, 0),
    ]


@pytest.mark.parametrize(("version", "lever"), [("2.1.5", "ipvsadm"), ("2.2.0", "track-file"), ("2.3.3", "track-file")])
def test_by_version(version: str, lever: str) -> None:
    """Before 2.2.0 a FILE_CHECK does not get below 1."""
    plan = planned(drain(), pair(**watched(keepalived=Keepalived(version, True, 1))))
    assert plan.change.lever == lever


def test_the_oldest_director_decides() -> None:
    """A lever that works on one director only is half a drain."""
    old = Keepalived("2.1.5", True, 1)
    plan = planned(drain(), of(lead(**watched()), stand_by(**watched(keepalived=old))))
    assert plan.change.lever is Lever.IPVSADM
    (remark,) = plan.remarks
    assert "keepalived2 runs keepalived 2.1.5, where FILE_CHECK cannot drain; it can from 2.2.0 on" in remark.sentence
    assert remark.remedy == "A drain that lasts needs keepalived 2.2.0 or newer on keepalived2, and a FILE_CHECK."


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"keepalived": Keepalived("2.2.7", False, None)}, "keepalived does not run on keepalived1"),
        ({"keepalived": Keepalived(None, True, 1)}, "the version of keepalived on keepalived1 is unknown"),
        ({"keepalived": None}, "the version of keepalived on keepalived1 is unknown"),
        ({"checks": None}, "keepalived's checks on keepalived1 have not been read"),
        ({"track_files": None}, "keepalived's checks on keepalived1 have not been read"),
        ({"checks": checks_of(TWO)}, "no FILE_CHECK is configured for 172.26.127.22:445"),
        ({"checks": ()}, "keepalived does not check 172.26.127.22:445"),
        ({"track_files": ()}, "no number in a file that a FILE_CHECK"),
        ({"checks": (file_checked(SECOND, FileCheck("drain", 0, reverse=False)),)}, "no number in a file"),
    ],
)
def test_why_there_is_none(more: dict[str, object], reason: str) -> None:
    """Forced, that is why it is refused; else it is why the table has to do."""
    snapshot = pair(**{**watched(), **more})
    told = refused(FORCED, snapshot, insist="I insist")
    assert reason in told["lever-unusable"]
    plan = planned(drain(), snapshot)
    assert plan.change.lever is Lever.IPVSADM
    assert any(reason in remark.sentence for remark in plan.remarks)


@pytest.mark.parametrize("vrrp", [("SMB",), None])
def test_a_file_that_could_move_the_vip(vrrp: tuple[str, ...] | None) -> None:
    """A VRRP instance tracks the same file, or nobody could tell: real servers are not drained by it."""
    snapshot = pair(**watched(track_files=(track_file(vrrp=vrrp),)))
    assert planned(drain(), snapshot).change.lever is Lever.IPVSADM
    reason = "also decides the priority of SMB on keepalived1" if vrrp else "gives it weight 0 and keeps it up"
    assert reason in refused(FORCED, snapshot)["lever-unusable"]


def test_the_table_by_force() -> None:
    """It is done, and said that there is better."""
    plan = planned(drain(lever=Lever.IPVSADM), pair(**watched()))
    assert plan.change.lever is Lever.IPVSADM
    assert plan.change.files == ()
    assert any("A track file could drain them as well" in remark.sentence for remark in plan.remarks)


def shared() -> dict[str, Any]:
    """Both real servers are watched by the same file."""
    server = file_checked(SECOND)
    return watched(checks=(with_checked(server, FIRST, lambda each: replace(each, file_checks=(DRAIN,))),))


def test_a_file_that_drains_others_is_not_chosen() -> None:
    """The table has to do; whom it would hit is said."""
    plan = planned(drain(), pair(**shared()))
    assert plan.change.lever is Lever.IPVSADM
    assert any(
        "they drain 172.26.127.21:445 of TCP:172.26.127.20:445 as well" in remark.sentence for remark in plan.remarks
    )


def test_a_file_that_drains_others_by_force() -> None:
    """The operator may insist."""
    told = refused(FORCED, pair(**shared()))
    assert "drain 172.26.127.21:445 of TCP:172.26.127.20:445 as well" in told["lever-shared"]
    plan = planned(FORCED, pair(**shared()), insist="both go")
    assert [str(each.code) for each in plan.overridden if each.code == "lever-shared"] == ["lever-shared"]


def test_all_rows_of_a_file() -> None:
    """One file for both is right where both are meant."""
    plan = planned(drain(ROW, OTHER), pair(**shared()), insist="the whole service goes")
    assert plan.change.lever is Lever.TRACK_FILE
    assert len(plan.steps) == 2


def test_the_file_of_its_own_is_chosen() -> None:
    """Of two FILE_CHECKs the one that drains nothing else."""
    group = FileCheck("group", -254, reverse=False)
    server = file_checked(SECOND, group, DRAIN)
    server = with_checked(server, FIRST, lambda each: replace(each, file_checks=(group,)))
    files = (track_file(name="group", path="/etc/keepalived/group"), track_file())
    plan = planned(drain(), pair(checks=(server,), track_files=files))
    assert {each.path for each in plan.change.files} == {"/etc/keepalived/drain"}


@pytest.mark.parametrize(
    ("weight", "check", "number"),
    [
        (5, FileCheck("drain", -254, reverse=False), 1),
        (5, FileCheck("drain", 254, reverse=False), -1),
        (5, FileCheck("drain", 254, reverse=True), 1),
        (1000, FileCheck("drain", -254, reverse=False), 4),
        (1016, FileCheck("drain", -254, reverse=False), 4),
        (1017, FileCheck("drain", -254, reverse=False), 5),
        (5, FileCheck("drain", -1, reverse=False), 5),
        (65535, FileCheck("drain", 1, reverse=False), -65535),
        (5, FileCheck("drain", -(2**31 - 1), reverse=False), 1),
    ],
)
def test_the_number(weight: int, check: FileCheck, number: int) -> None:
    """1 where that is enough, else what it takes, with the sign that subtracts."""
    server = file_checked(SECOND, check, effective=weight)
    server = with_checked(server, SECOND, lambda each: replace(each, weight=weight))
    plan = planned(drain(), pair(weighing(weight, weight), checks=(server,), track_files=(track_file(),)))
    assert {each.after for each in plan.steps} == {number}


def test_what_other_files_add_counts() -> None:
    """The weight is 5 and 10 from another file: subtracting 10 is not enough."""
    boost, down = FileCheck("boost", 1, reverse=False), FileCheck("drain", -10, reverse=False)
    server = file_checked(SECOND, boost, down, effective=15)
    files = (track_file(10, name="boost", path="/etc/keepalived/boost"), track_file())
    snapshot = pair(weighing(5, 15), checks=(server,), track_files=files)
    assert [(each.path, each.after) for each in planned(drain(), snapshot).change.files] == [
        ("/etc/keepalived/boost", -5),
        ("/etc/keepalived/boost", -5),
    ]
    only = with_checked(server, FIRST, lambda each: replace(each, file_checks=(boost,)))
    snapshot = pair(weighing(5, 15), checks=(only,), track_files=files)
    assert {(each.path, each.after) for each in planned(drain(), snapshot).change.files} == {
        ("/etc/keepalived/drain", 2)
    }


def test_no_number_is_great_enough() -> None:
    """keepalived reads 32 bits."""
    huge = 2**31 - 1
    server = file_checked(SECOND, FileCheck("a", huge, reverse=False), FileCheck("drain", 1, reverse=False))
    server = with_checked(server, SECOND, lambda each: replace(each, effective_weight=huge))
    files = (track_file(1, name="a", path="/a"), track_file())
    server = with_checked(server, FIRST, lambda each: replace(each, file_checks=(FileCheck("a", 1, reverse=False),)))
    plan = planned(drain(), pair(checks=(server,), track_files=files))
    assert plan.change.lever is Lever.IPVSADM


def test_rows_that_want_opposite_numbers() -> None:
    """No number drains both."""
    table = (*TWO, virtual_server("TCP:172.26.127.20:139", real_server("172.26.127.22:139", 5), "172.26.127.21:139"))
    up = FileCheck("drain", 254, reverse=False)
    checks = checks_of(table, {SECOND: (DRAIN,), "172.26.127.22:139": (up,)})
    rows = [ROW, row("TCP:172.26.127.20:139", "172.26.127.22:139")]
    told = refused(drain(*rows, lever=Lever.TRACK_FILE), pair(table, checks=checks, track_files=(track_file(),)))
    assert "no number" in told["lever-unusable"]


def test_a_number_would_make_another_check_fail() -> None:
    """A second FILE_CHECK with weight 0 on the same file takes the real server out of service instead."""
    server = file_checked(SECOND, DRAIN, FileCheck("drain", 0, reverse=False))
    assert "lever-unusable" in refused(FORCED, pair(checks=(server,), track_files=(track_file(),)))


def test_a_file_that_drains_already() -> None:
    """Somebody wrote into it on one director: it stays, and the other one follows."""
    snapshot = of(lead(weighing(5, 0), **watched(7)), stand_by(**watched()))
    plan = planned(drain(), snapshot)
    assert plan.steps == (FileChange("keepalived2", "drain", "/etc/keepalived/drain", 0, 1),)
    assert [(each.director, each.before, each.after) for each in plan.change.files] == [
        ("keepalived1", 7, 7),
        ("keepalived2", 0, 1),
    ]


def test_a_weight_that_was_set_over_a_file() -> None:
    """keepalived thinks that it is drained and writes nothing: the table has to be changed, if that is how it is."""
    assert refused(drain(), pair(**watched(1))) == {"not-read-yet": DOUBT}
    plan = planned(drain(), pair(**watched(1)), insist="it was set by hand")
    assert [str(command).split()[0] for command in plan.commands] == ["ipvsadm", "ipvsadm"]
    assert plan.change.lever is Lever.TRACK_FILE


@pytest.mark.parametrize(
    ("server", "now", "then", "expected"),
    [
        (checked(FIRST, weight=5), {}, {}, 5),
        (replace(checked(FIRST, weight=5), file_checks=(DRAIN,)), {"drain": 0}, {"drain": 1}, 0),
        (replace(checked(FIRST, weight=5, effective=0), file_checks=(DRAIN,)), {"drain": 1}, {"drain": 0}, 5),
        (replace(checked(FIRST, weight=5, effective=259), file_checks=(DRAIN,)), {"drain": -1}, {"drain": 0}, 5),
        # a MISC_CHECK has made 8 of 5
        (replace(checked(FIRST, weight=5, effective=8), file_checks=(DRAIN,)), {"drain": 0}, {"drain": -1}, 262),
        (replace(checked(FIRST, weight=5), file_checks=(DRAIN,)), {"drain": 0}, {"drain": -(2**40)}, 2**31 - 1),
    ],
)
def test_what_keepalived_computes(
    server: CheckedRealServer, now: dict[str, int], then: dict[str, int], expected: int
) -> None:
    """The configured weight and what files add to it, within 0 and 2³¹−1."""
    assert weight_by_keepalived(server, now, then) == expected


def test_what_is_not_in_the_table_is_no_reason() -> None:
    """A director that does not have the row at all is not asked for a file."""
    alone = (virtual_server(SERVICE, real_server(FIRST, 5)),)
    snapshot = of(lead(**watched()), stand_by(alone, checks=checks_of(alone)))
    plan = planned(drain(), snapshot, insist="it is not configured there")
    assert [each.director for each in plan.steps] == ["keepalived1"]
    assert plan.change.lever is Lever.TRACK_FILE


def test_no_director_has_it() -> None:
    """Then no lever is of any use."""
    alone = (virtual_server(SERVICE, real_server(FIRST, 5)),)
    assert set(refused(FORCED, pair(alone, checks=checks_of(alone)))) == {"lever-unusable", "row-missing"}
