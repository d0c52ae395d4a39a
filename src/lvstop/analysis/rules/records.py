"""What is on record against what the tables show: drains that hold, drains that were undone, changes under way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from lvstop.analysis.marks import known_marks, same_mark
from lvstop.model.address import Protocol, RealServerKey, VirtualServerKey
from lvstop.model.change import Change, ChangeKind, ChangePhase, WeightChange
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import VirtualServer

Row = tuple[VirtualServerKey, RealServerKey]
Place = tuple[str, Row]
"""A row on one director."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A row that is drained on record and has a weight again.

    Attributes:
        weights: by director, where it is above 0.
        drained_on: directors on which it still is 0.
    """

    change: Change
    row: Row
    weights: Mapping[str, int]
    drained_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys under which virtual servers stand in the tables: of a firewall mark they may not know the family."""

    known: Mapping[int | None, VirtualServerKey | None] = field(default_factory=dict)
    unknown: frozenset[int | None] = frozenset()

    @classmethod
    def of(cls, answering: Sequence[DirectorSnapshot]) -> "_Keys":
        known = known_marks(answering)
        keys = (server.key for director in answering for server in director.virtual_servers or ())
        marks = {key.fwmark for key in keys if key.protocol is Protocol.FWM}
        return cls(known, frozenset(marks.difference(known)))

    def key(self, key: VirtualServerKey) -> VirtualServerKey:
        if key.fwmark is not None and key.fwmark in self.unknown:
            return VirtualServerKey.of_fwmark(key.fwmark, None)
        return same_mark(key, self.known)


@dataclass(frozen=True, slots=True)
class Records:
    """The changes on record, with their rows under the keys of the tables.

    Attributes:
        pending: changes that were begun, and neither finished nor undone.
        standing: drains that hold until they are restored.
        undone: rows of standing drains that were undone without a restore, as far as that is known.
        covered: rows that a pending change is about.
    """

    pending: tuple[Change, ...] = ()
    standing: tuple[Change, ...] = ()
    undone: Mapping[Row, Undone] = field(default_factory=dict)
    covered: frozenset[Row] = frozenset()
    _keys: _Keys = field(default_factory=_Keys)
    _weights: Mapping[Place, int] = field(default_factory=dict)
    _meant: Mapping[Place, Set[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Sequence[Change], answering: Sequence[DirectorSnapshot]) -> "Records":
        """Look every row of every record up, once, on the directors that answer."""
        if not changes:
            return cls()
        standing = tuple(
            change for change in changes if change.phase is ChangePhase.STANDING and change.kind is ChangeKind.DRAIN
        )
        pending = tuple(change for change in changes if change.phase is ChangePhase.PENDING)
        keys = _Keys.of(answering)
        meant: dict[Place, set[int]] = {}
        for each in (each for change in changes for each in change.weights):
            meant.setdefault((each.director, (keys.key(each.virtual_server), each.real_server)), set()).add(each.after)
        weights: dict[Place, int] = {}
        raised: set[Place] = set()
        for director in answering:
            now = _weights(director.name, director.virtual_servers, meant, keys)
            then = _weights(director.name, director.changes_table, meant, keys)
            weights |= now
            raised |= {place for place, weight in now.items() if weight > 0 and then.get(place, 0) > 0}
        covered = frozenset((keys.key(server), real) for change in pending for server, real in change.rows)
        kept = {(each.name, change.id) for each in answering for change in each.changes or ()}
        bare = cls(pending, standing, {}, covered, keys, weights, meant)
        undone = {found.row: found for change in standing for found in bare._undone(change, kept, raised)}
        return cls(pending, standing, undone, covered, keys, weights, meant)

    def row(self, server: VirtualServerKey, real_server: RealServerKey) -> Row:
        """A row under the key that the tables have for it; of a firewall mark they may not know the family."""
        return (self._keys.key(server), real_server)

    def weight(self, each: WeightChange) -> int | None:
        """What a row has now; None where its director does not answer or does not have it."""
        return self._weights.get((each.director, self.row(each.virtual_server, each.real_server)))

    def explains(self, director: str, row: Row, weight: int) -> bool:
        """Somebody has put on record that the row is to have this weight there."""
        return weight in self._meant.get((director, self.row(*row)), ())

    def _undone(self, change: Change, kept: Set[tuple[str, str]], raised: Set[Place]) -> Iterator[Undone]:
        """The rows of a standing drain that have a weight although nobody has restored them.

        A restore is put on record before it is made. So it was none where a director keeps the drain, as read after
        its table had shown the weight, and tells of no restore.
        """
        for row in change.rows:
            here = self.row(*row)
            mine = [each.director for each in change.on(*row) if (each.director, here) in self._weights]
            above = [name for name in mine if (name, here) in raised and (name, change.id) in kept]
            if above and here not in self.covered:
                weights = {name: self._weights[name, here] for name in above}
                yield Undone(change, here, weights, tuple(name for name in mine if self._weights[name, here] <= 0))


def unread(answering: Sequence[DirectorSnapshot], weights: Mapping[Place, int]) -> Set[Place]:
    """Those of `weights` that have changed since the director's records were read: they may be on record by now."""
    changed: set[Place] = set()
    if not weights:
        return changed
    keys = _Keys.of(answering)
    for director in answering:
        if director.changes is not None:
            then = _weights(director.name, director.changes_table, weights, keys)
            changed |= {place for place, weight in then.items() if weights[place] != weight}
    return changed


def _weights(
    director: str, table: Sequence[VirtualServer] | None, places: Iterable[Place], keys: _Keys
) -> dict[Place, int]:
    """What the rows among `places` have in one table."""
    wanted: dict[VirtualServerKey, set[RealServerKey]] = {}
    for name, (key, real_server) in places:
        if name == director:
            wanted.setdefault(key, set()).add(real_server)
    found: dict[Place, int] = {}
    for server in table or ():
        key = keys.key(server.key)
        reals = wanted.get(key, ())
        for row in server.real_servers if reals else ():
            if row.key in reals:
                found[director, (key, row.key)] = row.weight
    return found
