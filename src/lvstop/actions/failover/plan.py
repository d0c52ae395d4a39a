"""What would happen: the move, the levers that could bring it about, its consequences. Values only."""

from dataclasses import dataclass
from enum import StrEnum

from lvstop.actions.failover.checks import Check, CheckCode, warned
from lvstop.actions.plan import Objection
from lvstop.model.address import IPAddress
from lvstop.model.failover import Failover, FailoverLever, LeverStep


@dataclass(frozen=True, slots=True)
class Move:
    """Who gives what to whom.

    Attributes:
        groups: names of sync groups that move as a whole.
        instances: all that move, those of the groups included.
    """

    source: str
    target: str
    instances: tuple[str, ...]
    groups: tuple[str, ...]
    vips: tuple[IPAddress, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a lever costs, as measured on real pairs, with the timers of this one.

    Attributes:
        takeover: seconds from the lever to the new holder, at most.
        gap: seconds for which nobody answers, from and to.
    """

    takeover: float
    gap: tuple[float, float]


@dataclass(frozen=True, slots=True)
class LeverOption:
    """One lever, usable or not.

    Attributes:
        usable: it is configured, permitted and would really move everything here.
        why: why it is usable or is not, with its evidence: one sentence.
        steps: what would be done; empty where it is not usable.
        cost: None where it is not usable.
        release: what releasing it means, one sentence; empty where it is not usable.
    """

    lever: FailoverLever
    usable: bool
    why: str
    steps: tuple[LeverStep, ...] = ()
    cost: Cost | None = None
    release: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Configuration that would add a gentle lever.

    Attributes:
        director: whose keepalived.conf it is for.
        lines: to be added at the top level.
        within: lines to be added inside of blocks, by the block's heading, e.g. `vrrp_instance SMB`.
    """

    director: str
    lines: tuple[str, ...]
    within: tuple[tuple[str, tuple[str, ...]], ...]


class Failback(StrEnum):
    """What the release of the lever will do."""

    AUTOMATIC = "automatic"
    STAYS = "stays"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What the move means, before the deed.

    Attributes:
        connections: ActiveConn on the source, of the virtual servers that move; None where unknown.
        surviving: how many of them are expected to live on: those that the sync daemon has brought to the target.
        breaking: the rest; None where one of both is unknown.
        persistence: what happens to persistence, one sentence; empty where no virtual server is persistent.
        failback: what happens when the lever is released, and `failback_why` in a sentence, with its time.
        sentences: what else there is to know, e.g. that nobody is left to take over while keepalived is stopped.
    """

    connections: int | None
    surviving: int | None
    breaking: int | None
    persistence: str
    failback: Failback
    failback_why: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that is known before the deed.

    Attributes:
        move: None where the intent names nothing that can be moved.
        options: every lever, the gentlest first.
        chosen: the one that would be pulled; None where there is none.
        suggestions: configuration that would add a gentle lever; empty where there is one.
        consequences: None without a lever.
    """

    move: Move | None
    checks: tuple[Check, ...]
    options: tuple[LeverOption, ...]
    chosen: LeverOption | None
    suggestions: tuple[Suggestion, ...]
    consequences: Consequences | None


@dataclass(frozen=True, slots=True)
class FailoverPlan:
    """Exactly what would be done. Nothing has happened yet.

    Attributes:
        failover: the record to be kept, still pending.
        releases: the lever of this record is released, and its record ends, instead of a lever being pulled.
        moves: the virtual addresses are expected to move. False where only a lever is released.
        steps: what is executed in this order; for a release, the steps of the record in the opposite one.
        limit: seconds after the first step within which the target has to have taken over.
        accepted: warnings that the operator accepts, also those that only show when everything is read again.
    """

    failover: Failover
    assessment: Assessment
    move: Move
    releases: bool
    moves: bool
    steps: tuple[LeverStep, ...]
    limit: float
    accepted: frozenset[CheckCode] = frozenset()

    @property
    def accepted_warnings(self) -> tuple[CheckCode, ...]:
        """Those of the warnings that were there when the plan was made, in alphabetical order."""
        return tuple(sorted(check.code for check in warned(self.assessment.checks) if check.code in self.accepted))


@dataclass(frozen=True, slots=True)
class FailoverRefusal:
    """Nothing is done.

    Attributes:
        objections: what speaks against it besides checks that are blocked: a name that does not exist, a lever that is
            not usable, a lock. None of them can be overridden.
        unaccepted: codes of warnings that the operator has not accepted.
    """

    assessment: Assessment
    objections: tuple[Objection, ...] = ()
    unaccepted: tuple[CheckCode, ...] = ()
