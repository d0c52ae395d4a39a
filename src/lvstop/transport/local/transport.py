"""`LocalTransport`: the director is this machine, or lives in one of its network namespaces."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator

from lvstop.clock import Clock
from lvstop.config.schema import DirectorConfig
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.asking import AskedChannel
from lvstop.transport.base import ANSWER_LIMIT, Channel, NotInCatalogueError, Program, TransportError
from lvstop.transport.following import ask_installed, follow_lines
from lvstop.transport.installed import ABOUT, NOTHING_INSTALLED
from lvstop.transport.local.child import PLACE, Child
from lvstop.transport.local.namespaces import NAMESPACES
from lvstop.transport.running import Carrier, Receiver

_ABOUT_PATIENCE = 5.0


class LocalTransport:
    """A `transport.base.Transport` to this very machine: the programs are its child processes, in one user's rights.

    Args:
        programs: the catalogue; any other program is `forbidden`.
        answer_limit: bytes in one answer.
    """

    def __init__(
        self,
        director: DirectorConfig,
        *,
        programs: frozenset[Program],
        clock: Clock,
        answer_limit: int = ANSWER_LIMIT,
    ) -> None:
        self._director = director
        self._programs = programs
        self._clock = clock
        self._limit = answer_limit
        self._installed = NOTHING_INSTALLED
        self._connected = False
        self._children: list[Child] = []

    @property
    def host(self) -> str:
        """As the cluster file says it."""
        return self._director.host

    async def connect(self) -> None:
        """Find out whether programs can be started here.

        Raises:
            TransportError: `configuration`: no such namespace, or no Linux; `forbidden`: not root, but in a namespace.
        """
        await self.close()
        fault = _obstacle(self._director.netns)
        if fault is not None:
            raise TransportError(fault)
        if os.access(ABOUT[0], os.X_OK):
            self._installed = await ask_installed(lambda receiver: self._launch(receiver, ABOUT), _ABOUT_PATIENCE)
        self._connected = True

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        """As `transport.base.Transport.open`; `timeout` in seconds."""
        self._check(program)
        channel = AskedChannel(
            program, self._start, host=PLACE, elevated=elevated, clock=self._clock, limit=self._limit
        )
        await channel.open(timeout)
        return channel

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """As `transport.base.Transport.follow`: lines without their newlines, each of at most 64 kB."""
        self._check(program)
        lines = follow_lines(program, self._start, host=PLACE, elevated=elevated)
        try:
            async for line in lines:
                yield line
        finally:
            await lines.aclose()

    async def close(self) -> None:
        """As `transport.base.Transport.close`: every program is told to end, and has ended if it is not busy."""
        self._connected = False
        children, self._children = self._children, []
        await asyncio.gather(*(child.finish() for child in children))

    async def _start(self, receiver: Receiver, program: Program, *, nonce: str, elevated: bool) -> Carrier:
        argv, first = self._installed.call(program, nonce=nonce, elevated=elevated)
        return await self._launch(receiver, argv, first)

    async def _launch(self, receiver: Receiver, argv: tuple[str, ...], first: bytes = b"") -> Child:
        netns = self._director.netns
        within = () if netns is None else ("ip", "netns", "exec", netns)
        child = Child(receiver, {} if netns is None else {"LVSTOP_NETNS": netns})
        self._children = [each for each in self._children if not each.has_exited]
        self._children.append(child)
        await child.start((*within, *argv), first)
        return child

    def _check(self, program: Program) -> None:
        if program not in self._programs:
            raise NotInCatalogueError(program.name, PLACE)
        if not self._connected:
            raise TransportError(Fault(FaultKind.DISCONNECTED, f"there is no connection to {PLACE}"))


def _obstacle(netns: str | None) -> Fault | None:
    """Why no program can be started."""
    if sys.platform != "linux":
        summary = f"{PLACE} is no director: it does not run Linux"
        return Fault(FaultKind.CONFIGURATION, summary, "name the host that lvstop is to log in to, over SSH")
    if netns is None:
        return None
    if not (NAMESPACES / netns).exists():
        summary = f"there is no network namespace {netns} on {PLACE}"
        return Fault(FaultKind.CONFIGURATION, summary, "`ip netns list` names those there are")
    if os.geteuid() != 0:
        summary = f"only root may enter the network namespace {netns} on {PLACE}"
        return Fault(FaultKind.FORBIDDEN, summary, "run lvstop as root")
    return None
