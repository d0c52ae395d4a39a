"""What is written down of a failover while it is carried out: records here and on the directors, journal, logs."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from lvstop.actions.audit import AuditError
from lvstop.actions.failover.crew import Crew
from lvstop.actions.failover.means import Means
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.hands import DirectorHands
from lvstop.actions.store import StoreError
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover, FailoverPhase


class Ledger:
    """The paperwork of one execution.

    Attributes:
        record: the failover as it is on record, or is to be.
        resumes: it was on record before: it is released, or finished after an interruption.
        notes: what could not be written down.
    """

    def __init__(self, plan: FailoverPlan, crew: Crew, means: Means) -> None:
        self.record = plan.failover
        self.resumes = plan.releases
        self.notes: list[str] = []
        self._plan = plan
        self._crew = crew
        self._means = means

    async def open(self, before: ClusterSnapshot | None) -> str:
        """Keep the record as pending, here and on both directors. Empty where it is kept.

        Args:
            before: the cluster as it was read when the directors were locked.
        """
        on_record = () if before is None else before.failovers
        self.resumes = self._plan.releases or any(each.id == self.record.id for each in on_record)
        if self._plan.releases:
            return ""
        if not self.resumes:
            # a question may have stood for minutes: the failover is dated when it is made
            self.record = replace(self.record, at=self._means.clock.now())
        try:
            self._means.store.save(self.record)
        except StoreError as error:
            return f"No record could be kept: {error}."
        for failure in await self._crew.everywhere(lambda hands: hands.record(self.record)):
            if failure.lost:
                return failure.sentence
            self.notes.append(f"{failure.sentence} Only the other records tell of this failover.")
        return ""

    async def hold(self) -> Failover:
        """The lever is held from now on."""
        self.record = replace(self.record, phase=FailoverPhase.HELD)
        try:
            self._means.store.save(self.record)
        except StoreError as error:
            self.notes.append(f"This machine keeps no record: {error}.")
        await self._insist(lambda hands: hands.record(self.record))
        return self.record

    async def close(self) -> None:
        """It is over: nobody keeps it any more."""
        try:
            self._means.store.forget(self.record.id)
        except StoreError as error:
            self.notes.append(f"This machine still keeps a record that is over: {error}.")
        await self._insist(lambda hands: hands.forget(self.record.id))

    async def log(self, sentence: str) -> None:
        """A line in the logs of both directors."""
        await self._insist(lambda hands: hands.note(f"{self._means.author}: {sentence}"))

    def journal(self, what: str, director: str) -> str:
        """A step, before it is taken. Empty where it is written down."""
        try:
            self._means.journal.step(self._plan, what, director)
        except AuditError as error:
            return f"Nothing more was done, for it could not be written down: {error}."
        return ""

    async def _insist(self, ask: Callable[[DirectorHands], Awaitable[None]]) -> None:
        """Something that changes the end no more: over a new connection where one is lost, and noted where it fails."""
        self.notes += [failure.sentence for failure in await self._crew.everywhere(ask, insist=True)]
