"""What is written into the audit of a failover: before it begins, before each of its steps, and when it has ended.

    {"event": "begin", "id", "at", "cluster", "kind": "failover", "act": "pull" | "release", "lever", "reason",
     "author": {"user", "host"}, "failover_author": {"user", "host"}, "from": {"ssh_client", "tty"}, "version",
     "move", "checks": [check], "accepted": [code], "steps", "commands": {director: [command]}, "limit_seconds"}
    {"event": "step", "id", "at", "cluster", "kind": "failover", "director", "what"}
    {"event": "end", "id", "at", "cluster", "kind": "failover", "act", "outcome": kind, …the rest of `documents`}

`author` is who did this, `failover_author` who began the failover: a lever may be released by somebody else.
"""

from typing import Final, Protocol

from lvstop.actions.audit import AuditLog, Json, told_commands
from lvstop.actions.failover.commands import commands_of
from lvstop.actions.failover.documents import checks_document, move_document, outcome_document
from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.model.change import Author
from lvstop.model.failover_record import KIND, written_step

_ACTS: Final = {False: "pull", True: "release"}


class FailoverJournal(Protocol):
    """Writes down what is done. Each returns when it is on the disk."""

    def begin(self, plan: FailoverPlan) -> None:
        """What is about to be done.

        Raises:
            AuditError: it could not be written; the plan must not be executed.
        """
        ...

    def step(self, plan: FailoverPlan, what: str, director: str | None) -> None:
        """A step, before it is taken.

        Args:
            director: where; None for what happens on the operator's machine.

        Raises:
            AuditError: it could not be written.
        """
        ...

    def end(self, plan: FailoverPlan, outcome: FailoverOutcome) -> None:
        """What became of it; also of what was refused when it was to be done.

        Raises:
            AuditError: it could not be written.
        """
        ...


class FailoverAudit:
    """Implements `FailoverJournal` with lines of the audit.

    Args:
        author: who runs this lvstop.
    """

    def __init__(self, log: AuditLog, author: Author) -> None:
        self._log = log
        self._author = author

    def begin(self, plan: FailoverPlan) -> None:
        failover = plan.failover
        self._write(
            "begin",
            plan,
            {
                "act": _ACTS[plan.releases],
                "lever": str(failover.lever),
                "reason": failover.reason,
                "author": _author(self._author),
                "failover_author": _author(failover.author),
                **self._log.whence(),
                "move": move_document(plan.move),
                "checks": checks_document(plan.assessment.checks),
                "accepted": list(plan.accepted_warnings),
                "steps": [written_step(step) for step in plan.steps],
                "commands": told_commands(commands_of(plan)),
                "limit_seconds": plan.limit,
            },
        )

    def step(self, plan: FailoverPlan, what: str, director: str | None) -> None:
        self._write("step", plan, {"director": director, "what": what})

    def end(self, plan: FailoverPlan, outcome: FailoverOutcome) -> None:
        told = outcome_document(outcome)
        kind = told.pop("kind")
        self._write("end", plan, {"act": _ACTS[plan.releases], "outcome": kind, **told})

    def _write(self, event: str, plan: FailoverPlan, values: dict[str, Json]) -> None:
        self._log.write(event, plan.failover, KIND, values)


def _author(author: Author) -> Json:
    return {"user": author.user, "host": author.host}
