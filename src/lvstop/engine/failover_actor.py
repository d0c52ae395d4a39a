"""Failing a cluster over. In read-only mode nothing of this kind exists."""

from collections.abc import Callable, Mapping
from typing import Protocol

from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.intent import FailoverIntent
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal, Suggestion
from lvstop.config.schema import ClusterConfig
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover
from lvstop.model.sounding import ConfigCheck, Sounding

Soundings = Mapping[str, Sounding]
"""By director; one that could not be asked at all is missing."""


class FailoverActor(Protocol):
    """The one way to fail one cluster over."""

    async def sound(self) -> Soundings:
        """Ask every director what only a failover needs to know. Nothing is changed; takes a few seconds.

        A snapshot to plan with is taken afterwards: it has to be fresh, and of a sounding it is enough to be recent.
        """
        ...

    def plan(
        self,
        intent: FailoverIntent,
        snapshot: ClusterSnapshot,
        soundings: Soundings,
        *,
        accepted: frozenset[CheckCode] = frozenset(),
    ) -> FailoverPlan | FailoverRefusal:
        """What would be done, or why it is not.

        Args:
            accepted: codes of warnings that the operator accepts.
        """
        ...

    def plan_finish(
        self,
        failover: Failover,
        snapshot: ClusterSnapshot,
        soundings: Soundings,
        *,
        accepted: frozenset[CheckCode] = frozenset(),
    ) -> FailoverPlan | FailoverRefusal:
        """What it takes to finish a pending failover: its lever is pulled, if it is not yet."""
        ...

    def plan_undo(
        self, failover: Failover, snapshot: ClusterSnapshot, soundings: Soundings
    ) -> FailoverPlan | FailoverRefusal:
        """What it takes to release the lever of a pending failover, pulled or not."""
        ...

    async def try_suggestion(self, suggestion: Suggestion) -> ConfigCheck:
        """What `keepalived -t` says of a director's configuration with these lines in it. No configuration is changed.

        Raises:
            LvstopError: it could not be asked.
        """
        ...

    async def execute(self, plan: FailoverPlan, report: Callable[[FailoverProgress], None]) -> FailoverOutcome:
        """Do it under the stopwatch, verify, and tell. Failure is in the outcome, never raised.

        Cancelling it leaves the failover pending on record.
        """
        ...


MakeFailoverActor = Callable[[ClusterConfig], FailoverActor | None]
"""None for a cluster that is read-only."""
