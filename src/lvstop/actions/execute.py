"""Carrying out a plan: lock, look again, write down, change, read back; or put everything back.

The record of the change is kept as pending, on the operator's machine and on every director, before the first command
and until the end is known. Whatever interrupts this (a kill, a lost connection) leaves a record that the next lvstop
finds, so that it can be finished or undone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import TypeVar

from lvstop.actions.audit import Audit, AuditError
from lvstop.actions.command import back, forth
from lvstop.actions.hands import DirectorHands, HandsError, LockedError, NoPrivilegeError
from lvstop.actions.outcome import Outcome, OutcomeKind, RowStanding
from lvstop.actions.plan import Objection, ObjectionCode, Plan, Step
from lvstop.actions.progress import Progress, Stage
from lvstop.actions.store import ChangeStore, StoreError
from lvstop.actions.verify import Rows, changed_since, standings
from lvstop.clock import Clock
from lvstop.model.change import Change, ChangeKind, ChangePhase, FileChange

T = TypeVar("T")

SETTLE_SECONDS = 5.0
"""How long keepalived may take to bring about what a track file asks for."""
_LOOK_AGAIN = 0.1


Reach = Callable[[str], Awaitable[DirectorHands]]
"""Lays hands on a director by its name: connects anew, becomes root, starts the program. Raises HandsError."""


async def execute(
    plan: Plan,
    *,
    reach: Reach,
    store: ChangeStore,
    audit: Audit,
    clock: Clock,
    report: Callable[[Progress], None],
) -> Outcome:
    """Carry out a plan on all its directors, or on none.

    Never raises for what goes wrong with directors or disks: that is the outcome. A plan that cannot be written into
    the audit is refused.
    """
    # a question may have stood for minutes: the change is dated when it is made
    plan = replace(plan, change=replace(plan.change, at=clock.now()))
    execution = _Execution(plan, reach, store, clock, report)
    began = clock.monotonic()
    report(Progress(Stage.AUDITING, None, "writing into the audit"))
    try:
        audit.begin(plan)
    except AuditError as error:
        return _refused([Objection(ObjectionCode.AUDIT_UNWRITABLE, str(error), overridable=False)])
    try:
        outcome = await execution.run()
    finally:
        await execution.let_go()
    outcome = replace(outcome, seconds=clock.monotonic() - began)
    try:
        audit.end(plan, outcome)
    except AuditError as error:
        outcome = replace(outcome, notes=(*outcome.notes, f"The end is not in the audit: {error}"))
    return outcome


def _refused(objections: Iterable[Objection]) -> Outcome:
    return Outcome(OutcomeKind.REFUSED, None, objections=tuple(objections))


@dataclass(frozen=True, slots=True)
class _Failure:
    """Something that was not done on a director, and whether that one is lost."""

    sentence: str
    lost: bool


class _Execution:
    """One plan being carried out."""

    def __init__(
        self, plan: Plan, reach: Reach, store: ChangeStore, clock: Clock, report: Callable[[Progress], None]
    ) -> None:
        self._plan = plan
        self._reach = reach
        self._store = store
        self._clock = clock
        self._report = report
        self._hands: dict[str, DirectorHands] = {}
        self._begun: list[Step] = []
        self._notes: list[str] = []
        self._rows: tuple[RowStanding, ...] = ()
        touched = [each.director for each in (*plan.steps, *plan.expects)]
        # in one order everywhere: of two lvstops one gets the first lock and the other one nothing
        self._directors = sorted(set(touched or plan.change.directors))

    async def run(self) -> Outcome:
        """All of it."""
        objections = await self._prepare()
        if objections:
            return _refused(objections)
        failure = await self._write_down()
        if not failure:
            failure = await self._change()
        if not failure:
            failure = await self._verify()
        return await (self._undo(failure) if failure else self._finish())

    async def let_go(self) -> None:
        """Close all connections; the locks go with them."""
        hands, self._hands = list(self._hands.values()), {}
        await asyncio.gather(*(each.close() for each in hands))

    # before anything is changed

    async def _prepare(self) -> list[Objection]:
        try:
            await self._together(Stage.CONNECTING, "connecting to", self._connect)
            for name in self._directors:
                self._tell(Stage.LOCKING, name, f"locking {name}")
                await self._hands[name].lock(f"{self._plan.change.author}: {self._plan.change.kind}")
            return [*await self._reloads(), *await self._look_again()]
        except LockedError as error:
            return [Objection(ObjectionCode.LOCKED, f"{error}; wait until that has ended.", overridable=False)]
        except NoPrivilegeError as error:
            return [Objection(ObjectionCode.PRIVILEGE_MISSING, f"{error}.", overridable=False)]
        except HandsError as error:
            return [Objection(ObjectionCode.DIRECTOR_MISSING, f"{error}.", overridable=False)]

    async def _connect(self, name: str) -> None:
        self._hands[name] = await self._reach(name)

    async def _reloads(self) -> list[Objection]:
        under_way = await self._together(
            Stage.READING, "asking for reloads on", lambda name: self._hands[name].reloading()
        )
        return [
            Objection(
                ObjectionCode.RELOAD_UNDER_WAY,
                f"keepalived on {name} is reloading its configuration; wait until it has.",
                overridable=False,
            )
            for name, reloading in under_way.items()
            if reloading
        ]

    async def _look_again(self) -> list[Objection]:
        tables = await self._together(Stage.READING, "reading again", lambda name: self._hands[name].table())
        found: list[Objection] = []
        for step in self._plan.steps:
            if isinstance(step, FileChange):
                number = await self._hands[step.director].number(step.path)
                if number != step.before:
                    sentence = f"{step.path} on {step.director} has {number} in it instead of {step.before}."
                    found.append(Objection(ObjectionCode.CHANGED_SINCE, sentence, overridable=False))
        rows = {name: table.rows for name, table in tables.items()}
        return [*found, *changed_since(self._plan.expects, rows)]

    async def _together(self, stage: Stage, doing: str, ask: Callable[[str], Awaitable[T]]) -> dict[str, T]:
        """Ask all directors at the same time. All have answered when the first failure is raised."""
        for name in self._directors:
            self._tell(stage, name, f"{doing} {name}")
        answers = await asyncio.gather(*(ask(name) for name in self._directors), return_exceptions=True)
        found: dict[str, T] = {}
        for name, answer in zip(self._directors, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            found[name] = answer
        return found

    # changing

    async def _write_down(self) -> str:
        self._tell(Stage.RECORDING, None, "keeping a record of what is about to be done")
        try:
            self._store.save(self._plan.change)
        except StoreError as error:
            return f"No record could be kept: {error}"
        return await self._record_everywhere(self._plan.change)

    async def _change(self) -> str:
        for step in self._plan.steps:
            command = forth(step)
            self._tell(Stage.CHANGING, step.director, str(command))
            self._begun.append(step)
            try:
                await self._hands[step.director].run(command)
            except HandsError as error:
                return f"{error}."
        return ""

    async def _verify(self) -> str:
        """Empty where every row is as planned. A track file works through keepalived, which takes a moment."""
        patient = any(isinstance(step, FileChange) for step in self._plan.steps)
        deadline = self._clock.monotonic() + (SETTLE_SECONDS if patient else 0.0)
        while True:
            self._rows = standings(self._plan.expects, await self._tables())
            wrong = [row for row in self._rows if not row.as_planned]
            if not wrong:
                return ""
            if self._clock.monotonic() >= deadline:
                return _sentence("is not as planned", wrong)
            await self._clock.sleep(_LOOK_AGAIN)

    async def _tables(self) -> Mapping[str, Rows | None]:
        return await self._together(Stage.VERIFYING, "reading back from", self._rows_of)

    async def _rows_of(self, name: str) -> Rows | None:
        try:
            return (await self._hands[name].table()).rows
        except HandsError:
            return None

    # afterwards

    async def _finish(self) -> Outcome:
        plan = self._plan
        stands = plan.change.kind is ChangeKind.DRAIN and plan.change.id not in plan.closes
        change = replace(plan.change, phase=ChangePhase.STANDING) if stands else None
        for kept in (*((change,) if change else ()), *plan.keeps):
            await self._keep(kept)
        for closed in dict.fromkeys((*plan.closes, *(() if stands else (plan.change.id,)))):
            await self._forget(closed)
        await self._note(f"{plan.change.author}: {_summary(plan.change)}")
        return Outcome(OutcomeKind.DONE, change, rows=self._rows, notes=tuple(self._notes))

    async def _undo(self, failure: str) -> Outcome:
        """Put back what may have been done. Rows that are neither as planned nor as before are not touched."""
        touched = {step.director for step in self._begun}
        for name in touched:
            await self._again(name)
        for step in reversed(self._begun):
            command = back(step)
            self._tell(Stage.UNDOING, step.director, str(command))
            try:
                if await self._may_put_back(step):
                    await self._hands[step.director].run(command)
            except HandsError as error:
                self._notes.append(f"{error}.")
        rows = await self._stand_after_undo(touched)
        if _as_before(rows, touched):
            await self._forget(self._plan.change.id)
            await self._note(f"{self._plan.change.author}: {_summary(self._plan.change)} failed and was undone")
            return Outcome(OutcomeKind.UNDONE, None, failure=failure, rows=rows, notes=tuple(self._notes))
        await self._note(f"{self._plan.change.author}: {_summary(self._plan.change)} is incomplete")
        return Outcome(OutcomeKind.INCOMPLETE, self._plan.change, failure=failure, rows=rows, notes=tuple(self._notes))

    async def _stand_after_undo(self, touched: Set[str]) -> tuple[RowStanding, ...]:
        patient = any(isinstance(step, FileChange) for step in self._begun)
        deadline = self._clock.monotonic() + (SETTLE_SECONDS if patient else 0.0)
        while True:
            rows = standings(self._plan.expects, await self._tables())
            if _as_before(rows, touched) or self._clock.monotonic() >= deadline:
                return rows
            await self._clock.sleep(_LOOK_AGAIN)

    async def _may_put_back(self, step: Step) -> bool:
        hands = self._hands[step.director]
        if isinstance(step, FileChange):
            return await hands.number(step.path) == step.after
        (row,) = standings((step,), {step.director: (await hands.table()).rows})
        return row.as_planned

    async def _again(self, name: str) -> None:
        """A director that has stopped answering gets a second chance: something of ours may be left there."""
        try:
            await self._hands[name].table()
        except HandsError as error:
            if not error.lost:
                return
            self._tell(Stage.CONNECTING, name, f"connecting to {name} again")
            await self._hands[name].close()
            try:
                self._hands[name] = await self._reach(name)
                await self._hands[name].lock(f"{self._plan.change.author}: undoing {self._plan.change.kind}")
            except HandsError as second:
                self._notes.append(f"{second}.")

    # records

    async def _record_everywhere(self, change: Change) -> str:
        """Empty, unless a director was lost over it. One that merely cannot keep it is a note."""
        failures = await self._together(
            Stage.RECORDING, "keeping a record on", lambda name: self._failure_of(self._hands[name].record(change))
        )
        for failure in failures.values():
            if failure is not None and failure.lost:
                return failure.sentence
            if failure is not None:
                self._notes.append(f"{failure.sentence} Only the other records tell of this change.")
        return ""

    async def _failure_of(self, doing: Awaitable[None]) -> "_Failure | None":
        try:
            await doing
        except HandsError as error:
            return _Failure(f"{error}.", error.lost)
        return None

    async def _everywhere(self, doing: str, ask: Callable[[DirectorHands], Awaitable[None]]) -> None:
        """Something that changes the end no more: what fails is noted."""
        failures = await self._together(Stage.CLOSING, doing, lambda name: self._failure_of(ask(self._hands[name])))
        self._notes += [failure.sentence for failure in failures.values() if failure is not None]

    async def _keep(self, change: Change) -> None:
        try:
            self._store.save(change)
        except StoreError as error:
            self._notes.append(f"This machine keeps no record: {error}")
        await self._everywhere("keeping the record on", lambda hands: hands.record(change))

    async def _forget(self, change_id: str) -> None:
        try:
            self._store.forget(change_id)
        except StoreError as error:
            self._notes.append(f"This machine still keeps a record that is over: {error}")
        await self._everywhere("taking away what is over on", lambda hands: hands.forget(change_id))

    async def _note(self, sentence: str) -> None:
        await self._everywhere("writing into the log of", lambda hands: hands.note(sentence))

    def _tell(self, stage: Stage, director: str | None, what: str) -> None:
        self._report(Progress(stage, director, what))


def _as_before(rows: Iterable[RowStanding], touched: Set[str]) -> bool:
    """On directors to which no command was sent nothing can have happened, whether they answer or not."""
    return all(row.as_before for row in rows if row.director in touched)


def _sentence(complaint: str, rows: Iterable[RowStanding]) -> str:
    return " ".join(
        f"{row.real_server} of {row.virtual_server} on {row.director} {complaint}: {row.found}." for row in rows
    )


def _summary(change: Change) -> str:
    """One line for a director's log."""
    rows = ", ".join(f"{real} of {virtual}" for virtual, real in change.rows)
    weights = "/".join(str(weight) for weight in dict.fromkeys(each.after for each in change.weights))
    why = f" ({change.reason})" if change.reason else ""
    return f"{change.kind} {rows}: weight {weights} by {change.lever}{why}"
