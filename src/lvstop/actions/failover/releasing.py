"""Releasing a lever: what comes back, what speaks against it, and what it would take. Pure.

A release mends more than it risks: while a lever is held one director cannot take over, or only after the other. So
only what makes it impossible blocks it: a director that does not answer, or no privilege there. All else is a warning.
"""

from dataclasses import dataclass, replace

from lvstop.actions.failover.checks import Check, CheckCode, Verdict
from lvstop.actions.failover.consequences import failback_of, survivors
from lvstop.actions.failover.levers import PREEMPTION_GAP, limit_of
from lvstop.actions.failover.plan import Assessment, Consequences, Cost, Failback, LeverOption, Move
from lvstop.actions.failover.preflight import of_directors
from lvstop.actions.failover.preflight.verdicts import passed
from lvstop.actions.failover.situation import Pair, Side, Situation
from lvstop.actions.failover.timers import down_timer, preemption
from lvstop.actions.failover.track_files import effect
from lvstop.analysis.words import listing, moment
from lvstop.model.address import IPAddress
from lvstop.model.change import FileChange
from lvstop.model.director import Privilege
from lvstop.model.failover import Failover, FailoverLever, LeverStep, PriorityChange
from lvstop.model.vrrp import VrrpInstance

_NAMED = 3

_WHERE_NOTHING_MOVES = frozenset(
    {
        CheckCode.DIRECTORS_LIVE,
        CheckCode.ONE_HOLDER,
        CheckCode.CONFIGURATION_VALID,
        CheckCode.NOTHING_UNDER_WAY,
        CheckCode.PRIVILEGE,
    }
)

_USUAL_TAKEOVER = 4.0
"""Seconds, with an advert interval of 1 s; where no timer is known."""

_START = 3.0
"""Seconds that keepalived may take to start."""


@dataclass(frozen=True, slots=True)
class Release:
    """What a release comes to.

    Attributes:
        moves: afterwards the director whose lever it was is to hold everything.
    """

    assessment: Assessment
    move: Move
    steps: tuple[LeverStep, ...]
    moves: bool
    limit: float


def move_back(record: Failover) -> Move:
    """From the director that has taken over to the one whose lever is held."""
    return Move(record.target, record.source, record.instances, (), record.vips)


def release(situation: Situation, record: Failover) -> Release:
    """Releasing the lever of a record. `situation` is that of `move_back`."""
    back, why = _comes_back(situation, record)
    at_home = holders(situation, record.vips) == {record.source}
    nobody = holders(situation, record.vips) == set()
    moves = at_home or nobody or back is Failback.AUTOMATIC
    steps = tuple(step for step in reversed(record.steps) if not _is_back(situation, step))
    takeover = _takeover(situation, record)
    option = _option(situation, record, steps, Cost(takeover, PREEMPTION_GAP) if moves else None)
    assessment = Assessment(
        move=situation.move,
        checks=(*_checks(situation, record, moves=moves and not at_home), _lever(situation, record)),
        options=(option,),
        chosen=option,
        suggestions=(),
        consequences=_consequences(situation, back, why, moves=moves and not at_home),
    )
    return Release(assessment, situation.move, steps, moves, limit_of(record.lever, takeover))


def holders(situation: Situation, vips: tuple[IPAddress, ...]) -> set[str] | None:
    """Who holds any of these addresses; None where nobody can tell."""
    holdings = {vip.address: vip for vip in situation.look.snapshot.vips}
    found: set[str] = set()
    for address in vips:
        vip = holdings.get(address)
        if vip is None or vip.unknown_on:
            return None
        found |= set(vip.holders)
    return found


def natural(side: Side, instance: VrrpInstance, record: Failover) -> VrrpInstance:
    """An instance as it is without the lever of a record on its director."""
    priority = instance.effective_priority
    files = {file.name: file for file in side.director.vrrp_track_files or ()}
    for step in record.steps:
        if step.director != side.name or priority is None:
            continue
        if isinstance(step, PriorityChange) and step.instance == instance.name and instance.priority == step.after:
            priority += step.before - step.after
        elif isinstance(step, FileChange) and step.name in files:
            now = replace(instance, effective_priority=priority)
            found = effect(now, side.director, files[step.name], step.before)
            priority = priority if found is None else found.priority
    return replace(instance, effective_priority=priority)


