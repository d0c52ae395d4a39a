"""What a director tells while addresses move.

`stamp` is in seconds since the epoch by the director's own clock: how that is to be read is for who compares directors.
"""

from dataclasses import dataclass

from lvstop.model.address import IPAddress
from lvstop.model.vrrp import VrrpState


@dataclass(frozen=True, slots=True)
class AddressMoved:
    """The kernel has added an address to an interface, or taken it away. IPv6 tells of one more than once."""

    address: IPAddress
    interface: str
    added: bool
    stamp: float


@dataclass(frozen=True, slots=True)
class InstanceEntered:
    """keepalived's log: an instance has entered a state."""

    instance: str
    state: VrrpState
    stamp: float


@dataclass(frozen=True, slots=True)
class PriorityMoved:
    """keepalived's log: trackers have changed an instance's effective priority."""

    instance: str
    priority: int
    stamp: float


@dataclass(frozen=True, slots=True)
class GratuitousArp:
    """keepalived's log: it tells its neighbours who has an address now (ARP, or an unsolicited neighbour advert).

    Only a keepalived that logs in detail (`-D`) says so, and several times for each address.
    """

    address: IPAddress
    interface: str
    stamp: float


@dataclass(frozen=True, slots=True)
class DaemonStopped:
    """keepalived's log: all of it has stopped."""

    stamp: float


Move = AddressMoved | InstanceEntered | PriorityMoved | GratuitousArp | DaemonStopped


@dataclass(frozen=True, slots=True)
class Pulse:
    """Totals of all virtual servers together, at once and not smoothed, since ip_vs was loaded or zeroed."""

    connections: int
    in_packets: int
