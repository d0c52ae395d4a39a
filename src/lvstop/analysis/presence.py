"""One real server by its address, wherever it stands: all its virtual servers, on all directors."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lvstop.analysis.board import Board
from lvstop.analysis.listing import Listing
from lvstop.analysis.words import count, listing
from lvstop.model.address import IPAddress, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.checks import CheckedRealServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import Rates, RealServer, RealServerDetail

Place = tuple[int, int]
"""Index of a virtual server in the listing, and of one of its real servers."""


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """A real server in one virtual server on one director.

    Attributes:
        leads: this director's values stand for the virtual server: it holds the VIP.
        row: None where the kernel does not have it, and where the table is unknown.
        known: the director's table is known now.
        persistent: the virtual server is; None where the kernel does not have it.
        differs: the rows of directors that are known are not alike in weight or forwarding, or one is missing.
    """

    virtual_server: VirtualServerKey
    key: RealServerKey
    director: DirectorSnapshot
    leads: bool
    known: bool
    row: RealServer | None
    detail: RealServerDetail | None
    checked: CheckedRealServer | None
    rates: Rates | None
    persistent: bool | None
    differs: bool

    @property
    def down(self) -> bool:
        """keepalived's checks fail."""
        return self.checked is not None and not self.checked.alive

    @property
    def drained(self) -> bool:
        """In the kernel with weight 0, and not because it failed."""
        return self.row is not None and self.row.weight == 0 and not self.down


@dataclass(frozen=True, slots=True)
class Sums:
    """A real server on one director, over its virtual servers. A sum is None where a part of it is unknown."""

    director: str
    known: bool
    rows: int
    active: int | None
    inactive: int | None
    persistent: int | None
    rates: Rates | None


def places_of(listed: Listing, address: IPAddress) -> tuple[Place, ...]:
    """Where an address is listed."""
    return tuple(
        (server, real)
        for server, entry in enumerate(listed.servers)
        for real, key in enumerate(entry.real_servers)
        if key.address == address
    )


def presences(board: Board, places: Iterable[Place]) -> Iterator[Presence]:
    """Each virtual server on each director, the leader first."""
    for server, real in places:
        leader = board.listing.servers[server].leader
        others = [index for index in range(len(board.snapshot.directors)) if index != leader]
        known = [index for index in (leader, *others) if _known(board.snapshot.directors[index])]
        looks = {_look(board.row(server, real, index)) for index in known}
        for index in (leader, *others):
            yield _presence(board, server, real, index, differs=len(looks) > 1)


def _known(director: DirectorSnapshot) -> bool:
    return director.answers and director.virtual_servers is not None


def anything_known(snapshot: ClusterSnapshot) -> bool:
    """Some director's table is known now: what none of them has is not there."""
    return any(_known(director) for director in snapshot.directors)


def _look(row: RealServer | None) -> tuple[int, str] | None:
    return None if row is None else (row.weight, row.forwarding)


def _presence(board: Board, server: int, real: int, index: int, *, differs: bool) -> Presence:
    listed = board.listing.servers[server]
    director, copy = board.snapshot.directors[index], board.copy(server, index)
    key = listed.real_servers[real]
    row = board.row(server, real, index)
    detail = None if director.details is None or copy is None else director.details.get(copy.key)
    rates = None if director.rates is None or copy is None else director.rates.get(copy.key)
    return Presence(
        virtual_server=listed.key,
        key=key,
        director=director,
        leads=index == listed.leader,
        known=_known(director),
        row=row,
        detail=None if detail is None or row is None else detail.real_servers.get(key),
        checked=listed.sides[index].checked_rows.get(key),
        rates=None if rates is None or row is None else rates.real_servers.get(key),
        persistent=None if copy is None else copy.persistent,
        differs=differs,
    )


def sums_of(found: Sequence[Presence]) -> tuple[Sums, ...]:
    """The sums on each director, in the order of the directors' first appearance."""
    names = dict.fromkeys(each.director.name for each in found)
    return tuple(_sums(name, [each for each in found if each.director.name == name]) for name in names)


def _sums(name: str, found: Sequence[Presence]) -> Sums:
    rows = [each for each in found if each.row is not None]
    known = all(each.known for each in found)
    details = [None if each.detail is None else each.detail.persistent_connections for each in rows]
    return Sums(
        director=name,
        known=known,
        rows=len(rows),
        active=sum(each.row.active_connections for each in rows if each.row is not None) if known else None,
        inactive=sum(each.row.inactive_connections for each in rows if each.row is not None) if known else None,
        persistent=_all(details) if known else None,
        rates=total_rates([each.rates for each in rows]) if known else None,
    )


