"""Failovers in the operator's words: headings, levers, what is on record."""

from datetime import datetime
from enum import StrEnum

from lvstop.actions.failover.checks import Verdict
from lvstop.actions.failover.intent import FailOver
from lvstop.analysis.thresholds import Thresholds
from lvstop.analysis.words import listing
from lvstop.model.change import FileChange
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, LeverStep, PriorityChange

VERDICT_STYLE = {
    Verdict.PASSED: "$health-ok",
    Verdict.WARNED: "$health-warning",
    Verdict.BLOCKED: "$health-critical",
}
LEVER = {
    FailoverLever.TRACK_FILE: "a track file with a weight, which lowers the priority",
    FailoverLever.PRIORITY: "another priority in keepalived.conf, and a reload",
    FailoverLever.FAULT: "a track file without a weight, which is a FAULT",
    FailoverLever.STOP: "a stop of keepalived",
}


class Next(StrEnum):
    """What is to be done about a failover on record."""

    RELEASE = "release"
    FINISH = "finish"
    UNDO = "undo"
    ANOTHER = "another"


def asked(intent: FailOver) -> str:
    """An intent as a heading: `Fail over SMB to keepalived2`."""
    what = f"sync group {intent.group}" if intent.group else intent.instance or ""
    where = f"to {intent.target}" if intent.target else ""
    return " ".join(part for part in ("Fail over", what, where) if part)


def way(failover: Failover) -> str:
    """`keepalived1 → keepalived2`."""
    return f"{failover.source} → {failover.target}"


def of_failover(failover: Failover) -> str:
    """A failover within a sentence: `failover of SMB, keepalived1 → keepalived2`."""
    return f"failover of {listing(failover.instances, most=3)}, {way(failover)}"


def pulled(step: LeverStep) -> str:
    """A lever as it stands when it is pulled: `/etc/keepalived/maint is 1`."""
    match step:
        case FileChange():
            return f"{step.path} is {step.after}"
        case PriorityChange():
            return f"priority of {step.instance} is {step.after} in {step.path}"
        case _:
            return f"{step.unit} is stopped"


def is_under_way(failover: Failover, now: datetime) -> bool:
    """It was begun moments ago, and is probably being done right now, here or elsewhere."""
    return failover.phase is FailoverPhase.PENDING and now - failover.at <= Thresholds().failover_unfinished
