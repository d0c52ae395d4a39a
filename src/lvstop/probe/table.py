"""The table lane: what changes every second, from files that everybody may read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lvstop.clock import Clock
from lvstop.errors import ParseError
from lvstop.model.director import Lack, LackCause, ParseIssue
from lvstop.model.ipvs import VirtualServer
from lvstop.probe import labels
from lvstop.probe.delta import SectionLines
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.addresses import parse_fib_trie, parse_if_inet6
from lvstop.probe.parse.host import parse_loadavg, parse_net_dev, parse_uptime
from lvstop.probe.parse.ip_vs import TableParser, resolve_families
from lvstop.probe.parse.ip_vs_stats import parse_ip_vs_stats
from lvstop.probe.parse.vitals import parse_table_size
from lvstop.probe.readings import Readings
from lvstop.probe.settings import ProbeSettings
from lvstop.probe.vitals import SECTIONS, take_vitals
from lvstop.transport.base import Channel, Reply, Section

_TOO_LONG = 2
_UNREADABLE = 4


@dataclass(frozen=True, slots=True)
class TableChange:
    """What a table reading calls other lanes for.

    Attributes:
        addresses: an address came or went.
        shape: a virtual server, a real server or a weight is not what it was.
        rows: a virtual server or a real server came or went.
        keepalived_gone: the process that was keepalived is not there any more.
    """

    addresses: bool
    shape: bool
    rows: bool
    keepalived_gone: bool


class TableReader:
    """Reads the table lane over one channel and keeps what deltas refer to.

    Attributes:
        rows: lines of the IPVS table in the last answer.
        reads_routes: False once the routing trie proved too long to be read every second.
        watches_process: to be set to False where this login cannot see keepalived's process (hidepid).
    """

    def __init__(self, channel: Channel, clock: Clock, settings: ProbeSettings) -> None:
        self._channel = channel
        self._clock = clock
        self._settings = settings
        self._sections: dict[str, SectionLines] = {}
        self._parser = TableParser()
        self._until_resync = 0
        self._vitals_asked_at = -math.inf
        self.reads_routes = True
        self.watches_process = True
        self.rows = 0

    async def read(self, readings: Readings, *, vitals: bool = False) -> TableChange:
        """Ask once and take the answer into `readings`.

        Args:
            vitals: ask how the machine fares now; else that is asked at its cadence.

        Raises:
            TransportError: the director cannot be asked.
        """
        full = self._until_resync <= 0
        self._until_resync = self._settings.resync_every if full else self._until_resync - 1
        vitals = vitals or self._vitals_are_due()
        watched = readings.pid if self.watches_process else None
        request = f"t {int(full)} {watched or 0} {int(self.reads_routes)}" + " 1" * vitals
        reply = await self._channel.ask(request, timeout=self._settings.answer_timeout)
        before = (readings.virtual_servers, readings.live_ipv4, readings.live_ipv6)
        gone = False
        hidden = _status(reply, "ip_vs") == 1 and _status(reply, "ip_vs_stats") == 0
        for section in reply.sections:
            if section.name == "keepalived":
                gone = self._keepalived_gone(section)
            elif section.name not in SECTIONS:
                self._take(
                    replace(section, status=_UNREADABLE) if hidden and section.name == "ip_vs" else section, readings
                )
        readings.read_at, readings.read_monotonic = self._clock.now(), self._clock.monotonic()
        if vitals:
            self._vitals_asked_at = readings.read_monotonic
            take_vitals(readings, reply)
        shape = not same_shape(before[0], readings.virtual_servers)
        return TableChange(
            addresses=before[1:] != (readings.live_ipv4, readings.live_ipv6),
            shape=shape,
            rows=shape and _row_keys(before[0]) != _row_keys(readings.virtual_servers),
            keepalived_gone=gone,
        )

    def _vitals_are_due(self) -> bool:
        """Half a second early: a tick that comes a little too soon must not make them wait for the next one."""
        return self._clock.monotonic() - self._vitals_asked_at >= self._settings.vitals_every - 0.5

    def _lines_of(self, section: str) -> SectionLines:
        known = self._sections.get(section)
        if known is None:
            known = self._sections[section] = SectionLines()
        return known

    def _take(self, section: Section, readings: Readings) -> None:
        known = self._lines_of(section.name)
        try:
            changed = known.apply(section)
        except ParseError as error:
            self._until_resync = 0
            readings.note_issues(f"{section.name} on the wire", (ParseIssue(section.name, 0, "", str(error)),))
            return
        readings.note_issues(f"{section.name} on the wire", ())
        match section.name:
            case "ip_vs":
                self._take_ip_vs(section.status, known.lines, changed, readings)
            case "fib_trie" if section.status == _TOO_LONG:
                self.reads_routes = False
                readings.live_ipv4 = None
            case name if name in _SIMPLE and section.status == 0 and (changed or known.shrunk):
                _SIMPLE[name](readings, known.text)
            case _:
                pass  # nothing new, or a file that this kernel does not have

    def _take_ip_vs(self, status: int, lines: Sequence[str], changed: Sequence[int], readings: Readings) -> None:
        readings.ipvs_loaded = {0: True, 1: False}.get(status)
        if status == 1:
            readings.virtual_servers, readings.totals, readings.connection_buckets = (), None, None
            readings.note_issues("ip_vs", ())
            readings.lacks.pop(labels.TABLE, None)
            return
        if status != 0:
            readings.virtual_servers = None
            readings.lacks[labels.TABLE] = Lack(labels.TABLE, LackCause.FAILED, f"exit status {status}")
            return
        readings.lacks.pop(labels.TABLE, None)
        self.rows = len(lines)
        if changed and changed[0] == 0:
            readings.connection_buckets = parse_table_size(lines[0])
        parsed: Parsed[tuple[VirtualServer, ...]] = self._parser.update(lines, changed, hz=readings.hertz)
        readings.note_issues("ip_vs", parsed.issues)
        details = readings.details
        readings.virtual_servers = resolve_families(parsed.value, details) if details else parsed.value

    def _keepalived_gone(self, section: Section) -> bool:
        known = self._lines_of(section.name)
        try:
            known.apply(section)
        except ParseError:
            self._until_resync = 0
            return False
        return section.status != 0 or list(known.lines) != ["keepalived"]

    async def close(self) -> None:
        """End the program on the director."""
        await self._channel.close()


def _status(reply: Reply, name: str) -> int | None:
    section = reply.section(name)
    return None if section is None else section.status


def same_shape(before: Sequence[VirtualServer] | None, after: Sequence[VirtualServer] | None) -> bool:
    """The same virtual servers with the same real servers and weights; connections do not count."""
    if before is after:
        return True
    if before is None or after is None or len(before) != len(after):
        return False
    return all(old is new or _row_shape(old) == _row_shape(new) for old, new in zip(before, after, strict=True))


def _row_keys(table: Sequence[VirtualServer] | None) -> object:
    return None if table is None else [(each.key, [row.key for row in each.real_servers]) for each in table]


def _row_shape(virtual_server: VirtualServer) -> tuple[object, ...]:
    rows = tuple((row.key, row.forwarding, row.weight) for row in virtual_server.real_servers)
    return (virtual_server.key, virtual_server.scheduler, virtual_server.persistent, rows)


def _take_uptime(readings: Readings, text: str) -> None:
    readings.uptime = parse_uptime(text).value


def _take_totals(readings: Readings, text: str) -> None:
    parsed = parse_ip_vs_stats(text)
    readings.totals = parsed.value
    readings.note_issues("ip_vs_stats", parsed.issues)


def _take_routes(readings: Readings, text: str) -> None:
    parsed = parse_fib_trie(text)
    readings.live_ipv4 = parsed.value
    readings.note_issues("fib_trie", parsed.issues)


def _take_if_inet6(readings: Readings, text: str) -> None:
    parsed = parse_if_inet6(text)
    readings.live_ipv6 = parsed.value
    readings.note_issues("if_inet6", parsed.issues)


def _take_load(readings: Readings, text: str) -> None:
    parsed = parse_loadavg(text)
    readings.load = parsed.value
    readings.note_issues("loadavg", parsed.issues)


def _take_interfaces(readings: Readings, text: str) -> None:
    parsed = parse_net_dev(text)
    readings.interfaces = parsed.value
    readings.note_issues("net_dev", parsed.issues)


_SIMPLE = {
    "uptime": _take_uptime,
    "ip_vs_stats": _take_totals,
    "fib_trie": _take_routes,
    "if_inet6": _take_if_inet6,
    "loadavg": _take_load,
    "net_dev": _take_interfaces,
}
