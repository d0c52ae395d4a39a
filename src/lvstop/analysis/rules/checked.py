"""What keepalived's checkers believe against what the kernel's table holds, on each director."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvstop.analysis.rules.comparison import Table, same_key
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer
from lvstop.model.ipvs import VirtualServer

Row = tuple[VirtualServerKey, RealServerKey]


@dataclass(frozen=True, slots=True)
class Manual:
    """A weight that keepalived did not write."""

    kernel: int
    effective: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What one director's checks say of its table.

    Attributes:
        failed: real servers that are not alive.
        missing: real servers that are alive but not in the kernel's table, although the quorum is up.
        manual: real servers in the table whose weight keepalived did not write.
        alive: by virtual server, how many real servers are alive.
        configured: by virtual server, how many real servers there should be.
        absent: virtual servers that keepalived keeps and that are not in the kernel's table.
    """

    director: str
    failed: Mapping[Row, CheckedRealServer]
    missing: tuple[Row, ...]
    manual: Mapping[Row, Manual]
    alive: Mapping[VirtualServerKey, int]
    configured: Mapping[VirtualServerKey, int]
    absent: tuple[VirtualServerKey, ...]


def findings_of(tables: Sequence[Table]) -> Mapping[str, Findings]:
    """By director; without those whose keepalived was not asked or does not run: nobody keeps that table."""
    return {
        table.name: _findings(table, table.director.checks)
        for table in tables
        if table.director.checks is not None and not keepalived_is_down(table.director)
    }


def _findings(table: Table, checks: Sequence[CheckedVirtualServer]) -> Findings:
    failed: dict[Row, CheckedRealServer] = {}
    missing: list[Row] = []
    manual: dict[Row, Manual] = {}
    alive: dict[VirtualServerKey, int] = {}
    absent: list[VirtualServerKey] = []
    for checked in checks:
        server = table.server(checked.key)
        down = [each for each in checked.real_servers if not each.alive]
        alive[checked.key] = len(checked.real_servers) - len(down)
        failed.update(((checked.key, each.key), each) for each in down)
        if server is None:
            absent.append(checked.key)
        elif not _as_checked(checked, server):
            _compare(checked, server, missing, manual)
    configured = {checked.key: len(checked.real_servers) for checked in checks}
    return Findings(table.name, failed, tuple(missing), manual, alive, configured, tuple(absent))


def _as_checked(checked: CheckedVirtualServer, server: VirtualServer) -> bool:
    """The table is, row by row and in the same order, what the checks want: the usual case, told without a lookup."""
    if len(checked.real_servers) != len(server.real_servers):
        return False
    for each, row in zip(checked.real_servers, server.real_servers, strict=True):
        if each.effective_weight != row.weight or not each.alive:
            return False
        if each.key is not row.key and not same_key(each.key, row.key):
            return False
    return True


def _compare(
    checked: CheckedVirtualServer, server: VirtualServer, missing: list[Row], manual: dict[Row, Manual]
) -> None:
    rows = {row.key: row for row in server.real_servers}
    for each in checked.real_servers:
        row = rows.get(each.key)
        if not each.alive:
            continue
        if row is None:
            # Below its quorum keepalived takes the real servers out of the table in favour of the sorry server.
            if checked.quorum_up is not False:
                missing.append((checked.key, each.key))
        elif row.weight != each.effective_weight:
            manual[checked.key, each.key] = Manual(row.weight, each.effective_weight)
