"""Other weights: to a number, by a number, to a percentage; and the numbers that make no sense."""

import math

import pytest

from lvstop.actions.intent import AddWeight, Intent, ScaleWeight, SetWeight
from lvstop.model.change import FileChange, Lever
from support.change_factories import BOTH, change, weights
from support.factories import FIRST, SECOND, SERVICE, checked, checked_server, real_server, virtual_server
from support.planned import (
    OTHER,
    ROW,
    TWO,
    checks_of,
    commands,
    lead,
    of,
    pair,
    planned,
    refused,
    stand_by,
    watched,
    weighing,
)


def goals(intent: Intent, first: int = 5, second: int = 5) -> list[int]:
    """The weights of the usual real server that are to be, where keepalived is configured to give it 5."""
    plan = planned(intent, pair(weighing(first, second), checks=checks_of(TWO)), insist="a test")
    return [each.after for each in plan.expects]


def test_to_a_number() -> None:
    """All else is restated."""
    plan = planned(SetWeight((ROW,), 8, reason="new disks"), pair())
    assert commands(plan) == [
        "keepalived2: ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 8 -x 0 -y 0",
        "keepalived1: ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 8 -x 0 -y 0",
    ]
    assert (plan.change.kind, plan.change.lever, plan.change.reason) == ("weight", "ipvsadm", "new disks")
    assert [(each.director, each.before.weight, each.after) for each in plan.change.weights] == [
        ("keepalived2", 5, 8),
        ("keepalived1", 5, 8),
    ]


@pytest.mark.parametrize(
    ("intent", "now", "expected"),
    [
        (SetWeight((ROW,), 1), 5, 1),
        (SetWeight((ROW,), 65535), 5, 65535),
        (AddWeight((ROW,), 3), 5, 8),
        (AddWeight((ROW,), -3), 5, 2),
        (AddWeight((ROW,), -5), 5, 1),
        (AddWeight((ROW,), -(10**400)), 5, 1),
        (AddWeight((ROW,), 3), 0, 3),
        (ScaleWeight((ROW,), 50), 5, 3),
        (ScaleWeight((ROW,), 50), 8, 3),
        (ScaleWeight((ROW,), 10), 5, 1),
        (ScaleWeight((ROW,), 0.001), 5, 1),
        (ScaleWeight((ROW,), 200), 8, 10),
    ],
)
def test_what_comes_of_it(intent: Intent, now: int, expected: int) -> None:
    """A percentage is one of the configured weight; nothing goes below 1."""
    assert goals(intent, second=now) == [expected, expected]


def test_percentage_of_what_is_there() -> None:
    """Where keepalived does not know the real server, its weight in the table stands for the configured one."""
    plan = planned(ScaleWeight((ROW,), 50), pair(weighing(5, 8), checks=()))
    assert [each.after for each in plan.expects] == [4, 4]


def test_directors_that_differ() -> None:
    """A sum is one of what each director has."""
    plan = planned(AddWeight((ROW,), 2), of(lead(), stand_by(weighing(5, 3))))
    assert {each.director: each.after for each in plan.expects} == {"keepalived1": 7, "keepalived2": 5}
    assert any("has weight 5 on keepalived1 and 3 on keepalived2 now" in each.sentence for each in plan.remarks)


@pytest.mark.parametrize(
    ("intent", "sentence"),
    [
        (SetWeight((ROW,), 0), "drain it instead"),
        (ScaleWeight((ROW,), 0), "drain it instead"),
        (SetWeight((ROW,), -1), "-1 is not a weight: 1 to 65535"),
        (SetWeight((ROW,), 65536), "65536 is not a weight"),
        (AddWeight((ROW,), 65531), "of TCP:172.26.127.20:445 on keepalived1 would have more than 65535"),
        (AddWeight((ROW,), 10**400), "would have more than 65535"),
        (ScaleWeight((ROW,), 2e6), "would have more than 65535"),
        (ScaleWeight((ROW,), 1e308), "would have more than 65535"),
        (ScaleWeight((ROW,), -5), "-5 % is not a part of a weight"),
        (ScaleWeight((ROW,), math.nan), "nan % is not a part of a weight"),
        (ScaleWeight((ROW,), math.inf), "inf % is not a part of a weight"),
    ],
)
def test_numbers_that_make_no_sense(intent: Intent, sentence: str) -> None:
    """Nobody can insist on them."""
    told = refused(intent, pair(), insist="I insist")
    assert list(told) == ["bad-weight"]
    assert sentence in told["bad-weight"]


