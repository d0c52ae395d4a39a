"""The coarse past of every row: one frame every 15 seconds, packed into columns.

Objects per row would cost more than all of the program. A frame has one column per field, in the order of the rows;
which row stands where is told by a layout, and frames share theirs as long as no row comes or goes.
"""

import math
import struct
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lvstop.analysis.series import Field, Point
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import TableRates, VirtualServer

COARSE_EVERY = 15.0
"""Seconds between two frames."""

_HALF_MAXIMUM = 65504.0
"""The greatest half-precision number (IEEE 754 binary16)."""

_PLACES = {
    Field.ACTIVE: (True, 0),
    Field.INACTIVE: (True, 1),
    Field.CONNECTIONS: (False, 0),
    Field.IN_BYTES: (False, 1),
    Field.OUT_BYTES: (False, 2),
}
"""Where a field stands in a frame: in the table or beside it, and in which column."""


class Members:
    """The real servers of one virtual server in their order."""

    __slots__ = ("_positions", "keys")

    def __init__(self, keys: tuple[RealServerKey, ...]) -> None:
        self.keys = keys
        self._positions: dict[RealServerKey, int] | None = None

    def position(self, key: RealServerKey) -> int | None:
        """Where `key` stands. The first question is the dear one: most virtual servers are never asked."""
        if self._positions is None:
            self._positions = {member: index for index, member in enumerate(self.keys)}
        return self._positions.get(key)


class Layout:
    """Which row stands where in a column: of each virtual server its total, then its real servers."""

    __slots__ = ("_groups", "_members", "_starts", "names")

    def __init__(self, names: tuple[VirtualServerKey, ...], members: Sequence[Members]) -> None:
        self.names = names
        self._groups = tuple(members)
        self._members = dict(zip(names, members, strict=True))
        self._starts: dict[VirtualServerKey, int] = {}
        start = 0
        for name, group in zip(names, members, strict=True):
            self._starts[name] = start
            start += 1 + len(group.keys)

    def position(self, virtual_server: VirtualServerKey, real_server: RealServerKey | None) -> int | None:
        """The place of a row, or of a virtual server's total; None where it is not there."""
        start = self._starts.get(virtual_server)
        if start is None or real_server is None:
            return start
        position = self._members[virtual_server].position(real_server)
        return None if position is None else start + 1 + position

    def again(self, names: tuple[VirtualServerKey, ...], rows: Sequence[tuple[RealServerKey, ...]]) -> "Layout":
        """The layout of these rows: this one where they are the same, else one that shares what stayed."""
        if names == self.names and all(map(_same_members, self._groups, rows)):
            return self
        known = [self._members.get(name) for name in names]
        members = [
            group if group is not None and group.keys == keys else Members(keys)
            for group, keys in zip(known, rows, strict=True)
        ]
        return Layout(names, members)


def _same_members(group: Members, keys: tuple[RealServerKey, ...]) -> bool:
    return group.keys == keys


_EMPTY = Layout((), ())


