"""A failover that was begun and not ended: how far it came, and what is left to do. Pure."""

from dataclasses import dataclass

from lvstop.actions.failover.checks import Check, CheckCode, Verdict
from lvstop.actions.failover.consequences import consequences
from lvstop.actions.failover.levers import PREEMPTION_GAP, limit_of
from lvstop.actions.failover.plan import Assessment, Cost, LeverOption
from lvstop.actions.failover.preflight import of_cluster
from lvstop.actions.failover.preflight.verdicts import passed
from lvstop.actions.failover.situation import Situation
from lvstop.actions.failover.timers import preemption, skew
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.words import count, moment
from lvstop.model.change import FileChange
from lvstop.model.failover import Failover, LeverStep, PriorityChange, ServiceChange

_USUAL_TAKEOVER = 4.0

_MAY_BE_MOVING = frozenset({CheckCode.ONE_MASTER, CheckCode.ONE_HOLDER})
"""With the lever pulled the addresses may be on their way: to wait for them is what finishing means."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of an interrupted failover.

    Attributes:
        steps: those that are not known to be done.
        untouched: no step is known to be done: it is as if it had not begun.
        assessment: of going on where the lever is pulled.
    """

    steps: tuple[LeverStep, ...]
    untouched: bool
    assessment: Assessment
    limit: float


def settle(situation: Situation, record: Failover) -> Rest:
    """How far it came. `situation` is that of its own move."""
    steps = tuple(step for step in record.steps if is_pulled(situation, step) is not True)
    takeover = _takeover(situation)
    option = _option(situation, record, steps, takeover)
    assessment = Assessment(
        move=situation.move,
        checks=(*map(_softened, of_cluster(situation.look)), _lever(record, steps)),
        options=(option,),
        chosen=option,
        suggestions=(),
        consequences=consequences(situation, option),
    )
    return Rest(steps, len(steps) == len(record.steps), assessment, limit_of(record.lever, takeover))


def is_pulled(situation: Situation, step: LeverStep) -> bool | None:
    """A step is done; None where that is not known."""
    director = situation.look.director(step.director)
    if director is None or not director.answers:
        return None
    match step:
        case FileChange():
            numbers = [
                file.status
                for file in director.vrrp_track_files or ()
                if step.path == file.path and file.status is not None
            ]
            return numbers[0] == step.after if numbers else None
        case PriorityChange():
            sounding = situation.look.soundings.get(step.director)
            lines = None if sounding is None else sounding.priority_lines
            mine = [line.priority for line in lines or () if line.instance == step.instance and line.path == step.path]
            return mine[0] == step.after if len(mine) == 1 else None
        case ServiceChange():
            return None if director.keepalived is None else keepalived_is_down(director)


def _takeover(situation: Situation) -> float:
    times = [preemption(pair.target) or skew(pair.target) for pair in situation.pairs if pair.target is not None]
    return max((each for each in times if each is not None), default=_USUAL_TAKEOVER)


def _option(situation: Situation, record: Failover, steps: tuple[LeverStep, ...], takeover: float) -> LeverOption:
    when = moment(record.at, situation.look.now)
    why = f"{record.author} began with it at {when}{f' ({record.reason})' if record.reason else ''}."
    return LeverOption(record.lever, usable=True, why=why, steps=steps, cost=Cost(takeover, PREEMPTION_GAP))


def _lever(record: Failover, steps: tuple[LeverStep, ...]) -> Check:
    if not steps:
        return passed(CheckCode.LEVER, f"{record.lever} on {record.source} is pulled.")
    told = count(len(steps), "step")
    return passed(CheckCode.LEVER, f"{record.lever} on {record.source}: {told} of {len(record.steps)} left to do.")


def _softened(check: Check) -> Check:
    """Where the lever is pulled, what it moves is no reason to leave it half-done."""
    if check.code in _MAY_BE_MOVING and check.verdict is Verdict.BLOCKED:
        return Check(check.code, Verdict.WARNED, check.sentence, check.age_seconds, check.remedy)
    return check
