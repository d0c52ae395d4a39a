"""Counting the connections of a cluster, on all its directors at the same time, for as long as somebody looks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from lvstop.analysis.client_masks import masked
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.transports import Transports
from lvstop.model.connections import ConnectionScope, Counting
from lvstop.model.director import Fault
from lvstop.probe import programs
from lvstop.probe.counting import count_connections

if TYPE_CHECKING:
    from lvstop.transport.ssh import SecretPrompt, UnlockedKeys

_LOG = logging.getLogger(__name__)

Report = Callable[[Counting], None]
"""Takes the news of one director."""

CountConnections = Callable[[ClusterConfig, ConnectionScope, Report, Callable[[], bool]], Awaitable[None]]
"""Counts until every director has come to its end. Arguments: the cluster, which entries, who is told, and what is
asked before each piece: True ends the reading, and what was counted so far is told. Cancelled, it leaves nothing
running."""


class ConnectionCounter:
    """Asks directors over connections of its own, and ends with them.

    Args:
        mask: what is told says of clients the network only.
    """

    def __init__(self, make_transport: Transports, clock: Clock, *, mask: bool) -> None:
        self._make_transport = make_transport
        self._clock = clock
        self._mask = mask

    async def count(
        self, config: ClusterConfig, scope: ConnectionScope, report: Report, stopped: Callable[[], bool]
    ) -> None:
        """As `CountConnections`. No director waits for another one, nor ends with its mistakes."""
        async with asyncio.TaskGroup() as group:
            for director in config.directors:
                group.create_task(self._director(config, director, scope, report, stopped))

    async def _director(
        self,
        config: ClusterConfig,
        director: DirectorConfig,
        scope: ConnectionScope,
        report: Report,
        stopped: Callable[[], bool],
    ) -> None:
        counting = asyncio.create_task(self._count(config, director, scope, report, stopped))
        try:
            await asyncio.wait([counting])
        finally:
            counting.cancel()
            await asyncio.wait([counting])
        error = None if counting.cancelled() else counting.exception()
        if error is not None:
            _LOG.error("%s: %r", director.name, error, exc_info=error)
            report(Counting(director.name, fault=Fault.internal(error)))

    async def _count(
        self,
        config: ClusterConfig,
        director: DirectorConfig,
        scope: ConnectionScope,
        report: Report,
        stopped: Callable[[], bool],
    ) -> None:
        transport = self._make_transport(director, config.ssh, frozenset((programs.conns(),)))
        steps = count_connections(director.name, transport, scope, self._clock, config.privilege, stopped=stopped)
        async with aclosing(steps):
            async for step in steps:
                report(self._as_shown(step))

    def _as_shown(self, step: Counting) -> Counting:
        """What may be shown: nothing else reaches a screen."""
        return replace(step, counts=masked(step.counts)) if self._mask and step.counts is not None else step


def ssh_counter(
    clock: Clock, ask_secret: "SecretPrompt | None", unlocked: "UnlockedKeys", *, mask: bool
) -> ConnectionCounter:
    """One that works over SSH, or on this machine."""
    from lvstop.engine.transports import transports

    return ConnectionCounter(transports(clock, ask_secret, unlocked), clock, mask=mask)
