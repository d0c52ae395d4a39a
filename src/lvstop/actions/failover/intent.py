"""What the operator asks for."""

from dataclasses import dataclass

from lvstop.model.failover import FailoverLever


@dataclass(frozen=True, slots=True)
class FailOver:
    """Move VRRP instances to another director.

    Attributes:
        instance: the name of one instance; what is in its sync group moves with it.
        group: the name of one sync group. With neither, all instances of the current holder move.
        target: the director that is to hold them; None where there is only one other.
        lever: None chooses the gentlest that works.
        reason: kept with the failover, for whoever finds it.
    """

    instance: str | None = None
    group: str | None = None
    target: str | None = None
    lever: FailoverLever | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Release a lever that is held.

    Attributes:
        failover: the id of the failover on record.
    """

    failover: str
    reason: str = ""


FailoverIntent = FailOver | Release
