"""How ipvsadm names virtual and real servers, in listings and in rules (ipvsadm.c of ipvsadm 1.31)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey, parse_endpoint
from lvstop.probe.parse.numbers import read_unsigned

_FWMARK_MAXIMUM: Final = 2**32 - 1
_KEYS: Final = 20_000
"""So many names are known again, those of a large table and more: listings come every few seconds and say the same."""


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row of a listing: a virtual server's with its key, or a real server's; `words` is what follows."""

    virtual_server: VirtualServerKey | None
    real_server: RealServerKey | None
    words: list[str]


def read_fwmark(text: str) -> int | None:
    """A firewall mark. ipvsadm prints the unsigned number as a signed one: 4294967295 shows as -1."""
    value = read_unsigned(text.removeprefix("-"), _FWMARK_MAXIMUM)
    if value is None or not text.startswith("-"):
        return value
    return 2**32 - value if 1 <= value <= 2**31 else None


@lru_cache(_KEYS)
def read_real_server(text: str) -> RealServerKey | None:
    """`10.9.0.11:80` or `[2001:db8::11]:80`."""
    try:
        return RealServerKey.of(*parse_endpoint(text))
    except ValueError:
        return None


@lru_cache(_KEYS)
def read_virtual_server(protocol: Protocol, text: str) -> VirtualServerKey | None:
    """A TCP, UDP or SCTP virtual server's endpoint."""
    try:
        return VirtualServerKey.of_endpoint(protocol, *parse_endpoint(text))
    except ValueError:
        return None


def read_row(line: str) -> ListedRow | None:
    """A row of `ipvsadm -Ln` with any columns; None where it is neither a virtual nor a real server."""
    words = line.split()
    if len(words) < 3:
        return None
    if line.startswith("  -> "):
        real_server = read_real_server(words[1])
        return None if real_server is None else ListedRow(None, real_server, words[2:])
    if line[:1].isspace():
        return None
    if words[0] == "FWM":
        fwmark = read_fwmark(words[1])
        if fwmark is None:
            return None
        ipv6 = words[2] == "IPv6"
        key = VirtualServerKey.of_fwmark(fwmark, Family.INET6 if ipv6 else Family.INET)
        return ListedRow(key, None, words[3 if ipv6 else 2 :])
    if words[0] not in ("TCP", "UDP", "SCTP"):
        return None
    virtual_server = read_virtual_server(Protocol(words[0]), words[1])
    return None if virtual_server is None else ListedRow(virtual_server, None, words[2:])
