"""The union of the directors' tables: which rows there are, in which order, and where each director has them.

Values are not kept here but looked up in the snapshot (`analysis.board`): membership seldom changes, so that a tick
over ten thousand rows costs a comparison of keys and nothing else. A real server that keepalived's checks took out of
the kernel's table is listed all the same: that it is gone is the news.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from lvstop.analysis.marks import known_marks, same_mark
from lvstop.analysis.vrrp import LOOPBACK, keepalived_is_down
from lvstop.model.address import IPAddress, RealServerKey, VirtualServerKey
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot, VipHolding
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import VirtualServer

_key_of = attrgetter("key")


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One director's copy of a virtual server.

    Attributes:
        place: its index in the director's `virtual_servers`; None where the kernel does not have it.
        rows: the index of each listed real server in that copy; None as a whole where they are the same, in order.
        checked: what the director's keepalived believes of it.
    """

    place: int | None
    rows: tuple[int | None, ...] | None
    checked: CheckedVirtualServer | None
    checked_rows: Mapping[RealServerKey, CheckedRealServer]


@dataclass(frozen=True, slots=True, eq=False)
class ListedServer:
    """A virtual server that some director has.

    Attributes:
        leader: index of the director whose values are shown: the one that holds its VIP; where nobody is known to hold
            it, a director that cannot be asked and held it last, so that what it served does not turn into another
            one's zeros; else one that answers.
        sides: one for each director of the cluster, in their order.
    """

    key: VirtualServerKey
    real_servers: tuple[RealServerKey, ...]
    leader: int
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Every virtual server of a cluster, by address, with its real servers, by address."""

    servers: tuple[ListedServer, ...]

    def find(self, key: VirtualServerKey) -> int | None:
        """The index of a virtual server."""
        return next((index for index, server in enumerate(self.servers) if server.key == key), None)


def listing_of(cluster: ClusterSnapshot) -> Listing:
    """List what the directors have, or had when they answered last."""
    directors = cluster.directors
    marks = known_marks(directors)
    places = [
        {same_mark(server.key, marks): place for place, server in enumerate(director.virtual_servers or ())}
        for director in directors
    ]
    checks = [{each.key: each for each in _checks(director)} for director in directors]
    leader = leading(cluster)
    whose = _Whose(cluster)
    names = [director.name for director in directors]
    servers: list[ListedServer] = []
    for key in sorted(dict.fromkeys(chain(*places, *checks)), key=attrgetter("sort_key")):
        first = _leader_of(directors, names, whose.address(key.address), leader)
        servers.append(_listed(key, directors, places, checks, first))
    return Listing(tuple(servers))


def leading(cluster: ClusterSnapshot) -> int:
    """Index of the director whose table stands for the cluster's: the holder's, since that is the one that balances.

    Where no director is known to hold a VIP, it is the one that held it when it answered last.
    """
    directors, whose = cluster.directors, _Whose(cluster)
    holders = set(chain.from_iterable(vip.holders for vip in cluster.vips))
    known = [i for i, each in enumerate(directors) if each.virtual_servers is not None]
    readable = [i for i in known if directors[i].answers]
    holding = [i for i in readable if directors[i].name in holders]
    held = [i for i in known if not directors[i].answers and whose.held_one(directors[i])]
    return next(iter([*holding, *held, *readable, *known]), 0)


class _Whose:
    """Who holds which address; where nobody is known to hold it, who held it when it could be asked last."""

    def __init__(self, cluster: ClusterSnapshot) -> None:
        self._vips = {vip.address: vip for vip in cluster.vips}
        found = {director.name: _on_interfaces(director) for director in cluster.directors}
        self._past = {each.name: found[each.name] for each in cluster.directors if not each.answers}
        self._now = {each.name: found[each.name] for each in cluster.directors if each.answers}

    def address(self, address: IPAddress | None) -> tuple[str, ...]:
        """Names of directors; none where it is held by nobody, and for a firewall mark, which has no address."""
        if address is None:
            return ()
        vip = self._vips.get(address)
        if vip is not None and (vip.holders or not vip.unknown_on):
            return vip.holders
        if vip is None and any(address in held for held in self._now.values()):
            return ()
        return tuple(name for name, held in self._past.items() if address in held)

    def held_one(self, director: DirectorSnapshot) -> bool:
        """This director held an address that nobody is known to hold now."""
        addresses = self._vips or {server.key.address for server in director.virtual_servers or ()}
        return any(director.name in self.address(address) for address in addresses)


def _on_interfaces(director: DirectorSnapshot) -> frozenset[IPAddress]:
    # a director that is a real server too has the VIP on its loopback and does not hold it
    return frozenset(entry.address for entry in director.addresses or () if entry.interface != LOOPBACK)


def _leader_of(
    directors: Sequence[DirectorSnapshot], names: Sequence[str], holders: Iterable[str], otherwise: int
) -> int:
    """The director that holds a virtual server's VIP, or held it last, where its table is known."""
    known = (index for name in holders if directors[index := names.index(name)].virtual_servers is not None)
    return next(known, otherwise)


