"""What there is to say of a row: the leader's values, its state, and what the other directors have in its place."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.analysis.board import Board, RealServerFacts, RowState, Twin, VirtualServerFacts
from lvstop.model.checks import CheckedRealServer
from lvstop.model.director import DirectorSnapshot, DirectorStatus
from lvstop.model.ipvs import RealServer
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    backup,
    checked,
    checked_server,
    cluster,
    detail,
    gone,
    master,
    real_server,
    row_detail,
    rs_key,
    silent,
    virtual_server,
)
from support.scenes import rates_of

BOTH = (real_server(FIRST, active=3, inactive=1), real_server(SECOND, active=5, inactive=7))


def table(*rows: RealServer | str, scheduler: str = "rr", persistent: bool = False) -> dict[str, Any]:
    """A director's fields: one virtual server with these rows, and no checks."""
    server = virtual_server(SERVICE, *rows, scheduler=scheduler, persistent=persistent)
    return {"virtual_servers": (server,), "checks": None}


def real(place: int, *directors: DirectorSnapshot) -> RealServerFacts:
    """The facts of a real server of the first virtual server."""
    return Board.of(cluster(*directors)).real_server(0, place)


def server(*directors: DirectorSnapshot) -> VirtualServerFacts:
    """The facts of the first virtual server."""
    return Board.of(cluster(*directors)).virtual_server(0)


def test_values_are_the_leaders() -> None:
    """Connections, rates and details of the director that holds the VIP."""
    mine = virtual_server(SERVICE, *BOTH)
    details = {mine.key: detail({FIRST: row_detail(persistent=4)}, flags=("sh-port",))}
    first = master(virtual_servers=(mine,), checks=None, rates=rates_of((mine,)), details=details)
    second = backup(**table(FIRST, SECOND))
    found = server(first, second)
    assert (found.leader.name, found.server) == ("keepalived1", mine)
    assert (found.active_connections, found.inactive_connections) == (8, 8)
    assert found.rates is not None
    assert found.rates.connections == pytest.approx(8 * 0.035)
    assert found.detail is details[mine.key]
    row = real(0, first, second)
    assert row.row is mine.real_servers[0]
    assert row.rates is not None
    assert row.rates.connections == pytest.approx(3 * 0.035)
    assert row.detail is not None
    assert row.detail.persistent_connections == 4
    assert real(1, first, second).detail is None


def test_unknown_is_none_and_zero_is_zero() -> None:
    """A virtual server without real servers has no connections; of one that the leader lacks nobody knows how many."""
    assert server(master(**table()), backup(**table())).active_connections == 0
    absent = server(master(virtual_servers=(), checks=None), backup(**table(FIRST)))
    assert (absent.server, absent.active_connections, absent.inactive_connections, absent.rates) == (
        None,
        None,
        None,
        None,
    )


def test_rates_of_another_row_are_not_taken() -> None:
    """A new row has no rates yet: None, not those of the virtual server and not 0."""
    mine = virtual_server(SERVICE, *BOTH)
    rates = rates_of((virtual_server(SERVICE, FIRST),))
    board = Board.of(cluster(master(virtual_servers=(mine,), checks=None, rates=rates), backup(**table(*BOTH))))
    assert board.real_server(0, 0).rates is not None
    assert board.real_server(0, 1).rates is None
    assert board.rates(0) is not None


# states


@pytest.mark.parametrize(
    ("row", "belief", "states"),
    [
        (real_server(FIRST, 1), checked(FIRST), set()),
        (real_server(FIRST, 0), checked(FIRST), {RowState.DRAINED}),
        (real_server(FIRST, 0), checked(FIRST, effective=0, alive=False, inhibit=True), {RowState.DOWN}),
        (real_server(FIRST, 1), checked(FIRST, alive=False), {RowState.DOWN}),
        (None, checked(FIRST, alive=False), {RowState.DOWN, RowState.ABSENT}),
        (None, checked(FIRST), {RowState.ABSENT}),
    ],
)
def test_states_of_a_real_server(row: RealServer | None, belief: CheckedRealServer, states: set[RowState]) -> None:
    """Drained is a decision, down is a check's verdict, absent is a row that keepalived should have written."""
    rows = () if row is None else (row,)
    more = {**table(*rows), "checks": (checked_server(SERVICE, belief),)}
    assert real(0, master(**more), backup(**more)).states == states


def test_a_sorry_server_is_no_ordinary_row() -> None:
    """It stands in the table because all others are down, and is said to be what it is."""
    more: dict[str, Any] = {
        "virtual_servers": (virtual_server(SERVICE, SECOND),),
        "checks": (checked_server(SERVICE, checked(FIRST, alive=False), sorry=SECOND, quorum_up=False),),
    }
    assert real(0, master(**more), backup(**more)).states == {RowState.DOWN, RowState.ABSENT}
    assert real(1, master(**more), backup(**more)).states == {RowState.SORRY}
    assert server(master(**more), backup(**more)).states == {RowState.DOWN}