@dataclass(frozen=True, slots=True)
class Column:
    """Numbers in two bytes each, which is one part in 2,000: more than a chart can show. NaN is unknown.

    Attributes:
        unit: what the packed numbers are multiples of; the number itself where `halves` are empty: all are alike.
    """

    unit: float
    halves: bytes

    @classmethod
    def of(cls, values: Sequence[float]) -> "Column":
        """Pack `values`, which are ≥ 0 or NaN."""
        known = [value for value in values if value == value]
        top = max(known, default=math.nan)
        if len(known) == len(values) and min(known, default=math.nan) == top:
            return cls(top, b"")
        if not known:
            return cls(math.nan, b"")
        unit = 1.0
        if top > _HALF_MAXIMUM:
            # A power of two loses nothing but the range, which is wide enough below.
            unit = 2.0 ** math.ceil(math.log2(top / _HALF_MAXIMUM))
            values = [value / unit for value in values]
        return cls(unit, struct.pack(f"{len(values)}e", *values))

    def at(self, position: int) -> float | None:
        """The number at `position`; None where it is unknown."""
        value: float = self.unit
        if self.halves:
            value = struct.unpack_from("e", self.halves, 2 * position)[0] * self.unit
        return None if value != value else value


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Columns of the same rows."""

    layout: Layout
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """All rows of a director at one moment; a block is None where nobody could tell, both in a gap."""

    at: float
    table: _Block | None
    rates: _Block | None

    @property
    def is_gap(self) -> bool:
        return self.table is None and self.rates is None


class CoarsePast:
    """The coarse past of one director."""

    def __init__(self, kept: float) -> None:
        """`kept`: seconds that frames are kept for."""
        self._kept = kept
        self._frames: deque[_Frame] = deque()
        self._table_layout = _EMPTY
        self._rates_layout = _EMPTY

    def is_due(self, at: float) -> bool:
        """The next frame is to be taken: the first one, the first after a gap, or 15 seconds after the last."""
        last = self._frames[-1] if self._frames else None
        return last is None or last.is_gap or at - last.at >= COARSE_EVERY

    def take(self, at: float, director: DirectorSnapshot) -> None:
        """Add a frame of what `director` shows."""
        table = None if director.virtual_servers is None else self._table_block(director.virtual_servers)
        rates = None if director.rates is None else self._rates_block(director.rates)
        self._append(_Frame(at, table, rates))

    def gap(self, at: float) -> None:
        """Note that from `at` on nobody can tell."""
        if self._frames and not self._frames[-1].is_gap:
            self._append(_Frame(at, None, None))

    def points(
        self, virtual_server: VirtualServerKey, real_server: RealServerKey | None, field: Field, *, since: float
    ) -> list[Point]:
        """Points of a row from the last one that is not after `since`, in order of time."""
        in_table, column = _PLACES[field]
        found: list[Point] = []
        layout, position = None, None
        for frame in reversed(self._frames):
            block = frame.table if in_table else frame.rates
            value = None
            if block is not None:
                if block.layout is not layout:
                    layout = block.layout
                    position = layout.position(virtual_server, real_server)
                value = None if position is None else block.columns[column].at(position)
            found.append((frame.at, value))
            if frame.at <= since:
                break
        found.reverse()
        return found

    def _append(self, frame: _Frame) -> None:
        self._frames.append(frame)
        while self._frames[0].at < frame.at - self._kept:
            self._frames.popleft()

    def _table_block(self, servers: Sequence[VirtualServer]) -> _Block:
        names = tuple([server.key for server in servers])
        rows = [tuple([row.key for row in server.real_servers]) for server in servers]
        self._table_layout = self._table_layout.again(names, rows)
        active = [[row.active_connections for row in server.real_servers] for server in servers]
        inactive = [[row.inactive_connections for row in server.real_servers] for server in servers]
        columns = (Column.of(list(_with_totals(active))), Column.of(list(_with_totals(inactive))))
        return _Block(self._table_layout, columns)

    def _rates_block(self, rates: TableRates) -> _Block:
        # In an order of their own: looking each row up by its key would cost more than all the rest.
        groups = list(rates.values())
        self._rates_layout = self._rates_layout.again(tuple(rates), [tuple(group.real_servers) for group in groups])
        rows = [row for group in groups for row in (group.total, *group.real_servers.values())]
        unknown = math.nan
        columns = (
            Column.of([unknown if row is None else row.connections for row in rows]),
            Column.of([unknown if row is None else row.in_bytes for row in rows]),
            Column.of([unknown if row is None else row.out_bytes for row in rows]),
        )
        return _Block(self._rates_layout, columns)


def _with_totals(groups: Iterable[Sequence[int]]) -> Iterator[int]:
    for values in groups:
        yield sum(values)
        yield from values
