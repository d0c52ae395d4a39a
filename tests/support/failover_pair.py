"""Failovers carried out on a pair in memory, in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from lvstop.actions.audit import AuditError
from lvstop.actions.command import back
from lvstop.actions.failover.crew import Grip
from lvstop.actions.failover.means import Again, Means
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
from lvstop.actions.failover.plan import Cost, FailoverPlan, FailoverRefusal, LeverOption, Move
from lvstop.actions.failover.run import fail_over
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.store import ChangeStore
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.reach import Reach
from lvstop.model.address import IPAddress
from lvstop.model.change import Author, FileChange
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, Keepalived
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, LeverStep, PriorityChange, ServiceChange
from lvstop.model.vrrp import VrrpState
from support import factories
from support.election import Segment
from support.failover_director import CONFIGURATION, UNIT, FailoverDirector
from support.failover_factories import ADDRESS, SOURCE, TARGET, assessment, failover
from support.virtual_time import START, LoopClock, VirtualLoop

T = TypeVar("T")

WEIGHTED, FAULT = "/etc/keepalived/maint", "/etc/keepalived/fault"
STEPS: dict[FailoverLever, LeverStep] = {
    FailoverLever.TRACK_FILE: FileChange(SOURCE, "maint", WEIGHTED, 0, 1),
    FailoverLever.PRIORITY: PriorityChange(SOURCE, CONFIGURATION, "SMB", 150, 90),
    FailoverLever.FAULT: FileChange(SOURCE, "fault", FAULT, 0, 1),
    FailoverLever.STOP: ServiceChange(SOURCE, UNIT),
}
GAPS = {FailoverLever.TRACK_FILE: 0.06, FailoverLever.PRIORITY: 0.06, FailoverLever.FAULT: 1.1, FailoverLever.STOP: 1.1}
LIMIT = 8.0
OPERATOR = Author("bert", "desk2")
CLIENT_SECONDS = 0.02
LOOK_SECONDS = 0.2


class Diary:
    """A journal in memory.

    Attributes:
        room: how many entries there is room for.
    """

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []
        self.room = 1000

    def begin(self, plan: FailoverPlan) -> None:
        self._write("begin", plan.failover.id)

    def step(self, _plan: FailoverPlan, what: str, director: str | None) -> None:
        self._write("step", f"{director}: {what}")

    def end(self, _plan: FailoverPlan, outcome: FailoverOutcome) -> None:
        self._write("end", str(outcome.kind))

    def _write(self, event: str, what: str) -> None:
        if len(self.entries) >= self.room:
            raise AuditError("no space left on the device")
        self.entries.append((event, what))


class FailoverPair:
    """Two directors that hear each other, clients that never rest, and an operator's machine.

    Attributes:
        told: what an execution has told. `watch`: called with each of it.
        served: when the client had a connection, and from whom, by the loop's time.
        refused: what assessing again finds; None where it is as it was.
    """

    def __init__(self, folder: Path) -> None:
        self.segment = Segment()
        self.source = FailoverDirector(SOURCE, self.segment, 150)
        self.target = FailoverDirector(TARGET, self.segment, 100)
        self.directors = (self.source, self.target)
        self.source.skew, self.target.skew = 3.5, -71.25
        self.store = ChangeStore(folder)
        self.diary = Diary()
        self.clock = LoopClock()
        self.told: list[FailoverProgress] = []
        self.watch: Callable[[FailoverProgress], None] = lambda _progress: None
        self.refused: FailoverRefusal | None = None
        self.vips: tuple[IPAddress, ...] = ()
        self.holds((ADDRESS,))
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.served: list[tuple[float, str]] = []
        self._begun = False

    def __enter__(self) -> "FailoverPair":
        return self

    def __exit__(self, *_error: object) -> None:
        self._runner.close()

    def holds(self, vips: tuple[IPAddress, ...], instances: tuple[str, ...] = ("SMB",)) -> None:
        """What the source has from the beginning."""
        self.vips, self.source.addresses = vips, set(vips)
        for director in self.directors:
            director.router.vips, director.router.instances = vips, instances
            director.router.weights = {WEIGHTED: -60, FAULT: 0}

    def director(self, name: str) -> FailoverDirector:
        """One of them."""
        return next(each for each in self.directors if each.name == name)

    @property
    def now(self) -> float:
        """The loop's time."""
        return self._runner.get_loop().time()

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """Something happens then."""
        self._runner.get_loop().call_later(seconds, what)

    def leave(self, record: Failover) -> None:
        """An lvstop that has died has left this on record everywhere."""
        self.store.save(record)
        for director in self.directors:
            director.records[record.id] = record

    @property
    def complaints(self) -> list[dict[str, object]]:
        """What the event loop complains of from now on: tasks that have ended by an error that nobody expected."""
        found: list[dict[str, object]] = []
        self._runner.get_loop().set_exception_handler(lambda _loop, context: found.append(context))
        return found

    # doing something

    def play(self, what: Coroutine[object, object, T]) -> T:
        """Run something here; everything goes on from where it was."""
        return self._runner.run(self._with_life(what))

    def carry_out(self, plan: FailoverPlan) -> FailoverOutcome:
        """Execute a plan, and see that nothing is left behind."""
        return self.play(self.executed(plan))

    def rest(self, seconds: float = 15.0) -> None:
        """Let everything become quiet."""
        self.play(asyncio.sleep(seconds))

    def held(self, lever: FailoverLever = FailoverLever.TRACK_FILE) -> Failover:
        """A failover was done, and its lever is held."""
        record = replace(a_plan(lever).failover, phase=FailoverPhase.HELD)
        self.leave(record)
        self.pull(lever)
        assert self.holders() == {TARGET}
        for director in self.directors:
            director.moved.clear()
        return record

    def pull(self, lever: FailoverLever, *, rest: float = 10.0) -> None:
        """Somebody has pulled a lever of the source, and so much time has passed."""
        self.play(self._pulled(lever))
        self.rest(rest)

    async def noticed(self) -> None:
        """keepalived on the source reads its files."""
        self.source.router.settle()

    async def deaf(self) -> None:
        """keepalived on the target hangs."""
        self.target.router.die()

    async def _pulled(self, lever: FailoverLever) -> None:
        source, router = self.source, self.source.router
        match lever:
            case FailoverLever.TRACK_FILE:
                router.numbers[WEIGHTED] = 1
            case FailoverLever.FAULT:
                router.numbers[FAULT] = 1
            case FailoverLever.PRIORITY:
                source.lines["SMB"] = router.priority = 90
            case FailoverLever.STOP:
                router.stop()
                source.active = False
        router.settle()

    async def executed(self, plan: FailoverPlan) -> FailoverOutcome:
        """As an actor does it."""
        directors = tuple(DirectorConfig(each.name, f"{each.name}.example") for each in self.directors)
        reach = Reach(ClusterConfig("smb", directors), lambda config: self.director(config.name).transport())

        async def grip(name: str) -> Grip:
            return Grip(*await reach.grip(name))

        async def again() -> Again:
            return Again(self.refused or plan, await self.look())

        means = Means(grip, again, self.look, OPERATOR, self.store, self.diary, self.clock)
        try:
            return await fail_over(plan, means, self._report)
        finally:
            await reach.close()

    def assert_nothing_is_left(self) -> None:
        """No lock, no program, no connection and nobody who watches."""
        for director in self.directors:
            assert director.locked_by is None or director.lingers, f"{director.name} is locked"
            assert not director.channels, f"programs run on {director.name}"
            assert not director.followers, f"{director.name} is watched"
            assert not any(each.stands for each in director.transports), f"{director.name} is connected"

    def _report(self, progress: FailoverProgress) -> None:
        self.told.append(progress)
        self.watch(progress)

    async def _with_life(self, what: Coroutine[object, object, T]) -> T:
        if not self._begun:
            self._begun = True
            for director in self.directors:
                director.router.begin(VrrpState.MASTER if director is self.source else VrrpState.BACKUP)
            self._serve()
            await asyncio.sleep(2)
        mine = asyncio.all_tasks()
        try:
            return await what
        finally:
            await asyncio.sleep(0)
            assert asyncio.all_tasks() <= mine, "tasks were left behind"

    def _serve(self) -> None:
        """A client opens a connection to the address, again and again."""
        for director in self.directors:
            if self.vips[0] in director.addresses and director.alive:
                director.connections += 1
                self.served.append((asyncio.get_running_loop().time(), director.name))
                break
        asyncio.get_running_loop().call_later(CLIENT_SECONDS, self._serve)

    # what there is to see

    async def look(self) -> ClusterSnapshot:
        """Read both."""
        await asyncio.sleep(LOOK_SECONDS)
        snapshot = factories.cluster(*map(self._read, self.directors), now=self.clock.now())
        return replace(snapshot, failovers=self.store.load("smb").failovers)

    def _read(self, director: FailoverDirector) -> DirectorSnapshot:
        if not director.reached or director.refusal is not None:
            return factories.silent(director.name)
        router, running = director.router, director.router.state is not None
        return factories.director(
            director.name,
            keepalived=Keepalived("2.2.7", running, 800 if running else None),
            vrrp=tuple(factories.instance(router.state, name, *map(str, router.vips)) for name in router.instances)
            if running
            else (),
            addresses=tuple(factories.address(str(each)) for each in director.addresses),
        )

    def judge(self, plan: FailoverPlan, outcome: FailoverOutcome) -> None:
        """Whatever went wrong: what an outcome says is so, nothing is left behind, and everything ends somewhere.

        Where a machine has died by itself, who has the address is not the failover's doing; that somebody has it is.
        """
        self.assert_nothing_is_left()
        self.rest()
        record, held = plan.failover.id, not plan.releases
        holders = [self.holders(vip) for vip in plan.failover.vips]
        if outcome.kind is not OutcomeKind.INCOMPLETE:
            assert all(len(names) == 1 for names in holders)
        match outcome.kind:
            case OutcomeKind.DONE:
                holder = plan.move.target if plan.moves else plan.move.source
                assert all(names == {holder} for names in holders) or self.died
                assert held or self.levers == AS_BEFORE
                assert self.kept == ([(record, FailoverPhase.HELD)] if held else [])
                self._assert_recorded([FailoverPhase.HELD] if held else [])
            case OutcomeKind.UNDONE:
                assert all(names == {plan.move.source} for names in holders) or self.died
                assert self.levers == AS_BEFORE
                assert self.kept == []
                self._assert_recorded([])
                assert outcome.failure
            case OutcomeKind.INCOMPLETE:
                assert [each for each, _ in self.kept] == [record]
                assert outcome.failover is not None
                assert outcome.failure
                assert outcome.way_out
                if self.levers != AS_BEFORE:
                    commands = [str(back(step)) for step in plan.failover.steps]
                    assert any(command in line for command in commands for line in outcome.way_out)
            case OutcomeKind.REFUSED:
                assert self.untouched
                assert outcome.objections

    def _assert_recorded(self, phases: list[FailoverPhase]) -> None:
        for director in self.directors:
            if director.reached and director.refusal is None:
                assert self.recorded(director) == phases, director.name

    @property
    def died(self) -> bool:
        """A machine has lost its power."""
        return not all(director.alive for director in self.directors)

    @property
    def deeds(self) -> list[str]:
        """What directors were asked to do to themselves."""
        asked = [request for each in self.directors for request in each.requests]
        return [request for request in asked if request.startswith(("put ", "priority ", "service "))]

    @property
    def untouched(self) -> bool:
        """Nothing was changed, and nothing is on record."""
        left = [*self.kept, *self.source.records, *self.target.records]
        return self.levers == AS_BEFORE and not left and not self.deeds

    def holders(self, vip: IPAddress = ADDRESS) -> set[str]:
        """Who really has an address."""
        return {each.name for each in self.directors if each.alive and vip in each.addresses}

    @property
    def kept(self) -> list[tuple[str, FailoverPhase]]:
        """What the operator's machine has on record."""
        return [(each.id, each.phase) for each in self.store.load("smb").failovers]

    def recorded(self, director: FailoverDirector) -> list[FailoverPhase]:
        """What a director has on record."""
        return [each.phase for each in director.records.values()]

    @property
    def levers(self) -> tuple[int, int, int, bool]:
        """The source's levers: both track files, the priority in its configuration, and whether keepalived runs."""
        numbers = self.source.router.numbers
        return numbers.get(WEIGHTED, 0), numbers.get(FAULT, 0), self.source.lines["SMB"], self.source.active


