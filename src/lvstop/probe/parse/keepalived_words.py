"""What keepalived's dumps have in common: states, endpoints, times (vrrp.h, vrrp_ipaddress.c of keepalived)."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from lvstop.model.address import IPAddress, RealServerKey
from lvstop.model.vrrp import VirtualAddress, VrrpState
from lvstop.probe.parse.numbers import read_unsigned

STATES: Final = {
    0: VrrpState.INIT,
    1: VrrpState.BACKUP,
    2: VrrpState.MASTER,
    3: VrrpState.FAULT,
    97: VrrpState.DELETED,
    98: VrrpState.STOP,
}
"""States by the number that JSON, D-Bus and SNMP use."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = 253_402_300_799
"""The last second that a datetime can hold."""


def read_epoch(seconds: float) -> datetime | None:
    """The moment `seconds` after the epoch. None for 0, which means never, and for what is no moment."""
    if not 0 < seconds <= _LATEST:
        return None
    return _EPOCH + timedelta(seconds=seconds)


def read_address(text: str) -> IPAddress | None:
    """The address that `text` says, or None; one that needs an interface to be one is none."""
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def read_port(text: str) -> int | None:
    """The port that `text` says (0–65535), or None."""
    return read_unsigned(text, 65535)


def read_endpoint(address_text: str, port_text: str) -> RealServerKey | None:
    """Address and port, or None where either is none."""
    address, port = read_address(address_text), read_port(port_text)
    return None if address is None or port is None else RealServerKey.of(address, port)


def read_virtual_address(text: str) -> VirtualAddress | None:
    """`10.9.0.200/24 brd … dev eth0 scope global … set`: address and interface; None where it has no address.

    Without a prefix length it is a host address. Of a VMAC's `dev vrrp.33@eth0` the part before the @ is the interface.
    """
    words = text.split()
    if not words:
        return None
    host, slash, length_text = words[0].partition("/")
    try:
        address = ip_address(host)
    except ValueError:
        return None
    length = read_unsigned(length_text, address.max_prefixlen) if slash else address.max_prefixlen
    if length is None:
        return None
    interface = None
    if "dev" in words[1:-1]:
        name = words[words.index("dev", 1) + 1].partition("@")[0]
        # keepalived's own ways to say that there is no such interface (yet).
        interface = None if name in ("", "(null)", "(none)") else name
    return VirtualAddress(address, length, interface)
