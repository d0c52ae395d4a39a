"""One hop: connect, check the host key, log in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncssh

from lvstop.config.schema import SshConfig
from lvstop.model.director import FaultKind
from lvstop.transport.base import TransportError
from lvstop.transport.ssh import faults
from lvstop.transport.ssh.faults import Phase, Progress
from lvstop.transport.ssh.keys import (
    Identities,
    OfferedPair,
    SecretPrompt,
    UnlockedKeys,
    UnusableKeyError,
    gather,
    offered,
)
from lvstop.transport.ssh.options import Hop
from lvstop.transport.ssh.trust import TrustPrompt, may_be_trusted, vouched


@dataclass(frozen=True, slots=True)
class Login:
    """What every hop of a connection shares.

    Attributes:
        ask: asks for passphrases; None where nobody is there to answer.
        trust: asks about host keys that are not known; None, which is the rule, trusts none.
    """

    ssh: SshConfig
    unlocked: UnlockedKeys
    ask: SecretPrompt | None
    trust: TrustPrompt | None = None

    async def connect(self, hop: Hop, tunnel: asyncssh.SSHClientConnection | None) -> asyncssh.SSHClientConnection:
        """Connect to `hop`, through `tunnel` where there is one.

        A passphrase is asked for only when the keys that need none were refused, and never while a connection waits
        for it: a host hangs up on a slow typist. So it is with a host key that is not known: once it is vouched for,
        the host is connected to again, and has to show it again.

        Raises:
            TransportError: with the kind that tells what to mend.
        """
        progress = Progress()
        try:
            return await self._with_agent(hop, tunnel, progress)
        except TransportError as error:
            offered = progress.refused_key
            if error.fault.kind is not FaultKind.HOST_KEY_UNKNOWN or self.trust is None or offered is None:
                raise
            known = await vouched(hop, offered, self.trust) if may_be_trusted(offered) else None
            if known is None:
                raise
        return await self._with_agent(known, tunnel, Progress())

    async def _with_agent(
        self, hop: Hop, tunnel: asyncssh.SSHClientConnection | None, progress: Progress
    ) -> asyncssh.SSHClientConnection:
        try:
            async with _agent(hop) as (agent, complaint):
                identities = await gather(hop.identities, agent, self.unlocked)
                if complaint:
                    identities.notes.append(complaint)
                return await self._with_keys(hop, tunnel, identities, progress)
        except UnusableKeyError as error:
            raise TransportError(faults.configuration(str(error))) from error

    async def _with_keys(
        self, hop: Hop, tunnel: asyncssh.SSHClientConnection | None, identities: Identities, progress: Progress
    ) -> asyncssh.SSHClientConnection:
        # Without any key a host may still let the user in (GSSAPI, host-based); a locked one is unlocked first.
        if identities.ready or not identities.locked:
            connection = await self._attempt(hop, tunnel, identities.ready, progress)
            if connection is not None:
                return connection
        while identities.locked and self.ask is not None:
            locked = identities.locked[0]
            key = await self.unlocked.unlock(locked, self.ask)
            if key is None:
                break
            identities.locked.pop(0)
            pairs = await asyncio.to_thread(offered, key, locked.path, hop.identities.certificates)
            identities.ready += pairs
            connection = await self._attempt(hop, tunnel, pairs, progress)
            if connection is not None:
                return connection
        raise TransportError(faults.login_refused(hop, progress, identities))

    async def _attempt(
        self,
        hop: Hop,
        tunnel: asyncssh.SSHClientConnection | None,
        pairs: Sequence[OfferedPair],
        progress: Progress,
    ) -> asyncssh.SSHClientConnection | None:
        """One connection; None where no key was accepted."""
        progress.phase = Phase.CONNECT
        try:
            async with asyncio.timeout(self.ssh.connect_timeout) as deadline:
                client = _Client(hop, pairs, progress, deadline, self.ssh.login_timeout)
                return await self._open(hop, tunnel, client)
        except asyncssh.PermissionDenied:
            return None
        except TimeoutError as error:
            times = {"connect": self.ssh.connect_timeout, "login": self.ssh.login_timeout}
            raise TransportError(faults.timed_out(hop, progress, **times)) from error
        except (OSError, asyncssh.Error, ValueError) as error:
            raise TransportError(faults.connection_fault(error, hop, progress)) from error

    async def _open(
        self, hop: Hop, tunnel: asyncssh.SSHClientConnection | None, client: "_Client"
    ) -> asyncssh.SSHClientConnection:
        return await asyncssh.connect(
            hop.alias,
            hop.port,
            tunnel=tunnel,
            config=[str(file) for file in hop.config],
            client_factory=lambda: client,
            username=hop.user,
            known_hosts=lambda _host, _address, _port: hop.host_keys.trusted(hop.key_name, hop.key_port),
            x509_trusted_certs=None,
            # The keys are offered by the client's own method, which knows which were tried.
            client_keys=None,
            # asyncssh's own timeouts run into each other; the deadline above is moved from phase to phase.
            connect_timeout=None,
            login_timeout=0,
            keepalive_interval=self.ssh.keepalive_interval,
            keepalive_count_max=self.ssh.keepalive_count,
            agent_forwarding=False,
            **hop.overrides,
        )


class _Client(asyncssh.SSHClient):
    """Follows one login, and offers the keys one by one."""

    def __init__(
        self,
        hop: Hop,
        pairs: Sequence[OfferedPair],
        progress: Progress,
        deadline: asyncio.Timeout,
        login_timeout: float,
    ) -> None:
        self._hop = hop
        self._pairs = list(pairs)
        self._progress = progress
        self._deadline = deadline
        self._login_timeout = login_timeout

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._progress.phase = Phase.HANDSHAKE
        if not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._login_timeout)

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self._progress.refused_key = self._hop.host_keys.judge(self._hop.key_name, self._hop.key_port, key)
        return False

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        judge = self._hop.host_keys.judge
        self._progress.refused_key = judge(self._hop.key_name, self._hop.key_port, key, authority=True)
        return False

    def begin_auth(self, username: str) -> None:
        self._progress.phase = Phase.LOGIN

    def public_key_auth_requested(self) -> asyncssh.SSHKeyPair | None:
        if not self._pairs:
            self._decline("publickey")
            return None
        offer = self._pairs.pop(0)
        if offer.label not in self._progress.tried:
            self._progress.tried.append(offer.label)
        return offer.pair

    def password_auth_requested(self) -> None:
        self._decline("password")

    def kbdint_auth_requested(self) -> None:
        self._decline("keyboard-interactive")

    def _decline(self, method: str) -> None:
        if method not in self._progress.methods:
            self._progress.methods.append(method)


@asynccontextmanager
async def _agent(hop: Hop) -> AsyncIterator[tuple[asyncssh.SSHAgentClient | None, str]]:
    """The SSH agent, open as long as a login may need its signatures, or why there is none."""
    path = hop.identities.agent_path
    if path is None:
        yield None, ""
        return
    try:
        agent = await asyncssh.connect_agent(path)
    except OSError as error:
        yield None, f"the SSH agent at {path} does not answer: {error.strerror or error}"
        return
    try:
        yield agent, ""
    finally:
        agent.close()
        await agent.wait_closed()
