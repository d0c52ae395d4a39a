"""A cluster: its directors put side by side, and what follows from that."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lvstop.model.address import IPAddress
from lvstop.model.alert import Alert
from lvstop.model.change import Change
from lvstop.model.director import DirectorSnapshot
from lvstop.model.event import Event
from lvstop.model.failover import Failover


class Health(StrEnum):
    """One word for a cluster. `unknown` is never better than what is known: it hides nothing and promises nothing."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


WORST_FIRST = (Health.CRITICAL, Health.UNKNOWN, Health.WARNING, Health.OK)
"""What is not known is worse than what is known to need a look."""


@dataclass(frozen=True, slots=True)
class VipHolding:
    """A virtual IP address and who holds it in the kernel.

    Attributes:
        instance: the VRRP instance that claims it; None where keepalived could not be asked.
        holders: names of the directors that have the address on an interface now.
        unknown_on: names of the directors of which nobody can tell (unreachable, stale).
        since: the holder's last VRRP transition, where keepalived told it.
    """

    address: IPAddress
    instance: str | None
    holders: tuple[str, ...]
    unknown_on: tuple[str, ...]
    since: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSnapshot:
    """One cluster at one moment.

    Attributes:
        changes: what is on record as begun or standing, from the directors and from the operator's own machine, the
            oldest first.
        failovers: the same of failovers: those that were begun, and levers that are held.
        moving: as alerts name them, virtual addresses that came or went a moment ago, and VRRP instances that changed
            their state or are those of such an address: what was read of them may not be of the same moment, and is
            judged with patience.
    """

    name: str
    generated_at: datetime
    directors: tuple[DirectorSnapshot, ...]
    vips: tuple[VipHolding, ...] = ()
    alerts: tuple[Alert, ...] = ()
    events: tuple[Event, ...] = ()
    changes: tuple[Change, ...] = ()
    failovers: tuple[Failover, ...] = ()
    health: Health = Health.UNKNOWN
    moving: frozenset[str] = frozenset()
