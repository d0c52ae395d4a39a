"""Tables for tests of the terminal: a pair of directors whose rows a test writes down."""

from collections.abc import Mapping
from typing import Any

from lvstop.analysis.board import Board, Row
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.ipvs import RealServer, VirtualServer
from support.factories import backup, cluster, master, rs_key, vs_key
from support.scenes import rates_of

WEB, DNS, MAIL = "TCP:10.0.0.1:80", "UDP:10.0.0.2:53", "TCP:10.0.0.3:25"


def pair(
    mine: tuple[VirtualServer, ...],
    theirs: tuple[VirtualServer, ...] | None = None,
    *,
    rated: bool = True,
    more: Mapping[str, Any] | None = None,
    others: Mapping[str, Any] | None = None,
) -> ClusterSnapshot:
    """Two directors, the first one holds the VIP; `more` are fields of the first, `others` of the second."""
    values: dict[str, Any] = {"virtual_servers": mine, "checks": None, "rates": rates_of(mine) if rated else None}
    values.update(more or {})
    second: dict[str, Any] = {"virtual_servers": mine if theirs is None else theirs, "checks": None}
    second.update(others or {})
    return cluster(master(**values), backup(**second))


def board(*mine: VirtualServer, rated: bool = True) -> Board:
    """The board of a pair with the same table on both."""
    return Board.of(pair(mine, rated=rated))


def row_of(server: str, real: str | None = None) -> Row:
    """A row's identity."""
    return (vs_key(server), None if real is None else rs_key(real))


def busy(*rows: tuple[str, int, int]) -> tuple[RealServer, ...]:
    """Real servers as (endpoint, weight, active connections)."""
    from support.factories import real_server

    return tuple(real_server(text, weight, active=active, inactive=active // 2) for text, weight, active in rows)
