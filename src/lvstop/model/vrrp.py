"""VRRP as keepalived tells it, or as it can be inferred where keepalived cannot be asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lvstop.model.address import IPAddress


class VrrpState(StrEnum):
    """State of an instance (keepalived `vrrp.h`; 0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT, 97 DELETED, 98 STOP)."""

    INIT = "INIT"
    BACKUP = "BACKUP"
    MASTER = "MASTER"
    FAULT = "FAULT"
    DELETED = "DELETED"
    STOP = "STOP"


class VrrpSource(StrEnum):
    """Who said so. `inferred` means that the kernel's addresses were looked at, not that keepalived was asked."""

    KEEPALIVED = "keepalived"
    DBUS = "dbus"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class VirtualAddress:
    """An address that an instance claims when MASTER.

    Attributes:
        prefix_length: as configured; 32 or 128 where keepalived prints none.
        interface: where it is to be set; None where unknown.
    """

    address: IPAddress
    prefix_length: int | None
    interface: str | None


@dataclass(frozen=True, slots=True)
class AdvertErrors:
    """Adverts that keepalived refused, by reason; since its start. Any growth means that the two sides disagree."""

    packet_length: int
    advert_interval: int
    ttl: int
    invalid_type: int
    address_list: int
    invalid_auth_type: int
    auth_type_mismatch: int
    auth_failure: int


@dataclass(frozen=True, slots=True)
class VrrpCounters:
    """VRRP statistics of one instance since keepalived's start."""

    adverts_received: int
    adverts_sent: int
    became_master: int
    released_master: int
    priority_zero_received: int
    priority_zero_sent: int
    errors: AdvertErrors


@dataclass(frozen=True, slots=True)
class AdvertRates:
    """VRRP adverts of one instance per second; about 1 / advert_interval sent by the master, received by the backup."""

    received: float
    sent: float


@dataclass(frozen=True, slots=True)
class VrrpInstance:
    """One VRRP instance of one director.

    Attributes:
        name: None only where inferred: the kernel does not know it.
        state: None where it cannot be told: without an address BACKUP and FAULT look alike.
        priority: base priority as configured.
        effective_priority: after what trackers add and subtract.
        master_priority: of the last other master that was accepted; 0 where there was none since its start.
        preempt: False is `nopreempt`.
        advert_interval: seconds.
        vips_set: keepalived believes that it has set the addresses; the kernel may disagree.
        unicast_peers: the addresses that its adverts are sent to; empty where they are multicast. None where unknown:
            only the data dump tells.
    """

    name: str | None
    state: VrrpState | None
    source: VrrpSource
    vips: tuple[VirtualAddress, ...]
    wanted_state: VrrpState | None = None
    vrid: int | None = None
    version: int | None = None
    interface: str | None = None
    priority: int | None = None
    effective_priority: int | None = None
    master_priority: int | None = None
    preempt: bool | None = None
    preempt_delay: float | None = None
    advert_interval: float | None = None
    last_transition: datetime | None = None
    sync_group: str | None = None
    vips_set: bool | None = None
    unicast_peers: tuple[IPAddress, ...] | None = None
    counters: VrrpCounters | None = None


@dataclass(frozen=True, slots=True)
class SyncGroup:
    """A vrrp_sync_group: its instances change state together.

    Attributes:
        tracking_weight: `sync_group_tracking_weight`: trackers with a weight count for its members; else only those
            without one do. None where unknown.
    """

    name: str
    state: VrrpState | None
    instances: tuple[str, ...]
    tracking_weight: bool | None = None


@dataclass(frozen=True, slots=True)
class VrrpTrackFile:
    """A track file that VRRP instances or sync groups track (man 5 keepalived.conf, track_file).

    Attributes:
        path: None where keepalived's dump did not tell it.
        status: the number in it, as keepalived last read it; None where unknown.
        instances: names of those that track it by themselves, each with the weight that its number is multiplied with;
            negative where reversed, 0 where any other number than 0 is a FAULT.
        groups: the same of sync groups.
    """

    name: str
    path: str | None
    status: int | None
    instances: tuple[tuple[str, int], ...]
    groups: tuple[tuple[str, int], ...]
