"""Carrying out a failover: lock, look again, write down, watch, pull, wait, read back; or release what was pulled.

Nothing of what goes wrong with directors is raised: it is in the outcome, which says what stands where.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from lvstop.actions.audit import AuditError
from lvstop.actions.command import Command, back, forth
from lvstop.actions.failover.crew import Crew
from lvstop.actions.failover.ledger import Ledger
from lvstop.actions.failover.levers import GENTLE
from lvstop.actions.failover.means import Means
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress, FailoverStage
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.failover.readiness import is_pulled, make_ready
from lvstop.actions.failover.standing import (
    disagreement,
    holders_found,
    holders_in_words,
    lever_words,
    log_line,
    orphaned,
    split,
    standings,
    tallies,
    way_out,
)
from lvstop.actions.failover.stopwatch import Stopwatch
from lvstop.actions.failover.timeline import Moment
from lvstop.actions.hands import DirectorHands, HandsError
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import LeverStep

SETTLE_SECONDS = 10.0
"""How long both sides may take to agree once the addresses have moved."""

COUNT_SECONDS = 1.0
"""New connections are counted for so long before the lever is pulled: else nothing could be said of a gap in them."""

_LOOK_AGAIN = 0.5
_NOBODY_SECONDS = 1.0
"""So much longer than the lever's own gap may an address be with nobody."""


async def fail_over(plan: FailoverPlan, means: Means, report: Callable[[FailoverProgress], None]) -> FailoverOutcome:
    """Carry out a plan. A plan that cannot be written into the audit is refused."""
    began = means.clock.monotonic()
    report(FailoverProgress(FailoverStage.AUDITING, None, "writing into the audit"))
    try:
        means.journal.begin(plan)
    except AuditError as error:
        return _refused(Objection(ObjectionCode.AUDIT_UNWRITABLE, str(error), overridable=False))
    execution = _Execution(plan, means, report)
    try:
        outcome = await execution.run()
    finally:
        await execution.let_go()
    outcome = replace(outcome, seconds=means.clock.monotonic() - began)
    try:
        means.journal.end(plan, outcome)
    except AuditError as error:
        outcome = replace(outcome, notes=(*outcome.notes, f"The end is not in the audit: {error}"))
    return outcome


def _refused(*objections: Objection) -> FailoverOutcome:
    return FailoverOutcome(OutcomeKind.REFUSED, None, objections=objections)