AS_BEFORE = (0, 0, 150, True)
PULLED = {
    FailoverLever.TRACK_FILE: (1, 0, 150, True),
    FailoverLever.PRIORITY: (0, 0, 90, True),
    FailoverLever.FAULT: (0, 1, 150, True),
    FailoverLever.STOP: (0, 0, 150, False),
}


def a_plan(lever: FailoverLever = FailoverLever.TRACK_FILE) -> FailoverPlan:
    """One lever of the source is to be pulled."""
    record = failover(lever=lever, steps=(STEPS[lever],), phase=FailoverPhase.PENDING, at=START - timedelta(minutes=5))
    return plan_for(record, record.steps)


def plan_for(record: Failover, steps: tuple[LeverStep, ...]) -> FailoverPlan:
    """Some of a record's levers are to be pulled."""
    chosen = LeverOption(record.lever, True, "It works.", steps, Cost(3.7, (0.0, GAPS[record.lever])))
    return FailoverPlan(
        failover=record,
        assessment=replace(assessment(), chosen=chosen),
        move=Move(record.source, record.target, record.instances, (), record.vips),
        releases=False,
        moves=True,
        steps=steps,
        limit=LIMIT,
    )


def a_release(record: Failover, *, moves: bool = True) -> FailoverPlan:
    """The levers of a record are to be released; `moves` False: the addresses stay with its target."""
    move = Move(record.target, record.source, record.instances, (), record.vips)
    return replace(plan_for(record, record.steps[::-1]), move=move, releases=True, moves=moves)
