"""Guards over what is left of a virtual server: each fires, stays silent, and stays silent where it cannot know."""

from dataclasses import replace

import pytest

from lvstop.actions.intent import SetWeight
from lvstop.actions.plan import Plan
from lvstop.model.change import Lever
from lvstop.model.checks import CheckedVirtualServer, FileCheck
from lvstop.model.ipvs import VirtualServer
from support.change_factories import change, weights
from support.factories import FIRST, SECOND, SERVICE, real_server, row_detail, rs_key, virtual_server, vs_key
from support.planned import (
    OTHER,
    ROW,
    TWO,
    checks_of,
    details_of,
    drain,
    file_checked,
    lead,
    of,
    pair,
    plan_for,
    planned,
    refused,
    restore,
    said,
    stand_by,
    track_file,
    watched,
    weighing,
    with_checked,
)

THIRD = "172.26.127.25:445"


def three(*weights_of: int, scheduler: str = "rr") -> tuple[VirtualServer, ...]:
    """Three real servers with these weights."""
    rows = (real_server(real, weight) for real, weight in zip((FIRST, SECOND, THIRD), weights_of, strict=True))
    return (virtual_server(SERVICE, *rows, scheduler=scheduler),)


# the last one


def test_the_last_real_server() -> None:
    """Of two, the other one is drained already."""
    told = refused(drain(), pair(weighing(0, 5), checks=checks_of(TWO)))
    assert told["last-real-server"] == (
        "TCP:172.26.127.20:445 on keepalived1 and keepalived2 would have no real server left with a weight above 0 "
        "that passes its checks."
    )


def test_all_of_them_at_once() -> None:
    """Each has another one beside it, and they go together."""
    assert said(drain(ROW, OTHER), pair(), "last-real-server") != ""


def test_the_other_one_fails_its_checks() -> None:
    """It is in the table with weight 5, and takes nothing."""
    dead = with_checked(checks_of(TWO)[0], FIRST, lambda each: replace(each, alive=False))
    assert said(drain(), pair(checks=(dead,)), "last-real-server") != ""


def test_the_last_one_on_one_director() -> None:
    """That is where it is said."""
    told = said(drain(), of(lead(), stand_by(weighing(0, 5))), "last-real-server")
    assert told.startswith("TCP:172.26.127.20:445 on keepalived2 would have")


@pytest.mark.parametrize("checks", [checks_of(TWO), ()])
def test_another_one_is_left(checks: tuple[CheckedVirtualServer, ...]) -> None:
    """Whether or not keepalived tells that it is alive: the table says that it has weight."""
    assert said(drain(), pair(checks=checks), "last-real-server") == ""


def test_nothing_was_there_before() -> None:
    """It takes nothing away that clients have."""
    dead = tuple(replace(each, alive=False) for each in checks_of(TWO)[0].real_servers)
    snapshot = pair(checks=(replace(checks_of(TWO)[0], real_servers=dead),))
    assert said(drain(), snapshot, "last-real-server") == ""


def test_other_weights_leave_it_in_service() -> None:
    """Weight 1 is in service."""
    assert said(SetWeight((ROW,), 1), pair(weighing(0, 5), checks=checks_of(TWO)), "last-real-server") == ""


def test_restores_take_nothing_away() -> None:
    """What is left matters where something goes."""
    old = change(*weights(real=SECOND))
    assert planned(restore(), pair(weighing(0, 0), changes=[old])).overridden == ()


# capacity


def test_less_than_half_of_the_weight() -> None:
    """In numbers."""
    told = refused(drain(), pair(weighing(1, 3)))
    assert told == {
        "capacity": (
            "TCP:172.26.127.20:445 on keepalived1 and keepalived2 would be left with weight 1 of the 4 that are "
            "configured (25 %)."
        )
    }
    assert planned(drain(), pair(weighing(1, 3)), insist="it is night").steps


def test_half_is_enough() -> None:
    """Of two alike, one."""
    assert said(drain(), pair(weighing(3, 3)), "capacity") == ""


def test_what_is_drained_already_counts_as_configured() -> None:
    """A third one is at 0 by hand: one of three is left."""
    told = said(drain(), pair(three(5, 5, 0), checks=checks_of(three(5, 5, 5))), "capacity")
    assert "weight 5 of the 15 that are configured (33 %)" in told