def test_a_real_server_may_be_its_own_sorry_server() -> None:
    """A configured and checked one is told by its check."""
    more: dict[str, Any] = {"checks": (checked_server(SERVICE, FIRST, SECOND, sorry=FIRST),)}
    assert real(0, master(**more), backup(**more)).states == set()


def test_states_of_a_virtual_server() -> None:
    """Empty, absent, without quorum, and different elsewhere."""
    assert server(master(**table()), backup(**table())).states == {RowState.EMPTY}
    absent = server(master(virtual_servers=(), checks=()), backup(**table(FIRST)))
    assert absent.states == {RowState.ABSENT, RowState.DRIFT}
    drift = server(master(**table(FIRST, scheduler="wlc")), backup(**table(FIRST)))
    assert drift.states == {RowState.DRIFT}


def test_nothing_is_absent_from_a_table_that_is_unknown() -> None:
    """A leader whose table cannot be read is in no state."""
    checks = (checked_server(SERVICE, FIRST),)
    found = server(master(virtual_servers=None, checks=checks), silent())
    assert found.states == set()
    assert found.active_connections is None


# twins


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        (real_server(FIRST, 1), real_server(FIRST, 1, active=900), ""),
        (real_server(FIRST, 0), real_server(FIRST, 3), "weight 3"),
        (real_server(FIRST, 1), real_server(FIRST, 1, forwarding="Masq"), "Masq"),
        (real_server(FIRST, 1), None, "absent"),
        (None, real_server(FIRST, 2), "weight 2"),
    ],
)
def test_twins_of_a_real_server(mine: RealServer | None, theirs: RealServer | None, words: str) -> None:
    """What a failover would change, in a word or two; connections are never compared."""
    first = master(**table(*([] if mine is None else [mine]), SECOND))
    second = backup(**table(*([] if theirs is None else [theirs]), SECOND))
    facts = real(0, first, second)
    assert facts.twins == (Twin("keepalived2", known=True, words=words),)
    assert (RowState.DRIFT in facts.states) is bool(words)


def test_twins_of_a_virtual_server() -> None:
    """Another scheduler, another persistence, or not there at all."""
    mine = master(**table(FIRST))
    words = {
        "": backup(**table(SECOND)),
        "wlc": backup(**table(FIRST, scheduler="wlc")),
        "wlc persistence": backup(**table(FIRST, scheduler="wlc", persistent=True)),
        "absent": backup(virtual_servers=(), checks=()),
    }
    assert {server(mine, other).twins[0].words for other in words.values()} == set(words)
    here = server(master(virtual_servers=(), checks=()), backup(**table(FIRST)))
    assert here.twins[0].words == "present"


@pytest.mark.parametrize(
    "other",
    [silent(), gone(backup()), gone(backup(), DirectorStatus.STALE), backup(virtual_servers=None, checks=None)],
    ids=["silent", "unreachable", "stale", "table-unknown"],
)
def test_nobody_compares_with_the_past(other: DirectorSnapshot) -> None:
    """A director that does not answer is neither the same nor different, and makes no drift."""
    facts = real(0, master(**table(real_server(FIRST, 7), SECOND)), other)
    assert facts.twins == (Twin("keepalived2", known=False, words=""),)
    assert facts.states == set()


def test_three_directors_have_two_twins() -> None:
    """Each of the others has a say."""
    third = backup("c", **table(real_server(FIRST, 4)))
    facts = real(0, master("a", **table(FIRST)), backup("b", **table(FIRST)), third)
    assert [(twin.director, twin.words) for twin in facts.twins] == [("b", ""), ("c", "weight 4")]


def test_one_director_has_no_twin() -> None:
    """Nobody to compare with."""
    assert real(0, master()).twins == ()
    assert server(master()).twins == ()


def test_the_past_is_told_by_its_leader() -> None:
    """The row keeps its last values, and its leader does not answer."""
    facts = real(0, gone(master(**table(*BOTH))), silent())
    assert facts.row is not None
    assert facts.row.key == rs_key(FIRST)
    assert not facts.leader.answers


def test_rows_in_another_order_are_the_same_rows() -> None:
    """A kernel that lists real servers in another order differs in nothing."""
    board = Board.of(cluster(master(**table(*BOTH)), backup(**table(*reversed(BOTH)))))
    assert [board.real_server(0, place).twins[0].words for place in (0, 1)] == ["", ""]
    row = board.row(0, 0, 1)
    assert row is not None
    assert row.key == rs_key(FIRST)


def test_a_snapshot_with_other_numbers_shows_them() -> None:
    """The kept listing does not keep values."""
    before = Board.of(cluster(master(**table(*BOTH)), backup(**table(*BOTH))))
    busier = (replace(BOTH[0], active_connections=99), BOTH[1])
    after = Board.of(cluster(master(**table(*busier)), backup(**table(*BOTH))), before)
    assert after.listing is before.listing
    assert after.virtual_server(0).active_connections == 104
