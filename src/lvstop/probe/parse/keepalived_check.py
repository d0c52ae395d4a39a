"""keepalived_check.data, answer to SIGUSR1 (`dump_vsg`, `dump_vs`, `dump_rs` in check_data.c of keepalived).

A free-form dump without any mark at its end: what is not known is passed over. Virtual servers stand below the heading
` ------< Virtual server >------`, their real servers below `   ------< Real server >------`, and groups of endpoints
that share one configuration come before both.

Keys are those of the kernel's table (`ipvs_cmd` in `ipvswrapper.c`): except with NAT, a real server's port is that of
its virtual server whatever is configured, and 0 with a firewall mark.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from lvstop.model.address import Family, IPAddress, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer, TrackFile
from lvstop.model.ipvs import ForwardingMethod
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.keepalived_files import SECTION, read_file_checks, read_track_files
from lvstop.probe.parse.keepalived_words import read_address, read_endpoint, read_port
from lvstop.probe.parse.numbers import read_unsigned

SOURCE: Final = "keepalived_check.data"

EXPANSION_LIMIT: Final = 16_384
"""Virtual servers that groups may stand for in one dump; a range of addresses can be as wide as a network."""

T = TypeVar("T")

_UINT32: Final = 2**32 - 1
_TOPOLOGY: Final = "LVS Topology"
_GROUP, _VIRTUAL_SERVER, _REAL_SERVER = "Virtual server group", "Virtual server", "Real server"

_HEADING: Final = re.compile(r"( *)------< (.+) >------")
_PAIR: Final = re.compile(r"   (\S.*?)(?: = | is )(.*)")
_GROUP_TITLE: Final = re.compile(
    r" Virtual Server Group = (?P<name>.+?)(?:, IPv4 = (?P<ipv4>yes|no), IPv6 = (?P<ipv6>yes|no))?"
)
_GROUP_MARKS: Final = re.compile(r"  Fwmark TCP: ([0-9]{1,10}) UDP: ([0-9]{1,10}) SCTP: ([0-9]{1,10})")
_VS_ENDPOINT: Final = re.compile(r" VS VIP = (\S+), VPORT = ([0-9]{1,5})")
_VS_FWMARK: Final = re.compile(r" VS FWMARK = ([0-9]{1,10})")
_VS_GROUP: Final = re.compile(r" VS GROUP = (?:\[(?P<name>.+)\]:-?[0-9]{1,5}|(?P<plain>[^\[].*))")
_MEMBER: Final = re.compile(r"(?P<first>[^\s-]+)(?:-(?P<last>\S+))?, VPORT = (?P<port>[0-9]{1,5})")
_MEMBER_FWMARK: Final = re.compile(r"([0-9]{1,10})(?: (IPv4|IPv6))?")
_SORRY: Final = re.compile(r"   sorry server (?:\(duplicates rs\) )?= (.*)")
_SORRY_ENDPOINT: Final = re.compile(r"\[(\S+)\]:[a-z?]+:([0-9]{1,5})")
_SORRY_FORWARDING: Final = re.compile(r" {3,5}(?:sorry server )?forwarding method = (.*)")
# Up to 2.0.19 there is no EFF WEIGHT.
_RIP: Final = re.compile(r"(\S+), RPORT = ([0-9]{1,5}), WEIGHT = ([0-9]{1,10})(?: EFF WEIGHT = -?[0-9]{1,20})?")

_METHODS: Final = {"DR": ForwardingMethod.ROUTE, "NAT": ForwardingMethod.MASQ, "TUN": ForwardingMethod.TUNNEL}
_FAMILIES: Final = {
    "inet": (Family.INET,),
    "inet6": (Family.INET6,),
    "IPv4 & IPv6": (Family.INET, Family.INET6),
    "unknown": (),
}


@dataclass(slots=True)
class _Block:
    """What stands below one heading, up to the next."""

    kind: str
    number: int
    lines: list[tuple[int, str]] = field(default_factory=list)

    def title(self) -> tuple[int, str]:
        """The first line, which names what the block describes."""
        return self.lines[0] if self.lines else (self.number, "")


@dataclass(slots=True)
class _Group:
    """A virtual_server_group: endpoints and firewall marks that a virtual server stands for.

    Attributes:
        ranges: first and last address, and port.
        marks: firewall marks with the family, where it is told.
        substitutes: firewall marks by which nftables makes one service of all `ranges`; keepalived chose them.
    """

    families: tuple[Family, ...]
    ranges: list[tuple[IPAddress, IPAddress, int]] = field(default_factory=list)
    marks: list[tuple[int, Family | None]] = field(default_factory=list)
    substitutes: dict[Protocol, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckerDump:
    """Virtual servers in the dump's order, one per service that keepalived makes in the kernel, and track files."""

    virtual_servers: tuple[CheckedVirtualServer, ...] = ()
    track_files: tuple[TrackFile, ...] = ()


