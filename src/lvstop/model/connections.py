"""Entries of the kernel's connection table, counted: never one by one, for there may be a million of them.

Source: net/netfilter/ipvs/ip_vs_conn.c of Linux (/proc/net/ip_vs_conn, /proc/net/ip_vs_conn_sync). An entry is a
connection, or a persistence template: what binds a client to a real server. A template has no client port, and the
state NONE or ASSURED; a connection of FTP that is only expected looks the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from lvstop.model.address import IPAddress, RealServerKey, VirtualServerKey, format_endpoint
from lvstop.model.director import Fault

Network = IPv4Network | IPv6Network

EXPIRY_STEPS = (10, 60, 300, 900)
"""Seconds within which entries end; what takes longer is a step of its own."""

COUNTED_EACH = 20_000
"""So many clients, and networks of clients, are counted each on a director."""


@dataclass(frozen=True, slots=True)
class ConnectionScope:
    """Which entries are meant: those of a virtual server, those to a real server, or those for which both is true.

    Attributes:
        virtual_server: None: of whichever.
        address, port: of the real server. No address: of whichever; no port: on whichever.
    """

    virtual_server: VirtualServerKey | None = None
    address: IPAddress | None = None
    port: int | None = None

    @classmethod
    def of_row(cls, server: VirtualServerKey, real: RealServerKey | None) -> "ConnectionScope":
        """A row of the table. Entries to a real server without a port have the port that their client asked for."""
        return cls(server) if real is None else cls(server, real.address, real.port or None)

    def __str__(self) -> str:
        real = self.address if self.address is None or self.port is None else format_endpoint(self.address, self.port)
        return " of ".join(str(each) for each in (real, self.virtual_server) if each is not None)


@dataclass(frozen=True, slots=True)
class EntryCount:
    """Connections, or templates.

    Attributes:
        number: how many there are.
        local, synced: of them, those that began here, and those that the other director's sync daemon has told; None
            where this kernel does not tell them apart.
        ending: of them, those that end within each of `EXPIRY_STEPS` but not before, and at last the others. A packet
            makes an entry begin its time anew, so that this is what comes if nobody sends any more.
        longest: seconds until the last one ends; None where there is none.
    """

    number: int = 0
    local: int | None = 0
    synced: int | None = 0
    ending: tuple[int, ...] = (0,) * (len(EXPIRY_STEPS) + 1)
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class ServerCount:
    """Entries that lead from one virtual server to one real server.

    Attributes:
        virtual_server: None where nobody can tell which one it is.
        active, inactive: connections as ActiveConn and InActConn count them (ip_vs_proto_tcp.c: ESTABLISHED and SYN_*).
    """

    virtual_server: VirtualServerKey | None
    real_server: RealServerKey
    active: int
    inactive: int
    templates: int


@dataclass(frozen=True, slots=True)
class ClientCount:
    """Connections of one client, or of one network of clients.

    Attributes:
        network: of a single client one of a single address.
        concealed: it is one client of this network: its address was masked.
    """

    network: Network
    connections: int
    concealed: bool = False


@dataclass(frozen=True, slots=True)
class Talkers:
    """Who has most connections.

    Attributes:
        greatest: in order, as many as were told.
        distinct: how many clients or networks there are; None where there were too many to be counted each.
        too_low: by how much each number of `greatest` may be too low; 0 where it is exact.
    """

    greatest: tuple[ClientCount, ...] = ()
    distinct: int | None = 0
    too_low: int = 0


class Reach(StrEnum):
    """How far the table was read."""

    WHOLE = "whole"
    TOO_MANY = "too-many"
    """As many entries as may be read at once."""
    STOPPED = "stopped"
    """By the operator, or because it took too long."""


@dataclass(frozen=True, slots=True)
class ConnectionCounts:
    """What one director's table says of a scope. It is read while it changes: an entry may be missed, or met twice.

    Attributes:
        read: entries of the whole table that were looked at.
        reach: whether these were all.
        states: connections by the kernel's word for their state.
        clients, networks: /24 of IPv4, /64 of IPv6.
        servers: where they lead.
        servers_left_out: entries that lead elsewhere.
        unplaced: entries that belong to this virtual server or to another one: firewall marks share a real server.
        odd: lines that were not understood.
    """

    read: int
    reach: Reach
    connections: EntryCount = field(default_factory=EntryCount)
    templates: EntryCount = field(default_factory=EntryCount)
    states: Mapping[str, int] = field(default_factory=dict)
    clients: Talkers = field(default_factory=Talkers)
    networks: Talkers = field(default_factory=Talkers)
    servers: tuple[ServerCount, ...] = ()
    servers_left_out: int = 0
    unplaced: int = 0
    odd: int = 0


@dataclass(frozen=True, slots=True)
class Counting:
    """How far the counting on one director is.

    Attributes:
        read: entries so far.
        seconds: how long it has been going on, or took.
        at: when it ended, by the operator's clock; None before that.
        counts: what came of it; None before it has ended, and where it cannot be done.
        fault: why it cannot be done.
    """

    director: str
    read: int = 0
    seconds: float = 0.0
    at: datetime | None = None
    counts: ConnectionCounts | None = None
    fault: Fault | None = None

    @property
    def over(self) -> bool:
        """Nothing more will come."""
        return self.counts is not None or self.fault is not None


def single(address: IPAddress) -> Network:
    """The network of one address."""
    return ip_network(address)
