"""Carrying out a failover: lock, look again, write down, watch, pull, wait, read back; or release what was pulled.

Nothing of what goes wrong with directors is raised: it is in the outcome, which says what stands where.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from lvstop.actions.audit import AuditError
from lvstop.actions.command import Command, back, forth
from lvstop.actions.failover.crew import Crew
from lvstop.actions.failover.means import Means
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress, FailoverStage
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.failover.readiness import make_ready
from lvstop.actions.failover.standing import (
    disagreement,
    holders_in_words,
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
from lvstop.actions.store import StoreError
from lvstop.model.change import FileChange
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover, FailoverPhase, LeverStep

SETTLE_SECONDS = 10.0
"""How long both sides may take to agree once the addresses have moved."""

_LOOK_AGAIN = 0.5
_NOBODY_SECONDS = 1.0
"""So much longer than the lever's own gap may an address be with nobody."""


async def fail_over(plan: FailoverPlan, means: Means, report: Callable[[FailoverProgress], None]) -> FailoverOutcome:
    """Carry out a plan. A plan that cannot be written into the audit is refused."""
    plan = replace(plan, failover=replace(plan.failover, at=means.clock.now()))
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
        self._news = asyncio.Event()
        owner = f"{plan.failover.author}: failover"
        names = sorted({plan.move.source, plan.move.target})
        self._crew = Crew(names, owner, means.reach, means.clock, self._seen)
        self._before: ClusterSnapshot | None = None
        self._checks = plan.assessment.checks
        self._begun: list[LeverStep] = []
        self._stopwatch: Stopwatch | None = None
        self._pulled_at = 0.0
        self._began = means.clock.now()
        self._notes: list[str] = []

    async def run(self) -> FailoverOutcome:
        """All of it."""
        ready = await make_ready(self._plan, self._crew, self._means.plan_again, self._tell)
        self._before, self._checks = ready.before, ready.checks or self._checks
        if ready.objections:
            return replace(_refused(*ready.objections), checks=self._checks)
        failure = await self._write_down()
        if failure:
            return await self._undo(failure)
        stopwatch = self._stopwatch = await self._watch()
        failure = await self._pull(stopwatch)
        if not failure and self._plan.moves:
            failure = await self._wait(stopwatch, self._plan.limit)
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

    async def _write_down(self) -> str:
        """Empty where the failover is on record here and on both directors. A release is on record already."""
        self._tell(FailoverStage.RECORDING, None, "keeping a record of what is about to be done")
        if self._plan.releases:
            return ""
        try:
            self._means.store.save(self._plan.failover)
        except StoreError as error:
            return f"No record could be kept: {error}"
        for failure in await self._crew.everywhere(lambda hands: hands.record(self._plan.failover)):
            if failure.lost:
                return failure.sentence
            self._notes.append(f"{failure.sentence} Only the other records tell of this failover.")
        return ""

    async def _watch(self) -> Stopwatch:
        for name in self._crew.names:
            self._tell(FailoverStage.WATCHING, name, f"watching addresses, keepalived and connections on {name}")
        clocks, holds = await self._crew.measure_clocks(), await self._crew.holds()
        holders = {
            vip: frozenset(name for name, addresses in holds.items() if addresses is not None and vip in addresses)
            for vip in self._plan.move.vips
        }
        stopwatch = Stopwatch(self._plan.move, clocks, holders)
        self._notes += await self._crew.watch(stopwatch)
        return stopwatch

    async def _pull(self, stopwatch: Stopwatch) -> str:
        """Every step, each in the journal before it is done. Empty where all were done."""
        self._began, self._pulled_at = self._clock.now(), self._clock.monotonic()
        for step in self._plan.steps:
            command = back(step) if self._plan.releases else forth(step)
            failure = self._journal(str(command), step.director)
            if failure:
                return failure
            self._tell(FailoverStage.PULLING, step.director, str(command))
            if not self._begun:
                self._began, self._pulled_at = self._clock.now(), self._clock.monotonic()
                took = self._crew.round_trip(step.director)
                self._seen(stopwatch.pull(step.director, str(command), self._pulled_at, took))
            self._begun.append(step)
            try:
                await self._crew.hands(step.director).run(command)
            except HandsError as error:
                if not error.lost:
                    return f"{error}."
                # whether it was done, the addresses will tell
                self._notes.append(f"{error}.")
        return ""

    async def _wait(self, stopwatch: Stopwatch, limit: float) -> str:
        """Until the target has everything. Empty, or what stands instead."""
        deadline = self._pulled_at + limit
        nobody_since: float | None = None
        self._tell(FailoverStage.WAITING, None, f"waiting for {self._plan.move.target}, up to {limit:.1f} s")
        while not stopwatch.moved:
            now = self._clock.monotonic()
            nobody_since = (nobody_since or now) if orphaned(stopwatch.holders) else None
            if now >= deadline or (nobody_since is not None and now - nobody_since > self._patience):
                await self._look_for_addresses(stopwatch)
                if stopwatch.moved:
                    break
                waited = now - self._pulled_at
                return f"After {waited:.1f} s {holders_in_words(stopwatch.holders)}."
            if self._crew.blind:
                await self._look_for_addresses(stopwatch)
            await self._news_or(min(_LOOK_AGAIN, deadline - now))
        return ""

    @property
    def _patience(self) -> float:
        """Seconds for which nobody may hold an address."""
        chosen = self._plan.assessment.chosen
        gap = 0.0 if chosen is None or chosen.cost is None else chosen.cost.gap[1]
        return 2 * gap + _NOBODY_SECONDS

    async def _look_for_addresses(self, stopwatch: Stopwatch) -> None:
        for name, addresses in (await self._crew.holds()).items():
            if addresses is not None:
                stopwatch.found(name, addresses)

    async def _news_or(self, seconds: float) -> None:
        """Return when something was seen, or after so many seconds."""
        news = asyncio.ensure_future(self._news.wait())
        sleep = asyncio.ensure_future(self._clock.sleep(max(0.0, seconds)))
        try:
            await asyncio.wait((news, sleep), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (news, sleep):
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each
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
        failover = None if self._plan.releases else replace(self._plan.failover, phase=FailoverPhase.HELD)
        if failover is None:
            await self._forget()
        else:
            await self._keep(failover)
        done = "released" if self._plan.releases else "moved"
        await self._note(f"{done} {_summary(self._plan)}")
        levers = {} if failover is None else {step.director: f"held: {forth(step)}" for step in failover.steps}
        return self._outcome(OutcomeKind.DONE, found, levers, failover=failover)

    async def _undo(self, failure: str) -> FailoverOutcome:
        """Release what may have been pulled, and see that everything is as before."""
        stopwatch, move = self._stopwatch, self._plan.move
        if stopwatch is not None and split(stopwatch.holders):
            return await self._incomplete(failure)
        for step in reversed(self._begun):
            await self._take_back(step, back(step))
        if not self._begun:
            await self._forget()
            return FailoverOutcome(
                OutcomeKind.UNDONE, None, checks=self._checks, failure=failure, notes=tuple(self._notes)
            )
        complaint, found = await self._verify_back(move.source)
        if complaint:
            return await self._incomplete(f"{failure} The lever was released, but: {complaint}", found)
        await self._forget()
        await self._note(f"undone: {_summary(self._plan)}")
        return self._outcome(OutcomeKind.UNDONE, found, {}, failure=failure)

    async def _take_back(self, step: LeverStep, command: Command) -> None:
        """Release one step, over a new connection where the old one is lost."""
        failure = self._journal(str(command), step.director)
        if failure:
            self._notes.append(failure)
        self._tell(FailoverStage.UNDOING, step.director, str(command))
        try:
            hands = await self._crew.again(step.director)
            if isinstance(step, FileChange) and await hands.number(step.path) != step.after:
                return
            sent = self._clock.monotonic()
            await hands.run(command)
        except HandsError as error:
            self._notes.append(f"{error}.")
            return
        if self._stopwatch is not None:
            took = self._clock.monotonic() - sent
            self._seen(self._stopwatch.release(step.director, str(command), sent, took))

    async def _verify_back(self, holder: str) -> tuple[str, ClusterSnapshot]:
        """As `_verify`, with the time that an election takes before it."""
        deadline = self._clock.monotonic() + self._plan.limit
        while True:
            complaint, found = await self._verify(holder)
            if not complaint or self._clock.monotonic() >= deadline:
                return complaint, found

    async def _incomplete(self, failure: str, found: ClusterSnapshot | None = None) -> FailoverOutcome:
        """Say plainly what stands where. The record stays, so that the next lvstop offers to go on."""
        snapshot = await self._means.look() if found is None else found
        await self._note(f"incomplete: {_summary(self._plan)}")
        stopwatch = self._stopwatch
        divided = stopwatch is not None and bool(split(stopwatch.holders))
        levers = {step.director: f"perhaps still pulled; taken back with: {back(step)}" for step in self._begun}
        outcome = self._outcome(OutcomeKind.INCOMPLETE, snapshot, levers, failure=failure)
        return replace(
            outcome, failover=self._plan.failover, way_out=way_out(self._plan, reversed(self._begun), divided)
        )

    def _outcome(
        self,
        kind: OutcomeKind,
        found: ClusterSnapshot,
        levers: Mapping[str, str],
        *,
        failover: Failover | None = None,
        failure: str = "",
    ) -> FailoverOutcome:
        return FailoverOutcome(
            kind,
            failover,
            checks=self._checks,
            failure=failure,
            timeline=None if self._stopwatch is None else self._stopwatch.timeline(self._began),
            standings=standings(self._plan.move, found, levers),
            tallies=tallies(self._plan.move, self._before, found),
            notes=tuple(self._notes),
        )

    # records

    async def _keep(self, failover: Failover) -> None:
        try:
            self._means.store.save(failover)
        except StoreError as error:
            self._notes.append(f"This machine keeps no record: {error}")
        await self._everywhere(lambda hands: hands.record(failover))

    async def _forget(self) -> None:
        record = self._plan.failover.id
        try:
            self._means.store.forget(record)
        except StoreError as error:
            self._notes.append(f"This machine still keeps a record that is over: {error}")
        await self._everywhere(lambda hands: hands.forget(record))

    async def _note(self, sentence: str) -> None:
        await self._everywhere(lambda hands: hands.note(f"{self._plan.failover.author}: {sentence}"))

    async def _everywhere(self, ask: Callable[[DirectorHands], Awaitable[None]]) -> None:
        """Something that changes the end no more: what fails is noted."""
        self._notes += [failure.sentence for failure in await self._crew.everywhere(ask)]

    def _journal(self, what: str, director: str) -> str:
        """Empty where it is written down."""
        try:
            self._means.journal.step(self._plan, what, director)
        except AuditError as error:
            return f"Nothing more was done, for it could not be written down: {error}"
        return ""

    def _seen(self, moment: Moment | None) -> None:
        self._news.set()
        if moment is not None:
            what = f"{moment.mark} {moment.subject}".rstrip()
            self._report(FailoverProgress(FailoverStage.WAITING, moment.director or None, what, moment))

    def _tell(self, stage: FailoverStage, director: str | None, what: str) -> None:
        self._report(FailoverProgress(stage, director, what))


def _summary(plan: FailoverPlan) -> str:
    """One line for a director's log."""
    move, record = plan.move, plan.failover
    why = f" ({record.reason})" if record.reason else ""
    vips = ", ".join(map(str, move.vips))
    return f"{vips} from {move.source} to {move.target} by {record.lever}{why}"