def _checks(director: DirectorSnapshot) -> Sequence[CheckedVirtualServer]:
    """A keepalived that does not run keeps no table: what it believed is no row any more."""
    return () if keepalived_is_down(director) or not director.answers else director.checks or ()


def _listed(
    key: VirtualServerKey,
    directors: Sequence[DirectorSnapshot],
    places: Sequence[Mapping[VirtualServerKey, int]],
    checks: Sequence[Mapping[VirtualServerKey, CheckedVirtualServer]],
    leader: int,
) -> ListedServer:
    copies = [
        None if (place := index.get(key)) is None else (director.virtual_servers or ())[place]
        for director, index in zip(directors, places, strict=True)
    ]
    beliefs = [found.get(key) for found in checks]
    keys = _union([*map(_keys, copies), *map(_keys, beliefs)])
    sides = tuple(
        Side(
            index.get(key),
            _rows(keys, copy),
            belief,
            {} if belief is None else {each.key: each for each in belief.real_servers},
        )
        for index, copy, belief in zip(places, copies, beliefs, strict=True)
    )
    return ListedServer(key, keys, leader, sides)


def _keys(server: VirtualServer | CheckedVirtualServer | None) -> tuple[RealServerKey, ...]:
    return () if server is None else tuple(map(_key_of, server.real_servers))


def _union(lists: Sequence[tuple[RealServerKey, ...]]) -> tuple[RealServerKey, ...]:
    """All keys in order of address; a list that has them all already is taken as it is."""
    found = dict.fromkeys(chain.from_iterable(lists))
    ordered = tuple(sorted(found, key=attrgetter("sort_key")))
    return next((keys for keys in lists if keys == ordered), ordered)


def _rows(keys: tuple[RealServerKey, ...], copy: VirtualServer | None) -> tuple[int | None, ...] | None:
    own = _keys(copy)
    if own == keys:
        return None
    places = {key: place for place, key in enumerate(own)}
    return tuple(places.get(key) for key in keys)


def same_membership(before: ClusterSnapshot, after: ClusterSnapshot) -> bool:
    """The listing of `before` is that of `after` too: the same rows at the same places, the same leaders."""
    if len(before.directors) != len(after.directors):
        return False
    if list(map(_whose, before.vips)) != list(map(_whose, after.vips)):
        return False
    return all(_same_director(old, new) for old, new in zip(before.directors, after.directors, strict=True))


def _whose(vip: VipHolding) -> tuple[IPAddress, tuple[str, ...], tuple[str, ...]]:
    return (vip.address, vip.holders, vip.unknown_on)


def _same_director(old: DirectorSnapshot, new: DirectorSnapshot) -> bool:
    if old.name != new.name or old.answers is not new.answers or old.checks is not new.checks:
        return False
    if keepalived_is_down(old) is not keepalived_is_down(new):
        return False
    if not new.answers and old.addresses != new.addresses:
        return False
    mine, theirs = old.virtual_servers, new.virtual_servers
    if mine is theirs:
        return True
    if mine is None or theirs is None or len(mine) != len(theirs):
        return False
    return all(a is b or _same_rows(a, b) for a, b in zip(mine, theirs, strict=True))


def _same_rows(old: VirtualServer, new: VirtualServer) -> bool:
    if old.key is not new.key and old.key != new.key:
        return False
    if len(old.real_servers) != len(new.real_servers):
        return False
    # lists compare identity first, and the parser keeps the keys of rows that it has seen
    return list(map(_key_of, old.real_servers)) == list(map(_key_of, new.real_servers))