def test_less_weight_is_less_capacity() -> None:
    """Not only drains."""
    assert "weight 6 of the 15" in said(SetWeight((ROW,), 1), pair(weighing(5, 10)), "capacity")


def test_more_weight_is_not() -> None:
    """However little there is."""
    assert said(SetWeight((ROW,), 2), pair(weighing(1, 1), checks=checks_of(weighing(9, 9))), "capacity") == ""


def test_what_is_configured_is_not_known() -> None:
    """Then nobody can say how much is left of it."""
    assert said(drain(), pair(weighing(1, 3), checks=None), "capacity") == ""


def test_less_room_than_connections() -> None:
    """The upper threshold of the other one is lower than what is open."""
    told = refused(drain(), pair(details=details_of(TWO, {FIRST: row_detail(60, 30)})))
    assert told == {
        "capacity": (
            "TCP:172.26.127.20:445 on keepalived1 has 70 connections, "
            "and the upper thresholds of what is left allow 60."
        )
    }


@pytest.mark.parametrize(("upper", "lower"), [(70, 30), (0, 0)])
def test_room_enough(upper: int, lower: int) -> None:
    """As much as is open; or no threshold at all, which is no bound."""
    assert said(drain(), pair(details=details_of(TWO, {FIRST: row_detail(upper, lower)})), "capacity") == ""


def test_one_without_threshold_takes_the_rest() -> None:
    """All that are left have to be bounded."""
    table = three(5, 5, 5)
    details = details_of(table, {FIRST: row_detail(1, 0)})
    assert said(drain(), pair(table, details=details), "capacity") == ""


def test_thresholds_that_are_not_known() -> None:
    """Of real servers that are left."""
    details = details_of(TWO, {FIRST: row_detail(None, None)})
    assert said(drain(), pair(details=details), "capacity") == ""


# quorum


def having(quorum: int | None, *, sorry: str | None = None, up: bool | None = True) -> tuple[CheckedVirtualServer, ...]:
    """The virtual server of `TWO`, with a quorum."""
    server = checks_of(TWO)[0]
    return (replace(server, quorum=quorum, quorum_up=up, sorry_server=rs_key(sorry) if sorry else None),)


def test_keepalived_does_not_see_it() -> None:
    """The table has less than the quorum, and the sorry server stays where it is."""
    told = refused(drain(), pair(checks=having(6, sorry="10.0.0.99:445")))
    assert told == {
        "quorum": (
            "TCP:172.26.127.20:445 on keepalived1 and keepalived2 would have weight 5, less than its quorum of 6, and "
            "keepalived does not see it, so that the sorry server 10.0.0.99:445 is not put to work."
        )
    }


def test_keepalived_sees_it() -> None:
    """A track file is keepalived's own business."""
    server = replace(file_checked(), quorum=6, sorry_server=rs_key("10.0.0.99:445"))
    told = said(drain(), pair(**watched(checks=(server,))), "quorum")
    assert told.endswith(
        "would lose its quorum (5 of 6), and keepalived takes its real servers out for the sorry server 10.0.0.99:445."
    )
    told = said(drain(), pair(**watched(checks=(replace(server, sorry_server=None),))), "quorum")
    assert told.endswith("would lose its quorum (5 of 6), and keepalived has no sorry server for it.")


@pytest.mark.parametrize("checks", [having(5), having(None), having(6, up=False), having(99), None])
def test_quorum_is_no_concern(checks: tuple[CheckedVirtualServer, ...] | None) -> None:
    """Enough is left, none is known, or it was lost before."""
    assert said(drain(), pair(checks=checks), "quorum") == ""


def test_the_last_one_and_a_sorry_server() -> None:
    """keepalived counts on a real server that the table has drained."""
    server = replace(checks_of(TWO)[0], sorry_server=rs_key("10.0.0.99:445"))
    told = refused(drain(), pair(weighing(0, 5), checks=(server,)))
    assert set(told) == {"last-real-server", "quorum"}
    without = refused(drain(), pair(weighing(0, 5), checks=checks_of(TWO)))
    assert set(without) == {"last-real-server"}


