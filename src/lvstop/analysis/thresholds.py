"""The numbers that rules depend on, in one place."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When something counts as wrong.

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
    rows_named: int = 3


DEFAULT_THRESHOLDS = Thresholds()
