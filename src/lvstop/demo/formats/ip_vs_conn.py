"""The rows of /proc/net/ip_vs_conn_sync (`ip_vs_conn_sync_seq_show` in ip_vs_conn.c of Linux), as values.

The world counts connections and knows no clients: who they are is made up here, always the same ones, of whom few have
many connections and many have few.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple
from zlib import crc32

from lvstop.demo.world.connections import Entries, EntryKind
from lvstop.demo.world.table import Destination, Service, Table
from lvstop.model.address import IPAddress, Protocol, RealServerKey
from lvstop.model.ipvs import ForwardingMethod

_CLIENTS: Final = 1500
_NETWORK: Final = 250
"""Clients in one network."""

_FIRST: Final = {4: int(IPv4Address("10.8.0.1")), 6: int(IPv6Address("2001:db8:8::1"))}
_NETWORKS_APART: Final = {4: 1 << 8, 6: 1 << 64}


class ConnectionEntry(NamedTuple):
    """One row.

    Attributes:
        service: whose it is; a row itself does not say so.
        client: of a template the address as well: the world knows no persistence networks.
        state: the kernel's word.
        synced: its origin is SYNC, and not LOCAL.
        expires: seconds.
    """

    service: Service
    client: IPAddress
    real_server: RealServerKey
    state: str
    synced: bool
    expires: int
    template: bool


def connection_entries(table: Table, now: float) -> Iterator[ConnectionEntry]:
    """All of them, one after the other: there may be a great many. `now`: the world's seconds."""
    for service in tuple(table.services):
        for destination in (*service.destinations, *service.trash.values()):
            for entries in destination.connections.entries(now, float(service.persistence_seconds or 0)):
                for number in range(entries.number):
                    yield _entry(service, destination, entries, number)


def _entry(service: Service, destination: Destination, entries: Entries, number: int) -> ConnectionEntry:
    chance = crc32(f"{destination.key} {entries.kind} {entries.most:.0f} {number}".encode()) / 2**32
    left = entries.least + (entries.most - entries.least) * chance
    return ConnectionEntry(
        service,
        _client(destination.key.address, chance),
        destination.key,
        _state(service, destination, entries.kind),
        entries.synced,
        max(0, int(left)),
        entries.kind is EntryKind.TEMPLATE,
    )


def _client(server: IPAddress, chance: float) -> IPAddress:
    """Of the server's family; the first ones have most connections."""
    network, place = divmod(int(_CLIENTS * chance**3), _NETWORK)
    number = _FIRST[server.version] + network * _NETWORKS_APART[server.version] + place
    return IPv4Address(number) if server.version == 4 else IPv6Address(number)


def _state(service: Service, destination: Destination, kind: EntryKind) -> str:
    if kind is EntryKind.TEMPLATE:
        return "ASSURED"
    if service.key.protocol is Protocol.UDP:
        return "UDP"
    if kind is EntryKind.HALF_OPEN:
        return "SYN_RECV"
    if kind is EntryKind.ESTABLISHED:
        return "ESTABLISHED"
    # who sees both directions sees the end of both
    return "TIME_WAIT" if destination.forwarding is ForwardingMethod.MASQ else "FIN_WAIT"