def parse_keepalived_check(text: str) -> Parsed[CheckerDump]:
    """All that is understood of the dump."""
    issues = IssueLog(SOURCE)
    lines = text.split("\n")
    if lines[-1]:
        issues.add(len(lines), lines[-1], "the text ends within this line")
    elif not text.strip():
        issues.add(0, "", "the text is empty; a dump was expected")
    reader = _Reader(issues)
    for block in _blocks(lines[:-1]):
        reader.take(block)
    reader.finish()
    return Parsed(CheckerDump(tuple(reader.found), tuple(reader.track_files)), issues.result())


def _blocks(lines: Iterable[str]) -> Iterator[_Block]:
    """The blocks of the section on LVS, and the section on track files. Others repeat keys with other meanings."""
    block: _Block | None = None
    inside = False
    for number, line in enumerate(lines, 1):
        heading = _HEADING.fullmatch(line) if "------<" in line else None
        if heading is None:
            if block is not None:
                block.lines.append((number, line))
            continue
        if block is not None:
            yield block
            block = None
        if not heading[1]:
            inside = heading[2] == _TOPOLOGY
        if heading[2] == SECTION or (inside and heading[1]):
            block = _Block(heading[2], number)
    if block is not None:
        yield block


class _Values:
    """The `key = value` lines of one block. A value that is missing is None; one that is unreadable an issue, too."""

    def __init__(self, block: _Block, issues: IssueLog) -> None:
        self._issues = issues
        self._pairs: dict[str, tuple[int, str, str]] = {}
        for number, line in block.lines:
            pair = _PAIR.fullmatch(line)
            if pair is not None:
                self._pairs.setdefault(pair[1], (number, line, pair[2]))

    def read(self, key: str, understand: Callable[[str], T | None], expected: str) -> T | None:
        """The value of `key`; `understand` says None of what it cannot read."""
        if key not in self._pairs:
            return None
        number, line, text = self._pairs[key]
        value = understand(text)
        if value is None:
            self._issues.add(number, line, f"expected {expected}")
        return value


