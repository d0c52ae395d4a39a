"""The sshd of an embedded director. The only module of the demo that speaks SSH."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

import asyncssh

from lvstop.demo.logins import LOGINS, Login
from lvstop.demo.shell import Output, Shell

LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 100
_KEY_TYPE: Final = "ssh-ed25519"
_CIPHERS: Final = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com")

MakeShell = Callable[[Login, str, Output], Shell]
"""Starts what an exec request of a user asks for."""


class ClientKey:
    """The key with which lvstop logs in; made on the spot, for this run only."""

    def __init__(self) -> None:
        self._key = asyncssh.generate_private_key(_KEY_TYPE, comment="lvstop demo")

    @property
    def private(self) -> str:
        """As ssh-keygen writes it."""
        return self._key.export_private_key().decode()

    def is_mine(self, key: asyncssh.SSHKey) -> bool:
        """Whether a login with `key` is one with this key."""
        return key.public_data == self._key.public_data


class DirectorServer:
    """Listens on a port of its own, which stays the same while the director is switched off and on.

    Args:
        client_key: who may log in, as any of the director's users.
    """

    def __init__(self, client_key: ClientKey, make_shell: MakeShell) -> None:
        self._client_key = client_key
        self._make_shell = make_shell
        self._host_key = asyncssh.generate_private_key(_KEY_TYPE)
        # A listening socket of its own: what is in its queue, and whether it has one, is decided here, not by asyncio.
        self._socket = socket.create_server((LOOPBACK, 0), backlog=_BACKLOG)
        self._deaf: list[socket.socket] = []
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self.answering = False

    @property
    def port(self) -> int:
        """The TCP port."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def public_key(self) -> str:
        """The host key as known_hosts lists it, without the host's name."""
        return self._host_key.export_public_key().decode().strip()

    async def switch_on(self) -> None:
        """Take connections. Those of a time before are reset, as a host does that has booted."""
        if self._acceptor is not None:
            return
        for connection in list(self._connections):
            connection.abort()
        self._drain()
        self._socket.listen(_BACKLOG)
        self._acceptor = await asyncssh.listen(
            sock=self._socket.dup(),
            server_factory=lambda: _Server(self),
            server_host_keys=[self._host_key],
            encoding=None,
            line_editor=False,
            config=[],
            encryption_algs=_CIPHERS,
            compression_algs=None,
            server_version="OpenSSH_9.2p1",
        )
        self.answering = True

    async def switch_off(self) -> None:
        """Answer nothing any more, not even with a refusal: so does a host without power."""
        if self._acceptor is None:
            return
        self.answering = False
        acceptor, self._acceptor = self._acceptor, None
        acceptor.close()
        await acceptor.wait_closed()
        self._socket.listen(0)
        # What has room in the queue would be greeted by the kernel: fill it.
        for _ in range(2):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((LOOPBACK, self.port))
            self._deaf.append(filler)

    def _drain(self) -> None:
        for filler in self._deaf:
            filler.close()
        self._deaf.clear()
        self._socket.setblocking(False)
        while True:
            try:
                waiting, _ = self._socket.accept()
            except BlockingIOError:
                return
            waiting.close()

    async def close(self) -> None:
        """Take no more connections and end those there are."""
        self.answering = False
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.close()
        connections = list(self._connections)
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections))
        if acceptor is not None:
            await acceptor.wait_closed()
        self._drain()
        self._socket.close()

    # what its connections ask

    def joined(self, connection: asyncssh.SSHServerConnection) -> None:
        """A connection stands."""
        self._connections.add(connection)

    def left(self, connection: asyncssh.SSHServerConnection) -> None:
        """It does no more."""
        self._connections.discard(connection)

    def trusts(self, key: asyncssh.SSHKey) -> bool:
        """Whether this public key may log in."""
        return self._client_key.is_mine(key)

    def start(self, login: Login, command: str, output: Output) -> Shell:
        """What an exec request starts."""
        return self._make_shell(login, command, output)


class _Server(asyncssh.SSHServer):
    """One connection."""

    def __init__(self, server: DirectorServer) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None
        self._login: Login | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.joined(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server.left(self._connection)

    def begin_auth(self, username: str) -> bool:
        self._login = LOGINS.get(username)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._login is not None and self._server.trusts(key)

    def session_requested(self) -> "bool | _Session | Awaitable[asyncssh.SSHServerSession[bytes]]":
        return False if self._login is None else _Session(self._server, self._login)


class _Session(asyncssh.SSHServerSession[bytes]):
    """One channel: an `Output` for what runs in it."""

    def __init__(self, server: DirectorServer, login: Login) -> None:
        self._server = server
        self._login = login
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._command = ""
        self._shell: Shell | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        if self._command:
            self._shell = self._server.start(self._login, self._command, self)
        else:
            self.error("This account is currently not available.\n")  # nologin(8)
            self.exit(1)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._shell is not None and self._server.answering:
            self._shell.feed(data)

    def eof_received(self) -> bool:
        if self._shell is not None and self._server.answering:
            self._shell.end_of_input()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._channel = None
        if self._shell is not None:
            self._shell.hang_up()

    # Output

    def out(self, data: bytes) -> None:
        """Standard output."""
        if self._writable() is not None and self._channel is not None:
            self._channel.write(data)

    def error(self, text: str) -> None:
        """Standard error."""
        if self._writable() is not None and self._channel is not None:
            self._channel.write_stderr(text.encode())

    def exit(self, status: int) -> None:
        """The end of what ran here."""
        if self._writable() is not None and self._channel is not None:
            self._channel.exit(status)

    def _writable(self) -> "asyncssh.SSHServerChannel[bytes] | None":
        channel = self._channel
        return None if channel is None or channel.is_closing() or not self._server.answering else channel
