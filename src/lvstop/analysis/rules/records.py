"""What is on record against what the tables show: drains that hold, drains that were undone, changes under way."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from lvstop.analysis.marks import known_marks, same_mark
from lvstop.analysis.rules.comparison import Table
from lvstop.model.address import Protocol, RealServerKey, VirtualServerKey
from lvstop.model.change import Change, ChangeKind, ChangePhase, WeightChange
from lvstop.model.director import DirectorSnapshot

Row = tuple[VirtualServerKey, RealServerKey]


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
    def of(cls, answering: Sequence[DirectorSnapshot], tables: Sequence[Table]) -> "_Keys":
        known = known_marks(answering)
        marks = {key.fwmark for table in tables for key in table.servers if key.protocol is Protocol.FWM}
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
    _weights: Mapping[tuple[str, Row], int] = field(default_factory=dict)
    _meant: Mapping[tuple[str, Row], Set[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Sequence[Change], answering: Sequence[DirectorSnapshot], tables: Sequence[Table]) -> "Records":
        """Look every row of every record up, once."""
        if not changes:
            return cls()
        pending = tuple(change for change in changes if change.phase is ChangePhase.PENDING)
        standing = tuple(
            change for change in changes if change.phase is ChangePhase.STANDING and change.kind is ChangeKind.DRAIN
        )
        keys = _Keys.of(answering, tables)
        meant: dict[tuple[str, Row], set[int]] = {}
        for each in (each for change in changes for each in change.weights):
            meant.setdefault((each.director, (keys.key(each.virtual_server), each.real_server)), set()).add(each.after)
        covered = frozenset((keys.key(server), real) for change in pending for server, real in change.rows)
        bare = cls(pending, standing, {}, covered, keys, _weights_now(meant, tables), meant)
        undone = {found.row: found for change in standing for found in bare._undone(change, answering)}
        return cls(pending, standing, undone, covered, keys, bare._weights, meant)

    def row(self, server: VirtualServerKey, real_server: RealServerKey) -> Row:
        """A row under the key that the tables have for it; of a firewall mark they may not know the family."""
        return (self._keys.key(server), real_server)

    def weight(self, each: WeightChange) -> int | None:
        """What a row has now; None where its director does not answer or does not have it."""
        return self._weights.get((each.director, self.row(each.virtual_server, each.real_server)))

    def explains(self, director: str, row: Row, weight: int) -> bool:
        """Somebody has put on record that the row is to have this weight there."""
        return weight in self._meant.get((director, self.row(*row)), ())

    def _undone(self, change: Change, answering: Sequence[DirectorSnapshot]) -> Iterable[Undone]:
        """The rows of a standing drain that have a weight although nobody has restored them.

        Where a table has changed since the records were read, the next reading may tell of a restore. A record that
        none of the directors has told since is no evidence.
        """
        fresh = {each.name: each for each in answering if each.changes is not None and not each.changes_outdated}
        if not any(kept.id == change.id for each in fresh.values() for kept in each.changes or ()):
            return
        for server, real_server in change.rows:
            row = self.row(server, real_server)
            mine = [each for each in change.on(server, real_server) if each.director in fresh]
            known = {each.director: weight for each in mine if (weight := self.weight(each)) is not None}
            raised = {director: weight for director, weight in known.items() if weight > 0}
            if raised and row not in self.covered:
                yield Undone(change, row, raised, tuple(name for name in known if name not in raised))


def _weights_now(places: Iterable[tuple[str, Row]], tables: Sequence[Table]) -> Mapping[tuple[str, Row], int]:
    by_name = {table.name: table for table in tables}
    wanted: dict[tuple[str, VirtualServerKey], set[RealServerKey]] = {}
    for director, (key, real_server) in places:
        wanted.setdefault((director, key), set()).add(real_server)
    weights: dict[tuple[str, Row], int] = {}
    for (director, key), reals in wanted.items():
        server = by_name[director].server(key) if director in by_name else None
        for row in () if server is None else server.real_servers:
            if row.key in reals:
                weights[director, (key, row.key)] = row.weight
    return weights
