"""What the countings of a cluster's connection tables say together: rows with a number for each director. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from lvstop.analysis.words import count
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.connections import (
    COUNTED_EACH,
    EXPIRY_STEPS,
    ClientCount,
    ConnectionCounts,
    ConnectionScope,
    Counting,
    EntryCount,
    Reach,
    ServerCount,
    Talkers,
)

MOST_CLIENTS: Final = 25
MOST_SERVERS: Final = 40
"""Rows of a kind; what is left out is one more row."""

_SLOW: Final = 2.0
"""Seconds from which on it is worth saying how long it took."""

_STEP_WORDS: Final = ("10 s", "60 s", "5 min", "15 min")


class Unit(StrEnum):
    """What a number counts."""

    COUNT = "count"
    SECONDS = "seconds"


class Bound(StrEnum):
    """How exact a number is."""

    EXACT = ""
    AT_LEAST = "≥"
    AT_MOST = "≤"
    MORE_THAN = ">"


@dataclass(frozen=True, slots=True)
class CountCell:
    """What is said of one director.

    Attributes:
        number: None where it is not known.
        part: of all its connections, 0–1; None where that would mean nothing.
    """

    number: int | None
    part: float | None = None
    bound: Bound = Bound.EXACT
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True)
class CountRow:
    """A row.

    Attributes:
        key: known by it, whatever stands around it.
        cells: one a director; None where there is nothing to say.
        heading: it begins a group.
        server: the row of the table that it is about, if it is about one.
    """

    key: str
    label: str
    cells: tuple[CountCell | None, ...]
    heading: bool = False
    server: tuple[VirtualServerKey | None, RealServerKey] | None = None


_UNKNOWN: Final = CountCell(None)


def count_rows(countings: Sequence[Counting], scope: ConnectionScope) -> list[CountRow]:
    """All groups, one after the other; nothing where no director has come to its end."""
    counts = [each.counts for each in countings]
    if not any(counts):
        return []
    rows = [*_totals(counts), *_states(counts)]
    rows += _ends(counts, "END WITHIN, if no packet comes", "ends", lambda each: each.connections)
    rows += _servers(counts, scope)
    rows += _talkers(counts, "network", "CLIENT NETWORKS", lambda each: each.networks)
    rows += _talkers(counts, "client", "CLIENTS", lambda each: each.clients)
    return [*rows, *_ends(counts, "TEMPLATES END WITHIN", "template-ends", lambda each: each.templates)]


Counts = Sequence[ConnectionCounts | None]


def _heading(title: str, counts: Counts) -> CountRow:
    return CountRow(f"heading {title}", title, (None,) * len(counts), heading=True)


def _row(key: str, label: str, counts: Counts, say: Callable[[ConnectionCounts], CountCell | None]) -> CountRow:
    return CountRow(key, label, tuple(_UNKNOWN if each is None else say(each) for each in counts))


def _numbered(number: int | None, counts: ConnectionCounts) -> CountCell:
    """A number with its part of all connections."""
    if number is None:
        return _UNKNOWN
    every = counts.connections.number
    return CountCell(number, number / every if every else None)


def _totals(counts: Counts) -> Iterable[CountRow]:
    yield _row("connections", "connections", counts, lambda each: _numbered(each.connections.number, each))
    yield _row("synced", "  told by the other director", counts, lambda each: _numbered(each.connections.synced, each))
    yield _row("templates", "persistence templates", counts, lambda each: CountCell(each.templates.number))
    if any(each is not None and each.templates.number for each in counts):
        yield _row(
            "templates-synced", "  told by the other director", counts, lambda each: CountCell(each.templates.synced)
        )


def _states(counts: Counts) -> Iterable[CountRow]:
    greatest: dict[str, int] = {}
    for each in counts:
        for state, number in (each.states if each is not None else {}).items():
            greatest[state] = max(greatest.get(state, 0), number)
    if not greatest:
        return
    yield _heading("STATE", counts)
    for state in sorted(greatest, key=lambda each: (-greatest[each], each)):
        yield _state_row(state, counts)


def _state_row(state: str, counts: Counts) -> CountRow:
    return _row(f"state {state}", state, counts, lambda each: _numbered(each.states.get(state, 0), each))


def _ends(
    counts: Counts, title: str, key: str, entries: Callable[[ConnectionCounts], EntryCount]
) -> Iterable[CountRow]:
    """Sums, so that each line says how many are gone after so long."""
    if not any(each is not None and entries(each).number for each in counts):
        return
    yield _heading(title, counts)

    def within(step: int) -> Callable[[ConnectionCounts], CountCell]:
        def say(each: ConnectionCounts) -> CountCell:
            found = entries(each)
            number = sum(found.ending[: step + 1])
            return CountCell(number, number / found.number if found.number else None)

        return say

    for step in range(len(EXPIRY_STEPS)):
        yield _row(f"{key} {step}", _STEP_WORDS[step], counts, within(step))
    yield _row(f"{key} longest", "the last one", counts, lambda each: _longest(entries(each)))


def _longest(entries: EntryCount) -> CountCell | None:
    return None if entries.longest is None else CountCell(entries.longest, unit=Unit.SECONDS)


Place = tuple[VirtualServerKey | None, RealServerKey]


def _servers(counts: Counts, scope: ConnectionScope) -> Iterable[CountRow]:
    """Real servers of a virtual server, or virtual servers of a real server."""
    found = [_by_place(each) for each in counts]
    greatest: dict[Place, int] = {}
    for places in found:
        for place, entries in places.items():
            greatest[place] = max(greatest.get(place, 0), _all_of(entries))
    if not greatest or (scope.virtual_server is not None and scope.address is not None):
        return
    by_real = scope.virtual_server is not None
    yield _heading("REAL SERVERS" if by_real else "VIRTUAL SERVERS", counts)
    shown = sorted(greatest, key=lambda each: (-greatest[each], _place_name(each, by_real)))[:MOST_SERVERS]
    for place in shown:
        yield from _place_rows(place, counts, found, _place_name(place, by_real))
    left_out = [sum(_all_of(places[each]) for each in places if each not in shown) for places in found]
    rest = [0 if each is None else each.servers_left_out + out for each, out in zip(counts, left_out, strict=True)]
    if any(rest):
        cells = tuple(_UNKNOWN if each is None else CountCell(out) for each, out in zip(counts, rest, strict=True))
        yield CountRow("servers rest", "entries to all others", cells)


def _by_place(counts: ConnectionCounts | None) -> Mapping[Place, ServerCount]:
    return {} if counts is None else {(each.virtual_server, each.real_server): each for each in counts.servers}


def _all_of(entries: ServerCount) -> int:
    return entries.active + entries.inactive + entries.templates


def _place_name(place: Place, by_real: bool) -> str:
    server, real = place
    return str(real) if by_real else f"{server or 'a firewall mark, or none'} on {real.port}"


def _place_rows(
    place: Place, counts: Counts, found: Sequence[Mapping[Place, ServerCount]], name: str
) -> Iterable[CountRow]:
    """Its connections, and below them its templates if it has any."""
    here = [places.get(place) for places in found]
    pairs = list(zip(counts, here, strict=True))

    def connections(each: ConnectionCounts, entries: ServerCount | None) -> CountCell:
        return _numbered(0 if entries is None else entries.active + entries.inactive, each)

    cells = tuple(_UNKNOWN if each is None else connections(each, entries) for each, entries in pairs)
    yield CountRow(f"server {place[0]} {place[1]}", name, cells, server=place)
    if any(entries is not None and entries.templates for entries in here):
        cells = tuple(
            _UNKNOWN if each is None else CountCell(0 if entries is None else entries.templates)
            for each, entries in pairs
        )
        yield CountRow(f"server {place[0]} {place[1]} templates", "  its templates", cells, server=place)


def _talkers(counts: Counts, key: str, title: str, talkers: Callable[[ConnectionCounts], Talkers]) -> list[CountRow]:
    """Those with most connections, on whichever director, all others, and how many there are."""
    told = [_numbers_of(None if each is None else talkers(each)) for each in counts]
    greatest: dict[str, int] = {}
    for numbers in told:
        for name, number in numbers.items():
            greatest[name] = max(greatest.get(name, 0), number)
    if not greatest:
        return []
    shown = sorted(greatest, key=lambda each: -greatest[each])[:MOST_CLIENTS]
    rows = [_heading(title, counts)]
    pairs = list(zip(counts, told, strict=True))
    for name in shown:
        cells = (_UNKNOWN if each is None else _talker(name, each, talkers(each), numbers) for each, numbers in pairs)
        rows.append(CountRow(f"{key} {name}", name, tuple(cells)))
    others = (_UNKNOWN if each is None else _others(each, talkers(each), shown, numbers) for each, numbers in pairs)
    rows.append(CountRow(f"{key} others", "all others", tuple(others)))
    rows.append(_row(f"{key} distinct", "different ones", counts, lambda each: _distinct(talkers(each))))
    return rows


def _numbers_of(talkers: Talkers | None) -> Mapping[str, int]:
    """By their names; who is masked has a number within the network, on each director by itself."""
    found: dict[str, int] = {}
    places: dict[str, int] = {}
    for each in () if talkers is None else talkers.greatest:
        name = client_name(each)
        if each.concealed:
            places[name] = places.get(name, 0) + 1
            name = f"{name} no. {places[name]}"
        found[name] = each.connections
    return found


def client_name(client: ClientCount) -> str:
    """An address, or a network."""
    network = client.network
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if single else str(network)


def _talker(name: str, counts: ConnectionCounts, talkers: Talkers, numbers: Mapping[str, int]) -> CountCell:
    """Who is not among those that were told has fewer than the last of these: 0 only where all were told."""
    number = numbers.get(name)
    if number is None:
        return _numbered(0, counts) if talkers.distinct == len(talkers.greatest) else _UNKNOWN
    cell = _numbered(number, counts)
    return replace(cell, bound=Bound.AT_LEAST) if talkers.too_low else cell


def _others(counts: ConnectionCounts, talkers: Talkers, shown: Sequence[str], numbers: Mapping[str, int]) -> CountCell:
    rest = counts.connections.number - sum(numbers.get(name, 0) for name in shown)
    cell = _numbered(rest, counts)
    return replace(cell, bound=Bound.AT_MOST) if talkers.too_low else cell


def _distinct(talkers: Talkers) -> CountCell:
    """Where there are too many, as many were counted each."""
    if talkers.distinct is None:
        return CountCell(COUNTED_EACH, bound=Bound.MORE_THAN)
    return CountCell(talkers.distinct)


def counted_sentence(counting: Counting) -> str:
    """How far it is, or what came of it, without the director's name."""
    counts = counting.counts
    if counting.fault is not None:
        remedy = f" ({counting.fault.remedy})" if counting.fault.remedy else ""
        return f"cannot be counted: {counting.fault.summary}{remedy}"
    if counts is None:
        return f"counting … {count(counting.read, 'entry', 'entries')} so far"
    found = count(counts.connections.number, "connection")
    if counts.templates.number:
        found += f", {count(counts.templates.number, 'template')}"
    slow = f", read in {counting.seconds:.0f} s" if counting.seconds >= _SLOW else ""
    at = "" if counting.at is None else f" at {counting.at:%H:%M:%S}"
    return f"{found} of {count(counts.read, 'entry', 'entries')}{slow}{at}"


def counted_cautions(counting: Counting) -> list[str]:
    """What has to be known to read the numbers right, a sentence each, without the director's name."""
    counts = counting.counts
    if counts is None:
        return []
    said = []
    if counts.reach is Reach.STOPPED:
        said.append("the table was not read to its end, so there are more; what was read comes in no order")
    if counts.reach is Reach.TOO_MANY:
        said.append("the table has more entries than are read at once, so there are more; they come in no order")
    low = max(counts.clients.too_low, counts.networks.too_low)
    if low:
        said.append(
            "there are more clients than can be counted each; those with most connections are shown, and their "
            f"numbers may be {low:,} too low"
        )
    if counts.unplaced:
        entries = count(counts.unplaced, "entry", "entries")
        said.append(f"{entries} more may be its: firewall marks share a real server, and nobody can tell them apart")
    if counts.odd:
        said.append(f"{count(counts.odd, 'line')} could not be understood")
    return said
