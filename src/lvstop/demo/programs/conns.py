"""`conns.sh`: the entries of the connection table, counted."""

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import islice
from typing import Final

from lvstop.demo.director import Director
from lvstop.demo.formats.ip_vs_conn import ConnectionEntry
from lvstop.demo.logins import Login
from lvstop.demo.programs.sound import proc_address, service_words, sharing_marks
from lvstop.demo.shell import Output
from lvstop.demo.world.table import Service
from lvstop.model.address import IPAddress, RealServerKey
from lvstop.model.connections import EXPIRY_STEPS
from lvstop.transport.base import Section, SectionMode
from lvstop.transport.framing import encode_answer

_FILE: Final = "/proc/net/ip_vs_conn_sync"
_PIECE: Final = 20_000
"""Entries that are read in a tenth of a second."""

_LIMIT: Final = 1_000_000
_TOLD: Final = 50
_ACTIVE: Final = frozenset({"ESTABLISHED", "SYN_SENT", "SYN_RECV", "SYNACK"})


class ConnsProgram:
    """Answers `begin`, `more` and `sum`."""

    def __init__(self, director: Director, _login: Login, nonce: str, output: Output) -> None:
        self._director = director
        self._nonce = nonce
        self._output = output
        self._count: _Count | None = None
        table = (_FILE, 0) if director.ipvs_loaded else ("ip_vs is not loaded", 3)
        self._answer(0, [_section("reader", "mawk\n"), _section("table", f"{table[0]}\n", table[1])])

    def line(self, text: str) -> None:
        """One request: `SEQUENCE VERB [SERVER REAL]`."""
        words = [*text.split(), "", "", "", ""]
        sequence = int(words[0]) if words[0].isdecimal() else 0
        if words[1] == "begin":
            self._count = _Count(self._director, words[2].replace("/", " "), words[3])
        sections = []
        if self._count is not None and words[1] in ("begin", "more"):
            sections.append(_section("progress", self._count.more()))
        elif self._count is not None and words[1] == "sum":
            sections.append(_section("counted", self._count.sum()))
        self._answer(sequence, sections)

    def close(self) -> None:
        """What was counted is forgotten."""
        self._count = None

    def _answer(self, sequence: int, sections: list[Section]) -> None:
        self._output.out(encode_answer(sections, nonce=self._nonce, sequence=sequence))


def _section(name: str, text: str, status: int = 0) -> Section:
    return Section(name, SectionMode.FULL, status, text.encode())


class _Count:
    """One counting."""

    def __init__(self, director: Director, wanted: str, real: str) -> None:
        self._entries = director.connection_entries()
        self._sharing = sharing_marks(director.table.services)
        self._wanted = wanted
        self._real = real
        self._read = 0
        self._over = 0
        self._unplaced = 0
        self._states: Counter[str] = Counter()
        self._origins: Counter[tuple[str, str]] = Counter()
        self._steps: Counter[tuple[str, int]] = Counter()
        self._longest: dict[str, int] = {}
        self._servers: dict[str, list[int]] = {}
        self._clients: Counter[str] = Counter()
        self._networks: Counter[str] = Counter()

    def more(self) -> str:
        """Read on. How far it is."""
        piece = list(islice(self._entries, min(_PIECE, _LIMIT - self._read)))
        for entry in piece:
            self._look(entry)
        self._read += len(piece)
        if self._read == _LIMIT:
            self._over = 2
        elif len(piece) < _PIECE:
            self._over = 1
        return f"read {self._read} {self._over}\n"

    def _look(self, entry: ConnectionEntry) -> None:
        if not self._is_real(entry.real_server):
            return
        shared = entry.service in self._sharing and not entry.template
        server = "?" if shared else service_words(entry.service)
        if self._wanted in ("*", server):
            self._take(entry, server)
        elif shared and self._wanted in map(service_words, self._sharing):
            self._unplaced += 1

    def _is_real(self, key: RealServerKey) -> bool:
        address, port = proc_address(key.address), f"{key.port:04X}"
        return self._real in ("*", f"{address}/*", f"{address}/{port}")

    def _take(self, entry: ConnectionEntry, server: str) -> None:
        kind = "template" if entry.template else "connection"
        self._origins[kind, "SYNC" if entry.synced else "LOCAL"] += 1
        self._steps[kind, next((n for n, most in enumerate(EXPIRY_STEPS) if entry.expires <= most), 4)] += 1
        self._longest[kind] = max(self._longest.get(kind, 0), entry.expires)
        counted = self._servers.setdefault(_pair(entry, server), [0, 0, 0])
        counted[2 if entry.template else 0 if entry.state in _ACTIVE else 1] += 1
        if not entry.template:
            self._states[entry.state] += 1
            self._clients[proc_address(entry.client)] += 1
            self._networks[_network(entry.client)] += 1

    def sum(self) -> str:
        """What was counted so far."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"read {self._read} {self._over}"
        yield f"matched {sum(self._origins.values())}"
        yield f"unplaced {self._unplaced}"
        yield "odd 0"
        for state, number in self._states.items():
            yield f"state {state} {number}"
        for (kind, origin), number in self._origins.items():
            yield f"entries {kind} {origin} {number}"
        for kind in ("connection", "template"):
            steps = " ".join(str(self._steps[kind, step]) for step in range(len(EXPIRY_STEPS) + 1))
            yield f"expiry {kind} {steps} {self._longest.get(kind, 0)}"
        for name, counter in (("client", self._clients), ("network", self._networks)):
            yield f"{name}s {len(counter)} 0"
            greatest = sorted(((-number, each) for each, number in counter.items()))[:_TOLD]
            for number, each in greatest:
                yield f"{name} {each} {-number}"
        for pair, counted in self._servers.items():
            yield f"server {pair} {' '.join(map(str, counted))}"
        yield "left-out 0"


def _pair(entry: ConnectionEntry, server: str) -> str:
    port = entry.real_server.port or _port(entry.service)
    return f"{server.replace(' ', '/')}/{proc_address(entry.real_server.address)}/{port:04X}"


def _port(service: Service) -> int:
    """A real server without a port has that of the client's connection: of which the world knows nothing."""
    return service.key.port or 0


def _network(client: IPAddress) -> str:
    return proc_address(client)[:6] if isinstance(client, IPv4Address) else client.exploded[:19]
