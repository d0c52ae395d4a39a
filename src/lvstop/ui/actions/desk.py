"""From a key to an outcome: plan, ask, act, follow. One way for all changes, and no way around the question."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import App

from lvstop.actions.intent import Drain, Intent, Row
from lvstop.actions.outcome import Outcome, OutcomeKind
from lvstop.actions.plan import Plan, Refusal
from lvstop.analysis.words import listing
from lvstop.engine.actor import Actor
from lvstop.engine.feed import ClusterFeed
from lvstop.model.change import Change, ChangeKind, ChangePhase
from lvstop.ui.actions.words import GROUP, UNDER_WAY_SECONDS, asked, of_change, told
from lvstop.ui.failover.desk import FailoverDesk
from lvstop.ui.messages import ShowScreen

if TYPE_CHECKING:
    from lvstop.ui.app import Start
    from lvstop.ui.screens.draining import DrainScreen

MakePlan = Callable[[str | None], Plan | Refusal]
"""Plans anew, with the reason by which the operator insists."""


def nothing() -> None:
    """Nobody has to be told."""


class ActionDesk:
    """Where changes are asked for. For clusters that are read-only there is no actor, and so no way to change them."""

    def __init__(self, app: App[None], start: "Start") -> None:
        self.failovers = FailoverDesk(app, start.clusters, start.clock, start.make_failover_actor)
        self._app = app
        self._clock = start.clock
        made = {} if start.make_actor is None else {each.name: start.make_actor(each) for each in start.clusters}
        self._actors = {name: actor for name, actor in made.items() if actor is not None}
        self._asking: set[str] = set()
        self._executing: dict[str, str] = {}
        self._noticed: set[str] = set()

    # what others ask

    def operates(self, cluster: str) -> bool:
        """Keys may change the cluster."""
        return cluster in self._actors

    @property
    def executing(self) -> Sequence[str]:
        """What is being done now, a heading each."""
        return (*self._executing.values(), *self.failovers.executing)

    # what the operator asks for

    def ask(self, feed: ClusterFeed, intent: Intent, done: Callable[[], None] = nothing) -> None:
        """Plan it, show the plan, and do it if the operator says so. `done` is called where it was done."""
        actor = self._actors.get(feed.name)
        if actor is not None:
            self._begin(feed, actor, asked(intent), lambda insist: actor.plan(intent, feed.latest, insist=insist), done)

    def ask_weight(self, feed: ClusterFeed, rows: Sequence[Row], done: Callable[[], None] = nothing) -> None:
        """Ask for a weight first."""
        actor = self._actors.get(feed.name)
        if actor is None or feed.name in self._asking:
            return
        from lvstop.ui.screens.weight import WeightScreen

        def preview(intent: Intent) -> Plan | Refusal:
            return actor.plan(intent, feed.latest)

        def take(intent: Intent | None) -> None:
            if intent is not None:
                self.ask(feed, intent, done)

        self._app.push_screen(WeightScreen(rows, preview, feed.latest), take)

    def finish(self, feed: ClusterFeed, change: Change) -> None:
        """Finish a change that is pending."""
        actor = self._actors.get(feed.name)
        if actor is not None:
            heading = f"Finish: {told(change)}"
            self._begin(feed, actor, heading, lambda insist: actor.plan_finish(change, feed.latest, insist=insist))

    def undo(self, feed: ClusterFeed, change: Change) -> None:
        """Put back what a pending change may have done."""
        actor = self._actors.get(feed.name)
        if actor is not None:
            heading = f"Undo: {told(change)}"
            self._begin(feed, actor, heading, lambda insist: actor.plan_undo(change, feed.latest, insist=insist))

    def repeat(self, feed: ClusterFeed, change: Change, done: Callable[[], None] = nothing) -> None:
        """Drain again what was drained, as it was."""
        until = change.until if change.until is not None and change.until > self._clock.now() else None
        self.ask(feed, Drain(change.rows, change.lever, change.reason, until), done)

    # what happens then

    def _begin(
        self, feed: ClusterFeed, actor: Actor, heading: str, make: MakePlan, done: Callable[[], None] = nothing
    ) -> None:
        """One question at a time: a key that is pressed twice asks once."""
        if feed.name in self._asking:
            return
        self._asking.add(feed.name)
        self._app.run_worker(
            self._go(feed, actor, heading, make, done),
            name=heading,
            group=GROUP,
            exclusive=False,
            exit_on_error=False,
            description=f"{feed.name}: {heading}",
        )

    async def _go(
        self, feed: ClusterFeed, actor: Actor, heading: str, make: MakePlan, done: Callable[[], None]
    ) -> None:
        try:
            plan = await self._agreed(feed, heading, make)
            if plan is None:
                return
            outcome = await self._execute(feed, actor, heading, plan)
        finally:
            self._asking.discard(feed.name)
        await self._tell(feed, heading, outcome, done)

    async def _agreed(self, feed: ClusterFeed, heading: str, make: MakePlan) -> Plan | None:
        """A plan that the operator has seen and agreed to; None where he has not, or where there is none."""
        # dialogues are not needed for the first frame
        from lvstop.ui.screens.confirm import ConfirmPlan, decided
        from lvstop.ui.screens.refusal import RefusalScreen

        made = make(None)
        while isinstance(made, Refusal):
            reason = await self._app.push_screen_wait(RefusalScreen(heading, made))
            if not reason:
                return None
            made = make(reason)
        decision = await self._app.push_screen_wait(ConfirmPlan(heading, made, feed.latest))
        return None if decision is None else decided(made, decision, self._clock.now())

    async def _execute(self, feed: ClusterFeed, actor: Actor, heading: str, plan: Plan) -> Outcome:
        """Do it. There is a screen before it begins; from then on nothing that is shown is waited for."""
        from lvstop.ui.screens.executing import ExecutingScreen

        screen = ExecutingScreen(heading)
        self._noticed.add(plan.change.id)
        self._executing[feed.name] = heading
        try:
            await self._app.push_screen(screen)
            return await actor.execute(plan, screen.report)
        finally:
            del self._executing[feed.name]
            if self._app.is_running:
                screen.end()

    async def _tell(self, feed: ClusterFeed, heading: str, outcome: Outcome, done: Callable[[], None]) -> None:
        if outcome.kind is OutcomeKind.DONE:
            self._tell_done(feed, heading, outcome)
            done()
            return
        from lvstop.ui.screens.outcome import OutcomeScreen, Resume

        chosen = await self._app.push_screen_wait(OutcomeScreen(heading, outcome))
        if outcome.change is not None and chosen is not None:
            resume = self.finish if chosen is Resume.FINISH else self.undo
            resume(feed, outcome.change)

    def _tell_done(self, feed: ClusterFeed, heading: str, outcome: Outcome) -> None:
        where = listing(dict.fromkeys(each.director for each in outcome.rows))
        said = f"Done and verified on {where}" if where else "Done and verified"
        self._app.notify(f"{said}, {outcome.seconds:.1f} s.", title=heading, markup=False)
        for note in outcome.notes:
            self._app.notify(note, title=heading, severity="warning", timeout=20, markup=False)
        change = outcome.change
        if change is not None and change.kind is ChangeKind.DRAIN and change.phase is ChangePhase.STANDING:
            now = self._clock.now()
            self._app.post_message(ShowScreen(lambda _: _follow(feed, change, now)))

    def failed(self, heading: str, reason: str) -> None:
        """An error of lvstop's own on the way."""
        said = f"{reason}. Nothing more is done; what was begun is on the maintenance board (b), a failover under F."
        self._app.notify(said, title=heading, severity="error", timeout=60, markup=False)

    # what was found

    def notice(self, feed: ClusterFeed) -> None:
        """Tell once of each change that was begun by somebody and neither finished nor undone."""
        self.failovers.notice(feed)
        snapshot = feed.latest
        for change in snapshot.changes:
            age = (snapshot.generated_at - change.at).total_seconds()
            if change.phase is not ChangePhase.PENDING or change.id in self._noticed or age < UNDER_WAY_SECONDS:
                continue
            self._noticed.add(change.id)
            said = f"A {of_change(change)} by {change.author} was begun and neither finished nor undone: b shows it."
            self._app.notify(said, title=f"{feed.name}: unfinished", severity="warning", timeout=15, markup=False)


def _follow(feed: ClusterFeed, change: Change, since: datetime) -> "DrainScreen":
    from lvstop.ui.screens.draining import DrainScreen

    return DrainScreen(feed, change, since)