def _comes_back(situation: Situation, record: Failover) -> tuple[Failback, str]:
    """By the priorities without the lever; where its director cannot be asked, by what was foreseen."""
    home, away = situation.target, situation.source
    told = _tells_lever(home, record) or record.returns is None
    pairs = [
        Pair(natural(home, pair.target, record), pair.source) for pair in situation.pairs if pair.target is not None
    ]
    if told and pairs and len(pairs) == len(record.instances):
        back, why = failback_of(home.name, away.name, pairs)
        if back is not Failback.UNKNOWN:
            return back, why
    if record.returns is None:
        return failback_of(home.name, away.name, ())
    names = listing(record.instances, most=_NAMED)
    if record.returns:
        return Failback.AUTOMATIC, f"{home.name} takes {names} back after the lever is released: it preempts."
    return Failback.STAYS, f"{away.name} keeps {names} when the lever is released."


def _tells_lever(home: Side, record: Failover) -> bool:
    """What keepalived last told of the track files has the lever in it: priorities are asked for more often."""
    numbers = {file.path: file.status for file in home.director.vrrp_track_files or ()}
    return all(numbers.get(step.path) == step.after for step in record.steps if isinstance(step, FileChange))


def _is_back(situation: Situation, step: LeverStep) -> bool:
    """A configured priority is known to be as before; a file or a service is simply set once more."""
    if not isinstance(step, PriorityChange):
        return False
    sounding = situation.look.soundings.get(step.director)
    lines = None if sounding is None else sounding.priority_lines
    mine = [line.priority for line in lines or () if line.instance == step.instance and line.path == step.path]
    return mine == [step.before]


def _takeover(situation: Situation, record: Failover) -> float:
    """Seconds until the director whose lever it was has taken over, at most."""
    start = _START if record.lever in (FailoverLever.STOP, FailoverLever.PRIORITY) else 0.0
    times = [
        preemption(natural(situation.target, pair.target, record))
        if pair.target is not None
        else down_timer(pair.source)
        for pair in situation.pairs
    ]
    return start + max((each for each in times if each is not None), default=_USUAL_TAKEOVER)


def _option(situation: Situation, record: Failover, steps: tuple[LeverStep, ...], cost: Cost | None) -> LeverOption:
    when = moment(record.at, situation.look.now)
    why = f"It was pulled by {record.author} at {when}{f' ({record.reason})' if record.reason else ''}."
    return LeverOption(record.lever, usable=True, why=why, steps=steps, cost=cost)


def _lever(situation: Situation, record: Failover) -> Check:
    when = moment(record.at, situation.look.now)
    return passed(CheckCode.LEVER, f"{record.lever} on {record.source}, held since {when}, can be released.")


def _checks(situation: Situation, record: Failover, *, moves: bool) -> tuple[Check, ...]:
    found = of_directors(situation, record.lever)
    home = situation.target
    answers = home.director.answers and home.sounding is not None
    return tuple(
        _softened(check, keeps=_impossible(check.code, home, answers=answers))
        for check in found
        if moves or check.code in _WHERE_NOTHING_MOVES
    )


def _impossible(code: CheckCode, home: Side, *, answers: bool) -> bool:
    if code is CheckCode.DIRECTORS_LIVE:
        return not answers
    return code is CheckCode.PRIVILEGE and home.director.privilege not in (Privilege.ROOT, Privilege.SUDO)


def _softened(check: Check, *, keeps: bool) -> Check:
    if check.verdict is Verdict.BLOCKED and not keeps:
        return replace(check, verdict=Verdict.WARNED)
    return check


def _consequences(situation: Situation, back: Failback, why: str, *, moves: bool) -> Consequences:
    total = situation.connections
    surviving = survivors(situation) if moves else total
    return Consequences(
        connections=total,
        surviving=surviving,
        breaking=None if total is None or surviving is None else total - surviving,
        persistence="",
        failback=back,
        failback_why=why,
        sentences=("Nothing is held any more afterwards.",),
    )
