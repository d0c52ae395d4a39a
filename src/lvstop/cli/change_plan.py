"""From arguments to a plan: which rows are meant, and what is to be done with them."""

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta

from lvstop.actions.entries import parse_weight
from lvstop.actions.intent import AddWeight, Drain, Intent, Restore, Row, ScaleWeight, SetWeight
from lvstop.actions.plan import Objection, ObjectionCode, Plan, Refusal
from lvstop.actions.select import find_rows
from lvstop.cli.changing import UsageError
from lvstop.engine.actor import Actor
from lvstop.model.change import Change, ChangePhase, Lever
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.record_fields import REASON_LIMIT
from lvstop.plain import plain

MakeIntent = Callable[[tuple[Row, ...]], Intent]


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


def plan_resume(options: argparse.Namespace, actor: Actor, snapshot: ClusterSnapshot, change: Change) -> Plan | Refusal:
    """What it takes to finish or undo a change that was interrupted."""
    plan = actor.plan_finish if options.finish else actor.plan_undo
    return plan(change, snapshot, insist=reason_of(options) if options.force else None)


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
