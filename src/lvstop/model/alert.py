"""Alerts: what is wrong now, in one sentence each."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """Ordered, so that the worst is the greatest."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2

    def __str__(self) -> str:
        return self.name.lower()


class AlertCode(StrEnum):
    """Stable names: scripts and acknowledgements depend on them."""

    DIRECTOR_UNREACHABLE = "director-unreachable"
    DIRECTOR_STALE = "director-stale"
    DIRECTOR_DEGRADED = "director-degraded"
    KEEPALIVED_DOWN = "keepalived-down"
    NO_MASTER = "no-master"
    MULTIPLE_MASTERS = "multiple-masters"
    VIP_MISSING = "vip-missing"
    VIP_DUPLICATE = "vip-duplicate"
    VIP_STATE_MISMATCH = "vip-state-mismatch"
    BACKUP_NOT_READY = "backup-not-ready"
    TABLE_DRIFT = "table-drift"
    WEIGHT_DRIFT = "weight-drift"
    VIRTUAL_SERVER_EMPTY = "virtual-server-empty"
    ALL_WEIGHTS_ZERO = "all-weights-zero"
    REAL_SERVER_DOWN = "real-server-down"
    SYNC_DAEMON_MISSING = "sync-daemon-missing"
    DRAIN_REVERTED = "drain-reverted"
    CHANGE_UNFINISHED = "change-unfinished"
    MAINTENANCE = "maintenance"
    FAILOVER_HELD = "failover-held"
    FAILOVER_UNFINISHED = "failover-unfinished"
    PERSISTENCE_DEFEATS_DRAIN = "persistence-defeats-drain"
    FLAPPING = "flapping"
    CONNTRACK_FILLING = "conntrack-filling"
    SOFTIRQ_SATURATED = "softirq-saturated"
    PACKETS_DROPPED = "packets-dropped"
    MEMORY_LOW = "memory-low"
    PRIVILEGE_MISSING = "privilege-missing"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong.

    Attributes:
        subject: what it is about, as the operator names it: a VIP, a director, a row of the table.
        summary: one plain sentence with its evidence.
        remedy: what to do, one sentence; empty where there is nothing to advise.
        extent: of how many things it speaks: rows of the table, reasons. More of them is worse.
        since: when it was first seen; None in one look, which cannot know. Two alerts that differ in it only are equal.
    """

    code: AlertCode
    severity: Severity
    subject: str
    summary: str
    remedy: str = ""
    extent: int = 1
    since: datetime | None = field(default=None, compare=False)
