"""Answers of `conns.sh`: how far it has read, and what it has counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from lvstop.model.address import RealServerKey
from lvstop.model.connections import (
    EXPIRY_STEPS,
    ClientCount,
    ConnectionCounts,
    EntryCount,
    Network,
    Reach,
    ServerCount,
    Talkers,
    single,
)
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_hex, read_unsigned
from lvstop.probe.parse.proc_words import read_proc_address, read_server

_SOURCE: Final = "the connection table"
_REACHES: Final = {0: Reach.STOPPED, 1: Reach.WHOLE, 2: Reach.TOO_MANY}
_GROUPS: Final = 4
"""Of four digits each, of an IPv6 address's /64."""


class _OddLineError(ValueError):
    """A line that is not understood."""


def parse_progress(text: str) -> tuple[int, bool] | None:
    """`read READ OVER`: entries so far, and whether there are no more to read. None where it does not say so."""
    words = text.split()
    if len(words) != 3 or words[0] != "read":
        return None
    read, over = read_unsigned(words[1]), read_unsigned(words[2], 2)
    return None if read is None or over is None else (read, over > 0)


def parse_counts(text: str) -> Parsed[ConnectionCounts | None]:
    """What the program has counted; None where it does not even say how much it has read."""
    issues, found = IssueLog(_SOURCE), _Found()
    for line_number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words:
            continue
        try:
            _LINES.get(words[0], _odd)(found, words[1:])
        except _OddLineError as error:
            issues.add(line_number, line, str(error))
    return Parsed(found.counts(), issues.result())


@dataclass(slots=True)
class _Found:
    """What the lines so far have said."""

    read: tuple[int, Reach] | None = None
    numbers: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    origins: dict[tuple[str, str], int] = field(default_factory=dict)
    ending: dict[str, tuple[tuple[int, ...], int]] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    greatest: dict[str, list[ClientCount]] = field(default_factory=lambda: {"client": [], "network": []})
    servers: list[ServerCount] = field(default_factory=list)

    def counts(self) -> ConnectionCounts | None:
        if self.read is None:
            return None
        servers = sorted(self.servers, key=lambda each: (-each.active - each.inactive - each.templates, _order(each)))
        return ConnectionCounts(
            read=self.read[0],
            reach=self.read[1],
            connections=self._entries("connection"),
            templates=self._entries("template"),
            states=self.states,
            clients=self._talkers("client"),
            networks=self._talkers("network"),
            servers=tuple(servers),
            servers_left_out=self.numbers.get("left-out", 0),
            unplaced=self.numbers.get("unplaced", 0),
            odd=self.numbers.get("odd", 0),
        )

    def _entries(self, kind: str) -> EntryCount:
        known = {origin: number for (of, origin), number in self.origins.items() if of == kind}
        number = sum(known.values())
        ending, longest = self.ending.get(kind, (EntryCount().ending, 0))
        told = "-" not in known
        local, synced = (known.get(each, 0) if told else None for each in ("LOCAL", "SYNC"))
        return EntryCount(number, local, synced, ending, longest if number else None)

    def _talkers(self, kind: str) -> Talkers:
        size, low = self.sizes.get(kind, (0, 0))
        return Talkers(tuple(self.greatest[kind]), None if low else size, low)


def _order(count: ServerCount) -> tuple[object, ...]:
    server = count.virtual_server
    return (() if server is None else server.sort_key, count.real_server.sort_key)


def _odd(_found: _Found, _words: Sequence[str]) -> None:
    raise _OddLineError("expected something that was counted")


def _numbers(words: Sequence[str], expected: int) -> tuple[int, ...]:
    found = tuple(number for word in words if (number := read_unsigned(word)) is not None)
    if len(words) != expected or len(found) != expected:
        raise _OddLineError(f"expected {expected} numbers")
    return found


def _named(words: Sequence[str], names: int) -> None:
    if len(words) <= names:
        raise _OddLineError("expected a name and numbers")


def _read(found: _Found, words: Sequence[str]) -> None:
    read, over = _numbers(words, 2)
    if over not in _REACHES:
        raise _OddLineError("expected how far it was read")
    found.read = (read, _REACHES[over])


def _number(name: str) -> Callable[[_Found, Sequence[str]], None]:
    def take(found: _Found, words: Sequence[str]) -> None:
        (found.numbers[name],) = _numbers(words, 1)

    return take


def _state(found: _Found, words: Sequence[str]) -> None:
    _named(words, 1)
    if not words[0].isprintable():
        raise _OddLineError("expected the name of a state")
    (found.states[words[0]],) = _numbers(words[1:], 1)


def _entries(found: _Found, words: Sequence[str]) -> None:
    _named(words, 2)
    kind, origin = words[:2]
    if kind not in ("connection", "template") or origin not in ("LOCAL", "SYNC", "-"):
        raise _OddLineError("expected a kind of entry and where it is from")
    (found.origins[kind, origin],) = _numbers(words[2:], 1)


def _expiry(found: _Found, words: Sequence[str]) -> None:
    _named(words, 1)
    if words[0] not in ("connection", "template"):
        raise _OddLineError("expected a kind of entry")
    *ending, longest = _numbers(words[1:], len(EXPIRY_STEPS) + 2)
    found.ending[words[0]] = (tuple(ending), longest)


def _size(kind: str) -> Callable[[_Found, Sequence[str]], None]:
    def take(found: _Found, words: Sequence[str]) -> None:
        size, low = _numbers(words, 2)
        found.sizes[kind] = (size, low)

    return take


def _client(found: _Found, words: Sequence[str]) -> None:
    _named(words, 1)
    address = read_proc_address(words[0])
    if address is None:
        raise _OddLineError("expected the address of a client")
    (number,) = _numbers(words[1:], 1)
    found.greatest["client"].append(ClientCount(single(address), number))


def _network(found: _Found, words: Sequence[str]) -> None:
    _named(words, 1)
    network = _network_of(words[0])
    if network is None:
        raise _OddLineError("expected a network of clients")
    (number,) = _numbers(words[1:], 1)
    found.greatest["network"].append(ClientCount(network, number))


def _server(found: _Found, words: Sequence[str]) -> None:
    _named(words, 1)
    parts = words[0].split("/")
    if len(parts) not in (3, 5):
        raise _OddLineError("expected a virtual server and a real server")
    *server, address, port = parts
    where, number, key = read_proc_address(address), read_hex(port, 4), read_server(server)
    if where is None or number is None or (key is None and server != ["?"]):
        raise _OddLineError("expected a virtual server and a real server")
    found.servers.append(ServerCount(key, RealServerKey.of(where, number), *_numbers(words[1:], 3)))


_LINES: Final[Mapping[str, Callable[[_Found, Sequence[str]], None]]] = {
    "read": _read,
    "matched": _number("matched"),
    "unplaced": _number("unplaced"),
    "odd": _number("odd"),
    "left-out": _number("left-out"),
    "state": _state,
    "entries": _entries,
    "expiry": _expiry,
    "clients": _size("client"),
    "networks": _size("network"),
    "client": _client,
    "network": _network,
    "server": _server,
}


def _network_of(text: str) -> Network | None:
    """`AC1A7F`, or the first four groups of an IPv6 address."""
    if ":" in text:
        groups = [read_hex(group, 4) for group in text.split(":")]
        known = [group for group in groups if group is not None]
        if len(groups) != _GROUPS or len(known) != _GROUPS:
            return None
        return IPv6Network((sum(group << 16 * (7 - place) for place, group in enumerate(known)), 64))
    number = read_hex(text, 6)
    return None if number is None or len(text) != 6 else IPv4Network((number << 8, 24))
