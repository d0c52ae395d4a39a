"""Addresses of the host: `ip -j addr` (iproute2), /proc/net/fib_trie and /proc/net/if_inet6 (Linux)."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Final

from lvstop.demo.world.address_log import AddressChange
from lvstop.demo.world.conf import AddressConf
from lvstop.demo.world.host import Interface

_FOREVER: Final = 4294967295
_LOOPBACK: Final = "lo"
_HOST, _LINK, _GLOBAL = 0x10, 0x20, 0x00


def ip_addr_json(interfaces: Sequence[Interface]) -> str:
    """Every interface with its addresses, in the order in which they were set."""
    return json.dumps([_link(each) for each in interfaces], separators=(",", ":")) + "\n"


def _link(interface: Interface) -> dict[str, object]:
    loopback = interface.name == _LOOPBACK
    up = interface.up
    flags = ["LOOPBACK", "UP", "LOWER_UP"] if loopback else ["BROADCAST", "MULTICAST", "UP"]
    if not loopback:
        flags = [*flags, "LOWER_UP"] if up else ["NO-CARRIER", *flags]
    return {
        "ifindex": interface.index,
        "ifname": interface.name,
        "flags": flags,
        "mtu": interface.mtu,
        "qdisc": "noqueue" if loopback else "fq_codel",
        "operstate": "UNKNOWN" if loopback else "UP" if up else "DOWN",
        "group": "default",
        "txqlen": 1000,
        "link_type": "loopback" if loopback else "ether",
        "address": interface.mac,
        "broadcast": "00:00:00:00:00:00" if loopback else "ff:ff:ff:ff:ff:ff",
        "addr_info": [_address(interface, each) for each in interface.addresses],
    }


def _address(interface: Interface, each: AddressConf) -> dict[str, object]:
    told: dict[str, object] = {
        "family": "inet" if each.address.version == 4 else "inet6",
        "local": str(each.address),
        "prefixlen": each.prefix_length,
    }
    if each.address.version == 4 and not each.address.is_loopback and each.prefix_length < 31:
        told["broadcast"] = str(_network(each.address, each.prefix_length).broadcast_address)
    told["scope"] = {_HOST: "host", _LINK: "link", _GLOBAL: "global"}[_scope(each)]
    if each.address.version == 4:
        told["label"] = interface.name
    return {**told, "valid_life_time": _FOREVER, "preferred_life_time": _FOREVER}


def _scope(each: AddressConf) -> int:
    if each.address.is_loopback:
        return _HOST
    return _LINK if each.address.version == 6 and each.address.is_link_local else _GLOBAL


def _network(address: IPv4Address, prefix_length: int) -> IPv4Network:
    return IPv4Network((address, prefix_length), strict=False)


def ip_monitor_line(epoch: float, change: AddressChange) -> str:
    """`[2026-11-25T16:37:15.232088] Deleted 3: ens3    inet 10.9.0.200/24 scope global ens3\\ …`."""
    when = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    each = change.address
    four = each.address.version == 4
    place = f"{'inet' if four else 'inet6'} {each.address}/{each.prefix_length}"
    scope = {_HOST: "host", _LINK: "link", _GLOBAL: "global"}[_scope(each)]
    flags = f"{change.interface}" if four else ""
    return (
        f"[{when}] {'' if change.added else 'Deleted '}{change.index}: {change.interface}    {place} scope {scope} "
        f"{flags}\\       valid_lft forever preferred_lft forever"
    )


def if_inet6_lines(interfaces: Sequence[Interface]) -> list[str]:
    """IPv6 addresses: number, interface's index, prefix length, scope, flags (permanent), interface."""
    return [
        f"{int(each.address):032x} {interface.index:02x} {each.prefix_length:02x} {_scope(each):02x} 80 "
        f"{interface.name:>8}"
        for interface in interfaces
        for each in interface.addresses
        if isinstance(each.address, IPv6Address)
    ]


def fib_trie_lines(interfaces: Sequence[Interface]) -> list[str]:
    """Leaves of the routing tries. The kernel puts more nodes between root and leaves; no address depends on them."""
    routes: dict[IPv4Address, list[str]] = {}
    for interface in interfaces:
        for each in interface.addresses:
            if isinstance(each.address, IPv4Address):
                for leaf, route in _routes(each.address, each.prefix_length):
                    known = routes.setdefault(leaf, [])
                    if route not in known:
                        known.append(route)
    below = [
        line
        for leaf in sorted(routes)
        for line in (f"     |-- {leaf}", *(f"        {route}" for route in routes[leaf]))
    ]
    root = f"  +-- 0.0.0.0/0 3 0 {max(0, 8 - len(routes))}"
    return ["Main:", root, *below, "Local:", root, *below]


def _routes(address: IPv4Address, prefix_length: int) -> Iterator[tuple[IPv4Address, str]]:
    network = _network(address, prefix_length)
    if prefix_length < 32:
        yield network.network_address, f"/{prefix_length} {'host LOCAL' if address.is_loopback else 'link UNICAST'}"
    yield address, "/32 host LOCAL"
    if prefix_length < 31:
        yield network.broadcast_address, "/32 link BROADCAST"
