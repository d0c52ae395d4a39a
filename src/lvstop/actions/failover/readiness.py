"""The last moment before the deed: directors in hand, locked, and read again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lvstop.actions.failover.checks import Check, Verdict
from lvstop.actions.failover.crew import Crew
from lvstop.actions.failover.means import Again
from lvstop.actions.failover.outcome import FailoverStage
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal
from lvstop.actions.hands import DirectorHands, HandsError, LockedError, NoPrivilegeError
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.model.change import FileChange
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import LeverStep, PriorityChange, ServiceChange

Tell = Callable[[FailoverStage, str | None, str], None]


@dataclass(frozen=True, slots=True)
class Readiness:
    """How it stands when the directors are locked.

    Attributes:
        objections: why nothing is done; empty where everything is as it was when the operator agreed.
        checks: the preflight, read again; empty where it could not be.
        before: the cluster as it was read then.
        notes: who is missing, where it can be done without him.
    """

    objections: tuple[Objection, ...]
    checks: tuple[Check, ...] = ()
    before: ClusterSnapshot | None = None
    notes: tuple[str, ...] = ()


async def make_ready(
    plan: FailoverPlan, crew: Crew, look_again: Callable[[], Awaitable[Again]], tell: Tell
) -> Readiness:
    """Connect, lock, and assess the same deed anew."""
    try:
        for name in crew.names:
            tell(FailoverStage.CONNECTING, name, f"connecting to {name}")
        # to release a lever may be the only way out where the other director is dead
        needed = {step.director for step in plan.steps} if plan.releases else set(crew.names)
        missing = await crew.connect(needed or set(crew.names))
        for name in crew.names:
            tell(FailoverStage.LOCKING, name, f"locking {name}")
            await crew.lock(name)
        tell(FailoverStage.CHECKING, None, "reading everything again")
        again = await look_again()
        found = again.made
        objections = _new_objections(found) if isinstance(found, FailoverRefusal) else await _changed(plan, crew)
        return Readiness(objections, found.assessment.checks, again.snapshot, missing)
    except LockedError as error:
        return _refused(ObjectionCode.LOCKED, f"{error}; wait until that has ended.")
    except NoPrivilegeError as error:
        return _refused(ObjectionCode.PRIVILEGE_MISSING, f"{error}.")
    except HandsError as error:
        return _refused(ObjectionCode.DIRECTOR_MISSING, f"{error}.")


def _refused(code: ObjectionCode, sentence: str) -> Readiness:
    return Readiness((_objection(code, sentence),))


def _objection(code: ObjectionCode, sentence: str) -> Objection:
    return Objection(code, sentence, overridable=False)


def _new_objections(refusal: FailoverRefusal) -> tuple[Objection, ...]:
    blocked = [
        _objection(ObjectionCode.CHANGED_SINCE, f"{check.sentence}{f' {check.remedy}.' if check.remedy else ''}")
        for check in refusal.assessment.checks
        if check.verdict is Verdict.BLOCKED
    ]
    codes = ", ".join(refusal.unaccepted)
    warned = (
        [_objection(ObjectionCode.CHANGED_SINCE, f"There are warnings that were not accepted: {codes}.")]
        if codes
        else []
    )
    return (*refusal.objections, *blocked, *warned)


async def _changed(plan: FailoverPlan, crew: Crew) -> tuple[Objection, ...]:
    """What is to be changed is read once more: keepalived's own word for a file may be a minute old."""
    found = [await _surprise(step, crew.hands(step.director), releases=plan.releases) for step in plan.steps]
    return tuple(_objection(ObjectionCode.CHANGED_SINCE, sentence) for sentence in found if sentence)


async def _surprise(step: LeverStep, hands: DirectorHands, *, releases: bool) -> str:
    """Why a step does not find what it expects; empty where it does. A release may find that it is over already."""
    if isinstance(step, ServiceChange):
        # a service that runs is started in vain, which does no harm
        running = releases or await hands.service_active(step.unit)
        return "" if running else f"{step.unit} does not run on {step.director}."
    if isinstance(step, FileChange):
        what, found = f"{step.path} on {step.director} has", await hands.number(step.path)
    else:
        what = f"{step.path} on {step.director} gives {step.instance} the priority"
        found = await hands.priority(step.instance, step.path)
    expected = step.after if releases else step.before
    return "" if found in (expected, step.before) else f"{what} {found}, and not {expected}."


async def is_pulled(step: LeverStep, hands: DirectorHands) -> bool:
    """Something of a step is there to be taken back, or may be.

    Raises:
        HandsError: nobody can tell.
    """
    match step:
        case FileChange():
            return await hands.number(step.path) == step.after
        case PriorityChange():
            return await hands.priority(step.instance, step.path) == step.after
        case ServiceChange():
            return True
