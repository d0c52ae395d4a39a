"""Listings of `ipvsadm -Ln` with other columns: --stats, --rate, --thresholds, --persistent-conn, and --daemon.

Numbers are only whole with --exact; without, 100,000,000 shows as `100M`, which is reported and not taken.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import (
    Counters,
    Rates,
    SyncDaemon,
    SyncRole,
    TableCounters,
    TableRates,
    VirtualServerCounters,
    VirtualServerRates,
)
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.ipvsadm_keys import read_row
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_unsigned

T = TypeVar("T")

_TITLE: Final = "IP Virtual Server version "
_SHORTENED: Final = re.compile(r"[0-9]+[KMGT]")
_DAEMON: Final = re.compile(
    r"(?P<role>master|backup) sync daemon \(mcast=(?P<interface>[^\s,()]+), syncid=(?P<sync_id>[0-9]{1,3})[,)].*"
)


class _Listing(Generic[T]):
    """Reads rows of one kind of listing.

    Attributes:
        services: of each virtual server what `column` makes of its own numbers, where it has some.
        real_servers: of each virtual server what `column` makes of its real servers' numbers.
    """

    def __init__(self, source: str, headings: Sequence[str], width: int, column: Callable[[Sequence[int]], T]) -> None:
        self._issues = IssueLog(source)
        self._headings = headings
        self._width = width
        self._column = column
        self.services: dict[VirtualServerKey, T] = {}
        self.real_servers: dict[VirtualServerKey, dict[RealServerKey, T]] = {}

    def read(self, text: str, *, service_numbers: bool) -> None:
        """Read the whole listing; `service_numbers`: virtual servers' rows have the columns, too."""
        lines = text.split("\n")
        if not text.strip():
            self._issues.add(0, "", "the text is empty; its heading was expected")
            return
        expected = [_TITLE.split(), *(heading.split() for heading in self._headings)]
        found = [line.split() for line in lines[: len(expected)]]
        found[0] = found[0][: len(expected[0])]
        start = len(expected) if found == expected else 0
        if not start:
            self._issues.add(0, "", f"expected the heading {self._headings[0]}")
        current: VirtualServerKey | None = None
        for number, line in enumerate(lines[start:], start + 1):
            if number == len(lines):
                if line:
                    # A number may go on beyond the end: `1` may be the beginning of 1234.
                    self._issues.add(number, line, "the text ends within this line")
            elif line.startswith("  ->"):
                self._read_real_server(number, line, current)
            else:
                current = self._read_service(number, line, numbers=service_numbers)

    def issues(self) -> IssueLog:
        """Where further issues go."""
        return self._issues

    def _read_service(self, number: int, line: str, *, numbers: bool) -> VirtualServerKey | None:
        row = read_row(line)
        if row is None or row.virtual_server is None or not row.words:
            self._issues.add(number, line, "neither a virtual server nor a real server")
            return None
        key = row.virtual_server
        if key in self.real_servers:
            self._issues.add(number, line, "this virtual server stands further up already")
        self.real_servers.setdefault(key, {})
        values = self._numbers(number, line, row.words) if numbers else None
        if values is not None:
            self.services.setdefault(key, self._column(values))
        return key

    def _read_real_server(self, number: int, line: str, current: VirtualServerKey | None) -> None:
        row = read_row(line)
        if row is None or row.real_server is None:
            self._issues.add(number, line, f"expected address, port and {self._width} numbers")
            return
        if current is None:
            self._issues.add(number, line, "no readable virtual server stands above it")
            return
        values = self._numbers(number, line, row.words)
        if values is None:
            return
        if row.real_server in self.real_servers[current]:
            self._issues.add(number, line, "this virtual server has that real server already")
        self.real_servers[current].setdefault(row.real_server, self._column(values))

    def _numbers(self, number: int, line: str, words: Sequence[str]) -> list[int] | None:
        values = [value for word in words if (value := read_unsigned(word)) is not None]
        if len(words) == len(values) == self._width:
            return values
        shortened = any(_SHORTENED.fullmatch(word) for word in words)
        reason = (
            "a shortened number: ipvsadm was not asked with --exact" if shortened else f"expected {self._width} numbers"
        )
        self._issues.add(number, line, reason)
        return None


def parse_stats(text: str) -> Parsed[TableCounters]:
    """Counters of every virtual and real server: `ipvsadm -Ln --stats --exact`."""
    listing = _Listing(
        "ipvsadm --stats",
        ("Prot LocalAddress:Port Conns InPkts OutPkts InBytes OutBytes", "-> RemoteAddress:Port"),
        5,
        lambda numbers: Counters(*numbers),
    )
    listing.read(text, service_numbers=True)
    counters: dict[VirtualServerKey, VirtualServerCounters] = {}
    for key, real_servers in listing.real_servers.items():
        total = listing.services.get(key)
        if total is not None:
            counters[key] = VirtualServerCounters(total, real_servers)
        elif real_servers:
            listing.issues().add(0, str(key), "counters of its real servers are lost with its own")
    return Parsed(counters, listing.issues().result())


def parse_rates(text: str) -> Parsed[TableRates]:
    """The kernel's own smoothed rates of every virtual and real server: `ipvsadm -Ln --rate --exact`."""
    listing = _Listing(
        "ipvsadm --rate",
        ("Prot LocalAddress:Port CPS InPPS OutPPS InBPS OutBPS", "-> RemoteAddress:Port"),
        5,
        lambda numbers: Rates(*map(float, numbers)),
    )
    listing.read(text, service_numbers=True)
    rates = {
        key: VirtualServerRates(listing.services.get(key), real_servers)
        for key, real_servers in listing.real_servers.items()
    }
    return Parsed(rates, listing.issues().result())


def parse_thresholds(text: str) -> Parsed[Mapping[VirtualServerKey, Mapping[RealServerKey, tuple[int, int]]]]:
    """Upper and lower connection thresholds (0: none): `ipvsadm -Ln --thresholds`."""
    listing = _Listing(
        "ipvsadm --thresholds",
        ("Prot LocalAddress:Port Uthreshold Lthreshold ActiveConn InActConn", "-> RemoteAddress:Port"),
        4,
        lambda numbers: (numbers[0], numbers[1]),
    )
    listing.read(text, service_numbers=False)
    return Parsed(listing.real_servers, listing.issues().result())


def parse_persistent_connections(text: str) -> Parsed[Mapping[VirtualServerKey, Mapping[RealServerKey, int]]]:
    """Persistence templates per real server: `ipvsadm -Ln --persistent-conn`."""
    listing = _Listing(
        "ipvsadm --persistent-conn",
        ("Prot LocalAddress:Port Weight PersistConn ActiveConn InActConn", "-> RemoteAddress:Port"),
        4,
        lambda numbers: numbers[1],
    )
    listing.read(text, service_numbers=False)
    return Parsed(listing.real_servers, listing.issues().result())


def parse_sync_daemons(text: str) -> Parsed[tuple[SyncDaemon, ...]]:
    """Synchronisation daemons, none to two: `ipvsadm -Ln --daemon`. An empty text is its way to say none."""
    issues = IssueLog("ipvsadm --daemon")
    daemons: list[SyncDaemon] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _DAEMON.fullmatch(line)
        if match is not None:
            daemons.append(SyncDaemon(SyncRole(match["role"]), match["interface"], int(match["sync_id"])))
        elif line:
            issues.add(number, line, "expected a master or backup sync daemon")
    return Parsed(tuple(daemons), issues.result())
