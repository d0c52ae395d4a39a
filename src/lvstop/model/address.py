"""Addresses, ports and the keys by which virtual and real servers are told apart."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Self

IPAddress = IPv4Address | IPv6Address


class Family(StrEnum):
    """Address family, in the words of keepalived and iproute2."""

    INET = "inet"
    INET6 = "inet6"

    @classmethod
    def of(cls, address: IPAddress) -> Self:
        """The family of `address`."""
        return cls("inet" if address.version == 4 else "inet6")


class Protocol(StrEnum):
    """What a virtual server is known by: a transport protocol and endpoint, or a firewall mark."""

    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"
    FWM = "FWM"


def format_endpoint(address: IPAddress, port: int) -> str:
    """`10.0.0.1:80` or `[2001:db8::1]:80`."""
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def parse_endpoint(text: str) -> tuple[IPAddress, int]:
    """Read what `format_endpoint` writes.

    Raises:
        ValueError: where `text` is not an address and a port of 0–65535.
    """
    host, separator, port_text = text.rpartition(":")
    if not separator or not (port_text.isascii() and port_text.isdecimal()) or len(port_text) > 5:
        raise ValueError(f"{text!r} is not ADDRESS:PORT")
    port = int(port_text)
    if port > 65535:
        raise ValueError(f"{text!r}: {port} is not a port")
    bracketed = host.startswith("[") and host.endswith("]")
    address = ip_address(host[1:-1] if bracketed else host)
    if bracketed is not (address.version == 6):
        raise ValueError(f"{text!r}: an IPv6 address, and only that, is written in brackets")
    return address, port


@dataclass(frozen=True, slots=True)
class RealServerKey:
    """A real server within its virtual server. Port 0 is the port that the client asked for."""

    address: IPAddress
    port: int
    # rows are looked up by their keys thousands of times a second, and an address computes its hash each time
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the hash once."""
        object.__setattr__(self, "_hash", hash((self.address, self.port)))

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def of(cls, address: IPAddress, port: int) -> "RealServerKey":
        """The key; mostly the same object each time: tables are compared by keys, and identity is the fast answer."""
        return _real_server_key(address, port)

    def __str__(self) -> str:
        return format_endpoint(self.address, self.port)

    @property
    def sort_key(self) -> tuple[int, int, int]:
        """IPv4 before IPv6, then by number; the kernel's own order is not stable."""
        return (self.address.version, int(self.address), self.port)


@dataclass(frozen=True, slots=True)
class VirtualServerKey:
    """A virtual server's identity in the kernel: protocol, address and port, or firewall mark and family.

    `family` is None only for a firewall mark whose family nobody could tell: /proc/net/ip_vs does not say it.
    """

    protocol: Protocol
    address: IPAddress | None
    port: int | None
    fwmark: int | None
    family: Family | None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the hash once."""
        object.__setattr__(self, "_hash", hash((self.protocol, self.address, self.port, self.fwmark, self.family)))

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def of_endpoint(cls, protocol: Protocol, address: IPAddress, port: int) -> "VirtualServerKey":
        """The key of a TCP, UDP or SCTP virtual server; mostly the same object each time, as `RealServerKey.of`."""
        return _virtual_server_key(protocol, address, port)

    @classmethod
    def of_fwmark(cls, fwmark: int, family: Family | None) -> Self:
        """The key of a virtual server on a firewall mark (0–4294967295)."""
        return cls(Protocol.FWM, None, None, fwmark, family)

    def __str__(self) -> str:
        if self.address is not None and self.port is not None:
            return f"{self.protocol}:{format_endpoint(self.address, self.port)}"
        suffix = ":inet6" if self.family is Family.INET6 else ""
        return f"{self.protocol}:{self.fwmark}{suffix}"

    @property
    def sort_key(self) -> tuple[int, int, int, int, str, str]:
        """By address, port and protocol; firewall marks last."""
        if self.address is None:
            return (9, self.fwmark or 0, 0, 0, self.protocol, self.family or "")
        return (self.address.version, int(self.address), self.port or 0, 0, self.protocol, "")


_KEPT = 50_000
"""Keys that are known again: those of some large tables."""


@lru_cache(_KEPT)
def _real_server_key(address: IPAddress, port: int) -> RealServerKey:
    return RealServerKey(address, port)


@lru_cache(_KEPT)
def _virtual_server_key(protocol: Protocol, address: IPAddress, port: int) -> VirtualServerKey:
    return VirtualServerKey(protocol, address, port, None, Family.of(address))
