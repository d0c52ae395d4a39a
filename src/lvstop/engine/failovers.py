"""The failover actor of each cluster that may be changed, over SSH. Read-only mode makes none of these."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lvstop.actions import programs
from lvstop.actions.audit import AuditLog, Origin
from lvstop.actions.failover import planning
from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.crew import Grip
from lvstop.actions.failover.intent import FailoverIntent
from lvstop.actions.failover.journal import FailoverAudit, FailoverJournal
from lvstop.actions.failover.means import Again, Means
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal, Suggestion
from lvstop.actions.failover.run import fail_over
from lvstop.actions.store import ChangeStore
from lvstop.analysis.records import LocalRecords
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.actors import author, new_id
from lvstop.engine.connections import ProbeFactory, ssh_probes
from lvstop.engine.failover_actor import MakeFailoverActor, Soundings
from lvstop.engine.look import look
from lvstop.engine.reach import MakeTransport, Reach
from lvstop.engine.records import store_in
from lvstop.engine.transports import transports
from lvstop.model.change import Author
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover
from lvstop.model.sounding import ConfigCheck, Sounding
from lvstop.probe import programs as reading
from lvstop.probe.sounding import sound
from lvstop.transport.base import Program, TransportError

if TYPE_CHECKING:
    from lvstop.transport.ssh import SecretPrompt, UnlockedKeys

LOOK_SECONDS = 30.0
"""Longest wait for everything that a director is asked in one look, or in one sounding."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways to the directors of one cluster.

    Attributes:
        to_change: transports that may run the programs that change something.
        to_read: transports that may only run those that read.
        make_probe: readers of whole directors.
    """

    to_change: MakeTransport
    to_read: MakeTransport
    make_probe: ProbeFactory


class ClusterFailoverActor:
    """Fails one cluster over: an `engine.failover_actor.FailoverActor`. One at a time; locks there keep others off."""

    def __init__(
        self,
        config: ClusterConfig,
        ways: Ways,
        clock: Clock,
        *,
        author: Author,
        store: ChangeStore,
        journal: FailoverJournal,
    ) -> None:
        self._config = config
        self._ways = ways
        self._clock = clock
        self._author = author
        self._store = store
        self._journal = journal
        self._one_at_a_time = asyncio.Lock()

    async def sound(self) -> Soundings:
        """As `FailoverActor.sound`: all directors at the same time."""
        answers = await asyncio.gather(*map(self._sound, self._config.directors), return_exceptions=True)
        soundings: dict[str, Sounding] = {}
        for director, answer in zip(self._config.directors, answers, strict=True):
            if isinstance(answer, TransportError | TimeoutError):
                continue  # that it cannot be asked is what the preflight says of it
            if isinstance(answer, BaseException):
                raise answer
            soundings[director.name] = answer
        return soundings

    async def _sound(self, director: DirectorConfig) -> Sounding:
        async with asyncio.timeout(LOOK_SECONDS):
            transport = self._ways.to_read(director)
            return await sound(director.name, transport, self._clock, self._config.privilege)

    def plan(
        self,
        intent: FailoverIntent,
        snapshot: ClusterSnapshot,
        soundings: Soundings,
        *,
        accepted: frozenset[CheckCode] = frozenset(),
    ) -> FailoverPlan | FailoverRefusal:
        """As `FailoverActor.plan`."""
        now = self._clock.now()
        return planning.plan_intent(
            intent,
            snapshot,
            soundings,
            author=self._author,
            now=now,
            failover_id=new_id(now),
            configured=self._config.failover_lever,
            accepted=accepted,
        )

    def plan_finish(
        self,
        failover: Failover,
        snapshot: ClusterSnapshot,
        soundings: Soundings,
        *,
        accepted: frozenset[CheckCode] = frozenset(),
    ) -> FailoverPlan | FailoverRefusal:
        """As `FailoverActor.plan_finish`."""
        return planning.plan_finish(failover, snapshot, soundings, now=self._clock.now(), accepted=accepted)

    def plan_undo(
        self, failover: Failover, snapshot: ClusterSnapshot, soundings: Soundings
    ) -> FailoverPlan | FailoverRefusal:
        """As `FailoverActor.plan_undo`."""
        return planning.plan_undo(failover, snapshot, soundings, now=self._clock.now())

    async def try_suggestion(self, suggestion: Suggestion) -> ConfigCheck:
        """As `FailoverActor.try_suggestion`."""
        reach = Reach(self._config, self._ways.to_change)
        try:
            hands = await reach.hands(suggestion.director)
            try:
                return await hands.try_suggestion(suggestion)
            finally:
                await hands.close()
        finally:
            await reach.close()

    async def execute(self, plan: FailoverPlan, report: Callable[[FailoverProgress], None]) -> FailoverOutcome:
        """As `FailoverActor.execute`."""
        async with self._one_at_a_time:
            reach = Reach(self._config, self._ways.to_change)

            async def grip(director: str) -> Grip:
                return Grip(*await reach.grip(director))

            means = Means(
                reach=grip,
                plan_again=lambda: self._plan_again(plan),
                look=self._look,
                author=self._author,
                store=self._store,
                journal=self._journal,
                clock=self._clock,
            )
            try:
                return await fail_over(plan, means, report)
            finally:
                await reach.close()

    async def _plan_again(self, plan: FailoverPlan) -> Again:
        soundings = await self.sound()
        snapshot = await self._look()
        return Again(planning.plan_again(plan, snapshot, soundings, now=self._clock.now()), snapshot)

    async def _look(self) -> ClusterSnapshot:
        local = self._store.load(self._config.name)
        (snapshot,) = await look(
            [self._config],
            self._ways.make_probe,
            self._clock,
            timeout=LOOK_SECONDS,
            local_records=lambda: LocalRecords(local.changes, local.failovers),
        )
        return snapshot


def ssh_failover_actors(
    clock: Clock, ask_secret: "SecretPrompt | None", folder: Path, unlocked: "UnlockedKeys | None" = None
) -> MakeFailoverActor:
    """Failover actors that work over SSH, or on this machine.

    Args:
        ask_secret: how to ask the operator for the passphrase of a key; None where nobody can be asked.
        folder: lvstop's state folder: records and the audit.
        unlocked: keys that were unlocked before, where others share them.
    """
    from lvstop.transport.ssh import UnlockedKeys

    keys = UnlockedKeys() if unlocked is None else unlocked
    make_transport = transports(clock, ask_secret, keys)
    operator = author()
    journal = FailoverAudit(AuditLog(folder / "audit.jsonl", clock, Origin.of_this_process()), operator)
    store = store_in(folder)
    make_probe = ssh_probes(clock, ask_secret, keys)

    def make(config: ClusterConfig) -> ClusterFailoverActor | None:
        if config.read_only:
            return None

        def way(catalogue: frozenset[Program]) -> MakeTransport:
            return lambda director: make_transport(director, config.ssh, catalogue)

        ways = Ways(way(programs.catalogue()), way(reading.catalogue()), make_probe)
        return ClusterFailoverActor(config, ways, clock, author=operator, store=store, journal=journal)

    return make
