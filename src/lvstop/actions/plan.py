"""Plans and refusals: what `actions.planning` answers to an intent. Values only."""

from dataclasses import dataclass
from enum import StrEnum

from lvstop.actions.command import Command, forth
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Change, FileChange, WeightChange

Step = WeightChange | FileChange
"""One command of a plan: what must be there before it, and what it is to leave behind."""


class ObjectionCode(StrEnum):
    """Why something is not done, or not without being told twice. Stable: scripts may read them."""

    NO_SUCH_ROW = "no-such-row"
    NO_SUCH_DIRECTOR = "no-such-director"
    NO_SUCH_INSTANCE = "no-such-instance"
    NO_SUCH_GROUP = "no-such-group"
    NO_SUCH_FAILOVER = "no-such-failover"
    AMBIGUOUS = "ambiguous"
    NOTHING_TO_DO = "nothing-to-do"
    NOT_REMEMBERED = "not-remembered"
    BAD_WEIGHT = "bad-weight"
    PRIVILEGE_MISSING = "privilege-missing"
    READ_ONLY = "read-only"
    NOT_READ_YET = "not-read-yet"
    STALE_DATA = "stale-data"
    DIRECTOR_MISSING = "director-missing"
    ROW_MISSING = "row-missing"
    FAILOVER_UNDER_WAY = "failover-under-way"
    RELOAD_UNDER_WAY = "reload-under-way"
    CHANGE_UNFINISHED = "change-unfinished"
    FAILOVER_UNFINISHED = "failover-unfinished"
    LEVER_HELD = "lever-held"
    HELD_BY_DRAIN = "held-by-drain"
    LAST_REAL_SERVER = "last-real-server"
    CAPACITY = "capacity"
    QUORUM = "quorum"
    CLIENTS_REFUSED = "clients-refused"
    LEVER_UNUSABLE = "lever-unusable"
    LEVER_SHARED = "lever-shared"
    CHANGED_SINCE = "changed-since"
    LOCKED = "locked"
    AUDIT_UNWRITABLE = "audit-unwritable"


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason not to do it.

    Attributes:
        sentence: one sentence with its evidence.
        overridable: the operator may insist, with a reason, which is written into the audit.
    """

    code: ObjectionCode
    sentence: str
    overridable: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing is done. At least one objection, those that cannot be overridden first."""

    objections: tuple[Objection, ...]

    @property
    def overridable(self) -> bool:
        """The operator may insist on all of it."""
        return all(objection.overridable for objection in self.objections)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know before saying yes; not a reason to refuse.

    Attributes:
        remedy: what can be done about it; empty where nothing can.
    """

    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class SharePreview:
    """What the scheduler will be giving a real server of new connections, 0 to 1; None where that does not follow."""

    virtual_server: VirtualServerKey
    real_server: RealServerKey
    now: float | None
    then: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what would be done. Nothing has happened yet.

    Attributes:
        change: the record to be kept, still pending; its rows are the resolved scope, and its `before` the weights that
            a restore goes back to, which may be older than what is in the table now.
        closes: ids of standing drains that this change ends as a whole; its own id where it is to be forgotten.
        keeps: standing drains of which this change ends some rows, as they are to be recorded from then on.
        steps: what is executed, in this order, one after the other. `before` is what has to be found just before: else
            somebody changed it since. May be empty where only records change.
        expects: every row on every director that the plan covers, whichever the lever: what has to be found before
            (`before`) and afterwards (`after`).
        lifetime: how long it will hold and what ends it, in plain sentences.
        overridden: objections that the operator has insisted against.
        insistence: his reason for that; empty where there was nothing to insist against.
    """

    change: Change
    closes: tuple[str, ...]
    keeps: tuple[Change, ...]
    steps: tuple[Step, ...]
    expects: tuple[WeightChange, ...]
    lifetime: tuple[str, ...]
    remarks: tuple[Remark, ...]
    shares: tuple[SharePreview, ...]
    overridden: tuple[Objection, ...]
    insistence: str = ""

    @property
    def commands(self) -> tuple[Command, ...]:
        """The steps' commands, in their order."""
        return tuple(forth(step) for step in self.steps)
