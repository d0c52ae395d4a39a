"""ipvsadm 1.31: the listings that lvstop asks for, and `-e`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.director import Director
from lvstop.demo.formats.ipvsadm import (
    connections_listing,
    daemons_listing,
    persistent_listing,
    rates_listing,
    saved_rules,
    stats_listing,
    thresholds_listing,
)
from lvstop.demo.logins import Login
from lvstop.demo.world.table import NoSuchDestinationError, NoSuchServiceError, Setting, Table
from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey, parse_endpoint
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType

_DENIED: Final = Said(
    "Can't initialize ipvs: Permission denied (you must be root)\n"
    "Are you sure that IP Virtual Server is built in the kernel or as module?\n",
    2,
)
_FAILED: Final = 255
_USAGE: Final = 2

_LISTINGS: Final[Mapping[tuple[str, ...], Callable[[Table], str]]] = {
    ("-Ln",): connections_listing,
    ("-Ln", "--stats", "--exact"): stats_listing,
    ("-Ln", "--rate", "--exact"): rates_listing,
    ("-Ln", "--thresholds"): thresholds_listing,
    ("-Ln", "--persistent-conn"): persistent_listing,
    ("-Sn",): saved_rules,
    ("-Ln", "--daemon"): lambda table: daemons_listing(table.daemons),
}

_SERVICES: Final = {"-t": Protocol.TCP, "-u": Protocol.UDP, "--sctp-service": Protocol.SCTP}
_FORWARDING: Final = {
    "-g": ForwardingMethod.ROUTE,
    "-i": ForwardingMethod.TUNNEL,
    "-m": ForwardingMethod.MASQ,
}
_CHECKSUMS: Final = {"--tun-nocsum": "nocsum", "--tun-csum": "csum", "--tun-remcsum": "remcsum"}


def run_ipvsadm(director: Director, login: Login, words: Sequence[str]) -> Said:
    """What it says to these arguments."""
    if login.uid != 0:
        return _DENIED
    listing = _LISTINGS.get(tuple(words))
    if listing is not None:
        return Said(listing(director.table))
    if words[:1] == ("-e",):
        return _edit(director, words[1:])
    return Said(f"ipvsadm: unrecognized option '{' '.join(words)}'\n", _USAGE)


class _UsageError(Exception):
    """What ipvsadm says of arguments that it does not understand."""


@dataclass(slots=True)
class _Words:
    """The arguments of `-e`; what is missing is what ipvsadm takes then."""

    protocol: Protocol | None = None
    endpoint: str = ""
    fwmark: str = ""
    ipv6: bool = False
    real_server: str = ""
    forwarding: ForwardingMethod = ForwardingMethod.ROUTE
    weight: str = "1"
    upper: str = "0"
    lower: str = "0"
    tunnel_type: TunnelType = TunnelType.IPIP
    tunnel_port: int | None = None
    checksum: str | None = None


def _edit(director: Director, words: Sequence[str]) -> Said:
    """`-e`: all settings of one destination, given or not."""
    try:
        read = _read(words)
        service = _service(read)
        address, port = parse_endpoint(read.real_server)
        setting = _setting(read)
    except (_UsageError, ValueError) as error:
        return Said(f"{error}\n", _USAGE)
    if setting.forwarding is not ForwardingMethod.MASQ:
        # Only with NAT can a real server have another port than its service.
        port = service.port or 0
    try:
        director.edit(service, RealServerKey(address, port), setting)
    except (NoSuchServiceError, NoSuchDestinationError) as error:
        return Said(f"{error}\n", _FAILED)
    return Said()


def _read(words: Sequence[str]) -> _Words:
    read = _Words()
    rest = iter(words)
    for word in rest:
        if word in _SERVICES:
            read.protocol, read.endpoint = _SERVICES[word], _value(word, rest)
        elif word in _FORWARDING:
            read.forwarding = _FORWARDING[word]
        elif word in _CHECKSUMS:
            read.checksum = _CHECKSUMS[word]
        else:
            _read_option(read, word, rest)
    return read


def _read_option(read: _Words, word: str, rest: Iterator[str]) -> None:
    match word:
        case "-f":
            read.fwmark = _value(word, rest)
        case "-6":
            read.ipv6 = True
        case "-r":
            read.real_server = _value(word, rest)
        case "-w":
            read.weight = _value(word, rest)
        case "-x":
            read.upper = _value(word, rest)
        case "-y":
            read.lower = _value(word, rest)
        case "--tun-type":
            read.tunnel_type = TunnelType(_value(word, rest))
        case "--tun-port":
            read.tunnel_port = _number(_value(word, rest), 65535, "illegal tunnel port specified")
        case _:
            raise _UsageError(f"unexpected argument {word}")


def _value(option: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise _UsageError(f"ipvsadm: option requires an argument -- '{option.lstrip('-')}'")
    return value


def _number(text: str, maximum: int, complaint: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > maximum:
        raise _UsageError(complaint)
    return int(text)


def _service(read: _Words) -> VirtualServerKey:
    if read.protocol is not None:
        address, port = parse_endpoint(read.endpoint)
        return VirtualServerKey.of_endpoint(read.protocol, address, port)
    mark = _number(read.fwmark, 2**32 - 1, "illegal firewall mark specified")
    return VirtualServerKey.of_fwmark(mark, Family.INET6 if read.ipv6 else Family.INET)


def _setting(read: _Words) -> Setting:
    tunnel = None
    if read.forwarding is ForwardingMethod.TUNNEL:
        with_checksum = None if read.tunnel_type is TunnelType.IPIP else read.checksum or "nocsum"
        tunnel = Tunnel(read.tunnel_type, read.tunnel_port, with_checksum)
    return Setting(
        read.forwarding,
        _number(read.weight, 2**31 - 1, "illegal weight specified"),
        _number(read.upper, 2**32 - 1, "illegal u_threshold specified"),
        _number(read.lower, 2**32 - 1, "illegal l_threshold specified"),
        tunnel,
    )
