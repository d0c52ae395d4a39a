"""Addresses and virtual servers as /proc/net/ip_vs* writes them (ip_vs_ctl.c, ip_vs_conn.c), in words."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from lvstop.model.address import Family, IPAddress, Protocol, VirtualServerKey
from lvstop.probe.parse.keepalived_words import read_address
from lvstop.probe.parse.numbers import read_hex

_FAMILIES: Final = {"inet": Family.INET, "inet6": Family.INET6, "?": None}


def read_server(words: Sequence[str]) -> VirtualServerKey | None:
    """Protocol, address and port, or `FWM`, mark and family; None where it is neither."""
    if len(words) != 3:
        return None
    protocol, where, rest = words
    if protocol == "FWM":
        mark = read_hex(where, 8)
        return None if mark is None or rest not in _FAMILIES else VirtualServerKey.of_fwmark(mark, _FAMILIES[rest])
    address, port = read_proc_address(where), read_hex(rest, 4)
    if protocol not in ("TCP", "UDP", "SCTP") or address is None or port is None:
        return None
    return VirtualServerKey.of_endpoint(Protocol(protocol), address, port)


def read_proc_address(text: str) -> IPAddress | None:
    """`AC1A7F14`, or all 39 characters of an IPv6 address."""
    if ":" in text:
        address = read_address(text)
        return address if isinstance(address, IPv6Address) else None
    number = read_hex(text, 8)
    return None if number is None or len(text) != 8 else IPv4Address(number)


def proc_address(address: IPAddress) -> str:
    """As /proc writes it."""
    return f"{int(address):08X}" if address.version == 4 else address.exploded


def server_words(key: VirtualServerKey) -> tuple[str, str, str]:
    """What `read_server` reads."""
    if key.address is None:
        return ("FWM", f"{key.fwmark or 0:08X}", key.family or "?")
    return (key.protocol, proc_address(key.address), f"{key.port or 0:04X}")
