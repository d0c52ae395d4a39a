"""Sessions over SSH for a terminal: what is slow to import is imported while the terminal is drawn."""

import asyncio
import importlib
from typing import TYPE_CHECKING

from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.engine.feed import Publish, Session

if TYPE_CHECKING:
    from lvstop.engine.connections import ProbeFactory
    from lvstop.transport.ssh import SecretPrompt


class SshSessions:
    """Opens sessions over SSH. Clusters share the passphrases that the operator has typed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._make_probe: ProbeFactory | None = None

    async def __call__(self, config: ClusterConfig, publish: Publish, ask_secret: "SecretPrompt") -> Session:
        """The session of one cluster file. asyncssh is imported in a thread: what is drawn meanwhile goes on."""
        await asyncio.to_thread(_import_all)
        from lvstop.engine.cluster_session import cluster_session
        from lvstop.engine.connections import ssh_probes

        if self._make_probe is None:
            self._make_probe = ssh_probes(self._clock, ask_secret)
        return cluster_session(config, self._make_probe, self._clock, publish)


def _import_all() -> None:
    for name in ("lvstop.transport.ssh", "lvstop.engine.cluster_session"):
        importlib.import_module(name)
