"""`--json` of `lvstop failover`, and of `lvstop resume` for a failover: one document, null where nothing is known.

{"schema": 1, "command", "cluster", "plan", "assessment", "objections": [{"code", "sentence", "overridable"}],
 "unaccepted": [code], "suggestions": [{"director", "valid", "said", "failure"}], "outcome"}

The parts are described in `actions.failover.documents`. `suggestions` tells of `--suggest` only, and is null without
it: what `keepalived -t` says of each director's configuration with the lines that `assessment` has; `valid` is null
where it could not be asked, and `failure` says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvstop.actions.failover.documents import JsonObject, assessment_document, outcome_document, plan_document
from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import Assessment, FailoverPlan
from lvstop.actions.plan import Objection
from lvstop.model.sounding import ConfigCheck


@dataclass(frozen=True, slots=True)
class Tried:
    """A suggestion that was checked on its director.

    Attributes:
        check: None where it could not be asked.
        failure: why not.
    """

    check: ConfigCheck | None
    failure: str = ""


def document(
    command: str,
    cluster: str,
    *,
    plan: FailoverPlan | None,
    assessment: Assessment | None,
    objections: Sequence[Objection],
    unaccepted: Sequence[str],
    tried: Mapping[str, Tried] | None,
    outcome: FailoverOutcome | None,
) -> JsonObject:
    """The whole document."""
    refused = [*objections, *(() if outcome is None else outcome.objections)]
    return {
        "schema": 1,
        "command": command,
        "cluster": cluster,
        "plan": None if plan is None else plan_document(plan),
        "assessment": None if assessment is None else assessment_document(assessment),
        "objections": [
            {"code": str(each.code), "sentence": each.sentence, "overridable": each.overridable} for each in refused
        ],
        "unaccepted": [str(code) for code in unaccepted],
        "suggestions": None if tried is None else [_tried(name, each) for name, each in tried.items()],
        "outcome": None if outcome is None else outcome_document(outcome),
    }


def _tried(director: str, tried: Tried) -> JsonObject:
    check = tried.check
    return {
        "director": director,
        "valid": None if check is None else check.valid,
        "said": [] if check is None else list(check.said),
        "failure": tried.failure or None,
    }
