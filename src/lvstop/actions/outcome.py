"""What became of a plan."""

from dataclasses import dataclass
from enum import StrEnum

from lvstop.actions.plan import Objection
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Change


class OutcomeKind(StrEnum):
    """How it ended.

    `done`: everything was changed, and read back as planned. `refused`: nothing was touched. `undone`: something
    failed, and everything was put back, and read back as it had been. `incomplete`: neither; the outcome says what
    stands where.
    """

    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class RowStanding:
    """One row of one director after it all.

    Attributes:
        weight: as read back; None where the director could not be asked, or does not have the row.
        found: in words, e.g. `weight 0, as planned`, `unknown: keepalived2 does not answer`.
        as_planned: nothing but the weight changed, and that as planned.
        as_before: it is as it was.
    """

    director: str
    virtual_server: VirtualServerKey
    real_server: RealServerKey
    weight: int | None
    found: str
    as_planned: bool
    as_before: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one change.

    Attributes:
        change: as it stands on record; None where none is kept: nothing was touched, all was put back, or it is over.
        objections: why it was refused.
        failure: what went wrong, one sentence; empty where nothing did.
        rows: what stands where, in the order of the plan.
        notes: what else there is to know, e.g. a director on which no record could be kept.
        seconds: from the first lock to the last look.
    """

    kind: OutcomeKind
    change: Change | None
    objections: tuple[Objection, ...] = ()
    failure: str = ""
    rows: tuple[RowStanding, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
