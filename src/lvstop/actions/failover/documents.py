"""Failovers as JSON, for the journal, the report and the command line. null is unknown, or did not happen.

    move        {"source", "target", "instances", "groups", "vips"}
    check       {"code", "verdict": "passed|warned|blocked", "sentence", "age_seconds", "remedy"}
    option      {"lever", "usable", "why", "commands": [{"director", "command"}], "takeover_seconds",
                 "gap_seconds": [from, to], "release"}
    suggestion  {"director", "lines", "within": [{"block", "lines"}]}
    assessment  {"move", "checks", "options", "chosen": lever, "suggestions",
                 "consequences": {"connections", "surviving", "breaking", "persistence", "failback", "failback_why",
                                  "sentences"}}
    plan        {"id", "lever", "releases", "moves", "move", "steps", "commands", "limit_seconds", "accepted": [code],
                 "reason", "author": {"user", "host"}, "at"}
    moment      {"mark", "director", "subject", "at_seconds", "error_seconds"}
    span        {"seconds", "error_seconds"}
    timeline    {"began", "moments", "addresses": [{"vip", "removed": moment, "added": moment, "absent": span}],
                 "connections": span}
    outcome     {"kind", "failover": {"id", "phase"}, "checks", "objections": [{"code", "sentence"}], "failure",
                 "timeline", "standings": [{"director", "holds", "states": {instance: state}, "lever"}],
                 "tallies": [{"director", "active_before", "active_after"}], "way_out", "notes", "seconds"}

A step is written as in its record (`model.failover_record`).
"""

from collections.abc import Sequence
from datetime import datetime

from lvstop.actions.audit import Json, told_objections
from lvstop.actions.command import Command
from lvstop.actions.failover.checks import Check
from lvstop.actions.failover.commands import commands_of, pulling
from lvstop.actions.failover.outcome import DirectorStanding, FailoverOutcome, Tally
from lvstop.actions.failover.plan import Assessment, Consequences, FailoverPlan, LeverOption, Move, Suggestion
from lvstop.actions.failover.timeline import AddressGap, Moment, Span, Timeline
from lvstop.model.failover import Failover
from lvstop.model.failover_record import written_step

JsonObject = dict[str, Json]


def assessment_document(assessment: Assessment) -> JsonObject:
    """Everything that was known before the deed."""
    return {
        "move": None if assessment.move is None else move_document(assessment.move),
        "checks": checks_document(assessment.checks),
        "options": [_option(each) for each in assessment.options],
        "chosen": None if assessment.chosen is None else str(assessment.chosen.lever),
        "suggestions": [suggestion_document(each) for each in assessment.suggestions],
        "consequences": None if assessment.consequences is None else _consequences(assessment.consequences),
    }


def plan_document(plan: FailoverPlan) -> JsonObject:
    """What is to be done."""
    failover = plan.failover
    return {
        "id": failover.id,
        "lever": str(failover.lever),
        "releases": plan.releases,
        "moves": plan.moves,
        "move": move_document(plan.move),
        "steps": [written_step(step) for step in plan.steps],
        "commands": _commands(commands_of(plan)),
        "limit_seconds": plan.limit,
        "accepted": list(plan.accepted_warnings),
        "reason": failover.reason or None,
        "author": {"user": failover.author.user, "host": failover.author.host},
        "at": moment_text(failover.at),
    }


def outcome_document(outcome: FailoverOutcome) -> JsonObject:
    """What became of it."""
    return {
        "kind": str(outcome.kind),
        "failover": None if outcome.failover is None else _kept(outcome.failover),
        "checks": checks_document(outcome.checks),
        "objections": told_objections(outcome.objections),
        "failure": outcome.failure or None,
        "timeline": None if outcome.timeline is None else timeline_document(outcome.timeline),
        "standings": [_standing(each) for each in outcome.standings],
        "tallies": [_tally(each) for each in outcome.tallies],
        "way_out": list(outcome.way_out),
        "notes": list(outcome.notes),
        "seconds": round(outcome.seconds, 3),
    }


def move_document(move: Move) -> JsonObject:
    """Who gives what to whom."""
    return {
        "source": move.source,
        "target": move.target,
        "instances": list(move.instances),
        "groups": list(move.groups),
        "vips": [str(vip) for vip in move.vips],
    }


def checks_document(checks: Sequence[Check]) -> Json:
    """The preflight."""
    return [
        {
            "code": str(each.code),
            "verdict": str(each.verdict),
            "sentence": each.sentence,
            "age_seconds": None if each.age_seconds is None else round(each.age_seconds, 3),
            "remedy": each.remedy or None,
        }
        for each in checks
    ]


def suggestion_document(suggestion: Suggestion) -> JsonObject:
    """Configuration lines for one director."""
    return {
        "director": suggestion.director,
        "lines": list(suggestion.lines),
        "within": [{"block": block, "lines": list(lines)} for block, lines in suggestion.within],
    }


def timeline_document(timeline: Timeline) -> JsonObject:
    """What happened when; seconds since the lever."""
    return {
        "began": moment_text(timeline.began),
        "moments": [_moment(each) for each in timeline.moments],
        "addresses": [_gap(each) for each in timeline.addresses],
        "connections": _span(timeline.connections),
    }


def moment_text(when: datetime) -> str:
    """A moment in UTC, to the millisecond."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _option(option: LeverOption) -> JsonObject:
    cost = option.cost
    return {
        "lever": str(option.lever),
        "usable": option.usable,
        "why": option.why,
        "commands": _commands(pulling(option.steps)),
        "takeover_seconds": None if cost is None else _rounded(cost.takeover),
        "gap_seconds": None if cost is None else [_rounded(each) for each in cost.gap],
        "release": option.release or None,
    }


def _consequences(consequences: Consequences) -> JsonObject:
    return {
        "connections": consequences.connections,
        "surviving": consequences.surviving,
        "breaking": consequences.breaking,
        "persistence": consequences.persistence or None,
        "failback": str(consequences.failback),
        "failback_why": consequences.failback_why,
        "sentences": list(consequences.sentences),
    }


def _commands(commands: Sequence[Command]) -> Json:
    return [{"director": each.director, "command": str(each)} for each in commands]


def _kept(failover: Failover) -> JsonObject:
    return {"id": failover.id, "phase": str(failover.phase)}


def _standing(standing: DirectorStanding) -> JsonObject:
    states = standing.states
    return {
        "director": standing.director,
        "holds": None if standing.holds is None else [str(vip) for vip in standing.holds],
        "states": None if states is None else {name: None if state is None else str(state) for name, state in states},
        "lever": standing.lever or None,
    }


def _tally(tally: Tally) -> JsonObject:
    return {
        "director": tally.director,
        "active_before": tally.active_before,
        "active_after": tally.active_after,
    }


def _moment(moment: Moment) -> JsonObject:
    return {
        "mark": str(moment.mark),
        "director": moment.director or None,
        "subject": moment.subject,
        "at_seconds": _rounded(moment.at),
        "error_seconds": _rounded(moment.error),
    }


def _gap(gap: AddressGap) -> JsonObject:
    return {
        "vip": str(gap.vip),
        "removed": None if gap.removed is None else _moment(gap.removed),
        "added": None if gap.added is None else _moment(gap.added),
        "absent": _span(gap.absent),
    }


def _span(span: Span | None) -> Json:
    return None if span is None else {"seconds": _rounded(span.seconds), "error_seconds": _rounded(span.error)}


def _rounded(seconds: float) -> float:
    """To the microsecond: nothing here is known better."""
    return round(seconds, 6)
