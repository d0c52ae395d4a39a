"""The kernel's IPVS table, as two lanes of reading know it.

`VirtualServer` and `RealServer` are what /proc/net/ip_vs shows to everybody. `VirtualServerDetail`,
`RealServerDetail` and `Counters` need CAP_NET_ADMIN (ipvsadm) and arrive at another cadence, so they stand beside the
table, keyed alike, and are None as a whole where nobody was allowed to ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lvstop.model.address import RealServerKey, VirtualServerKey


class ForwardingMethod(StrEnum):
    """How the director hands a packet on, spelled as ipvsadm lists it."""

    ROUTE = "Route"
    MASQ = "Masq"
    TUNNEL = "Tunnel"
    LOCAL = "Local"


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals since the kernel made the row (64 bit; they go with the row, so they may start again at 0)."""

    connections: int
    in_packets: int
    out_packets: int
    in_bytes: int
    out_bytes: int


@dataclass(frozen=True, slots=True)
class Rates:
    """`Counters` per second. Outgoing is 0 for Route and Tunnel: replies do not pass the director."""

    connections: float
    in_packets: float
    out_packets: float
    in_bytes: float
    out_bytes: float


@dataclass(frozen=True, slots=True)
class RealServer:
    """One destination of a virtual server in the kernel's table.

    Weight 0 takes no new connections (drained). ActiveConn counts ESTABLISHED and half-open TCP; UDP is always
    inactive.
    """

    key: RealServerKey
    forwarding: ForwardingMethod
    weight: int
    active_connections: int
    inactive_connections: int


@dataclass(frozen=True, slots=True)
class VirtualServer:
    """One service in the kernel's table.

    Attributes:
        persistent: persistence is on; its timeout may be unknown all the same.
        persistence_seconds: None where unknown: /proc tells jiffies, and the kernel's HZ may not be readable.
        persistence_prefix: how many leading bits of the client's address count as one client; None where not
            persistent, and where the mask is no prefix or the family of a firewall mark is unknown.
        one_packet: one-packet scheduling; None where the kernel does not show it (IPv6 in /proc/net/ip_vs).
    """

    key: VirtualServerKey
    scheduler: str
    persistent: bool
    persistence_seconds: int | None
    persistence_prefix: int | None
    one_packet: bool | None
    real_servers: tuple[RealServer, ...]


class TunnelType(StrEnum):
    """Encapsulation of the Tunnel forwarding method, as `ipvsadm --tun-type` spells it."""

    IPIP = "ipip"
    GUE = "gue"
    GRE = "gre"


@dataclass(frozen=True, slots=True)
class Tunnel:
    """Encapsulation of one real server.

    Attributes:
        port: destination port, GUE only.
        checksum: `nocsum`, `csum` or `remcsum`; None with ipip, which has no choice.
    """

    type: TunnelType
    port: int | None
    checksum: str | None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.type, self.port, self.checksum) if part is not None)


@dataclass(frozen=True, slots=True)
class RealServerDetail:
    """What only CAP_NET_ADMIN may read of a real server. Thresholds are connections; 0 means none is set.

    A field is None where the command that tells it failed; `tunnel` also with another forwarding method.
    """

    upper_threshold: int | None
    lower_threshold: int | None
    persistent_connections: int | None
    tunnel: Tunnel | None


@dataclass(frozen=True, slots=True)
class VirtualServerDetail:
    """What only CAP_NET_ADMIN may read of a virtual server.

    Attributes:
        scheduler_flags: e.g. `sh-fallback`, `sh-port`; empty where none is set.
        persistence_seconds: 0 where not persistent.
        persistence_prefix: None where not persistent.
        persistence_engine: e.g. `sip`, or None.
    """

    scheduler_flags: tuple[str, ...]
    persistence_seconds: int
    persistence_prefix: int | None
    persistence_engine: str | None
    one_packet: bool
    real_servers: Mapping[RealServerKey, RealServerDetail]


@dataclass(frozen=True, slots=True)
class VirtualServerCounters:
    """Counters of a virtual server and of each of its real servers."""

    total: Counters
    real_servers: Mapping[RealServerKey, Counters]


@dataclass(frozen=True, slots=True)
class VirtualServerRates:
    """Rates of a virtual server and of each of its real servers; a key that is missing has no rate yet."""

    total: Rates | None
    real_servers: Mapping[RealServerKey, Rates]


TableDetails = Mapping[VirtualServerKey, VirtualServerDetail]
TableCounters = Mapping[VirtualServerKey, VirtualServerCounters]
TableRates = Mapping[VirtualServerKey, VirtualServerRates]


class SyncRole(StrEnum):
    """Which way a connection synchronisation daemon works."""

    MASTER = "master"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class SyncDaemon:
    """A connection synchronisation daemon.

    `interface` and `sync_id` need CAP_NET_ADMIN; without it only the role shows, in the kernel thread's name.
    """

    role: SyncRole
    interface: str | None
    sync_id: int | None
