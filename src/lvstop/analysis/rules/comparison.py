"""The tables of several directors put side by side. Connections are never compared: they differ by nature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvstop.analysis.marks import known_marks, same_mark
from lvstop.model.address import Protocol, RealServerKey, VirtualServerKey
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import RealServer, RealServerDetail, VirtualServer, VirtualServerDetail


@dataclass(frozen=True, slots=True)
class Table:
    """The kernel's table of one director that answers, by key."""

    director: DirectorSnapshot
    servers: Mapping[VirtualServerKey, VirtualServer]

    @property
    def name(self) -> str:
        """The director's name."""
        return self.director.name

    def server(self, key: VirtualServerKey) -> VirtualServer | None:
        """A row by the key that keepalived knows it by; it knows the family of a firewall mark, /proc may not."""
        found = self.servers.get(key)
        if found is None and key.protocol is Protocol.FWM and key.fwmark is not None:
            return self.servers.get(VirtualServerKey.of_fwmark(key.fwmark, None))
        return found

    def detail(self, key: VirtualServerKey) -> VirtualServerDetail | None:
        """What only the privileged lane tells of a virtual server; None where it does not."""
        details = self.director.details
        return None if details is None else details.get(key)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same everywhere.

    Attributes:
        real_server: None where the virtual server itself differs.
        what: in the operator's words, e.g. `scheduler`.
        values: by director, as they are shown.
    """

    virtual_server: VirtualServerKey
    real_server: RealServerKey | None
    what: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lone:
    """A virtual server (or one of its real servers) that is in some tables only."""

    virtual_server: VirtualServerKey
    real_server: RealServerKey | None
    present: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """A real server whose weight is not the same everywhere, by director."""

    virtual_server: VirtualServerKey
    real_server: RealServerKey
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between the tables."""

    lone: tuple[Lone, ...] = ()
    differences: tuple[Difference, ...] = ()
    weights: tuple[Weights, ...] = ()


def tables_of(directors: Sequence[DirectorSnapshot]) -> tuple[Table, ...]:
    """The tables that are known now."""
    known = [director for director in directors if director.answers and director.virtual_servers is not None]
    marks = known_marks(known)
    return tuple(
        Table(each, {same_mark(server.key, marks): server for server in each.virtual_servers or ()}) for each in known
    )


def compare(tables: Sequence[Table]) -> Comparison:
    """What differs. Nothing with fewer than two tables.

    Tables that are the same, row by row, cost one pass that compares keys, weights and forwarding methods in place.
    """
    if len(tables) < 2:
        return Comparison()
    lone: list[Lone] = []
    differences: list[Difference] = []
    weights: list[Weights] = []
    for key in dict.fromkeys(key for table in tables for key in table.servers):
        here = [(table, server) for table in tables if (server := table.servers.get(key)) is not None]
        if len(here) < len(tables):
            present = tuple(table.name for table, _ in here)
            lone.append(Lone(key, None, present, tuple(t.name for t in tables if t.name not in present)))
        first_table, first = here[0]
        if any(not _same(first, server) for _, server in here[1:]):
            differences += _server_differences(key, here)
            _compare_rows(key, here, lone, differences, weights)
        if any(not _same_detail(first_table.detail(key), table.detail(key)) for table, _ in here[1:]):
            differences += _detail_differences(key, here)
    return Comparison(tuple(lone), tuple(differences), tuple(weights))


def same_key(one: RealServerKey, other: RealServerKey) -> bool:
    """`one == other` at half the price: a dataclass compares tuples, and this runs over every row of a table."""
    return one.port == other.port and one.address == other.address


def _same(one: VirtualServer, other: VirtualServer) -> bool:
    """The same but for connections, and in the same order: readers sort rows, so another order is not worth a path."""
    if one is other:
        return True
    if one.scheduler != other.scheduler or one.persistent is not other.persistent:
        return False
    if one.persistence_seconds != other.persistence_seconds or one.one_packet is not other.one_packet:
        return False
    if one.persistence_prefix != other.persistence_prefix:
        return False
    rows, others = one.real_servers, other.real_servers
    if rows is others:
        return True
    if len(rows) != len(others):
        return False
    for a, b in zip(rows, others, strict=True):
        if (
            a.weight != b.weight
            or a.forwarding is not b.forwarding
            or (a.key is not b.key and not same_key(a.key, b.key))
        ):
            return False
    return True


_Here = list[tuple[Table, VirtualServer]]


