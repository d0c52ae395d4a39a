"""What became of a failover, and what is told while it runs. Values only."""

from dataclasses import dataclass
from enum import StrEnum

from lvstop.actions.failover.checks import Check
from lvstop.actions.failover.timeline import Moment, Timeline
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection
from lvstop.model.address import IPAddress
from lvstop.model.failover import Failover
from lvstop.model.vrrp import VrrpState


class FailoverStage(StrEnum):
    """What is being done, in this order. `undoing` only where the target did not take over."""

    AUDITING = "auditing"
    CONNECTING = "connecting"
    LOCKING = "locking"
    CHECKING = "checking"
    RECORDING = "recording"
    WATCHING = "watching"
    PULLING = "pulling"
    WAITING = "waiting"
    VERIFYING = "verifying"
    UNDOING = "undoing"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class FailoverProgress:
    """One step, told before it is taken, or a moment of the timeline, told when it is known.

    Attributes:
        director: where; None for what happens on the operator's machine.
        what: in the operator's words; for a command, the command.
        moment: what the stopwatch has just seen; None for a step.
    """

    stage: FailoverStage
    director: str | None
    what: str
    moment: Moment | None = None


@dataclass(frozen=True, slots=True)
class DirectorStanding:
    """One director after it all.

    Attributes:
        holds: which of the virtual addresses that were to move it has in the kernel; None where nobody can tell.
        states: what keepalived says of each instance that was to move; None where it does not run or cannot be asked.
        lever: what its lever is now, in words; empty where it has none.
    """

    director: str
    holds: tuple[IPAddress, ...] | None
    states: tuple[tuple[str, VrrpState | None], ...] | None
    lever: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Connections of the virtual servers that move, before and after, by director; None where unknown."""

    director: str
    active_before: int | None
    active_after: int | None


@dataclass(frozen=True, slots=True)
class FailoverOutcome:
    """The end of one failover.

    Attributes:
        kind: `done`: the target holds everything, in the kernel and by keepalived's word. `refused`: nothing was
            touched. `undone`: the target did not take over, the lever was released, and everything stands where it was.
            `incomplete`: neither; `standings` and `way_out` say what stands where and what to type.
        failover: as it stands on record; None where none is kept: refused, undone, or the lever is released.
        checks: the preflight as it was read again when the directors were locked.
        objections: why it was refused.
        failure: what went wrong, one sentence; empty where nothing did.
        timeline: None where no lever was touched.
        way_out: what an operator can type, a line each; empty where nothing is to be done.
        notes: what else there is to know.
        seconds: from the first lock to the last look.
    """

    kind: OutcomeKind
    failover: Failover | None
    checks: tuple[Check, ...] = ()
    objections: tuple[Objection, ...] = ()
    failure: str = ""
    timeline: Timeline | None = None
    standings: tuple[DirectorStanding, ...] = ()
    tallies: tuple[Tally, ...] = ()
    way_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
