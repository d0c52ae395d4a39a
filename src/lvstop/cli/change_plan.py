"""From arguments to a plan: which rows are meant, and what is to be done with them."""

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from lvstop.actions.entries import parse_weight
from lvstop.actions.intent import AddWeight, Drain, Intent, Restore, Row, ScaleWeight, SetWeight
from lvstop.actions.plan import Objection, ObjectionCode, Plan, Refusal
from lvstop.actions.select import find_rows
from lvstop.analysis.words import listing
from lvstop.cli.change_report import unfinished_text
from lvstop.engine.actor import Actor
from lvstop.errors import LvstopError
from lvstop.model.change import Change, ChangePhase, Lever
from lvstop.model.record_fields import REASON_LIMIT
from lvstop.model.cluster import ClusterSnapshot
from lvstop.plain import plain

MakeIntent = Callable[[tuple[Row, ...]], Intent]


class UsageError(LvstopError):
    """What was asked for is no sense, or leaves open what is meant."""


def intent_of(options: argparse.Namespace, now: datetime) -> MakeIntent:
    """What is asked for, but for the rows: those are known when somebody has looked.

    Raises:
        UsageError: the arguments are no sense.
    """
    reason = reason_of(options)
    if options.command == "drain":
        lever = None if options.lever is None else Lever(options.lever)
        until = _until(options.until, now)
        return lambda rows: Drain(rows, lever, reason, until)
    if options.command == "restore":
        return lambda rows: Restore(rows, reason)
    try:
        asked = parse_weight(options.weight, ())
    except ValueError as error:
        raise UsageError(str(error)) from None
    match asked:
        case SetWeight(weight=weight):
            return lambda rows: SetWeight(rows, weight, reason)
        case AddWeight(delta=delta):
            return lambda rows: AddWeight(rows, delta, reason)
        case ScaleWeight(percent=percent):
            return lambda rows: ScaleWeight(rows, percent, reason)
    raise UsageError(f"{options.weight!r} is no weight")


def reason_of(options: argparse.Namespace) -> str:
    """The operator's reason on one line, of whole characters."""
    words = " ".join(options.reason.split())
    reason = plain(words.encode("utf-8", "replace").decode("utf-8"))
    if len(reason) > REASON_LIMIT:
        raise UsageError(f"a reason has up to {REASON_LIMIT} characters, and this one has {len(reason)}")
    return reason


def _until(when: timedelta | datetime | None, now: datetime) -> datetime | None:
    if isinstance(when, timedelta):
        return now + when
    if when is not None and when <= now:
        raise UsageError(f"--until {when:%Y-%m-%d %H:%M} UTC is over already")
    return when


def plan_change(
    options: argparse.Namespace, make_intent: MakeIntent, actor: Actor, snapshot: ClusterSnapshot
) -> Plan | Refusal:
    """What would be done with the rows that are meant, or why it is not."""
    found = find_rows(snapshot, options.real_server, options.virtual_server)
    if isinstance(found, Objection):
        return Refusal((found,))
    return actor.plan(make_intent(found), snapshot, insist=reason_of(options) if options.force else None)


def plan_resume(options: argparse.Namespace, actor: Actor, snapshot: ClusterSnapshot) -> Plan | Refusal:
    """What it takes to finish or undo what was interrupted.

    Raises:
        UsageError: several were, and none of them is named.
    """
    pending = [each for each in snapshot.changes if each.phase is ChangePhase.PENDING]
    change = _chosen(pending, options.id)
    if change is None:
        return Refusal((_nothing(snapshot, options.id, pending),))
    plan = actor.plan_finish if options.finish else actor.plan_undo
    return plan(change, snapshot, insist=reason_of(options) if options.force else None)


def _chosen(pending: Sequence[Change], change_id: str | None) -> Change | None:
    if change_id is not None:
        return next((each for each in pending if each.id == change_id), None)
    if len(pending) > 1:
        raise UsageError(f"{len(pending)} changes are unfinished; name one:\n{unfinished_text(pending)}")
    return pending[0] if pending else None


def _nothing(snapshot: ClusterSnapshot, change_id: str | None, pending: Sequence[Change]) -> Objection:
    """No such change is known, which is not the same as that there is none."""
    silent = [each.name for each in snapshot.directors if not each.answers or each.changes is None]
    what = "Nothing is unfinished" if change_id is None else f"No change {change_id} is unfinished"
    if silent:
        sentence = f"{what} in {snapshot.name} as far as is known; what {listing(silent)} has on record is unknown."
        return Objection(ObjectionCode.DIRECTOR_MISSING, sentence, overridable=False)
    those = f" These are: {', '.join(each.id for each in pending)}." if pending else ""
    return Objection(ObjectionCode.NOTHING_TO_DO, f"{what} in {snapshot.name}.{those}", overridable=False)


def standing_drain(options: argparse.Namespace, refusal: Refusal, snapshot: ClusterSnapshot) -> Change | None:
    """The drain that is to be followed where `drain --wait` finds nothing left to drain; None: that is a refusal."""
    if not getattr(options, "wait", False) or options.dry_run:
        return None
    if any(objection.code is not ObjectionCode.NOTHING_TO_DO for objection in refusal.objections):
        return None
    rows = find_rows(snapshot, options.real_server, options.virtual_server)
    if isinstance(rows, Objection):
        return None
    standing = [change for change in snapshot.changes if change.phase is ChangePhase.STANDING]
    return next((change for change in standing if set(rows) <= set(change.rows)), None)
