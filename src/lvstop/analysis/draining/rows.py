"""The rows of a drain as the directors have them now: who balances them, and what stands there."""

from collections.abc import Sequence
from dataclasses import dataclass

from lvstop.analysis.board import Board
from lvstop.analysis.marks import known_marks, same_mark
from lvstop.analysis.words import listing
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Change
from lvstop.model.checks import CheckedRealServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import RealServer, RealServerDetail, VirtualServer, VirtualServerDetail

Row = tuple[VirtualServerKey, RealServerKey]


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A row on one director. `row` is None where its kernel does not have it, and where its table is unknown."""

    director: DirectorSnapshot
    server: VirtualServer | None
    row: RealServer | None
    server_detail: VirtualServerDetail | None
    detail: RealServerDetail | None
    checked: CheckedRealServer | None

    @property
    def known(self) -> bool:
        """The director's table is known now."""
        return self.director.answers and self.director.virtual_servers is not None

    @property
    def persistent(self) -> bool:
        """Its virtual server binds clients to real servers."""
        return self.server is not None and self.server.persistent

    @property
    def one_packet(self) -> bool:
        """Each packet is scheduled on its own. False also where nobody could tell."""
        if self.server_detail is not None:
            return self.server_detail.one_packet
        return self.server is not None and self.server.one_packet is True

    @property
    def expires_templates(self) -> bool | None:
        """The kernel sends clients elsewhere that persistence has bound to a drained real server."""
        sysctls = self.director.sysctls
        value = None if sysctls is None else sysctls.expire_quiescent_template
        return None if value is None else value == 1


@dataclass(frozen=True, slots=True, eq=False)
class DrainedRow:
    """One row of a drain.

    Attributes:
        counting: the directors whose connections count.
        drained: those that the drain was made on.
        unread: those of them that have a weight again, of which the records have not been read since: it may have been
            restored by now.
        why_all: why more directors count than one; empty where it is the one that holds the VIP.
    """

    virtual_server: VirtualServerKey
    real_server: RealServerKey
    counting: tuple[Copy, ...]
    drained: tuple[Copy, ...]
    unread: tuple[Copy, ...]
    why_all: str

    @property
    def known(self) -> bool:
        """The tables of all directors that count are known now."""
        return all(copy.known for copy in self.counting)

    @property
    def present(self) -> tuple[Copy, ...]:
        """Those of the directors that count which have it."""
        return tuple(copy for copy in self.counting if copy.row is not None)

    @property
    def everywhere(self) -> tuple[Copy, ...]:
        """All directors that count, or that it was drained on."""
        return tuple(dict.fromkeys((*self.drained, *self.counting)))

    @property
    def one_packet(self) -> bool:
        """Its packets are scheduled one by one, so that there are no connections."""
        present = self.present
        return bool(present) and all(copy.one_packet for copy in present)


def drained_rows(change: Change, snapshot: ClusterSnapshot, board: Board) -> tuple[DrainedRow, ...]:
    """The rows of a change, in its order."""
    marks = known_marks(snapshot.directors)
    return tuple(_drained_row(change, row, (same_mark(row[0], marks), row[1]), board) for row in change.rows)


def _drained_row(change: Change, row: Row, listed: Row, board: Board) -> DrainedRow:
    snapshot = board.snapshot
    counting, why_all = _balancing(row[0], snapshot)
    drained = {each.director for each in change.on(*row)}
    copies = {name: _copy(listed, index, board) for index, name in enumerate(_names(snapshot))}
    return DrainedRow(
        *row,
        counting=tuple(copies[name] for name in counting),
        drained=tuple(copy for name, copy in copies.items() if name in drained),
        unread=tuple(copy for name, copy in copies.items() if name in drained and _unread(copy, listed, change)),
        why_all=why_all,
    )


def _names(snapshot: ClusterSnapshot) -> tuple[str, ...]:
    return tuple(director.name for director in snapshot.directors)


def _balancing(key: VirtualServerKey, snapshot: ClusterSnapshot) -> tuple[Sequence[str], str]:
    """Who balances a virtual server; all directors, and why, where that is not clear."""
    own = [vip for vip in snapshot.vips if vip.address == key.address]
    vips = own or snapshot.vips  # a firewall mark, or an address that VRRP does not set: it goes with the others
    holders = tuple(dict.fromkeys(name for vip in vips for name in vip.holders))
    doubtful = [vip for vip in vips if not vip.holders and vip.unknown_on]
    if len(holders) == 1 and not doubtful:
        return holders, ""
    if len(holders) > 1:
        what = str(key.address) if own else "VIPs of the cluster"
        return _names(snapshot), f"{listing(holders)} hold {what}"
    what = str(key.address) if own else "a VIP of the cluster"
    return _names(snapshot), f"nobody knows who holds {what}" if doubtful else f"no director holds {what}"


def _copy(listed: Row, index: int, board: Board) -> Copy:
    director = board.snapshot.directors[index]
    server = board.listing.find(listed[0])
    if server is None:
        return Copy(director, None, None, None, None, None)
    place = board.listing.servers[server]
    real = place.real_servers.index(listed[1]) if listed[1] in place.real_servers else None
    copy = board.copy(server, index)
    row = None if real is None else board.row(server, real, index)
    details = None if director.details is None or copy is None else director.details.get(copy.key)
    return Copy(
        director=director,
        server=copy,
        row=row,
        server_detail=details,
        detail=None if details is None else details.real_servers.get(listed[1]),
        checked=place.sides[index].checked_rows.get(listed[1]),
    )


def _unread(copy: Copy, listed: Row, change: Change) -> bool:
    """It has a weight, and its director has not told since that the drain still stands there (`Records`)."""
    director = copy.director
    if copy.row is None or copy.row.weight <= 0 or director.changes is None:
        return False
    if all(each.id != change.id for each in director.changes):
        return True
    then = next(
        (server for server in director.changes_table or () if copy.server and server.key == copy.server.key), None
    )
    return not any(row.key == listed[1] and row.weight > 0 for row in (then.real_servers if then else ()))