def _server_differences(key: VirtualServerKey, here: _Here) -> list[Difference]:
    found = [_difference(key, None, "scheduler", {table.name: server.scheduler for table, server in here})]
    found.append(_difference(key, None, "persistence", {t.name: _persistence(t, server) for t, server in here}))
    prefixes = {t.name: _number(server.persistence_prefix, "/") for t, server in here if server.persistent}
    found.append(_difference(key, None, "persistence mask", prefixes))
    one_packet = {t.name: _on_off(server.one_packet) for t, server in here}
    found.append(_difference(key, None, "one-packet scheduling", one_packet))
    return [difference for difference in found if difference is not None]


def _persistence(table: Table, server: VirtualServer) -> str | None:
    """`off`, `300 s`, or None where it is on and nobody knows for how long."""
    if not server.persistent:
        return "off"
    detail = table.detail(server.key)
    seconds = server.persistence_seconds if detail is None else detail.persistence_seconds
    return None if seconds is None else f"{seconds} s"


def _compare_rows(
    key: VirtualServerKey,
    here: _Here,
    lone: list[Lone],
    differences: list[Difference],
    weights: list[Weights],
) -> None:
    sides: list[tuple[str, Mapping[RealServerKey, RealServer]]] = [
        (table.name, {row.key: row for row in server.real_servers}) for table, server in here
    ]
    for row_key in dict.fromkeys(row for _, rows in sides for row in rows):
        found = {name: rows[row_key] for name, rows in sides if row_key in rows}
        if len(found) < len(sides):
            absent = tuple(name for name, _ in sides if name not in found)
            lone.append(Lone(key, row_key, tuple(found), absent))
        forwarding = _difference(key, row_key, "forwarding", {name: row.forwarding for name, row in found.items()})
        if forwarding is not None:
            differences.append(forwarding)
        if len({row.weight for row in found.values()}) > 1:
            weights.append(Weights(key, row_key, {name: row.weight for name, row in found.items()}))


def _same_detail(one: VirtualServerDetail | None, other: VirtualServerDetail | None) -> bool:
    """Quickly told to be the same; unknown is not different."""
    if one is None or other is None or one is other:
        return True
    if one.scheduler_flags != other.scheduler_flags or one.persistence_engine != other.persistence_engine:
        return False
    if len(one.real_servers) != len(other.real_servers):
        return False
    for (a, x), (b, y) in zip(one.real_servers.items(), other.real_servers.items(), strict=True):
        if x.upper_threshold != y.upper_threshold or x.lower_threshold != y.lower_threshold:
            return False
        if x.tunnel is not y.tunnel and x.tunnel != y.tunnel:
            return False
        if a is not b and a != b:
            return False
    return True


def _detail_differences(key: VirtualServerKey, here: _Here) -> list[Difference]:
    details = {table.name: detail for table, _ in here if (detail := table.detail(key)) is not None}
    flags = {name: " ".join(sorted(detail.scheduler_flags)) or "none" for name, detail in details.items()}
    engines = {name: detail.persistence_engine or "none" for name, detail in details.items()}
    found = [
        _difference(key, None, "scheduler flags", flags),
        _difference(key, None, "persistence engine", engines),
    ]
    for row_key in dict.fromkeys(row for detail in details.values() for row in detail.real_servers):
        rows = {name: d.real_servers[row_key] for name, d in details.items() if row_key in d.real_servers}
        found += _row_detail_differences(key, row_key, rows)
    return [difference for difference in found if difference is not None]


def _row_detail_differences(
    key: VirtualServerKey, row: RealServerKey, rows: Mapping[str, RealServerDetail]
) -> list[Difference | None]:
    return [
        _difference(key, row, "upper threshold", {name: _number(d.upper_threshold) for name, d in rows.items()}),
        _difference(key, row, "lower threshold", {name: _number(d.lower_threshold) for name, d in rows.items()}),
        _difference(
            key, row, "tunnel", {name: None if d.tunnel is None else str(d.tunnel) for name, d in rows.items()}
        ),
    ]


def _difference(
    key: VirtualServerKey, row: RealServerKey | None, what: str, values: Mapping[str, str | None]
) -> Difference | None:
    """A difference among the values that are known."""
    known = {name: str(value) for name, value in values.items() if value is not None}
    return Difference(key, row, what, known) if len(set(known.values())) > 1 else None


def _number(value: int | None, prefix: str = "") -> str | None:
    return None if value is None else f"{prefix}{value}"


def _on_off(value: bool | None) -> str | None:
    return None if value is None else "on" if value else "off"