def test_the_last_one_by_a_file() -> None:
    """keepalived loses its quorum of 1."""
    server = with_checked(file_checked(), FIRST, lambda each: replace(each, alive=False))
    alone = (virtual_server(SERVICE, real_server(SECOND, 5)),)
    told = said(drain(), pair(alone, **watched(checks=(server,))), "quorum")
    assert "would lose its quorum (0 of 1)" in told


def test_a_file_that_only_lowers_another_row() -> None:
    """What the others get from files counts as well."""
    both = FileCheck("drain", -3, reverse=False)
    server = with_checked(file_checked(SECOND, both), FIRST, lambda each: replace(each, file_checks=(both,)))
    snapshot = pair(checks=(replace(server, quorum=5),), track_files=(track_file(),))
    told = said(drain(lever=Lever.TRACK_FILE), snapshot, "quorum")
    assert "would lose its quorum (0 of 5)" in told


# clients that are refused


@pytest.mark.parametrize(
    ("table", "part"),
    [
        (weighing(1, 1, scheduler="sh"), "about 50% of them"),
        (weighing(10, 10, scheduler="sh"), "about 9% of them"),
        (three(1, 1, 0, scheduler="sh"), "about 67% of them"),
        (weighing(5, 5, scheduler="mh"), "about 50% of them"),
        (weighing(6, 2, scheduler="mh"), "about 25% of them"),
    ],
)
def test_a_scheduler_that_hashes(table: tuple[VirtualServer, ...], part: str) -> None:
    """sh gives a drained real server one place in a round, mh all of its own."""
    told = said(drain(), pair(table), "clients-refused")
    scheduler = table[0].scheduler
    assert f"hashes clients ({scheduler}) without {scheduler}-fallback, so that {part} are refused" in told
    assert f"the line `{scheduler}-fallback` in its virtual_server block" in told


def test_by_destination() -> None:
    """No flag helps."""
    assert "dh), which refuses" in said(drain(), pair(weighing(5, 5, scheduler="dh")), "clients-refused")


@pytest.mark.parametrize("scheduler", ["sh", "mh"])
def test_with_fallback(scheduler: str) -> None:
    """Clients go elsewhere."""
    table = weighing(5, 5, scheduler=scheduler)
    details = details_of(table, flags=[f"{scheduler}-port", f"{scheduler}-fallback"])
    assert said(drain(), pair(table, details=details), "clients-refused") == ""


@pytest.mark.parametrize("scheduler", ["rr", "wrr", "wlc", "lblc", "nq"])
def test_schedulers_that_do_not_refuse(scheduler: str) -> None:
    """They skip what weighs nothing."""
    assert said(drain(), pair(weighing(5, 5, scheduler=scheduler)), "clients-refused") == ""


def test_flags_that_are_not_known() -> None:
    """That they are not known is said, and not that clients are refused."""
    table = weighing(5, 5, scheduler="sh")
    assert set(refused(drain(), pair(table, details=None))) == {"not-read-yet"}


def test_less_weight_refuses_nobody() -> None:
    """Only weight 0 does."""
    assert said(SetWeight((ROW,), 1), pair(weighing(5, 5, scheduler="mh")), "clients-refused") == ""


def test_it_was_drained_before() -> None:
    """On that director nothing changes for anybody."""
    snapshot = of(lead(weighing(5, 0, scheduler="sh")), stand_by(weighing(5, 5, scheduler="sh")))
    assert said(drain(), snapshot, "clients-refused").startswith("TCP:172.26.127.20:445 on keepalived2 hashes")


def test_each_virtual_server_is_told_by_itself() -> None:
    """Draining everywhere may be the end of two services."""
    table = (*weighing(1, 3), virtual_server("TCP:172.26.127.20:139", real_server("172.26.127.22:139", 1)))
    rows = [ROW, (vs_key("TCP:172.26.127.20:139"), rs_key("172.26.127.22:139"))]
    answer = plan_for(drain(*rows), pair(table))
    assert not isinstance(answer, Plan)
    assert sorted(str(each.code) for each in answer.objections) == ["capacity", "last-real-server"]
