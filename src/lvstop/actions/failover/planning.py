"""From an intent, or from a failover on record, to a plan or to the reasons why there is none.

Pure: the same snapshot and soundings give the same plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from lvstop.actions.failover.assess import assess, assess_cluster
from lvstop.actions.failover.checks import CheckCode, blocked, warned
from lvstop.actions.failover.consequences import failback_of
from lvstop.actions.failover.intent import FailOver, FailoverIntent, Release
from lvstop.actions.failover.levers import limit_of
from lvstop.actions.failover.move import find_move, groups_named, move_of
from lvstop.actions.failover.plan import Assessment, Failback, FailoverPlan, FailoverRefusal, Move
from lvstop.actions.failover.releasing import holders, move_back, release
from lvstop.actions.failover.resuming import settle
from lvstop.actions.failover.situation import Look, Situation
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.analysis.words import listing, moment
from lvstop.model.change import Author
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, LeverStep
from lvstop.model.sounding import Sounding

Soundings = Mapping[str, Sounding]
Made = FailoverPlan | FailoverRefusal

_NAMED = 3
_RETURNS = {Failback.AUTOMATIC: True, Failback.STAYS: False, Failback.UNKNOWN: None}


def plan_intent(
    intent: FailoverIntent,
    snapshot: ClusterSnapshot,
    soundings: Soundings,
    *,
    author: Author,
    now: datetime,
    failover_id: str,
    configured: FailoverLever | None = None,
    accepted: frozenset[CheckCode] = frozenset(),
) -> Made:
    """What would be done, or why it is not. Arguments as of `plan_failover`."""
    if isinstance(intent, Release):
        return plan_release(intent, snapshot, soundings, now=now, accepted=accepted)
    return plan_failover(
        intent,
        snapshot,
        soundings,
        author=author,
        now=now,
        failover_id=failover_id,
        configured=configured,
        accepted=accepted,
    )


def plan_failover(
    intent: FailOver,
    snapshot: ClusterSnapshot,
    soundings: Soundings,
    *,
    author: Author,
    now: datetime,
    failover_id: str,
    configured: FailoverLever | None = None,
    accepted: frozenset[CheckCode] = frozenset(),
) -> Made:
    """A lever to be pulled; or to be released, where one is held that keeps the addresses from where they are wanted.

    Args:
        now: by the operator's clock.
        failover_id: the new record's name.
        configured: the lever that the cluster file asks for; None: the gentlest that works. The intent's own counts.
        accepted: codes of warnings that the operator accepts.
    """
    found = find_move(intent, snapshot)
    look = Look(snapshot, soundings, now, found.groups)
    if found.move is None:
        return FailoverRefusal(assess_cluster(look), found.objections)
    in_the_way = [each for each in look.others if _holds(each, found.move)]
    for record in in_the_way:
        back = move_back(record)
        if (back.source, back.target) == (found.move.source, found.move.target) and _same(back, found.move):
            made = plan_release(Release(record.id, intent.reason), snapshot, soundings, now=now, accepted=accepted)
            if isinstance(made, FailoverRefusal) or made.moves:
                return made
    named = intent.lever or configured
    situation = Situation.of(look, found.move)
    assessment = assess(situation, named)
    chosen = assessment.chosen
    objections = tuple(_held(look, record) for record in in_the_way)
    refusal = _refusal(assessment, objections, accepted)
    if refusal is not None or chosen is None or chosen.cost is None:
        return refusal or FailoverRefusal(assessment, objections)
    back_again, _ = failback_of(found.move.source, found.move.target, situation.pairs)
    record = Failover(
        id=failover_id,
        cluster=snapshot.name,
        phase=FailoverPhase.PENDING,
        lever=chosen.lever,
        source=found.move.source,
        target=found.move.target,
        instances=found.move.instances,
        vips=found.move.vips,
        steps=chosen.steps,
        author=author,
        at=now,
        reason=intent.reason,
        returns=_RETURNS[back_again],
    )
    limit = limit_of(chosen.lever, chosen.cost.takeover)
    return _pulling(record, assessment, found.move, chosen.steps, limit, accepted)


def plan_release(
    intent: Release,
    snapshot: ClusterSnapshot,
    soundings: Soundings,
    *,
    now: datetime,
    accepted: frozenset[CheckCode] = frozenset(),
) -> Made:
    """Releasing a lever that is held."""
    record = next((each for each in snapshot.failovers if each.id == intent.failover), None)
    if record is None or record.phase is not FailoverPhase.HELD:
        return FailoverRefusal(assess_cluster(Look(snapshot, soundings, now)), (_not_held(intent, snapshot, record),))
    reason = intent.reason or record.reason
    return _release(replace(record, reason=reason), snapshot, soundings, now=now, accepted=accepted)


def plan_finish(
    failover: Failover,
    snapshot: ClusterSnapshot,
    soundings: Soundings,
    *,
    now: datetime,
    accepted: frozenset[CheckCode] = frozenset(),
) -> Made:
    """What is left to do of a pending failover: its lever is pulled, if it is not yet, and the target holds everything.

    Args:
        failover: as it is on record.
    """
    look = Look(snapshot, soundings, now, groups_named(snapshot, failover.instances), failover.id)
    unknown = _unknown_directors(look, failover)
    if unknown:
        return FailoverRefusal(assess_cluster(look), unknown)
    move = Move(failover.source, failover.target, failover.instances, (), failover.vips)
    situation = Situation.of(look, move)
    rest = settle(situation, failover)
    if rest.untouched and holders(situation, failover.vips) != {failover.target}:
        assessment = assess(situation, failover.lever)
        chosen = assessment.chosen
        if chosen is not None and chosen.steps != failover.steps:
            return FailoverRefusal(assessment, (_changed("What would pull the lever now is not what is on record"),))
    else:
        assessment = rest.assessment
    refusal = _refusal(assessment, (), accepted)
    return refusal or _pulling(failover, assessment, move, rest.steps, rest.limit, accepted)


def plan_undo(failover: Failover, snapshot: ClusterSnapshot, soundings: Soundings, *, now: datetime) -> Made:
    """Releasing the lever of a pending failover, pulled or not. Warnings are shown, and need not be accepted."""
    return _release(failover, snapshot, soundings, now=now, accepted=frozenset(CheckCode))


def plan_again(plan: FailoverPlan, snapshot: ClusterSnapshot, soundings: Soundings, *, now: datetime) -> Made:
    """The same deed, assessed anew when the directors are locked: refused where it is not what was agreed to."""
    record = plan.failover
    if plan.releases:
        made = _release(record, snapshot, soundings, now=now, accepted=plan.accepted)
    elif any(each.id == record.id for each in snapshot.failovers):
        made = plan_finish(record, snapshot, soundings, now=now, accepted=plan.accepted)
    else:
        made = _pull_again(plan, snapshot, soundings, now=now)
    if isinstance(made, FailoverPlan) and (made.steps, made.moves) != (plan.steps, plan.moves):
        return FailoverRefusal(made.assessment, (_changed("What would have to be done is not what was agreed to"),))
    return made


def _pull_again(plan: FailoverPlan, snapshot: ClusterSnapshot, soundings: Soundings, *, now: datetime) -> Made:
    record, move = plan.failover, plan.move
    groups = groups_named(snapshot, move.instances)
    look = Look(snapshot, soundings, now, groups, record.id)
    masters = {member.director.name for group in groups for member in group.masters}
    if masters != {move.source}:
        held = listing(sorted(masters)) or "nobody"
        objection = _changed(f"{held} is MASTER of {listing(move.instances, most=_NAMED)} now, and not {move.source}")
        return FailoverRefusal(assess_cluster(look), (objection,))
    now_moving = move_of(groups, snapshot, move.source, move.target)
    situation = Situation.of(look, now_moving)
    assessment = assess(situation, record.lever)
    objections: list[Objection] = [_held(look, each) for each in look.others if _holds(each, now_moving)]
    if not _same(now_moving, move) or set(now_moving.vips) != set(move.vips):
        objections.append(_changed("What would move is not what was agreed to"))
    elif assessment.chosen is not None and assessment.chosen.steps != record.steps:
        objections.append(_changed("What it takes to move it is not what was agreed to"))
    refusal = _refusal(assessment, objections, plan.accepted)
    return refusal or replace(plan, assessment=assessment)


def _release(
    record: Failover,
    snapshot: ClusterSnapshot,
    soundings: Soundings,
    *,
    now: datetime,
    accepted: frozenset[CheckCode],
) -> Made:
    look = Look(snapshot, soundings, now, groups_named(snapshot, record.instances), record.id)
    unknown = _unknown_directors(look, record)
    if unknown:
        return FailoverRefusal(assess_cluster(look), unknown)
    found = release(Situation.of(look, move_back(record), releasing=record), record)
    refusal = _refusal(found.assessment, (), accepted)
    if refusal is not None:
        return refusal
    return FailoverPlan(
        failover=record,
        assessment=found.assessment,
        move=found.move,
        releases=True,
        moves=found.moves,
        steps=found.steps,
        limit=found.limit,
        accepted=accepted,
    )


def _pulling(
    record: Failover,
    assessment: Assessment,
    move: Move,
    steps: tuple[LeverStep, ...],
    limit: float,
    accepted: frozenset[CheckCode],
) -> FailoverPlan:
    return FailoverPlan(
        failover=record,
        assessment=assessment,
        move=move,
        releases=False,
        moves=True,
        steps=steps,
        limit=limit,
        accepted=accepted,
    )


def _refusal(
    assessment: Assessment, objections: Sequence[Objection], accepted: frozenset[CheckCode]
) -> FailoverRefusal | None:
    """None where nothing speaks against it."""
    unaccepted = tuple(check.code for check in warned(assessment.checks) if check.code not in accepted)
    if objections or unaccepted or blocked(assessment.checks):
        return FailoverRefusal(assessment, tuple(objections), unaccepted)
    return None


def _holds(record: Failover, move: Move) -> bool:
    """Its lever is held on one of the two directors, or decides something that is to move."""
    if record.phase is not FailoverPhase.HELD:
        return False
    return record.source in (move.source, move.target) or not set(record.vips).isdisjoint(move.vips)


def _same(one: Move, other: Move) -> bool:
    return set(one.instances) == set(other.instances)


def _held(look: Look, record: Failover) -> Objection:
    when = moment(record.at, look.now)
    sentence = (
        f"The lever {record.lever} of {listing(record.instances, most=_NAMED)} is held on {record.source}, pulled by "
        f"{record.author} at {when}: release it first (`lvstop failover {look.snapshot.name} --release`)."
    )
    return Objection(ObjectionCode.LEVER_HELD, sentence, overridable=False)


def _not_held(intent: Release, snapshot: ClusterSnapshot, record: Failover | None) -> Objection:
    if record is None:
        sentence = f"No failover {intent.failover} is on record: its lever has been released."
        return Objection(ObjectionCode.NO_SUCH_FAILOVER, sentence, overridable=False)
    sentence = f"It is not finished: `lvstop resume {snapshot.name}` finishes it or undoes it."
    return Objection(ObjectionCode.FAILOVER_UNFINISHED, sentence, overridable=False)


def _unknown_directors(look: Look, record: Failover) -> tuple[Objection, ...]:
    """The cluster file may have changed since."""
    return tuple(
        Objection(
            ObjectionCode.NO_SUCH_DIRECTOR,
            f"{name}, which this failover is about, is no director of {look.snapshot.name} any more.",
            overridable=False,
        )
        for name in (record.source, record.target)
        if look.director(name) is None
    )


def _changed(what: str) -> Objection:
    return Objection(ObjectionCode.CHANGED_SINCE, f"{what}: look again before you decide.", overridable=False)
