"""What there is to say of one row of a cluster's table: the leader's values, and what the other directors have there.

Nothing is computed before it is asked for: of ten thousand rows a screen shows sixty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lvstop.analysis.listing import ListedServer, Listing, listing_of, same_membership
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import (
    Rates,
    RealServer,
    RealServerDetail,
    VirtualServer,
    VirtualServerDetail,
    VirtualServerRates,
)

Row = tuple[VirtualServerKey, RealServerKey | None]
"""A row's identity: a virtual server, or one of its real servers."""


class RowState(StrEnum):
    """What is out of the ordinary about a row. Filters take these words."""

    DRAINED = "drained"
    DOWN = "down"
    SORRY = "sorry"
    ABSENT = "absent"
    EMPTY = "empty"
    DRIFT = "drift"


NO_STATES: frozenset[RowState] = frozenset()


@dataclass(frozen=True, slots=True)
class Twin:
    """The same row on another director.

    Attributes:
        known: that director's table is known now; else nothing can be said.
        words: what differs, in the operator's words; empty where it is the same or unknown.
    """

    director: str
    known: bool
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class VirtualServerFacts:
    """A virtual server. `server` is None where the leader's kernel does not have it; sums are over its real servers."""

    key: VirtualServerKey
    leader: DirectorSnapshot
    server: VirtualServer | None
    detail: VirtualServerDetail | None
    checked: CheckedVirtualServer | None
    active_connections: int | None
    inactive_connections: int | None
    rates: Rates | None
    twins: tuple[Twin, ...]
    states: frozenset[RowState]


@dataclass(frozen=True, slots=True, eq=False)
class RealServerFacts:
    """A real server of a virtual server. `row` is None where the leader's kernel does not have it."""

    virtual_server: VirtualServerKey
    key: RealServerKey
    leader: DirectorSnapshot
    row: RealServer | None
    detail: RealServerDetail | None
    checked: CheckedRealServer | None
    rates: Rates | None
    twins: tuple[Twin, ...]
    states: frozenset[RowState]


