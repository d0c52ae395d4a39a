"""Changing a cluster. In read-only mode nothing of this kind exists."""

from collections.abc import Callable
from typing import Protocol

from lvstop.actions.intent import Intent
from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Plan, Refusal
from lvstop.actions.progress import Progress
from lvstop.config.schema import ClusterConfig
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot


class Actor(Protocol):
    """The one way to change one cluster."""

    def plan(self, intent: Intent, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        """What would be done, or why it is not. Nothing is asked of the directors.

        Args:
            insist: the operator's reason for overriding the objections that may be overridden; None: he does not.
        """
        ...

    def plan_finish(self, change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        """What it takes to finish a pending change. `insist` as in `plan`."""
        ...

    def plan_undo(self, change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        """What it takes to put everything back that a pending change may have done. `insist` as in `plan`."""
        ...

    async def execute(self, plan: Plan, report: Callable[[Progress], None]) -> Outcome:
        """Do it, read back, and tell. One at a time per cluster; failure is in the outcome, never raised.

        Cancelling it leaves the change pending on record.
        """
        ...


MakeActor = Callable[[ClusterConfig], Actor | None]
"""None for a cluster that is read-only."""
