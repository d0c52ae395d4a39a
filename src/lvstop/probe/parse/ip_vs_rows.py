"""The lines of /proc/net/ip_vs, one at a time (`ip_vs_info_seq_show` in net/netfilter/ipvs/ip_vs_ctl.c).

Addresses, ports, marks and masks are hexadecimal in host byte order; weight and connections are decimal and signed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from lvstop.model.address import IPAddress, Protocol, RealServerKey
from lvstop.model.ipvs import ForwardingMethod, RealServer
from lvstop.probe.parse.numbers import SignedNumbers

_NUMBERS: Final = SignedNumbers()
_KNOWN: Final = 1 << 17
"""Destinations that are remembered: more than the kernel's table has anywhere, and 60 MB at the very worst."""

_FORWARDING: Final = {method.value: method for method in ForwardingMethod}

HEADINGS: Final = (
    "IP Virtual Server version ",
    "Prot LocalAddress:Port Scheduler Flags",
    "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn",
)
_DESTINATION_MARK: Final = "  -> "

_ENDPOINT: Final = r"(?:(?P<v4>[0-9A-F]{8})|\[(?P<v6>(?:[0-9a-f]{4}:){7}[0-9a-f]{4})\]):(?P<port>[0-9A-F]{4})"
_DESTINATION: Final = re.compile(rf"  -> {_ENDPOINT} +(?P<forwarding>Local|Masq|Route|Tunnel)")
_SERVICE: Final = re.compile(
    rf"(?:(?P<protocol>TCP|UDP|SCTP)  {_ENDPOINT}|FWM  (?P<fwmark>[0-9A-F]{{8}}))"
    r" (?P<scheduler>[!-~]+) +(?P<ops>ops +)?(?:persistent (?P<timeout>-?[0-9]{1,10}) (?P<mask>[0-9A-F]{8}))? *"
)


class Destination(NamedTuple):
    """What a destination line says before its numbers; it stays while weight and connections change."""

    key: RealServerKey
    forwarding: ForwardingMethod
    order: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A virtual server's own line.

    Attributes:
        one_packet: None with IPv6, where the kernel does not print it.
        timeout: persistence timeout in jiffies; None where not persistent.
        mask: persistence mask as printed; None where not persistent.
    """

    protocol: Protocol
    address: IPAddress | None
    port: int | None
    fwmark: int | None
    scheduler: str
    one_packet: bool | None
    timeout: int | None
    mask: int | None


@dataclass(frozen=True, slots=True)
class Heading:
    """One of the three lines above the table."""

    index: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is none of the above.

    Attributes:
        below_service: it is a destination's line for all we can tell, so the virtual server above it goes on.
    """

    reason: str
    below_service: bool


Row = RealServer | ServiceLine | Heading | Unreadable | None
"""What a line says; None for an empty one."""

_NO_SERVICE: Final = Unreadable("neither a virtual server nor a real server", below_service=False)
_NO_DESTINATION: Final = Unreadable("expected address, port, forwarding method and three numbers", below_service=True)
CUT_SHORT: Final = Unreadable("the text ends within this line", below_service=True)


def read_address(v4: str | None, v6: str | None) -> IPAddress:
    """The address of eight hexadecimal digits, or of eight groups of four."""
    if v4 is not None:
        return IPv4Address(int(v4, 16))
    return IPv6Address(int((v6 or "").replace(":", ""), 16))


def is_cut_short(line: str) -> bool:
    """A last line without newline may be a part of a line, and `1` the beginning of `1234`.

    The kernel pads a destination's last number to ten columns and ends a virtual server's line with a blank or with
    eight digits of a mask, so a whole line shows.
    """
    if line.endswith(" "):
        return False
    if line.startswith(_DESTINATION_MARK):
        return line not in HEADINGS and len(line.rpartition(" ")[2]) < 10
    match = _SERVICE.fullmatch(line + " ")
    return match is not None and match["mask"] is None


def read_row(line: str) -> tuple[Row, Destination | None]:
    """What `line` says; the second value with real servers only."""
    if line.startswith(_DESTINATION_MARK):
        return _read_destination(line)
    if not line:
        return None, None
    match = _SERVICE.fullmatch(line)
    if match is not None:
        return _service(match), None
    for index, heading in enumerate(HEADINGS):
        if line.startswith(heading):
            return Heading(index), None
    return _NO_SERVICE, None


def _read_destination(line: str) -> tuple[Row, Destination | None]:
    if line.rstrip() == HEADINGS[2]:
        return Heading(2), None
    try:
        beginning, weight, active, inactive = line.rsplit(None, 3)
        destination = _destination(beginning)
        server = RealServer(
            destination.key, destination.forwarding, _NUMBERS[weight], _NUMBERS[active], _NUMBERS[inactive]
        )
    except ValueError:
        return _NO_DESTINATION, None
    return server, destination


@lru_cache(maxsize=_KNOWN)
def _destination(beginning: str) -> Destination:
    """What a destination's line says before its numbers. Directors of one cluster have the same ones, and share them.

    Raises:
        ValueError: it is none.
    """
    match = _DESTINATION.fullmatch(beginning)
    if match is None:
        raise ValueError("no destination")
    key = RealServerKey.of(read_address(match["v4"], match["v6"]), int(match["port"], 16))
    return Destination(key, _FORWARDING[match["forwarding"]], key.sort_key)


def _service(match: re.Match[str]) -> ServiceLine:
    ipv6 = match["v6"] is not None
    marked = match["fwmark"] is not None
    timeout = match["timeout"]
    return ServiceLine(
        protocol=Protocol.FWM if marked else Protocol(match["protocol"]),
        address=None if marked else read_address(match["v4"], match["v6"]),
        port=None if marked else int(match["port"], 16),
        fwmark=int(match["fwmark"], 16) if marked else None,
        scheduler=match["scheduler"],
        one_packet=True if match["ops"] is not None else None if ipv6 else False,
        # An unsigned number printed as signed: what is past 2^31 jiffies shows as negative.
        timeout=None if timeout is None else int(timeout) % 2**32,
        mask=None if timeout is None else int(match["mask"], 16),
    )
