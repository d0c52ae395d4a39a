"""The numbers that rules depend on, in one place."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Mark:
    """From where on something is near its end.

    Attributes:
        critical: None where it never is.
        relief: how far below a mark it has to fall until that is over, so that it does not come and go at the mark.
    """

    warning: float
    critical: float | None
    relief: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When something counts as wrong.

    Of an interface's drops a few are usual: the kernel counts frames of protocols among them that it does not know
    (Documentation/ABI/testing/sysfs-class-net-statistics, rx_dropped).

    Attributes:
        flapping_transitions: so many transitions of one VRRP instance within `flapping_window` are flapping.
        settle: after a change of an instance or of its VIPs was seen, what the directors tell of it is not yet of the
            same moment. A handover overlaps by 0.03–0.05 s and readings are about a second apart, so that for this
            long disagreements about it are not called critical.
        starting: an instance may be in INIT for this long; keepalived leaves it within three advert intervals.
        restore_grace: restoring a drained real server reaches both directors within this time.
        reverted_shown: how long a reverted drain is reported.
        unfinished: a change that is pending for this long was interrupted; making one takes seconds.
        failover_unfinished: the same of a failover, which waits for VRRP's timers.
        conntrack: part (0–1) of the connections that may be tracked.
        softirq: part of its time that a processor spends on packets.
        backlog_drops: packets a second for which the processors' backlog had no room.
        interface_drops: packets a second that an interface dropped or spoiled.
        memory_used: part of the memory that cannot be had without swapping.
        strain_lasts: softirq and drops have to last for so long: three readings.
        rows_named: up to this many rows of one virtual server have an alert each, more of them share one.
    """

    flapping_transitions: int = 4
    flapping_window: timedelta = timedelta(minutes=10)
    settle: timedelta = timedelta(seconds=3)
    starting: timedelta = timedelta(seconds=10)
    restore_grace: timedelta = timedelta(seconds=10)
    reverted_shown: timedelta = timedelta(minutes=15)
    unfinished: timedelta = timedelta(seconds=30)
    failover_unfinished: timedelta = timedelta(minutes=2)
    conntrack: Mark = Mark(0.80, 0.95, 0.05)
    softirq: Mark = Mark(0.90, None, 0.10)
    backlog_drops: Mark = Mark(1.0, None, 0.9)
    interface_drops: Mark = Mark(10.0, None, 9.0)
    memory_used: Mark = Mark(0.95, None, 0.02)
    strain_lasts: timedelta = timedelta(seconds=15)
    rows_named: int = 3


DEFAULT_THRESHOLDS = Thresholds()