class _Reader:
    """Takes one block after the other.

    Attributes:
        found: the virtual servers that are complete.
        track_files: what their section tells.
    """

    def __init__(self, issues: IssueLog) -> None:
        self.found: list[CheckedVirtualServer] = []
        self.track_files: list[TrackFile] = []
        self._issues = issues
        self._groups: dict[str, _Group] = {}
        self._expanded = 0
        self._virtual_server: _Block | None = None
        self._real_servers: list[CheckedRealServer] = []

    def take(self, block: _Block) -> None:
        """Read `block`; a virtual server waits for the real servers below it."""
        if block.kind == _REAL_SERVER:
            server = _real_server(block, self._issues)
            if server is not None:
                self._real_servers.append(server)
            return
        self.finish()
        if block.kind == _GROUP:
            self._take_group(block)
        elif block.kind == _VIRTUAL_SERVER:
            self._virtual_server = block
        elif block.kind == SECTION:
            self.track_files += read_track_files(block.lines, self._issues)

    def finish(self) -> None:
        """Nothing more comes of the virtual server that was taken last."""
        block, servers = self._virtual_server, self._real_servers
        self._virtual_server, self._real_servers = None, []
        if block is None:
            return
        values = _Values(block, self._issues)
        quorum = values.read("quorum", _quorum, "a quorum and its hysteresis")
        quorum_up = values.read("quorum_state_up", _flag, "0 or 1")
        sorry = _sorry_server(block, self._issues)
        by_port: dict[int, tuple[RealServerKey | None, tuple[CheckedRealServer, ...]]] = {}
        for key in self._keys(block, values):
            port = key.port or 0
            if port not in by_port:
                sorry_key = None if sorry is None else _key_in_kernel(*sorry, port)
                in_kernel = (
                    replace(server, key=_key_in_kernel(server.key, server.forwarding, port)) for server in servers
                )
                by_port[port] = (sorry_key, tuple(in_kernel))
            self.found.append(CheckedVirtualServer(key, quorum, quorum_up, *by_port[port]))

    def _take_group(self, block: _Block) -> None:
        number, line = block.title()
        title = _GROUP_TITLE.fullmatch(line)
        if title is None:
            self._issues.add(number, line, "expected the name of a virtual server group")
            return
        families = tuple(
            family for family, word in zip(Family, title.group("ipv4", "ipv6"), strict=True) if word == "yes"
        )
        group = self._groups[title["name"]] = _Group(families)
        for number, line in block.lines[1:]:
            if not _read_member(group, line):
                self._issues.add(number, line, "expected addresses and a port, or a firewall mark")

    def _keys(self, block: _Block, values: _Values) -> Iterator[VirtualServerKey]:
        number, line = block.title()
        families = values.read("Address family", _FAMILIES.get, "an address family") or ()
        # `none` with firewall marks, which take every protocol. Without this line the dump broke off before it, and
        # maybe before the family as well.
        protocol = values.read("protocol", _protocol, "TCP, UDP, SCTP or none")
        group_name = _VS_GROUP.fullmatch(line)
        if group_name is not None and protocol is not None:
            group = self._groups.get(group_name["name"] or group_name["plain"])
            if group is None:
                self._issues.add(number, line, "the dump does not tell the members of this group")
                return
            if group.ranges and protocol is Protocol.FWM:
                self._issues.add(number, line, "expected a protocol for the addresses of this group")
            yield from self._limited(_group_keys(group, protocol, families), number, line)
            return
        key = None if protocol is None else _own_key(line, protocol, families)
        if key is not None:
            yield key
        else:
            self._issues.add(number, line, "expected an address, a port and a protocol, or a firewall mark")

    def _limited(self, keys: Iterator[VirtualServerKey], number: int, line: str) -> Iterator[VirtualServerKey]:
        for key in keys:
            if self._expanded >= EXPANSION_LIMIT:
                self._issues.add(number, line, f"groups stand for more than {EXPANSION_LIMIT} virtual servers")
                return
            self._expanded += 1
            yield key


def _own_key(line: str, protocol: Protocol, families: tuple[Family, ...]) -> VirtualServerKey | None:
    """The key of a virtual server that is no group."""
    mark = _VS_FWMARK.fullmatch(line)
    if mark is not None:
        number = read_unsigned(mark[1], _UINT32)
        family = families[0] if len(families) == 1 else None
        return None if number is None else VirtualServerKey.of_fwmark(number, family)
    endpoint = _VS_ENDPOINT.fullmatch(line)
    address = read_address(endpoint[1]) if endpoint is not None else None
    port = read_port(endpoint[2]) if endpoint is not None else None
    if address is None or port is None or protocol is Protocol.FWM:
        return None
    return VirtualServerKey.of_endpoint(protocol, address, port)


def _group_keys(group: _Group, protocol: Protocol, families: tuple[Family, ...]) -> Iterator[VirtualServerKey]:
    """The services that keepalived makes for a virtual server on `group` (`ipvs_group_cmd`)."""
    told = families or group.families
    substitute = group.substitutes.get(protocol)
    if substitute is not None:
        for family in told:
            yield VirtualServerKey.of_fwmark(substitute, family)
    elif protocol is not Protocol.FWM:
        for first, last, port in group.ranges:
            for number in range(int(first), int(last) + 1):
                yield VirtualServerKey.of_endpoint(protocol, type(first)(number), port)
    # Where nothing else tells, keepalived takes IPv4.
    fallback = families[0] if len(families) == 1 else Family.INET
    for mark, own_family in group.marks:
        yield VirtualServerKey.of_fwmark(mark, own_family or fallback)


def _read_member(group: _Group, line: str) -> bool:
    """Add what `line` says to `group`. False where it names a member, and no readable one."""
    substitutes = _GROUP_MARKS.fullmatch(line)
    if substitutes is not None:
        pairs = zip((Protocol.TCP, Protocol.UDP, Protocol.SCTP), substitutes.groups(), strict=True)
        group.substitutes = {protocol: int(mark) for protocol, mark in pairs if 0 < int(mark) <= _UINT32}
        return True
    pair = _PAIR.fullmatch(line)
    if pair is None or pair[1] not in ("VIP", "VIP Range", "FWMARK"):
        return True
    if pair[1] == "FWMARK":
        member = _MEMBER_FWMARK.fullmatch(pair[2])
        mark = read_unsigned(member[1], _UINT32) if member is not None else None
        if member is None or mark is None:
            return False
        group.marks.append((mark, {"IPv4": Family.INET, "IPv6": Family.INET6}.get(member[2])))
        return True
    member = _MEMBER.fullmatch(pair[2])
    first = read_address(member["first"]) if member is not None else None
    port = read_port(member["port"]) if member is not None else None
    last = _range_end(first, member["last"]) if member is not None and first is not None else None
    if first is None or last is None or port is None or int(last) < int(first):
        return False
    group.ranges.append((first, last, port))
    return True


