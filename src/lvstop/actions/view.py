"""A snapshot as planning looks at it: row by row, director by director."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lvstop.actions.intent import Row
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.analysis.board import Board
from lvstop.analysis.marks import known_marks, same_mark
from lvstop.model.address import RealServerKey
from lvstop.model.change import Change, ChangePhase, Destination
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Privilege
from lvstop.model.ipvs import (
    ForwardingMethod,
    RealServer,
    RealServerDetail,
    VirtualServer,
    VirtualServerDetail,
)

STALE_AFTER = timedelta(seconds=10)
"""A table that was read longer ago is no basis for a change, unless the caller knows the cluster's interval better."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One row on one director.

    Attributes:
        row: as the cluster lists it.
        leads: this director's values stand for the virtual server: it holds the VIP.
        server, real_server: in the kernel's table; None where they are not there.
        detail, real_detail: what only a privileged login may read of them; None where it was not read.
        checked_server, checked: what keepalived believes of them; None where it does not know them or was not asked.
    """

    director: DirectorSnapshot
    row: Row
    leads: bool
    server: VirtualServer | None
    real_server: RealServer | None
    detail: VirtualServerDetail | None
    real_detail: RealServerDetail | None
    checked_server: CheckedVirtualServer | None
    checked: CheckedRealServer | None

    @property
    def down(self) -> bool:
        """keepalived's checks fail, and it took the real server out of service: keepalived will put it back itself."""
        return self.checked is not None and not self.checked.alive and (self.weight or 0) <= 0

    @property
    def weight(self) -> int | None:
        """In the kernel's table; None where the row is not there."""
        return None if self.real_server is None else self.real_server.weight

    @property
    def destination(self) -> Destination | None:
        """All that a change has to restate; None where a part of it is not there or was not read."""
        row, detail = self.real_server, self.real_detail
        if row is None or detail is None or detail.upper_threshold is None or detail.lower_threshold is None:
            return None
        local = row.forwarding is ForwardingMethod.LOCAL
        forwarding = ForwardingMethod.ROUTE if local else row.forwarding
        return Destination(forwarding, row.weight, detail.upper_threshold, detail.lower_threshold, detail.tunnel)


class View:
    """One snapshot at one moment."""

    def __init__(self, snapshot: ClusterSnapshot, now: datetime, stale_after: timedelta = STALE_AFTER) -> None:
        self.snapshot = snapshot
        self.now = now
        self.board = Board.of(snapshot)
        self._stale_after = stale_after
        self._marks = known_marks(snapshot.directors)
        self._servers = {listed.key: index for index, listed in enumerate(self.board.listing.servers)}
        self._places: dict[int, dict[RealServerKey, int]] = {}
        self._cells: dict[Row, tuple[Cell, ...]] = {}

    def same(self, row: Row) -> Row:
        """A row as the cluster lists it: the family of a firewall mark is told by whoever knows it."""
        return (same_mark(row[0], self._marks), row[1])

    def lists(self, row: Row) -> bool:
        """Some director has the row, or its keepalived means to have it."""
        return self._place(row) is not None

    @property
    def listed(self) -> Iterator[Row]:
        """Every row there is."""
        for server in self.board.listing.servers:
            for real_server in server.real_servers:
                yield (server.key, real_server)

    @property
    def reachable(self) -> tuple[DirectorSnapshot, ...]:
        """Directors whose table is known as it is now."""
        return tuple(each for each in self.snapshot.directors if self.reaches(each))

    def reaches(self, director: DirectorSnapshot) -> bool:
        """Its table is known as it is now, so that it can be changed."""
        return director.answers and director.virtual_servers is not None and not self.outdated(director)

    def outdated(self, director: DirectorSnapshot) -> bool:
        """Connected, but what is known of it is too old."""
        age = self.age(director)
        return director.status is DirectorStatus.STALE or (
            director.answers and age is not None and age > self._stale_after.total_seconds()
        )

    def age(self, director: DirectorSnapshot) -> float | None:
        """Seconds since its table was read."""
        if director.age_seconds is not None:
            return director.age_seconds + (self.now - self.snapshot.generated_at).total_seconds()
        return None if director.read_at is None else (self.now - director.read_at).total_seconds()

    def cells(self, row: Row) -> tuple[Cell, ...]:
        """A row on each reachable director, whether it is there or not; nothing for a row that nobody lists."""
        if row not in self._cells:
            place = self._place(row)
            self._cells[row] = () if place is None else tuple(self._look_up(row, *place))
        return self._cells[row]

    def siblings(self, cell: Cell) -> Sequence[Cell]:
        """All rows of the same virtual server on the same director, itself included, as far as they are listed."""
        listed = self.board.listing.servers[self._servers[cell.row[0]]]
        rows = [(cell.row[0], real_server) for real_server in listed.real_servers]
        return [each for row in rows for each in self.cells(row) if each.director is cell.director]

    @property
    def standing(self) -> tuple[Change, ...]:
        """Drains that are on record as standing, the oldest first."""
        return tuple(each for each in self.snapshot.changes if each.phase is ChangePhase.STANDING)

    @property
    def pending(self) -> tuple[Change, ...]:
        """Changes that were begun, and neither finished nor undone."""
        return tuple(each for each in self.snapshot.changes if each.phase is ChangePhase.PENDING)

    def _place(self, row: Row) -> tuple[int, int] | None:
        server = self._servers.get(row[0])
        if server is None:
            return None
        if server not in self._places:
            keys = self.board.listing.servers[server].real_servers
            self._places[server] = {key: place for place, key in enumerate(keys)}
        real = self._places[server].get(row[1])
        return None if real is None else (server, real)

    def _look_up(self, row: Row, server: int, real: int) -> Iterator[Cell]:
        listed = self.board.listing.servers[server]
        for index, director in enumerate(self.snapshot.directors):
            if not self.reaches(director):
                continue
            copy, found = self.board.copy(server, index), self.board.row(server, real, index)
            detail = None if director.details is None or copy is None else director.details.get(copy.key)
            side = listed.sides[index]
            yield Cell(
                director=director,
                row=row,
                leads=listed.leader == index,
                server=copy,
                real_server=found,
                detail=detail,
                real_detail=None if detail is None or found is None else detail.real_servers.get(row[1]),
                checked_server=side.checked,
                checked=side.checked_rows.get(row[1]),
            )


def unreadable(director: DirectorSnapshot) -> Objection:
    """Why thresholds and tunnels of a director are not known, so that none of its rows can be restated."""
    if director.privilege is Privilege.NONE:
        sentence = (
            f"The login on {director.name} has no privilege there: thresholds and tunnels cannot be read, "
            "and weights cannot be set."
        )
        return Objection(ObjectionCode.PRIVILEGE_MISSING, sentence, overridable=False)
    sentence = f"Thresholds and tunnels of {director.name} have not been read yet; an edit would reset them."
    return Objection(ObjectionCode.NOT_READ_YET, sentence, overridable=False)
