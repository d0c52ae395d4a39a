"""An actor in memory: plans what a test has prepared, and does nothing but remember."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lvstop.actions.intent import Intent
from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Plan, Refusal
from lvstop.actions.progress import Progress
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot


@dataclass
class FakeActor:
    """Implements `lvstop.engine.actor.Actor`.

    Attributes:
        answer: what every intent comes to.
        outcome: how it ends; None waits until it is cancelled.
        steps: told while it is done.
        asked: what was planned, with the operator's reason for insisting.
        executed: plans that were carried out, or begun.
        snapshots: what the plans were made of.
    """

    answer: Plan | Refusal
    outcome: Outcome | None = None
    steps: Sequence[Progress] = ()
    asked: list[tuple[object, str | None]] = field(default_factory=list)
    executed: list[Plan] = field(default_factory=list)
    snapshots: list[ClusterSnapshot] = field(default_factory=list)
    begun: Callable[[], None] = lambda: None

    def plan(self, intent: Intent, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        return self._plan(intent, snapshot, insist)

    def plan_finish(self, change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        return self._plan(("finish", change.id), snapshot, insist)

    def plan_undo(self, change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        return self._plan(("undo", change.id), snapshot, insist)

    async def execute(self, plan: Plan, report: Callable[[Progress], None]) -> Outcome:
        self.executed.append(plan)
        for step in self.steps:
            report(step)
        if self.outcome is None:
            self.begun()
            await asyncio.get_running_loop().create_future()
            raise AssertionError("nobody ends this")
        return self.outcome

    def _plan(self, asked: object, snapshot: ClusterSnapshot, insist: str | None) -> Plan | Refusal:
        self.asked.append((asked, insist))
        self.snapshots.append(snapshot)
        return self.answer