class Board:
    """One snapshot, with the listing of its rows."""

    def __init__(self, snapshot: ClusterSnapshot, listing: Listing) -> None:
        self.snapshot = snapshot
        self.listing = listing

    @classmethod
    def of(cls, snapshot: ClusterSnapshot, before: "Board | None" = None) -> "Board":
        """The board of a snapshot; `before`'s listing is kept where the rows are the same."""
        if before is not None and same_membership(before.snapshot, snapshot):
            return cls(snapshot, before.listing)
        return cls(snapshot, listing_of(snapshot))

    def leader(self, server: int) -> DirectorSnapshot:
        """The director whose values are shown for a virtual server."""
        return self.snapshot.directors[self.listing.servers[server].leader]

    def copy(self, server: int, director: int) -> VirtualServer | None:
        """A virtual server as one director's kernel has it."""
        place = self.listing.servers[server].sides[director].place
        servers = self.snapshot.directors[director].virtual_servers
        return None if place is None or servers is None else servers[place]

    def rows(self, server: int, director: int | None = None) -> Sequence[RealServer | None]:
        """The real servers of a virtual server in listed order, on its leader or on another director."""
        listed = self.listing.servers[server]
        index = listed.leader if director is None else director
        copy = self.copy(server, index)
        if copy is None:
            return (None,) * len(listed.real_servers)
        places = listed.sides[index].rows
        if places is None:
            return copy.real_servers
        return [None if place is None else copy.real_servers[place] for place in places]

    def row(self, server: int, real: int, director: int) -> RealServer | None:
        """One real server on one director."""
        side = self.listing.servers[server].sides[director]
        copy = self.copy(server, director)
        if copy is None:
            return None
        place = real if side.rows is None else side.rows[real]
        return None if place is None else copy.real_servers[place]

    def basis(self, server: int, real: int) -> tuple[object, ...]:
        """What all that is said of a real server follows from: with the same objects and listing it is the same."""
        listed = self.listing.servers[server]
        key = listed.real_servers[real]
        leader, copy = self.leader(server), self.copy(server, listed.leader)
        details = None if leader.details is None or copy is None else leader.details.get(copy.key)
        found: list[object] = [
            self.real_rates(server).get(key),
            None if details is None else details.real_servers.get(key),
        ]
        for index, director in enumerate(self.snapshot.directors):
            found += (self.row(server, real, index), director.answers, director.virtual_servers is None)
        return tuple(found)

    def rates(self, server: int) -> Rates | None:
        """Per second, of a virtual server on its leader."""
        found = self._rates(server)
        return None if found is None else found.total

    def real_rates(self, server: int) -> Mapping[RealServerKey, Rates]:
        """Per second, of the real servers of a virtual server on its leader."""
        found = self._rates(server)
        return {} if found is None else found.real_servers

    def _rates(self, server: int) -> VirtualServerRates | None:
        leader, copy = self.leader(server), self.copy(server, self.listing.servers[server].leader)
        return None if leader.rates is None or copy is None else leader.rates.get(copy.key)

    def virtual_server(self, server: int) -> VirtualServerFacts:
        """All there is to say of a virtual server."""
        listed = self.listing.servers[server]
        leader, copy = self.leader(server), self.copy(server, listed.leader)
        side = listed.sides[listed.leader]
        rows = () if copy is None else copy.real_servers
        twins = tuple(self._server_twin(server, copy, index) for index in _others(listed))
        known = leader.virtual_servers is not None
        return VirtualServerFacts(
            key=listed.key,
            leader=leader,
            server=copy,
            detail=None if leader.details is None or copy is None else leader.details.get(copy.key),
            checked=side.checked,
            active_connections=sum(row.active_connections for row in rows) if copy is not None else None,
            inactive_connections=sum(row.inactive_connections for row in rows) if copy is not None else None,
            rates=self.rates(server),
            twins=twins,
            states=_server_states(copy, side.checked, twins) if known else NO_STATES,
        )

    def real_server(self, server: int, real: int) -> RealServerFacts:
        """All there is to say of a real server."""
        listed = self.listing.servers[server]
        key = listed.real_servers[real]
        leader = self.leader(server)
        copy = self.copy(server, listed.leader)
        row = self.row(server, real, listed.leader)
        details = None if leader.details is None or copy is None else leader.details.get(copy.key)
        return RealServerFacts(
            virtual_server=listed.key,
            key=key,
            leader=leader,
            row=row,
            detail=None if details is None else details.real_servers.get(key),
            checked=listed.sides[listed.leader].checked_rows.get(key),
            rates=self.real_rates(server).get(key) if row is not None else None,
            twins=tuple(self._row_twin(server, real, row, index) for index in _others(listed)),
            states=self.states(server, real),
        )

    def states(self, server: int, real: int) -> frozenset[RowState]:
        """What is out of the ordinary about a real server."""
        listed = self.listing.servers[server]
        row = self.row(server, real, listed.leader)
        side = listed.sides[listed.leader]
        checked = side.checked_rows.get(listed.real_servers[real])
        found: list[RowState] = []
        if checked is not None and not checked.alive:
            found.append(RowState.DOWN)
        elif row is not None and row.weight == 0:
            found.append(RowState.DRAINED)
        if row is None:
            found.append(RowState.ABSENT)
        elif side.checked is not None and side.checked.sorry_server == row.key and checked is None:
            found.append(RowState.SORRY)
        if any(self._row_twin(server, real, row, index).words for index in _others(listed)):
            found.append(RowState.DRIFT)
        return frozenset(found) if found else NO_STATES

    def _server_twin(self, server: int, mine: VirtualServer | None, director: int) -> Twin:
        other = self.snapshot.directors[director]
        if not other.answers or other.virtual_servers is None:
            return Twin(other.name, known=False, words="")
        theirs = self.copy(server, director)
        if theirs is None or mine is None:
            return Twin(
                other.name, known=True, words="" if theirs is mine else "absent" if theirs is None else "present"
            )
        differing = [theirs.scheduler] if theirs.scheduler != mine.scheduler else []
        differing += ["persistence"] if theirs.persistent is not mine.persistent else []
        return Twin(other.name, known=True, words=" ".join(differing))

    def _row_twin(self, server: int, real: int, mine: RealServer | None, director: int) -> Twin:
        other = self.snapshot.directors[director]
        if not other.answers or other.virtual_servers is None:
            return Twin(other.name, known=False, words="")
        theirs = self.row(server, real, director)
        if theirs is mine:
            return Twin(other.name, known=True, words="")
        if theirs is None:
            return Twin(other.name, known=True, words="absent")
        if mine is None or mine.weight != theirs.weight:
            return Twin(other.name, known=True, words=f"weight {theirs.weight}")
        if mine.forwarding is not theirs.forwarding:
            return Twin(other.name, known=True, words=str(theirs.forwarding))
        return Twin(other.name, known=True, words="")


def _others(listed: ListedServer) -> Sequence[int]:
    return [index for index in range(len(listed.sides)) if index != listed.leader]


def _server_states(
    server: VirtualServer | None, checked: CheckedVirtualServer | None, twins: Sequence[Twin]
) -> frozenset[RowState]:
    found: list[RowState] = []
    if server is None:
        found.append(RowState.ABSENT)
    elif not server.real_servers:
        found.append(RowState.EMPTY)
    if checked is not None and checked.quorum_up is False:
        found.append(RowState.DOWN)
    if any(twin.words for twin in twins):
        found.append(RowState.DRIFT)
    return frozenset(found) if found else NO_STATES