def _all(values: Sequence[int | None]) -> int | None:
    present = [value for value in values if value is not None]
    return sum(present) if len(present) == len(values) else None


def total_rates(rates: Sequence[Rates | None]) -> Rates | None:
    """The sum of rates; None where one of them is unknown, or where there is none."""
    known = [each for each in rates if each is not None]
    if not known or len(known) != len(rates):
        return None
    return Rates(
        sum(each.connections for each in known),
        sum(each.in_packets for each in known),
        sum(each.out_packets for each in known),
        sum(each.in_bytes for each in known),
        sum(each.out_bytes for each in known),
    )


def verdict(found: Sequence[Presence]) -> str:
    """Where a real server stands, in one plain line: what is out of the ordinary, what is left, what is unknown."""
    if not found:
        return "no virtual server has it on any director that could be asked"
    known = [each for each in found if each.known]
    parts: list[str] = []
    if known:
        for state, words in _STATES:
            parts += _where(known, [each for each in known if state(each)], words)
        if not parts:
            parts.append(f"takes new connections in {_all_of(known)}")
        parts.append(_left(found))
    silent = dict.fromkeys(each.director.name for each in found if not each.known)
    if silent:
        parts.append(f"nothing is known of it on {listing(silent)} now")
    return "; ".join(part for part in parts if part)


_STATES: tuple[tuple[Callable[[Presence], bool], str], ...] = (
    (lambda each: each.down, "down by keepalived's checks"),
    (lambda each: each.drained, "drained"),
    (lambda each: each.row is None and not each.down, "absent"),
)


def _where(known: Sequence[Presence], hit: Sequence[Presence], words: str) -> list[str]:
    """`drained on keepalived1 in 1 of 2 virtual servers`; directors of which the same is true share a sentence."""
    if not hit:
        return []
    if len(hit) == len(known):
        return [f"{words} everywhere: in {_all_of(known)}"]
    groups: dict[tuple[int, int], list[str]] = {}
    for name in dict.fromkeys(each.director.name for each in hit):
        own = sum(each.director.name == name for each in hit)
        every = sum(each.director.name == name for each in known)
        groups.setdefault((own, every), []).append(name)
    return [f"{words} on {listing(names)} in {_part(own, every)}" for (own, every), names in groups.items()]


def _part(own: int, every: int) -> str:
    if own < every:
        return f"{own:,} of {count(every, 'virtual server')}"
    return "its virtual server" if every == 1 else f"all {every:,} virtual servers"


def _all_of(known: Sequence[Presence]) -> str:
    servers = len({each.virtual_server for each in known})
    names = dict.fromkeys(each.director.name for each in known)
    return f"{_part(servers, servers)} on {listing(names)}"


def _left(found: Sequence[Presence]) -> str:
    """What is still open, as the directors count it that hold the VIPs: others have copies or nothing."""
    leading = [each for each in found if each.leads and (each.row is not None or not each.known)]
    idle = [each for each in leading if each.row is None or each.row.weight == 0]
    counted = idle if any(each.drained for each in leading) else leading
    if not counted:
        return ""
    left = " left" if counted is idle else ""
    if any(not each.known for each in counted):
        return f"how many connections are{left} is unknown"
    tcp = [each for each in counted if each.virtual_server.protocol is not Protocol.UDP]
    rows = [each.row for each in tcp or counted if each.row is not None]
    if tcp:
        told = count(sum(row.active_connections for row in rows), "established connection") + left
    else:
        told = count(sum(row.inactive_connections for row in rows), "connection") + f"{left} (UDP)"
    return told + _bound(counted if counted is idle else [])


def _bound(drained: Sequence[Presence]) -> str:
    """Clients that persistence still sends to a drained real server (sysctl expire_quiescent_template 0)."""
    keeping = [each for each in drained if each.persistent and _expires(each.director) != 1]
    if not keeping:
        return ""
    templates = _all([None if each.detail is None else each.detail.persistent_connections for each in keeping])
    if templates == 0:
        return ""
    return f"; {persistence_keeps(templates, sure=all(_expires(each.director) == 0 for each in keeping))}"


def persistence_keeps(clients: int | None, *, sure: bool) -> str:
    """What persistence does to a drain: how many clients it sends to a drained real server.

    Args:
        sure: False where nobody could read what the kernel does with them (expire_quiescent_template).
    """
    if clients is None:
        return "how many clients persistence keeps sending is unknown"
    return f"persistence {'keeps' if sure else 'may keep'} sending {count(clients, 'client')}"


def _expires(director: DirectorSnapshot) -> int | None:
    return None if director.sysctls is None else director.sysctls.expire_quiescent_template
