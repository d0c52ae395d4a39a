"""What a director is asked for one failover only: too dear, or too loud in its log, to be read all the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lvstop.model.address import VirtualServerKey
from lvstop.model.director import Lack
from lvstop.model.vrrp import VrrpState


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A director's clock against the operator's: seconds that it is ahead, ± error (half of the round trip)."""

    ahead: float
    error: float


@dataclass(frozen=True, slots=True)
class ConfigCheck:
    """What `keepalived -t` says of the configuration files as they are now.

    Attributes:
        valid: exit status 0 (keepalived(8): 0 is a usable configuration).
        said: its complaints, a line each, without secrets.
    """

    valid: bool
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectionCount:
    """Entries of the connection table of one virtual server that are active (ip_vs_proto_tcp.c: ESTABLISHED, SYN_*).

    Attributes:
        local: of its own; synced: brought by the sync daemon (origin SYNC of /proc/net/ip_vs_conn_sync).
        templates: persistence templates, of either origin.
    """

    local: int
    synced: int
    templates: int


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """A `priority` line of a vrrp_instance: where it stands and what it says."""

    instance: str
    path: str
    line_number: int
    priority: int


@dataclass(frozen=True, slots=True)
class Transition:
    """An instance has entered a state, by keepalived's own log."""

    instance: str
    state: VrrpState
    at: datetime


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """keepalived's service.

    Attributes:
        unit: its name; None where no service manager knows it, so that it cannot be stopped and started by one.
        active: it runs under the service manager.
        enabled: it would be started at boot; None where that cannot be told.
    """

    unit: str | None
    active: bool
    enabled: bool | None


@dataclass(frozen=True, slots=True)
class Sounding:
    """One director, asked just now. A field is None where it could not be read; `lacks` says why.

    Attributes:
        asked_at: by the operator's clock, when the first question was asked; the last answer came `took` seconds later.
        adverts_received: how many more adverts each instance counted within `adverts_seconds`, by its name.
        arp: settings of ARP by their sysctl name, e.g. `net.ipv4.conf.ens3.arp_ignore`.
        connections: by virtual server.
        transitions: of the last ten minutes, the oldest first.
        reloading: keepalived is taking over a new configuration now.
    """

    director: str
    asked_at: datetime
    took: float
    clock: ClockReading | None = None
    configuration: ConfigCheck | None = None
    adverts_received: Mapping[str, int] | None = None
    adverts_seconds: float | None = None
    arp: Mapping[str, int] | None = None
    connections: Mapping[VirtualServerKey, ConnectionCount] | None = None
    priority_lines: tuple[PriorityLine, ...] | None = None
    transitions: tuple[Transition, ...] | None = None
    reloading: bool | None = None
    service: ServiceStatus | None = None
    lacks: tuple[Lack, ...] = ()
