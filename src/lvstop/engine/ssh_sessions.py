"""Sessions over SSH for a terminal: what is slow to import is imported while the terminal is drawn."""

import asyncio
import gc
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from lvstop.actions.store import ChangeStore
    from lvstop.analysis.records import LocalRecords
    from lvstop.engine.connections import ProbeFactory
    from lvstop.engine.counting import Report
    from lvstop.engine.feed import Publish, Session
    from lvstop.model.connections import ConnectionScope
    from lvstop.transport.ssh import SecretPrompt, UnlockedKeys


class SshSessions:
    """Opens sessions that read. All share the passphrases that the operator has typed.

    Nothing that changes a director is reached from here, nor imported; `engine.operator_sessions` adds that.

    Args:
        folder: lvstop's state folder, with the records of changes and the audit; None where none are kept.
        batch: nobody is asked for a passphrase: a key that has one is used from an agent, or not at all.
        clusters: how many sessions there will be.
    """

    def __init__(self, clock: Clock, folder: Path | None = None, clusters: int = 1, *, batch: bool = False) -> None:
        self.clock = clock
        self.folder = folder
        self.ask_secret: SecretPrompt | None = None
        self.batch = batch
        self._clusters = clusters
        self._make_probe: ProbeFactory | None = None
        self._unlocked: UnlockedKeys | None = None
        self._store: ChangeStore | None = None

    async def __call__(self, config: ClusterConfig, publish: "Publish", ask_secret: "SecretPrompt") -> "Session":
        """The session of one cluster file. asyncssh is imported in a thread: what is drawn meanwhile goes on."""
        await asyncio.to_thread(_import_all)
        from lvstop.engine.cluster_session import cluster_session
        from lvstop.engine.connections import ssh_probes

        self.ask_secret = None if self.batch else ask_secret
        if self._make_probe is None:
            self._make_probe = ssh_probes(self.clock, self.ask_secret, self.unlocked, clusters=self._clusters)
        return cluster_session(
            config,
            self._make_probe,
            self.clock,
            publish,
            local_records=lambda: self._on_record(config.name),
            forget=self.forget,
        )

    @property
    def unlocked(self) -> "UnlockedKeys":
        """The keys that were unlocked so far."""
        from lvstop.transport.ssh import UnlockedKeys

        if self._unlocked is None:
            self._unlocked = UnlockedKeys()
        return self._unlocked

    async def count_connections(
        self, config: ClusterConfig, scope: "ConnectionScope", report: "Report", stopped: "Callable[[], bool]"
    ) -> None:
        """An `engine.counting.CountConnections`. It is imported when somebody asks for it."""
        from lvstop.engine.counting import ssh_counter

        mask = config.mask_clients and not self.operates(config)
        await ssh_counter(self.clock, self.ask_secret, self.unlocked, mask=mask).count(config, scope, report, stopped)

    def operates(self, config: ClusterConfig) -> bool:
        """Whoever looks may also change this cluster."""
        return False

    def forget(self, record: str) -> None:
        """A record is over. It is the operator's: who only reads leaves it where it is."""

    def _on_record(self, cluster: str) -> "LocalRecords":
        from lvstop.analysis.records import LocalRecords
        from lvstop.engine.records import store_in

        if self.folder is None:
            return LocalRecords()
        if self._store is None:
            self._store = store_in(self.folder)
        loaded = self._store.load(cluster)
        return LocalRecords(loaded.changes, loaded.failovers)


def _import_all() -> None:
    """Garbage is not looked for meanwhile, nor later in what was imported: to walk all of it takes 35 ms each time."""
    gc.disable()
    try:
        for name in ("lvstop.transport.ssh", "lvstop.engine.cluster_session"):
            importlib.import_module(name)
        gc.freeze()
    finally:
        gc.enable()
