"""`SshTransport`: one SSH connection to one director."""

import asyncio
import shlex
from collections.abc import AsyncGenerator

import asyncssh

from lvstop.clock import Clock
from lvstop.config.schema import DirectorConfig, SshConfig
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.asking import AskedChannel
from lvstop.transport.base import ANSWER_LIMIT, Channel, NotInCatalogueError, Program, TransportError
from lvstop.transport.following import ask_installed, follow_lines
from lvstop.transport.installed import ABOUT, NOTHING_INSTALLED
from lvstop.transport.running import Receiver
from lvstop.transport.ssh import faults
from lvstop.transport.ssh.keys import SecretPrompt, UnlockedKeys
from lvstop.transport.ssh.login import Login
from lvstop.transport.ssh.options import resolve
from lvstop.transport.ssh.session import ProgramSession, launch, starting
from lvstop.transport.ssh.trust import TrustPrompt

_CLOSE_PATIENCE = 2.0
_ABOUT_PATIENCE = 5.0


class SshTransport:
    """A `transport.base.Transport` over SSH, as `ssh` would connect: its configuration, agent, keys and known hosts.

    Args:
        programs: the catalogue; any other program is a NotInCatalogueError, without touching the network.
        ask_secret: asks for the passphrase of an encrypted key; None where nobody is there to answer.
        unlocked: keys that were unlocked before, shared by the transports of one program.
        trust: asks about host keys that are not known; None, which is the rule, trusts none.
        answer_limit: bytes in one answer.
    """

    def __init__(
        self,
        director: DirectorConfig,
        ssh: SshConfig,
        *,
        programs: frozenset[Program],
        clock: Clock,
        ask_secret: SecretPrompt | None = None,
        unlocked: UnlockedKeys | None = None,
        trust: TrustPrompt | None = None,
        answer_limit: int = ANSWER_LIMIT,
    ) -> None:
        self._director = director
        self._ssh = ssh
        self._programs = programs
        self._clock = clock
        self._login = Login(ssh, unlocked if unlocked is not None else UnlockedKeys(), ask_secret, trust)
        self._limit = answer_limit
        self._connections: list[asyncssh.SSHClientConnection] = []
        self._installed = NOTHING_INSTALLED

    @property
    def host(self) -> str:
        """Where it leads, as the cluster file names it."""
        return self._director.host

    async def connect(self) -> None:
        """Connect and log in, through the jump hosts where there are any. A former connection is closed first.

        Raises:
            TransportError: with the kind that tells what to mend.
        """
        await self.close()
        try:
            hops = await asyncio.to_thread(resolve, self._director, self._ssh)
        except (OSError, ValueError, asyncssh.Error) as error:
            summary = f"the SSH configuration for {self.host} cannot be used: {error}"
            raise TransportError(faults.configuration(summary)) from error
        complete = False
        try:
            for hop in hops:
                tunnel = self._connections[-1] if self._connections else None
                self._connections.append(await self._login.connect(hop, tunnel))
            connection = self._connections[-1]

            async def ask(receiver: Receiver) -> ProgramSession:
                return await launch(connection, receiver, f"exec {shlex.join(ABOUT)}", host=self.host)

            self._installed = await ask_installed(ask, _ABOUT_PATIENCE)
            complete = True
        finally:
            if not complete:
                self._abort()

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        """As `transport.base.Transport.open`; `timeout` in seconds."""
        start = starting(self._connection(program), self._installed, host=self.host)
        channel = AskedChannel(program, start, host=self.host, elevated=elevated, clock=self._clock, limit=self._limit)
        await channel.open(timeout)
        return channel

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """As `transport.base.Transport.follow`: lines without their newlines, each of at most 64 kB."""
        start = starting(self._connection(program), self._installed, host=self.host)
        lines = follow_lines(program, start, host=self.host, elevated=elevated)
        try:
            async for line in lines:
                yield line
        finally:
            await lines.aclose()

    async def close(self) -> None:
        """As `transport.base.Transport.close`."""
        connections, self._connections = self._connections[::-1], []
        for connection in connections:
            connection.close()
        try:
            async with asyncio.timeout(_CLOSE_PATIENCE):
                for connection in connections:
                    await connection.wait_closed()
        except TimeoutError:
            # A tunnel that hangs does not say goodbye; nothing more is owed to it.
            for connection in connections:
                connection.abort()

    def _abort(self) -> None:
        connections, self._connections = self._connections[::-1], []
        for connection in connections:
            connection.abort()

    def _connection(self, program: Program) -> asyncssh.SSHClientConnection:
        if program not in self._programs:
            raise NotInCatalogueError(program.name, self.host)
        if not self._connections or self._connections[-1].is_closed():
            raise TransportError(Fault(FaultKind.DISCONNECTED, f"there is no connection to {self.host}"))
        return self._connections[-1]