class _Execution:
    """One plan being carried out."""

    def __init__(self, plan: FailoverPlan, means: Means, report: Callable[[FailoverProgress], None]) -> None:
        self._plan = plan
        self._means = means
        self._clock = means.clock
        self._report = report
        self._stage = FailoverStage.AUDITING
        self._news = asyncio.Event()
        owner = f"{means.author}: {'release' if plan.releases else 'failover'}"
        names = sorted({plan.move.source, plan.move.target})
        self._crew = Crew(names, owner, means.reach, means.clock, self._seen)
        self._ledger = Ledger(plan, self._crew, means)
        self._before: ClusterSnapshot | None = None
        self._checks = plan.assessment.checks
        # what may be pulled now: of a release everything, of a failover that is finished what was pulled before
        self._pulled = [step for step in plan.failover.steps if plan.releases or step not in plan.steps]
        self._acted = False
        self._silent: set[str] = set()
        self._stopwatch: Stopwatch | None = None
        self._pulled_at = 0.0
        self._began = means.clock.now()

    async def run(self) -> FailoverOutcome:
        """All of it."""
        ready = await make_ready(self._plan, self._crew, self._means.plan_again, self._tell)
        self._before, self._checks = ready.before, ready.checks or self._checks
        self._ledger.notes += ready.notes
        if ready.objections:
            return replace(_refused(*ready.objections), checks=self._checks)
        self._tell(FailoverStage.RECORDING, None, "keeping a record of what is about to be done")
        failure = await self._ledger.open(ready.before) or await self._watch()
        if not failure:
            failure = await self._pull()
        if not self._acted:
            return await self._nothing_done(failure)
        if not failure and self._plan.moves:
            failure = await self._wait(self._plan.limit)
        if not failure:
            move = self._plan.move
            failure, found = await self._verify(move.target if self._plan.moves else move.source)
            if not failure:
                return await self._finish(found)
        if self._plan.releases:
            # what was released is not pulled again: that would move addresses once more
            return await self._incomplete(failure)
        return await self._undo(failure)

    async def let_go(self) -> None:
        """Stop watching and close all connections; the locks go with them."""
        await self._crew.let_go()

    # doing it

    async def _watch(self) -> str:
        """Empty where both directors are watched as far as they can be, and still answer."""
        move = self._plan.move
        for name in self._crew.names:
            self._tell(FailoverStage.WATCHING, name, f"watching addresses, keepalived and connections on {name}")
        clocks, holds = await self._crew.measure_clocks(), await self._crew.holds(insist=False)
        silent = [name for name, addresses in holds.items() if addresses is None]
        if silent:
            return f"{silent[0]} does not tell its addresses any more; nothing was done."
        holders = {
            vip: frozenset(name for name, addresses in holds.items() if addresses and vip in addresses)
            for vip in move.vips
        }
        self._stopwatch = Stopwatch(move, clocks, holders)
        self._ledger.notes += await self._crew.watch(self._stopwatch)
        if self._plan.moves and self._plan.steps:
            await self._clock.sleep(COUNT_SECONDS)
        return ""

    async def _pull(self) -> str:
        """Every step, each in the journal before it is done. Empty where all were done."""
        for step in self._plan.steps:
            command = back(step) if self._plan.releases else forth(step)
            failure = self._ledger.journal(str(command), step.director)
            if failure:
                return failure
            self._tell(FailoverStage.PULLING, step.director, str(command))
            self._act(step, command)
            if not self._plan.releases:
                self._pulled.append(step)
            try:
                await self._crew.hands(step.director).run(command)
            except HandsError as error:
                if not error.lost:
                    return f"{error}."
                # whether it was done, the addresses will tell; of a release they need not
                self._ledger.notes.append(f"{error}.")
                failure = await self._take_back(step) if self._plan.releases else ""
                if failure:
                    return failure
            else:
                if self._plan.releases:
                    self._pulled.remove(step)
        if not self._acted:
            self._act(None, None)
        return ""

    def _act(self, step: LeverStep | None, command: Command | None) -> None:
        """A lever is touched now, or none has to be: what comes after is by the stopwatch."""
        now, stopwatch = self._clock.monotonic(), self._stopwatch
        if not self._acted:
            self._acted, self._began, self._pulled_at = True, self._clock.now(), now
        if stopwatch is None:
            return
        if step is None:
            stopwatch.start(now)
            return
        mark = stopwatch.release if self._plan.releases else stopwatch.pull
        self._seen(mark(step.director, str(command), now, self._crew.round_trip(step.director)))

    async def _wait(self, limit: float) -> str:
        """Until the target has everything. Empty, or what stands instead."""
        stopwatch, deadline = self._stopwatch, self._pulled_at + limit
        nobody_since: float | None = None
        self._tell(FailoverStage.WAITING, None, f"waiting for {self._plan.move.target}, up to {limit:.1f} s")
        while stopwatch is not None and not stopwatch.moved:
            now = self._clock.monotonic()
            if not orphaned(stopwatch.holders):
                nobody_since = None
            elif nobody_since is None:
                nobody_since = now
            late = now >= deadline
            if late or (nobody_since is not None and now - nobody_since > self._patience):
                await self._look_for_addresses(stopwatch)
                if stopwatch.moved:
                    break
                if late or not self._target_may_serve:
                    waited = now - self._pulled_at
                    return f"After {waited:.1f} s {holders_in_words(stopwatch.holders, self._silent)}."
            elif self._crew.blind:
                await self._look_for_addresses(stopwatch)
            await self._news_or(min(_LOOK_AGAIN, deadline - now))
        return ""

    @property
    def _patience(self) -> float:
        """Seconds for which nobody may hold an address."""
        chosen = self._plan.assessment.chosen
        gap = 0.0 if chosen is None or chosen.cost is None else chosen.cost.gap[1]
        return 2 * gap + _NOBODY_SECONDS

    @property
    def _target_may_serve(self) -> bool:
        """It does not answer, and yet the holder must have heard it: it keeps its addresses until it does.

        Not so with a lever that takes them away at once: then it is not known whether anybody serves them.
        """
        gentle = self._plan.releases or self._plan.failover.lever in GENTLE
        return gentle and self._plan.move.target in self._silent

    async def _look_for_addresses(self, stopwatch: Stopwatch) -> None:
        holds = await self._crew.holds()
        self._silent = {name for name, addresses in holds.items() if addresses is None}
        for name, addresses in holds.items():
            if addresses is not None:
                stopwatch.found(name, addresses)

    async def _news_or(self, seconds: float) -> None:
        """Return when something was seen, or after so many seconds."""
        both = (
            asyncio.ensure_future(self._news.wait()),
            asyncio.ensure_future(self._clock.sleep(max(0.0, seconds))),
        )
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
            # not one by one: a cancellation of this very task must not be taken for theirs
            await asyncio.gather(*both, return_exceptions=True)
        self._news.clear()

    async def _verify(self, holder: str) -> tuple[str, ClusterSnapshot]:
        """Kernel and keepalived of both have to say that `holder` has everything, and nobody else any of it.

        Returns what does not agree, empty where all does, and the last look.
        """
        deadline = self._clock.monotonic() + SETTLE_SECONDS
        while True:
            self._tell(FailoverStage.VERIFYING, None, "reading back from both directors")
            snapshot = await self._means.look()
            found = standings(self._plan.move, snapshot, {})
            complaint = disagreement(self._plan.move, found, holder)
            if not complaint:
                if self._stopwatch is not None:
                    self._seen(self._stopwatch.agreed(self._clock.monotonic()))
                return "", snapshot
            if self._clock.monotonic() >= deadline:
                return f"{complaint[0].upper()}{complaint[1:]}.", snapshot
            await self._clock.sleep(_LOOK_AGAIN)

    # afterwards

    async def _finish(self, found: ClusterSnapshot) -> FailoverOutcome:
        self._tell(FailoverStage.CLOSING, None, "writing down how it ended")
        failover = None
        if self._plan.releases:
            await self._ledger.close()
        else:
            failover = await self._ledger.hold()
        await self._ledger.log(log_line(self._plan, "done"))
        levers = lever_words(() if failover is None else failover.steps, forth, "held")
        return replace(self._outcome(OutcomeKind.DONE, found, levers), failover=failover)

    async def _nothing_done(self, failure: str) -> FailoverOutcome:
        """No lever was touched. What an earlier lvstop has left stays on record."""
        if self._ledger.resumes:
            return await self._incomplete(failure)
        self._tell(FailoverStage.CLOSING, None, "taking the record away")
        await self._ledger.close()
        return self._outcome(OutcomeKind.UNDONE, await self._means.look(), {}, failure)

    async def _undo(self, failure: str) -> FailoverOutcome:
        """Release what may have been pulled, and see that everything is as before."""
        if self._stopwatch is not None:
            await self._look_for_addresses(self._stopwatch)
            if split(self._stopwatch.holders):
                return await self._incomplete(failure)
        for step in reversed(tuple(self._pulled)):
            unwritten = self._ledger.journal(str(back(step)), step.director)
            # an address that nobody has weighs more than a line in a journal
            self._ledger.notes += [each for each in (unwritten, await self._take_back(step)) if each]
        complaint, found = await self._verify_back(self._plan.move.source)
        if complaint or self._pulled:
            lever = "The lever may still be pulled." if self._pulled else "The lever was released."
            return await self._incomplete(" ".join(filter(None, _once(failure, lever, complaint))), found)
        self._tell(FailoverStage.CLOSING, None, "taking the record away")
        await self._ledger.close()
        await self._ledger.log(log_line(self._plan, "undone"))
        return self._outcome(OutcomeKind.UNDONE, found, {}, failure)

    async def _take_back(self, step: LeverStep) -> str:
        """Release one step, over a new connection where the old one is lost. Empty where it is released."""
        command = back(step)
        self._tell(FailoverStage.UNDOING, step.director, str(command))
        for last in (False, True):
            try:
                hands = await self._crew.again(step.director)
                if await is_pulled(step, hands):
                    await self._release(step.director, command, hands)
                self._pulled.remove(step)
                break
            except HandsError as error:
                if last or not error.lost:
                    return f"{error}."
        return ""

    async def _release(self, director: str, command: Command, hands: DirectorHands) -> None:
        sent = self._clock.monotonic()
        await hands.run(command)
        if self._stopwatch is not None:
            took = self._clock.monotonic() - sent
            self._seen(self._stopwatch.release(director, str(command), sent, took))

    async def _verify_back(self, holder: str) -> tuple[str, ClusterSnapshot]:
        """As `_verify`, with the time that an election takes before it."""
        deadline = self._clock.monotonic() + self._plan.limit
        while True:
            complaint, found = await self._verify(holder)
            if not complaint or self._clock.monotonic() >= deadline:
                return complaint, found

    async def _incomplete(self, failure: str, found: ClusterSnapshot | None = None) -> FailoverOutcome:
        """Say plainly what stands where. The record stays, so that the next lvstop offers to go on."""
        self._tell(FailoverStage.CLOSING, None, "writing down what stands where")
        snapshot = await self._means.look() if found is None else found
        await self._ledger.log(log_line(self._plan, "incomplete"))
        levers = lever_words(self._pulled, back, "perhaps still pulled; taken back with")
        outcome = self._outcome(OutcomeKind.INCOMPLETE, snapshot, levers, failure)
        divided = split(holders_found(self._plan.move, outcome.standings))
        out = way_out(self._ledger.record, tuple(reversed(self._pulled)), divided)
        return replace(outcome, failover=self._ledger.record, way_out=out)

    def _outcome(
        self, kind: OutcomeKind, found: ClusterSnapshot, levers: Mapping[str, str], failure: str = ""
    ) -> FailoverOutcome:
        move = self._plan.move
        return FailoverOutcome(
            kind,
            None,
            checks=self._checks,
            failure=failure,
            timeline=self._stopwatch.timeline(self._began) if self._stopwatch is not None and self._acted else None,
            standings=standings(move, found, levers),
            tallies=tallies(move, self._before, found),
            notes=_once(*self._ledger.notes, *self._crew.unseen),
        )

    # telling

    def _seen(self, moment: Moment | None) -> None:
        self._news.set()
        # what comes before the lever has no place on the axis yet
        if moment is not None and self._acted:
            what = f"{moment.mark} {moment.subject}".rstrip()
            self._report(FailoverProgress(self._stage, moment.director or None, what, moment))

    def _tell(self, stage: FailoverStage, director: str | None, what: str) -> None:
        self._stage = stage
        self._report(FailoverProgress(stage, director, what))


def _once(*sentences: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentences))
