"""/proc/net/ip_vs: the kernel's IPVS table, which everybody may read (net/netfilter/ipvs/ip_vs_ctl.c).

A table of 10,000 rows is read every second and mostly stays as it was, so what did not change is not read again.
"""

from collections.abc import Sequence

from lvstop.model.address import Family, VirtualServerKey
from lvstop.model.ipvs import RealServer, VirtualServer
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.ip_vs_again import real_servers_again, virtual_server_again
from lvstop.probe.parse.ip_vs_families import Evidence, evidence, persistence_prefix, resolve_families, settle
from lvstop.probe.parse.ip_vs_rows import (
    CUT_SHORT,
    HEADINGS,
    Destination,
    Heading,
    Row,
    ServiceLine,
    Unreadable,
    is_cut_short,
    read_row,
)
from lvstop.probe.parse.issues import IssueLog

__all__ = ["TableParser", "parse_ip_vs", "resolve_families"]

SOURCE = "/proc/net/ip_vs"


class _Group:
    """A virtual server's line and the real servers below it."""

    __slots__ = ("index", "key", "line", "members", "servers", "slot")

    def __init__(self, index: int, line: ServiceLine) -> None:
        self.index = index
        self.line = line
        self.members: list[int] = []  # indices of lines, in the order of `servers`
        self.servers: list[RealServer] = []
        self.key: VirtualServerKey
        self.slot = 0  # where its virtual server stands in the table

    def build(self, hz: int | None) -> VirtualServer:
        """The virtual server as it is now."""
        line = self.line
        return VirtualServer(
            key=self.key,
            scheduler=line.scheduler,
            persistent=line.timeout is not None,
            persistence_seconds=line.timeout // hz if line.timeout is not None and hz else None,
            persistence_prefix=None if line.mask is None else persistence_prefix(line.mask, self.key.family),
            one_packet=line.one_packet,
            real_servers=tuple(self.servers),
        )


_Place = tuple[_Group, int, int]
"""Where the real server of a line is: its group, its index there, and where on its line the numbers begin."""


