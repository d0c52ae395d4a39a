"""Actors that are made when first used: what they need takes long to import, and most days pass without them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lvstop.actions.failover.checks import CheckCode
    from lvstop.actions.failover.intent import FailoverIntent
    from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
    from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal, Suggestion
    from lvstop.actions.intent import Intent
    from lvstop.actions.outcome import Outcome
    from lvstop.actions.plan import Plan, Refusal
    from lvstop.actions.progress import Progress
    from lvstop.engine.actor import Actor
    from lvstop.engine.failover_actor import FailoverActor, Soundings
    from lvstop.model.change import Change
    from lvstop.model.cluster import ClusterSnapshot
    from lvstop.model.failover import Failover
    from lvstop.model.sounding import ConfigCheck


class LateActor:
    """An `engine.actor.Actor` that is made when it is first used."""

    def __init__(self, make: "Callable[[], Actor]") -> None:
        self._make = make
        self._made: Actor | None = None

    @property
    def _actor(self) -> "Actor":
        if self._made is None:
            self._made = self._make()
        return self._made

    def plan(self, intent: "Intent", snapshot: "ClusterSnapshot", *, insist: str | None = None) -> "Plan | Refusal":
        return self._actor.plan(intent, snapshot, insist=insist)

    def plan_finish(
        self, change: "Change", snapshot: "ClusterSnapshot", *, insist: str | None = None
    ) -> "Plan | Refusal":
        return self._actor.plan_finish(change, snapshot, insist=insist)

    def plan_undo(
        self, change: "Change", snapshot: "ClusterSnapshot", *, insist: str | None = None
    ) -> "Plan | Refusal":
        return self._actor.plan_undo(change, snapshot, insist=insist)

    async def execute(self, plan: "Plan", report: "Callable[[Progress], None]") -> "Outcome":
        return await self._actor.execute(plan, report)


class LateFailoverActor:
    """An `engine.failover_actor.FailoverActor` that is made when it is first used."""

    def __init__(self, make: "Callable[[], FailoverActor]") -> None:
        self._make = make
        self._made: FailoverActor | None = None

    @property
    def _actor(self) -> "FailoverActor":
        if self._made is None:
            self._made = self._make()
        return self._made

    async def sound(self) -> "Soundings":
        return await self._actor.sound()

    def plan(
        self,
        intent: "FailoverIntent",
        snapshot: "ClusterSnapshot",
        soundings: "Soundings",
        *,
        accepted: "frozenset[CheckCode]" = frozenset(),
    ) -> "FailoverPlan | FailoverRefusal":
        return self._actor.plan(intent, snapshot, soundings, accepted=accepted)

    def plan_finish(
        self,
        failover: "Failover",
        snapshot: "ClusterSnapshot",
        soundings: "Soundings",
        *,
        accepted: "frozenset[CheckCode]" = frozenset(),
    ) -> "FailoverPlan | FailoverRefusal":
        return self._actor.plan_finish(failover, snapshot, soundings, accepted=accepted)

    def plan_undo(
        self, failover: "Failover", snapshot: "ClusterSnapshot", soundings: "Soundings"
    ) -> "FailoverPlan | FailoverRefusal":
        return self._actor.plan_undo(failover, snapshot, soundings)

    async def try_suggestion(self, suggestion: "Suggestion") -> "ConfigCheck":
        return await self._actor.try_suggestion(suggestion)

    async def execute(self, plan: "FailoverPlan", report: "Callable[[FailoverProgress], None]") -> "FailoverOutcome":
        return await self._actor.execute(plan, report)
