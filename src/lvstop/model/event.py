"""Events: what changed between two looks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What sort of change; filters in the event log are made of these."""

    DIRECTOR = "director"
    KEEPALIVED = "keepalived"
    VRRP = "vrrp"
    VIP = "vip"
    VIRTUAL_SERVER = "virtual-server"
    REAL_SERVER = "real-server"
    WEIGHT = "weight"
    ALERT = "alert"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Event:
    """One change.

    Attributes:
        at: when it happened by the best clock there is: keepalived's own for transitions, else when it was seen.
        director: the director it was seen on; None for the cluster as a whole.
        subject: what changed, as the operator names it.
        summary: one plain sentence.
    """

    at: datetime
    director: str | None
    kind: EventKind
    subject: str
    summary: str
