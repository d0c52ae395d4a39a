"""Sessions and actors over SSH for a terminal: what is slow to import is imported while the terminal is drawn."""

import asyncio
import gc
import importlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.engine.late_actors import LateActor, LateFailoverActor

_LOG = logging.getLogger(__name__)

if TYPE_CHECKING:
    from lvstop.actions.store import ChangeStore
    from lvstop.analysis.records import LocalRecords
    from lvstop.engine.actor import Actor
    from lvstop.engine.connections import ProbeFactory
    from lvstop.engine.failover_actor import FailoverActor
    from lvstop.engine.feed import Publish, Session
    from lvstop.transport.ssh import SecretPrompt, UnlockedKeys


class SshSessions:
    """Opens sessions, and makes actors. All share the passphrases that the operator has typed.

    Args:
        folder: lvstop's state folder, with the records of changes and the audit; None where none are kept, and then
            there are no actors.
        clusters: how many sessions there will be.
    """

    def __init__(self, clock: Clock, folder: Path | None = None, clusters: int = 1) -> None:
        self._clock = clock
        self._folder = folder
        self._clusters = clusters
        self._make_probe: ProbeFactory | None = None
        self._unlocked: UnlockedKeys | None = None
        self._ask_secret: SecretPrompt | None = None
        self._store: ChangeStore | None = None

    async def __call__(self, config: ClusterConfig, publish: "Publish", ask_secret: "SecretPrompt") -> "Session":
        """The session of one cluster file. asyncssh is imported in a thread: what is drawn meanwhile goes on."""
        await asyncio.to_thread(_import_all)
        from lvstop.engine.cluster_session import cluster_session
        from lvstop.engine.connections import ssh_probes

        self._ask_secret = ask_secret
        if self._make_probe is None:
            self._make_probe = ssh_probes(self._clock, ask_secret, self.unlocked, clusters=self._clusters)
        return cluster_session(
            config,
            self._make_probe,
            self._clock,
            publish,
            local_records=lambda: self._on_record(config.name),
            forget=self._forget,
        )

    @property
    def unlocked(self) -> "UnlockedKeys":
        """The keys that were unlocked so far."""
        from lvstop.transport.ssh import UnlockedKeys

        if self._unlocked is None:
            self._unlocked = UnlockedKeys()
        return self._unlocked

    def make_actor(self, config: ClusterConfig) -> "Actor | None":
        """What changes a cluster, if anything may. Nothing is imported for it before it is used."""
        return None if config.read_only or self._folder is None else LateActor(lambda: self._actor(config))

    def make_failover_actor(self, config: ClusterConfig) -> "FailoverActor | None":
        """What fails a cluster over, if anything may. Nothing is imported for it before it is used."""
        may_not = config.read_only or self._folder is None
        return None if may_not else LateFailoverActor(lambda: self._failover_actor(config))

    def _actor(self, config: ClusterConfig) -> "Actor":
        from lvstop.engine.actors import ssh_actors

        if self._folder is None:
            raise RuntimeError("an actor was made where no records are kept")
        actor = ssh_actors(self._clock, self._ask_secret, self._folder, self.unlocked)(config)
        if actor is None:
            raise RuntimeError(f"an actor was made for {config.name}, which is read-only")
        return actor

    def _failover_actor(self, config: ClusterConfig) -> "FailoverActor":
        from lvstop.engine.failovers import ssh_failover_actors

        if self._folder is None:
            raise RuntimeError("a failover actor was made where no records are kept")
        actor = ssh_failover_actors(self._clock, self._ask_secret, self._folder, self.unlocked)(config)
        if actor is None:
            raise RuntimeError(f"a failover actor was made for {config.name}, which is read-only")
        return actor

    def _on_record(self, cluster: str) -> "LocalRecords":
        from lvstop.analysis.records import LocalRecords
        from lvstop.engine.actors import store_in

        if self._folder is None:
            return LocalRecords()
        if self._store is None:
            self._store = store_in(self._folder)
        loaded = self._store.load(cluster)
        return LocalRecords(loaded.changes, loaded.failovers)

    def _forget(self, record: str) -> None:
        from lvstop.actions.store import StoreError
        from lvstop.engine.actors import store_in

        if self._folder is None:
            return
        try:
            store_in(self._folder).forget(record)
        except StoreError as error:
            # it is found to be over again, and forgotten when that is possible
            _LOG.warning("%s", error)


def _import_all() -> None:
    """Garbage is not looked for meanwhile, nor later in what was imported: to walk all of it takes 35 ms each time."""
    gc.disable()
    try:
        for name in ("lvstop.transport.ssh", "lvstop.engine.cluster_session"):
            importlib.import_module(name)
        gc.freeze()
    finally:
        gc.enable()
