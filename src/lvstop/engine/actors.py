"""The actor of each cluster that may be changed, over SSH. Read-only mode makes none of these."""

import asyncio
import getpass
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lvstop.actions import planning, programs, resume
from lvstop.actions.audit import Audit, AuditLog, Origin
from lvstop.actions.execute import execute
from lvstop.actions.intent import Intent
from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Plan, Refusal
from lvstop.actions.progress import Progress
from lvstop.actions.store import ChangeStore
from lvstop.actions.view import STALE_AFTER
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.actor import MakeActor
from lvstop.engine.reach import MakeTransport, Reach
from lvstop.engine.records import store_in
from lvstop.engine.transports import transports
from lvstop.model.change import Author, Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.transport.base import Transport

if TYPE_CHECKING:
    from lvstop.transport.ssh import SecretPrompt, UnlockedKeys


class ClusterActor:
    """Changes one cluster: an `engine.actor.Actor`. One change at a time; other lvstops are kept off by locks there."""

    def __init__(
        self,
        config: ClusterConfig,
        make_transport: MakeTransport,
        clock: Clock,
        *,
        author: Author,
        store: ChangeStore,
        audit: Audit,
    ) -> None:
        self._config = config
        self._make_transport = make_transport
        self._clock = clock
        self._author = author
        self._store = store
        self._audit = audit
        # what is older is no basis for a change, unless the operator wanted it read more seldom
        self._stale_after = max(STALE_AFTER, timedelta(seconds=3 * config.interval))
        self._one_at_a_time = asyncio.Lock()

    def plan(self, intent: Intent, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        """As `Actor.plan`."""
        now = self._clock.now()
        return planning.build_plan(
            intent,
            snapshot,
            author=self._author,
            now=now,
            change_id=new_id(now),
            insist=insist,
            stale_after=self._stale_after,
        )

    def plan_finish(self, change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        """As `Actor.plan_finish`."""
        return resume.plan_finish(change, snapshot, now=self._clock.now(), insist=insist, stale_after=self._stale_after)

    def plan_undo(self, change: Change, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        """As `Actor.plan_undo`."""
        return resume.plan_undo(change, snapshot, now=self._clock.now(), insist=insist, stale_after=self._stale_after)

    async def execute(self, plan: Plan, report: Callable[[Progress], None]) -> Outcome:
        """As `Actor.execute`."""
        async with self._one_at_a_time:
            reach = Reach(self._config, self._make_transport)
            try:
                return await execute(
                    plan, reach=reach.hands, store=self._store, audit=self._audit, clock=self._clock, report=report
                )
            finally:
                await reach.close()


def ssh_actors(
    clock: Clock, ask_secret: "SecretPrompt | None", folder: Path, unlocked: "UnlockedKeys | None" = None
) -> MakeActor:
    """Actors that work over SSH, or on this machine, with the catalogue of programs that change something.

    Args:
        ask_secret: how to ask the operator for the passphrase of a key; None where nobody can be asked.
        folder: lvstop's state folder: records of changes and the audit.
        unlocked: keys that were unlocked before, where others share them.
    """
    catalogue = programs.catalogue()
    make_transport = transports(clock, ask_secret, unlocked)
    audit = AuditLog(folder / "audit.jsonl", clock, Origin.of_this_process())
    store = store_in(folder)

    def make(config: ClusterConfig) -> ClusterActor | None:
        if config.read_only:
            return None

        def transport(director: DirectorConfig) -> Transport:
            return make_transport(director, config.ssh, catalogue)

        return ClusterActor(config, transport, clock, author=author(), store=store, audit=audit)

    return make


def author() -> Author:
    """Whoever runs lvstop, as this machine knows him."""
    return Author(getpass.getuser(), socket.gethostname())


def new_id(now: datetime) -> str:
    """An identity for a change that sorts by time."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