def _range_end(first: IPAddress, text: str | None) -> IPAddress | None:
    """A range's last address: whole since 2.2, before that the last number of four or the last hexadecimal of eight."""
    if text is None:
        return first
    if "." not in text and ":" not in text:
        separator = "." if first.version == 4 else ":"
        text = first.exploded.rpartition(separator)[0] + separator + text
    last = read_address(text)
    return last if last is not None and last.version == first.version else None


def _real_server(block: _Block, issues: IssueLog) -> CheckedRealServer | None:
    """A real server, still with the port that is configured."""
    values = _Values(block, issues)
    endpoint = values.read("RIP", _rip, "address, port and weight of a real server")
    forwarding = values.read("forwarding method", _forwarding, "DR, NAT or TUN")
    alive = values.read("alive", _flag, "0 or 1")
    configured = values.read("initial weight", _weight, "a weight")
    if endpoint is None or alive is None:
        issues.add(block.number, block.title()[1], "expected a real server that is alive or not")
        return None
    key, in_kernel = endpoint
    return CheckedRealServer(
        key=key,
        forwarding=forwarding,
        # WEIGHT is what goes to the kernel, in every version; what is configured is the `initial weight`.
        weight=in_kernel if configured is None else configured,
        effective_weight=in_kernel,
        alive=alive,
        failed_checkers=values.read("num failed checkers", lambda text: read_unsigned(text, _UINT32), "a number"),
        inhibit_on_failure=values.read("Inhibit on failure", {"ON": True, "OFF": False}.get, "ON or OFF"),
        file_checks=read_file_checks(block.lines, issues),
    )


def _sorry_server(block: _Block, issues: IssueLog) -> tuple[RealServerKey, ForwardingMethod | None] | None:
    """The sorry server with the port that is configured, and its forwarding method: the next that is told below it."""
    sorry: RealServerKey | None = None
    for number, line in block.lines:
        if sorry is not None:
            method = _SORRY_FORWARDING.fullmatch(line)
            return sorry, None if method is None else _forwarding(method[1])
        title = _SORRY.fullmatch(line)
        if title is None:
            continue
        endpoint = _SORRY_ENDPOINT.fullmatch(title[1])
        sorry = read_endpoint(endpoint[1], endpoint[2]) if endpoint is not None else None
        if sorry is None:
            issues.add(number, line, "expected [ADDRESS]:PROTOCOL:PORT of a sorry server")
            return None
    return None


def _key_in_kernel(key: RealServerKey, forwarding: ForwardingMethod | None, service_port: int) -> RealServerKey:
    """Only NAT can reach another port than the one the client asked for."""
    return key if forwarding in (None, ForwardingMethod.MASQ) else RealServerKey(key.address, service_port)


def _weight(text: str) -> int | None:
    return read_unsigned(text, 2**31 - 1)


def _rip(text: str) -> tuple[RealServerKey, int] | None:
    match = _RIP.fullmatch(text)
    key = read_endpoint(match[1], match[2]) if match is not None else None
    weight = _weight(match[3]) if match is not None else None
    return None if key is None or weight is None else (key, weight)


def _forwarding(text: str) -> ForwardingMethod | None:
    return _METHODS.get(text.partition(",")[0])


def _protocol(text: str) -> Protocol | None:
    return {"TCP": Protocol.TCP, "UDP": Protocol.UDP, "SCTP": Protocol.SCTP, "none": Protocol.FWM}.get(text)


def _flag(text: str) -> bool | None:
    return {"0": False, "1": True}.get(text)


def _quorum(text: str) -> int | None:
    quorum, _, hysteresis = text.partition(", hysteresis = ")
    return read_unsigned(quorum, _UINT32) if read_unsigned(hysteresis, _UINT32) is not None else None