def test_it_has_that_weight_already() -> None:
    """On both directors."""
    assert refused(SetWeight((ROW,), 5), pair())["nothing-to-do"].startswith("The weights are as wanted already")


def test_less_of_what_is_drained_is_nothing() -> None:
    """Taking away from 0 does not put it to work."""
    assert list(refused(AddWeight((ROW,), -1), pair(weighing(5, 0)))) == ["nothing-to-do"]


def test_shares() -> None:
    """What the scheduler will make of it."""
    plan = planned(SetWeight((ROW,), 15), pair(weighing(5, 5, scheduler="wlc")))
    assert [(str(each.real_server), each.now, each.then) for each in plan.shares] == [
        (FIRST, 0.5, 0.25),
        (SECOND, 0.5, 0.75),
    ]


def test_several_rows() -> None:
    """All of them get it."""
    assert goals(SetWeight((ROW, OTHER), 9)) == [9, 9, 9, 9]


def test_a_drained_row() -> None:
    """Whoever drained it did not mean it to have another weight; insisting ends his record."""
    old = change(*weights(real=SECOND), id="old", reason="new disks")
    snapshot = pair(weighing(5, 0), changes=[old])
    told = refused(SetWeight((ROW,), 3), snapshot)
    assert told == {
        "held-by-drain": (
            "172.26.127.22:445 of TCP:172.26.127.20:445 was drained by ops@desk 0.0 s ago (new disks); "
            "restore it instead."
        )
    }
    plan = planned(SetWeight((ROW,), 3), snapshot, insist="half is enough")
    assert (plan.closes, len(plan.steps)) == (("old",), 2)


def test_a_row_that_a_file_drains() -> None:
    """Another weight in the table would not last: keepalived keeps it at 0. Nobody can insist."""
    files = tuple(FileChange(name, "drain", "/etc/keepalived/drain", 0, 1) for name in BOTH)
    old = change(*weights(real=SECOND), lever=Lever.TRACK_FILE, files=files)
    told = refused(SetWeight((ROW,), 3), pair(weighing(5, 0), changes=[old], **watched(1)), insist="I insist")
    assert "by a track file, which decides its weight; restore it instead" in told["held-by-drain"]


def test_a_file_that_is_watched_no_more() -> None:
    """Then the table decides again."""
    files = tuple(FileChange(name, "drain", "/etc/keepalived/drain", 0, 1) for name in BOTH)
    old = change(*weights(real=SECOND), id="old", lever=Lever.TRACK_FILE, files=files)
    plan = planned(SetWeight((ROW,), 3), pair(weighing(5, 0), changes=[old]), insist="its FILE_CHECK is gone")
    assert plan.closes == ("old",)


def test_what_keepalived_holds_out_of_service() -> None:
    """A weight would send clients to a real server that fails its checks."""
    table = (virtual_server(SERVICE, real_server(FIRST, 5), real_server(SECOND, 0)),)
    checks = (checked_server(SERVICE, checked(FIRST, weight=5), checked(SECOND, alive=False, inhibit=True)),)
    told = refused(SetWeight((ROW,), 3), pair(table, checks=checks), insist="I insist")
    assert list(told) == ["row-missing"]
    assert "fails keepalived's checks on keepalived1 and keepalived2" in told["row-missing"]


def test_weights_that_do_not_count() -> None:
    """Round robin deals to everybody alike."""
    plan = planned(SetWeight((ROW,), 9), pair())
    assert any("uses rr, for which weights other than 0 do not count" in each.sentence for each in plan.remarks)