class TableParser:
    """Reads one director's table again and again.

    Real servers and virtual servers that did not change stay the same objects, and so does the whole table: what is
    computed from them can be kept as long as they are identical.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._rows: list[Row] = []
        self._destinations: list[Destination | None] = []
        self._places: list[_Place | None] = []
        self._table: list[VirtualServer] = []
        self._hz: int | None = None
        self._cut_short = False
        self._parsed: Parsed[tuple[VirtualServer, ...]] | None = None

    def update(
        self, lines: Sequence[str], changed: Sequence[int] | None, *, hz: int | None
    ) -> Parsed[tuple[VirtualServer, ...]]:
        """The table that `lines` (without their newlines) say, sorted, its real servers sorted.

        Args:
            lines: the whole text's lines. An empty last one shows that the text ended with a newline.
            changed: indices of the lines that differ from the previous call; None for all of them.
            hz: the kernel's CONFIG_HZ, by which persistence timeouts are divided; None where nobody could tell.
        """
        cut_short = bool(lines) and is_cut_short(lines[-1])
        same_frame = self._parsed is not None and hz == self._hz and not cut_short and not self._cut_short
        self._hz = hz
        self._cut_short = cut_short
        if (
            self._parsed is None
            or changed is None
            or len(lines) != len(self._lines)
            or (changed and not 0 <= min(changed) <= max(changed) < len(lines))
        ):
            self._read_all(lines)
        elif same_frame:
            touched = self._read_changed(lines, changed)
            if touched is not None:
                return self._rebuild(touched, self._parsed)
        else:
            self._read_changed(lines, changed)
        return self._regroup()

    def _read_all(self, lines: Sequence[str]) -> None:
        """Read every line, except those that the previous text had, too, wherever it had them."""
        known = {line: index for index, line in enumerate(self._lines)}
        old_rows, old_destinations = self._rows, self._destinations
        rows: list[Row] = []
        destinations: list[Destination | None] = []
        for line in lines:
            index = known.get(line)
            row, destination = read_row(line) if index is None else (old_rows[index], old_destinations[index])
            rows.append(row)
            destinations.append(destination)
        self._lines, self._rows, self._destinations = list(lines), rows, destinations

    def _read_changed(self, lines: Sequence[str], changed: Sequence[int]) -> dict[_Group, None] | None:
        """Read the lines at `changed`. The groups that got other numbers; None where more than numbers changed."""
        own_lines, places = self._lines, self._places
        indices: list[int] = []
        numbered: list[_Place] = []
        earlier: list[RealServer] = []
        numbers: list[str] = []
        others: list[int] = []
        for index in changed:
            line = lines[index]
            old = own_lines[index]
            if line == old:
                continue
            own_lines[index] = line
            place = places[index]
            if place is not None and line.startswith(old[: place[2]]):
                indices.append(index)
                numbered.append(place)
                earlier.append(place[0].servers[place[1]])
                numbers.append(line[place[2] :])
            else:
                others.append(index)
        servers = real_servers_again(earlier, numbers) if earlier else []
        if others or servers is None:
            for index in others + indices:
                self._rows[index], self._destinations[index] = read_row(own_lines[index])
            return None
        touched: dict[_Group, None] = {}
        rows = self._rows
        for index, place, server in zip(indices, numbered, servers, strict=True):
            rows[index] = place[0].servers[place[1]] = server
            touched[place[0]] = None
        return touched

    def _rebuild(
        self, touched: dict[_Group, None], previous: Parsed[tuple[VirtualServer, ...]]
    ) -> Parsed[tuple[VirtualServer, ...]]:
        """The table with other numbers in the groups `touched`."""
        if not touched:
            return previous
        for group in touched:
            self._table[group.slot] = virtual_server_again(self._table[group.slot], group.servers)
        self._parsed = Parsed(tuple(self._table), previous.issues)
        return self._parsed

    def _regroup(self) -> Parsed[tuple[VirtualServer, ...]]:
        """The table from all rows, with the objects of the previous one where they say the same."""
        issues = IssueLog(SOURCE)
        groups = self._group(issues)
        self._place(groups, issues)
        _name(groups, self._lines, issues)
        old: dict[VirtualServerKey, list[VirtualServer]] = {}
        for server in self._table:
            old.setdefault(server.key, []).append(server)
        groups.sort(key=lambda group: group.key.sort_key)
        table: list[VirtualServer] = []
        for slot, group in enumerate(groups):
            group.slot = slot
            server = group.build(self._hz)
            table.append(next((before for before in old.get(server.key, ()) if before == server), server))
        value = tuple(table)
        if self._parsed is not None and _identical(value, self._parsed.value):
            value = self._parsed.value
        found = issues.result()
        if self._parsed is None or value is not self._parsed.value or found != self._parsed.issues:
            self._parsed = Parsed(value, found)
        self._table = table
        return self._parsed

    def _group(self, issues: IssueLog) -> list[_Group]:
        """Each virtual server with the lines below it."""
        groups: list[_Group] = []
        group: _Group | None = None
        _check_headings(self._rows, issues)
        last = len(self._rows) - 1
        for index, row in enumerate(self._rows):
            if index == last and (row is None or self._cut_short):
                if row is not None:
                    issues.add(index + 1, self._lines[index], CUT_SHORT.reason)
                break
            if isinstance(row, RealServer):
                if group is not None:
                    group.members.append(index)
                else:
                    issues.add(index + 1, self._lines[index], "no readable virtual server stands above it")
            elif isinstance(row, ServiceLine):
                group = _Group(index, row)
                groups.append(group)
            elif not (isinstance(row, Heading) and index == row.index):
                # What may have been a virtual server's line ends the one above: its real servers are not ours to give.
                if not (isinstance(row, Unreadable) and row.below_service):
                    group = None
                issues.add(index + 1, self._lines[index], _reason(row))
        return groups

    def _place(self, groups: Sequence[_Group], issues: IssueLog) -> None:
        """Sort each group's real servers and note where each line's one stands."""
        places: list[_Place | None] = [None] * len(self._rows)
        self._places = places
        for group in groups:
            ordered = [(entry.order, index) for index in group.members if (entry := self._destinations[index])]
            ordered.sort()
            previous = None
            group.members = []
            for order, index in ordered:
                row = self._rows[index]
                if not isinstance(row, RealServer):
                    continue
                if order == previous:
                    # without a place of its own: the issue quotes the line, and is made anew where the line changes
                    issues.add(index + 1, self._lines[index], "this virtual server has that real server already")
                else:
                    places[index] = (group, len(group.servers), len(self._lines[index].rsplit(None, 3)[0]) + 1)
                previous = order
                group.members.append(index)
                group.servers.append(row)


def parse_ip_vs(text: str, *, hz: int | None) -> Parsed[tuple[VirtualServer, ...]]:
    """The table that the whole `text` of /proc/net/ip_vs says; see `TableParser.update`."""
    return TableParser().update(text.split("\n"), None, hz=hz)


def _check_headings(rows: Sequence[Row], issues: IssueLog) -> None:
    if not any(row is not None for row in rows):
        issues.add(0, "", "the text is empty; its heading was expected")
    elif [row.index for row in rows[: len(HEADINGS)] if isinstance(row, Heading)] != list(range(len(HEADINGS))):
        issues.add(0, "", "its heading is not whole, so rows may be missing")


def _reason(row: Row) -> str:
    if isinstance(row, Unreadable):
        return row.reason
    return "an empty line within the table" if row is None else "a heading where a row was expected"


def _name(groups: Sequence[_Group], lines: Sequence[str], issues: IssueLog) -> None:
    """Give each group its key. Firewall marks need all rows of one mark together."""
    marked: dict[int, list[_Group]] = {}
    for group in groups:
        line = group.line
        if line.fwmark is not None:
            marked.setdefault(line.fwmark, []).append(group)
        elif line.address is not None and line.port is not None:
            group.key = VirtualServerKey.of_endpoint(line.protocol, line.address, line.port)
    for fwmark, same in marked.items():
        families: list[Family | None] = settle(_evidence(same))
        for group, family in zip(same, families, strict=True):
            group.key = VirtualServerKey.of_fwmark(fwmark, family)
    seen: dict[VirtualServerKey, int] = {}
    for group in groups:
        number, text = group.index + 1, lines[group.index]
        if group.key in seen:
            why = "" if group.key.family else "; the kernel's table does not tell a firewall mark's family"
            issues.add(number, text, f"line {seen[group.key]} is the same virtual server{why}")
        seen.setdefault(group.key, number)
        mask, family = group.line.mask, group.key.family
        if mask is not None and family is not None and persistence_prefix(mask, family) is None:
            issues.add(number, text, f"{mask:08X} is no persistence mask of {family}")


def _evidence(groups: Sequence[_Group]) -> list[Evidence]:
    return [evidence(group.line.mask, group.servers) for group in groups]


def _identical(first: tuple[VirtualServer, ...], second: tuple[VirtualServer, ...]) -> bool:
    return len(first) == len(second) and all(new is old for new, old in zip(first, second, strict=True))
