"""Shares: what schedulers promise, what real servers get, and when a difference is one."""

import pytest

from lvstop.analysis.shares import Basis, Share, Verdict, shares
from lvstop.model.ipvs import Rates, VirtualServer, VirtualServerRates
from support.factories import SERVICE, real_server, rs_key, virtual_server

ROWS = tuple(f"10.0.0.{number}:80" for number in range(1, 5))


def server_of(scheduler: str, weights: list[int], active: list[int] | None = None, **more: object) -> VirtualServer:
    """A virtual server of real servers with these weights and active connections."""
    counts = active or [0] * len(weights)
    rows = [real_server(row, weight, active=count) for row, weight, count in zip(ROWS, weights, counts, strict=False)]
    return virtual_server(SERVICE, *rows, scheduler=scheduler, **more)


def per_second(*connections: float) -> VirtualServerRates:
    """New connections per second of the real servers."""
    rates = {rs_key(row): Rates(value, 0, 0, 0, 0) for row, value in zip(ROWS, connections, strict=False)}
    return VirtualServerRates(Rates(sum(connections), 0, 0, 0, 0), rates)


def found(server: VirtualServer, rates: VirtualServerRates | None = None) -> list[Share]:
    """Shares in the order of the rows."""
    return list(shares(server, rates).values())


@pytest.mark.parametrize(
    ("scheduler", "weights", "expected"),
    [
        ("rr", [1, 9, 0], [0.5, 0.5, 0]),
        ("lc", [1, 9, 0], [0.5, 0.5, 0]),
        *[(name, [1, 3, 0], [0.25, 0.75, 0]) for name in ("wrr", "wlc", "sed", "nq", "twos", "sh", "mh")],
        ("fo", [1, 3, 2], [0, 1, 0]),
        ("fo", [3, 3, 0], [None, None, 0]),
        *[(name, [1, 3, 0], [None, None, 0]) for name in ("dh", "lblc", "lblcr", "ovf", "homemade")],
        ("wrr", [0, 0], [0, 0]),
        ("fo", [0, 0], [0, 0]),
        ("rr", [], []),
    ],
)
def test_what_follows_from_a_scheduler(scheduler: str, weights: list[int], expected: list[float | None]) -> None:
    """By weight, equal, all to one, or unknown; a drained server gets nothing anyhow."""
    assert [share.expected for share in found(server_of(scheduler, weights))] == expected


def test_shares_are_of_new_connections() -> None:
    """Where rates are known and high enough."""
    given = found(server_of("wrr", [1, 1], [500, 0]), per_second(30, 10))
    assert [(share.actual, share.basis) for share in given] == [
        (0.75, Basis.CONNECTION_RATE),
        (0.25, Basis.CONNECTION_RATE),
    ]


@pytest.mark.parametrize("rates", [None, per_second(0.1, 0), per_second(0, 0), per_second(50)])
def test_else_of_active_connections(rates: VirtualServerRates | None) -> None:
    """Without rates, with too few new connections to share, or where a row's rate is not known yet."""
    given = found(server_of("wrr", [1, 1], [1, 3]), rates)
    assert [(share.actual, share.basis) for share in given] == [
        (0.25, Basis.ACTIVE_CONNECTIONS),
        (0.75, Basis.ACTIVE_CONNECTIONS),
    ]


def test_of_nothing_there_is_no_share() -> None:
    """Without connections an actual share is unknown, and not 0."""
    for share in found(server_of("rr", [1, 1])):
        assert (share.expected, share.actual, share.basis, share.verdict) == (0.5, None, None, None)


def test_a_notable_difference_is_told() -> None:
    """Enough traffic, and off by more than chance."""
    given = found(server_of("wrr", [1, 1, 1]), per_second(60, 30, 5))
    assert [share.verdict for share in given] == [Verdict.MORE, Verdict.AS_EXPECTED, Verdict.LESS]


def test_little_traffic_gives_no_verdict() -> None:
    """Ten connections per second for eight seconds are not enough."""
    assert {share.verdict for share in found(server_of("wrr", [1, 1]), per_second(10, 0))} == {None}
    assert {share.verdict for share in found(server_of("wlc", [1, 1], [90, 0]))} == {None}


def test_a_difference_within_chance_is_as_expected() -> None:
    """A small share of a hundred connections varies by itself."""
    given = found(server_of("wlc", [1, 19]), per_second(1.5, 13.5))
    assert {share.verdict for share in given} == {Verdict.AS_EXPECTED}


def test_a_drained_server_that_gets_new_connections() -> None:
    """That is more than its share, with persistence as well, which is how it happens; its old ones are not."""
    for persistent in (False, True):
        server = server_of("wrr", [1, 0], [0, 900], persistent=persistent)
        drained = found(server, per_second(50, 5))[1]
        assert (drained.expected, drained.verdict) == (0.0, Verdict.MORE)
        assert found(server, per_second(50, 0))[1].verdict is Verdict.AS_EXPECTED
    assert found(server_of("wlc", [1, 0], [100, 900]))[1].verdict is None


@pytest.mark.parametrize(("scheduler", "persistent"), [("wrr", True), ("sh", False), ("mh", False), ("lblc", False)])
def test_where_clients_are_placed_there_is_no_verdict(scheduler: str, persistent: bool) -> None:
    """One client with many connections is no fault of anybody."""
    given = found(server_of(scheduler, [1, 1], persistent=persistent), per_second(100, 0))
    assert {share.verdict for share in given} == {None}


@pytest.mark.parametrize(("scheduler", "verdict"), [("wlc", Verdict.MORE), ("lc", Verdict.MORE), ("rr", None)])
def test_active_connections_are_judged_where_they_are_balanced(scheduler: str, verdict: Verdict | None) -> None:
    """Least-connection schedulers look at them; others deal out new ones, however long they last."""
    assert found(server_of(scheduler, [1, 1], [900, 100]))[0].verdict is verdict
