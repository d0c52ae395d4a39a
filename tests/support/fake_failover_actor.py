"""An actor for failovers that answers what it is told to, and does nothing but remember."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lvstop.actions.failover.checks import CheckCode, Verdict, blocked
from lvstop.actions.failover.intent import FailOver, FailoverIntent
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
from lvstop.actions.failover.plan import Assessment, FailoverPlan, FailoverRefusal, Suggestion
from lvstop.actions.plan import Objection
from lvstop.config.schema import ClusterConfig
from lvstop.engine.failover_actor import Soundings
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover
from lvstop.model.sounding import ConfigCheck, Sounding
from support.clocks import START
from support.failover_scenes import MOMENTS, STEPS, done, good, plan_of, release_plan, told

Answer = FailoverPlan | FailoverRefusal


@dataclass
class FakeFailoverActor:
    """Implements `lvstop.engine.failover_actor.FailoverActor`: answers what it is told to, and remembers.

    It plans as the real one does: blocked checks and objections refuse, warnings refuse until they are accepted.

    Attributes:
        assessment: what every intent comes to.
        objections: what speaks against every intent besides.
        back: the plan of a release or an undo.
        end: makes the outcome of a plan.
        sounding: what asking the directors waits for; None answers at once.
        gate: what an execution waits for after it told its steps and moments.
        validity: what keepalived -t says, or the error of who could not ask it.
    """

    assessment: Assessment = field(default_factory=good)
    objections: tuple[Objection, ...] = ()
    back: FailoverPlan | None = None
    end: Callable[[FailoverPlan], FailoverOutcome] = done
    sounding: asyncio.Event | None = None
    gate: asyncio.Event | None = None
    course: Sequence[FailoverProgress] = (*STEPS, *told(*MOMENTS))
    validity: ConfigCheck | Exception = field(default_factory=lambda: ConfigCheck(valid=True, said=()))
    sounded: int = 0
    asked: list[tuple[object, frozenset[CheckCode]]] = field(default_factory=list)
    tried: list[Suggestion] = field(default_factory=list)
    executed: list[FailoverPlan] = field(default_factory=list)
    cancelled: int = 0

    def __call__(self, _config: ClusterConfig) -> "FakeFailoverActor":
        """As `MakeFailoverActor`."""
        return self

    async def sound(self) -> Mapping[str, Sounding]:
        """As `FailoverActor.sound`."""
        self.sounded += 1
        try:
            if self.sounding is not None:
                await self.sounding.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return {name: Sounding(name, START, 1.0) for name in ("keepalived1", "keepalived2")}

    def plan(
        self,
        intent: FailoverIntent,
        snapshot: ClusterSnapshot,
        soundings: Soundings,
        *,
        accepted: frozenset[CheckCode] = frozenset(),
    ) -> Answer:
        """As `FailoverActor.plan`."""
        assert set(soundings) == {each.name for each in snapshot.directors}
        self.asked.append((intent, accepted))
        if not isinstance(intent, FailOver):
            return self.back or release_plan()
        assessment = self.assessment
        if intent.lever is not None:
            chosen = next(each for each in assessment.options if each.lever is intent.lever)
            assessment = replace(assessment, chosen=chosen)
        return self._answer(assessment, accepted)

    def plan_finish(
        self,
        failover: Failover,
        snapshot: ClusterSnapshot,
        soundings: Soundings,
        *,
        accepted: frozenset[CheckCode] = frozenset(),
    ) -> Answer:
        """As `FailoverActor.plan_finish`."""
        self.asked.append((("finish", failover.id), accepted))
        return self._answer(self.assessment, accepted)

    def plan_undo(self, failover: Failover, snapshot: ClusterSnapshot, soundings: Soundings) -> Answer:
        """As `FailoverActor.plan_undo`."""
        self.asked.append((("undo", failover.id), frozenset()))
        return self.back or release_plan(failover, moves=False)

    def _answer(self, assessment: Assessment, accepted: frozenset[CheckCode]) -> Answer:
        unaccepted = tuple(
            check.code for check in assessment.checks if check.verdict is Verdict.WARNED and check.code not in accepted
        )
        if self.objections or blocked(assessment.checks) or unaccepted:
            return FailoverRefusal(assessment, self.objections, unaccepted)
        return plan_of(assessment, accepted=accepted)

    async def try_suggestion(self, suggestion: Suggestion) -> ConfigCheck:
        """As `FailoverActor.try_suggestion`."""
        self.tried.append(suggestion)
        if isinstance(self.validity, Exception):
            raise self.validity
        return self.validity

    async def execute(self, plan: FailoverPlan, report: Callable[[FailoverProgress], None]) -> FailoverOutcome:
        """As `FailoverActor.execute`."""
        self.executed.append(plan)
        for step in self.course:
            report(step)
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.end(plan)
