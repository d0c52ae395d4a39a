"""`--json` of the commands that change a cluster: one document, null where something is unknown or did not happen.

{"schema": 1, "command", "cluster",
 "plan": {"id", "kind", "lever", "reason", "until", "rows": [{"director", "virtual_server", "real_server",
          "weight_before", "weight_after"}], "files": [{"director", "name", "path", "before", "after"}],
          "commands": [{"director", "command"}], "lifetime": [sentence], "remarks": [{"sentence", "remedy"}],
          "shares": [{"virtual_server", "real_server", "now", "then"}], "overridden": [objection], "closes": [id]},
 "objections": [{"code", "sentence", "overridable"}],
 "outcome": {"kind", "failure", "change", "rows": [{"director", "virtual_server", "real_server", "weight", "found",
             "as_planned", "as_before"}], "notes": [sentence], "seconds"},
 "progress": {"safety", "safe", "headline", "left", "start", "done", "forecast_seconds", "rows": [{"virtual_server",
              "real_server", "directors", "active_connections", "inactive_connections", "persistent_connections",
              "left", "start", "done", "forecast_seconds", "safety", "words"}]}}
"""

from collections.abc import Sequence
from datetime import datetime

from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Objection, Plan
from lvstop.analysis.draining import DrainProgress, RowProgress
from lvstop.cli.json_report import Json, JsonObject
from lvstop.model.change import FileChange


def document(
    command: str,
    cluster: str,
    *,
    plan: Plan | None = None,
    objections: Sequence[Objection] = (),
    outcome: Outcome | None = None,
    progress: DrainProgress | None = None,
) -> JsonObject:
    """The whole document."""
    refused = [*objections, *(() if outcome is None else outcome.objections)]
    return {
        "schema": 1,
        "command": command,
        "cluster": cluster,
        "plan": None if plan is None else _plan(plan),
        "objections": _objections(refused),
        "outcome": None if outcome is None else _outcome(outcome),
        "progress": None if progress is None else _progress(progress),
    }


def _moment(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="seconds").replace("+00:00", "Z")


def _plan(plan: Plan) -> JsonObject:
    change = plan.change
    return {
        "id": change.id,
        "kind": str(change.kind),
        "lever": str(change.lever),
        "reason": change.reason or None,
        "until": _moment(change.until),
        "rows": [
            {
                "director": each.director,
                "virtual_server": str(each.virtual_server),
                "real_server": str(each.real_server),
                "weight_before": each.before.weight,
                "weight_after": each.after,
            }
            for each in plan.expects
        ],
        "files": [_file(each) for each in plan.steps if isinstance(each, FileChange)],
        "commands": [{"director": each.director, "command": str(each)} for each in plan.commands],
        "lifetime": list(plan.lifetime),
        "remarks": [{"sentence": each.sentence, "remedy": each.remedy or None} for each in plan.remarks],
        "shares": [
            {
                "virtual_server": str(each.virtual_server),
                "real_server": str(each.real_server),
                "now": each.now,
                "then": each.then,
            }
            for each in plan.shares
        ],
        "overridden": _objections(plan.overridden),
        "closes": list(plan.closes),
    }


def _file(each: FileChange) -> JsonObject:
    return {
        "director": each.director,
        "name": each.name,
        "path": each.path,
        "before": each.before,
        "after": each.after,
    }


def _objections(objections: Sequence[Objection]) -> Json:
    return [{"code": str(each.code), "sentence": each.sentence, "overridable": each.overridable} for each in objections]


def _outcome(outcome: Outcome) -> JsonObject:
    return {
        "kind": str(outcome.kind),
        "failure": outcome.failure or None,
        "change": None if outcome.change is None else outcome.change.id,
        "rows": [
            {
                "director": row.director,
                "virtual_server": str(row.virtual_server),
                "real_server": str(row.real_server),
                "weight": row.weight,
                "found": row.found,
                "as_planned": row.as_planned,
                "as_before": row.as_before,
            }
            for row in outcome.rows
        ],
        "notes": list(outcome.notes),
        "seconds": round(outcome.seconds, 3),
    }


def _progress(progress: DrainProgress) -> JsonObject:
    return {
        "safety": str(progress.safety),
        "safe": progress.safe,
        "headline": progress.headline,
        "left": progress.left,
        "start": progress.start,
        "done": _rounded(progress.done),
        "forecast_seconds": _rounded(progress.seconds),
        "rows": [_row(row) for row in progress.rows],
    }


def _row(row: RowProgress) -> JsonObject:
    return {
        "virtual_server": str(row.virtual_server),
        "real_server": str(row.real_server),
        "directors": list(row.directors),
        "active_connections": row.active,
        "inactive_connections": row.inactive,
        "persistent_connections": row.persistent,
        "left": row.left,
        "start": row.start,
        "done": _rounded(row.done),
        "forecast_seconds": _rounded(row.seconds),
        "safety": str(row.safety),
        "words": row.words,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
