"""What happened when, by a stopwatch that says how exact it is. Values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lvstop.model.address import IPAddress


class Mark(StrEnum):
    """What a moment is of."""

    LEVER_PULLED = "lever-pulled"
    LEVER_RELEASED = "lever-released"
    PRIORITY_CHANGED = "priority-changed"
    VIP_REMOVED = "vip-removed"
    VIP_ADDED = "vip-added"
    ENTERED_MASTER = "entered-master"
    ENTERED_BACKUP = "entered-backup"
    ENTERED_FAULT = "entered-fault"
    KEEPALIVED_STOPPED = "keepalived-stopped"
    GRATUITOUS_ARP = "gratuitous-arp"
    LAST_CONNECTION = "last-connection"
    FIRST_CONNECTION = "first-connection"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something happened.

    Attributes:
        director: where; empty for what was found by looking at all.
        subject: a virtual address, an instance or a command.
        at: seconds since the lever was pulled; negative before.
        error: it happened within `at` ± this many seconds.
    """

    mark: Mark
    director: str
    subject: str
    at: float
    error: float


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `seconds` ± `error`. Negative where two things overlapped."""

    seconds: float
    error: float


@dataclass(frozen=True, slots=True)
class AddressGap:
    """One virtual address on its way.

    Attributes:
        removed: when the source lost it; None where that was not seen.
        added: when the target had it, or the source again where nobody took it; None where that was not seen.
        absent: how long no director had it; negative where both had it for a moment; None where it cannot be told.
    """

    vip: IPAddress
    removed: Moment | None
    added: Moment | None
    absent: Span | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole course.

    Attributes:
        began: when the lever was pulled, by the operator's clock.
        moments: in the order of their time.
        addresses: one for each virtual address that was to move.
        connections: from the last new connection that the source served to the first one that the target served;
            None where there was too little traffic to tell.
    """

    began: datetime
    moments: tuple[Moment, ...]
    addresses: tuple[AddressGap, ...]
    connections: Span | None
