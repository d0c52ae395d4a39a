"""Addresses in the kernel: from iproute2, and from the two /proc files that cost no process."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from lvstop.model.host import InterfaceAddress
from lvstop.plain import plain_values
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_hex

_INTERFACE_NAME_LIMIT = 15


def parse_ip_addr_json(text: str) -> Parsed[tuple[InterfaceAddress, ...]]:
    """`ip -j addr` (iproute2 `ip/ipaddress.c`): every address with its interface."""
    log = IssueLog("ip -j addr")
    try:
        links = json.loads(text, object_hook=plain_values)
    except (ValueError, RecursionError) as error:
        log.add(0, text, f"not JSON: {error}")
        return Parsed((), log.result())
    if not isinstance(links, list):
        log.add(0, text, "expected a list of interfaces")
        return Parsed((), log.result())
    found: list[InterfaceAddress] = []
    for link in links:
        if link == {}:  # iproute2 prints an empty object where a filter left nothing of a link
            continue
        found.extend(_link_addresses(link, log))
    return Parsed(tuple(found), log.result())


def _link_addresses(link: object, log: IssueLog) -> Iterator[InterfaceAddress]:
    name = link.get("ifname") if isinstance(link, dict) else None
    entries = link.get("addr_info", []) if isinstance(link, dict) else None
    if not isinstance(name, str) or not isinstance(entries, list):
        log.add(0, repr(link), "expected an interface with ifname and addr_info")
        return
    for entry in entries:
        local = entry.get("local") if isinstance(entry, dict) else None
        length = entry.get("prefixlen") if isinstance(entry, dict) else None
        try:
            address = ip_address(local) if isinstance(local, str) else None
        except ValueError:
            address = None
        if address is None or not isinstance(length, int) or not 0 <= length <= address.max_prefixlen:
            log.add(0, repr(entry), f"expected an address of {name} with local and prefixlen")
            continue
        yield InterfaceAddress(address, length, name)


def parse_fib_trie(text: str) -> Parsed[frozenset[IPv4Address]]:
    """/proc/net/fib_trie (net/ipv4/fib_trie.c): the IPv4 addresses of this host, in whichever routing table.

    An address of the host is a leaf `|-- A.B.C.D` with a `/32 host LOCAL` below it. Interfaces are not told.
    """
    log = IssueLog("/proc/net/fib_trie")
    found: set[IPv4Address] = set()
    leaf = ""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words:
            continue
        if words[0] == "|--":
            leaf = words[1] if len(words) == 2 else ""
            if not leaf:
                log.add(number, line, "expected one address of a leaf")
        elif words == ["/32", "host", "LOCAL"]:
            try:
                found.add(IPv4Address(leaf))
            except ValueError:
                log.add(number, line, "belongs to no leaf with an address")
        elif not (words[0] == "+--" or words[0].startswith("/") or line.endswith(":")):
            log.add(number, line, "expected a table, a node, a leaf or a route")
    return Parsed(frozenset(found), log.result())


def parse_if_inet6(text: str) -> Parsed[tuple[InterfaceAddress, ...]]:
    """/proc/net/if_inet6 (net/ipv6/addrconf.c): address, index, prefix length, scope, flags (all hex), interface."""
    log = IssueLog("/proc/net/if_inet6")
    found: list[InterfaceAddress] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words:
            continue
        address = read_hex(words[0], 32) if len(words) == 6 and len(words[0]) == 32 else None
        length = read_hex(words[2], 2) if len(words) == 6 else None
        if address is None or length is None or length > 128 or len(words[5]) > _INTERFACE_NAME_LIMIT:
            log.add(number, line, "expected an address, four hexadecimal fields and an interface")
            continue
        found.append(InterfaceAddress(IPv6Address(address), length, words[5]))
    return Parsed(tuple(found), log.result())
