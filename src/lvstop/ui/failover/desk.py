"""From a key to the end of a failover: ask the directors, show what was found, ask, act, tell."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from textual.app import App

from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.intent import FailOver, Release
from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.engine.failover_actor import FailoverActor, MakeFailoverActor, Soundings
from lvstop.engine.feed import ClusterFeed
from lvstop.model.failover import Failover, FailoverPhase
from lvstop.ui.actions.words import GROUP
from lvstop.ui.failover.choices import choices
from lvstop.ui.failover.words import Next, asked, is_under_way, of_failover

MakePlan = Callable[[Soundings, frozenset[CheckCode]], FailoverPlan | FailoverRefusal]
"""Plans with what the directors have answered and the warnings that the operator accepts."""


_CHANGED = "Asked again: it is not as it was shown any more, and nothing was done. Read it again."


@dataclass(frozen=True, slots=True)
class Request:
    """What the operator wants.

    Attributes:
        intent: what a lever can be chosen for; None where it is on record already.
    """

    heading: str
    make: MakePlan
    intent: FailOver | None = None


class FailoverDesk:
    """Where failovers are asked for. For clusters that are read-only there is no actor, and so no way to do it."""

    def __init__(
        self,
        app: App[None],
        clusters: Sequence[ClusterConfig],
        clock: Clock,
        make_actor: MakeFailoverActor | None,
    ) -> None:
        self._app = app
        self._clock = clock
        made = {} if make_actor is None else {each.name: make_actor(each) for each in clusters}
        self._actors: Mapping[str, FailoverActor] = {name: actor for name, actor in made.items() if actor is not None}
        self._asking: set[str] = set()
        self._executing: dict[str, str] = {}
        self._noticed: set[str] = set()

    def operates(self, cluster: str) -> bool:
        """Keys may fail the cluster over."""
        return cluster in self._actors

    @property
    def executing(self) -> Sequence[str]:
        """What is being done now, a heading each."""
        return tuple(self._executing.values())

    def ask(self, feed: ClusterFeed) -> None:
        """What is on record, else what is to be failed over; then preflight and question. One at a time."""
        actor = self._actors.get(feed.name)
        if actor is None or feed.name in self._asking:
            return
        self._asking.add(feed.name)
        self._app.run_worker(
            self._go(feed, actor),
            name="Failover",
            group=GROUP,
            exclusive=False,
            exit_on_error=False,
            description=f"{feed.name}: failover",
        )

    async def _go(self, feed: ClusterFeed, actor: FailoverActor) -> None:
        try:
            request = await self._requested(feed, actor)
            while request is not None:
                plan = await self._agreed(feed, actor, request)
                if plan is None:
                    return
                outcome = await self._execute(feed, actor, request.heading, plan)
                request = await self._tell(feed, actor, request.heading, plan, outcome)
        finally:
            self._asking.discard(feed.name)

    # what is asked for

    async def _requested(self, feed: ClusterFeed, actor: FailoverActor) -> Request | None:
        """What is on record goes first: a lever that is held decides what another failover can do."""
        # dialogues are not needed for the first frame
        from lvstop.ui.screens.failover_record import RecordScreen

        if feed.latest.failovers:
            answer = await self._app.push_screen_wait(RecordScreen(feed.latest))
            if answer is None:
                return None
            if answer[0] is not Next.ANOTHER:
                return self._on_record(feed, actor, *answer)
        intent = await self._chosen(feed)
        return None if intent is None else self._new(feed, actor, intent)

    async def _chosen(self, feed: ClusterFeed) -> FailOver | None:
        """What is to be moved; where there is no choice nobody is asked."""
        from lvstop.ui.screens.failover_scope import ScopeScreen

        found = choices(feed.latest)
        if len(found) < 2:
            return found[0].intent if found else FailOver()
        choice = await self._app.push_screen_wait(ScopeScreen(found))
        return None if choice is None else choice.intent

    def _new(self, feed: ClusterFeed, actor: FailoverActor, intent: FailOver) -> Request:
        def make(soundings: Soundings, accepted: frozenset[CheckCode]) -> FailoverPlan | FailoverRefusal:
            return actor.plan(intent, feed.latest, soundings, accepted=accepted)

        return Request(asked(intent), make, intent)

    def _on_record(self, feed: ClusterFeed, actor: FailoverActor, what: Next, failover: Failover) -> Request:
        def release(soundings: Soundings, accepted: frozenset[CheckCode]) -> FailoverPlan | FailoverRefusal:
            return actor.plan(Release(failover.id), feed.latest, soundings, accepted=accepted)

        def finish(soundings: Soundings, accepted: frozenset[CheckCode]) -> FailoverPlan | FailoverRefusal:
            return actor.plan_finish(failover, feed.latest, soundings, accepted=accepted)

        def undo(soundings: Soundings, _accepted: frozenset[CheckCode]) -> FailoverPlan | FailoverRefusal:
            return actor.plan_undo(failover, feed.latest, soundings)

        if what is Next.RELEASE:
            return Request(f"Release the lever on {failover.source}", release)
        if what is Next.FINISH:
            return Request(f"Finish the {of_failover(failover)}", finish)
        return Request(f"Undo the {of_failover(failover)}", undo)

    # what happens then

    async def _agreed(self, feed: ClusterFeed, actor: FailoverActor, request: Request) -> FailoverPlan | None:
        """A plan that the operator has seen and agreed to; None where he has not, or where there is none."""
        from lvstop.ui.screens.failover_preflight import Again, Preflight, PreflightScreen

        soundings: Soundings | None = None
        asked_at = self._clock.now()
        answer: FailoverPlan | Again | None = Again()
        while isinstance(answer, Again):
            if answer.lever is not None and request.intent is not None:
                request = self._new(feed, actor, replace(request.intent, lever=answer.lever))
            else:
                asked_at, soundings = self._clock.now(), await self._sound(feed, actor, request.heading)
            if soundings is None:
                return None
            consent = answer.consent
            if consent is not None:
                agreed = consent.holds_for(request.make(soundings, consent.accepted))
                if agreed is not None:
                    return agreed
                self._app.notify(_CHANGED, severity="warning", timeout=15, markup=False)
            preflight = Preflight(
                request.heading,
                partial(request.make, soundings),
                asked_at,
                actor.try_suggestion,
                chooses=request.intent is not None,
                reason=(consent.reason or "") if consent is not None else "",
            )
            answer = await self._app.push_screen_wait(PreflightScreen(preflight))
        return answer

    async def _sound(self, feed: ClusterFeed, actor: FailoverActor, heading: str) -> Soundings | None:
        """Ask the directors; None where the operator did not want to wait for it."""
        from lvstop.ui.screens.failover_sounding import SoundingScreen

        sounding = asyncio.ensure_future(actor.sound())
        screen = SoundingScreen(heading, [each.name for each in feed.config.directors], sounding.cancel)
        try:
            await self._app.push_screen(screen)
            await asyncio.wait({sounding})
        finally:
            sounding.cancel()
            if self._app.is_running:
                screen.end()
        return None if sounding.cancelled() else sounding.result()

    async def _execute(
        self, feed: ClusterFeed, actor: FailoverActor, heading: str, plan: FailoverPlan
    ) -> FailoverOutcome:
        """Do it. There is a screen before it begins; from then on nothing that is shown is waited for."""
        from lvstop.ui.screens.failover_running import RunningScreen

        screen = RunningScreen(heading, plan, self._clock)
        self._noticed.add(plan.failover.id)
        self._executing[feed.name] = heading
        try:
            await self._app.push_screen(screen)
            return await actor.execute(plan, screen.report)
        finally:
            del self._executing[feed.name]
            if self._app.is_running:
                screen.end()

    async def _tell(
        self, feed: ClusterFeed, actor: FailoverActor, heading: str, plan: FailoverPlan, outcome: FailoverOutcome
    ) -> Request | None:
        """How it ended; what the operator wants to be done next."""
        from lvstop.ui.app import LvstopApp
        from lvstop.ui.screens.failover_outcome import FailoverOutcomeScreen

        exports = self._app.start.exports if isinstance(self._app, LvstopApp) else None
        folder = None if exports is None else exports / "reports"
        chosen = await self._app.push_screen_wait(FailoverOutcomeScreen(heading, plan, outcome, folder))
        if chosen is None or outcome.failover is None:
            return None
        return self._on_record(feed, actor, chosen, outcome.failover)

    # what was found

    def notice(self, feed: ClusterFeed) -> None:
        """Tell once of each failover that was begun by somebody and neither finished nor undone."""
        snapshot = feed.latest
        for failover in snapshot.failovers:
            fresh = is_under_way(failover, snapshot.generated_at)
            if failover.phase is not FailoverPhase.PENDING or failover.id in self._noticed or fresh:
                continue
            self._noticed.add(failover.id)
            said = f"A {of_failover(failover)}, by {failover.author} was begun and neither finished nor undone."
            more = " F finishes or undoes it." if self.operates(feed.name) else ""
            self._app.notify(
                said + more, title=f"{feed.name}: unfinished", severity="warning", timeout=15, markup=False
            )
