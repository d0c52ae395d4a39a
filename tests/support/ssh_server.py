"""A director's sshd, in this process: real SSH on loopback, real `sh` behind it.

    async with ssh_server(tmp_path) as server:
        transport = SshTransport(server.director(), server.ssh(), programs=…, clock=SystemClock())

What goes wrong is chosen with `Behaviour`. Programs run as they would on a director: `exec sh -s -- NONCE` with a
`sudo` in their PATH that behaves as told; their pipes are closed when the channel is, as sshd does.
"""

import asyncio
import os
import shlex
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import asyncssh

from lvstop.config.schema import DirectorConfig, SshConfig
from lvstop.transport.installed import ABOUT, HOME

USER = "ops"
_ABOUT = f"exec {shlex.join(ABOUT)}"


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until `condition` holds, for a minute at most: for what the network alone brings about."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


class Sudo(StrEnum):
    """What `sudo -n` does: the text of a `sudo` in the program's PATH."""

    WORKS = 'shift 2; exec "$@"'
    WANTS_PASSWORD = "echo 'sudo: a password is required' >&2; exit 1"  # noqa: S105
    NOT_ALLOWED = "echo \"Sorry, user ops is not allowed to execute 'sh' as root on keepalived1.\" >&2; exit 1"
    MISSING = "echo 'sh: 1: exec: sudo: not found' >&2; exit 127"


@dataclass(slots=True)
class Behaviour:
    """How the server behaves; may be changed while it runs.

    Attributes:
        accepts: public keys that may log in; None for the server's own client key.
        authorities: keys whose certificates may log in.
        offers_password: the server also offers `password` and `keyboard-interactive`, and accepts neither.
        hangs_at_login: authentication never ends.
        gives_up_login: hang up at the first key, as sshd does after MaxAuthTries.
        refuses_sessions: no channel can be opened.
        hangs_at_sessions: opening a channel takes until `release_sessions` is set.
        waiting_sessions: channels that hang so.
        forwards: what a jump host lets through: None for anything, else these ports.
        login_shell: sh text that runs before the program, as a login shell's start files are.
        home: the folder that stands for the one of installed programs; None where there are none.
        gate: the role that the key is bound to, as a forced command of authorized_keys binds it.
    """

    accepts: list[asyncssh.SSHKey] | None = None
    authorities: list[asyncssh.SSHKey] = field(default_factory=list)
    offers_password: bool = False
    hangs_at_login: bool = False
    gives_up_login: bool = False
    refuses_sessions: bool = False
    hangs_at_sessions: bool = False
    release_sessions: asyncio.Event = field(default_factory=asyncio.Event)
    waiting_sessions: int = 0
    forwards: set[int] | None = None
    sudo: Sudo = Sudo.WORKS
    login_shell: str = ""
    home: Path | None = None
    gate: str = ""


@dataclass(slots=True)
class SshServer:
    """A running server.

    Attributes:
        folder: where its keys lie: `client_key`, `known_hosts`, and an empty `ssh_config`.
        logins: connections that logged in, in all.
        commands: the exec requests that start programs, as they came.
        connections: those that are open.
        sessions: the programs that run or ran.
        asides: what was asked before any of them.
    """

    folder: Path
    port: int
    host_key: asyncssh.SSHKey
    behaviour: Behaviour
    host: str = "127.0.0.1"
    logins: int = 0
    commands: list[str] = field(default_factory=list)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    sessions: list["ShellSession"] = field(default_factory=list)
    asides: list["ShellSession"] = field(default_factory=list)
    acceptor: asyncssh.SSHAcceptor | None = None

    @property
    def client_key(self) -> Path:
        return self.folder / "client_key"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        return self.folder / "ssh_config"

    def director(self, **changes: object) -> DirectorConfig:
        """The director that this server plays."""
        values: dict[str, object] = {"name": "keepalived1", "host": self.host, "user": USER, "port": self.port}
        return DirectorConfig(**{**values, **changes})  # type: ignore[arg-type]

    def ssh(self, **changes: object) -> SshConfig:
        """A configuration that logs in, whatever lies in the home directory."""
        values: dict[str, object] = {
            "identity_files": (self.client_key,),
            "known_hosts": self.known_hosts,
            "config": self.ssh_config,
        }
        return SshConfig(**{**values, **changes})  # type: ignore[arg-type]

    def known_hosts_line(self, key: asyncssh.SSHKey | None = None, name: str | None = None) -> str:
        """A line of known_hosts: `name` (this server's address) has `key` (this server's)."""
        public = (key or self.host_key).export_public_key().decode().strip()
        return f"{name or f'[{self.host}]:{self.port}'} {public}\n"

    async def stop_listening(self) -> None:
        """Take no connection any more; those that there are stay."""
        if self.acceptor is not None:
            self.acceptor.close()
            await self.acceptor.wait_closed()

    def drop(self) -> None:
        """Cut every connection, without a word."""
        for connection in self.connections:
            connection.abort()

    async def programs_ended(self) -> None:
        """Return when no program runs any more."""
        await asyncio.gather(*(session.exited.wait() for session in self.sessions))


class ShellSession(asyncssh.SSHServerSession[bytes]):
    """One channel with one program."""

    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._process: asyncio.SubprocessTransport | None = None
        self._input = bytearray()
        self._starting: asyncio.Task[None] | None = None
        self._eof = False
        self._command = ""
        self.started = asyncio.Event()
        self.exited = asyncio.Event()

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def exec_requested(self, command: str) -> bool:
        self._command = command
        if command != _ABOUT:
            self._server.commands.append(command)
        return True

    def session_started(self) -> None:
        (self._server.asides if self._command == _ABOUT else self._server.sessions).append(self)
        self._starting = asyncio.ensure_future(self._start(self._command))

    async def _start(self, command: str) -> None:
        bin_folder = self._server.folder / "bin"
        environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "LC_ALL": "C"}
        behaviour = self._server.behaviour
        (bin_folder / "sudo").write_text(f"#!/bin/sh\n{behaviour.sudo}\n")
        command = command.replace(HOME, str(behaviour.home or f"{bin_folder}/nothing-installed"))
        if behaviour.gate:
            environment["SSH_ORIGINAL_COMMAND"] = command
            command = f"{behaviour.home}/director gate {behaviour.gate}"
        text = f"{behaviour.login_shell}\n{command}"
        loop = asyncio.get_running_loop()
        self._process, _ = await loop.subprocess_exec(lambda: _Process(self), "sh", "-c", text, env=environment)
        self.started.set()
        self._pump()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._input += data
        self._pump()

    def eof_received(self) -> bool:
        self._eof = True
        self._pump()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._channel = None
        self._pump()

    def pause_writing(self) -> None:
        self._reading(False)

    def resume_writing(self) -> None:
        self._reading(True)

    def _pipe(self, number: int) -> asyncio.BaseTransport | None:
        return None if self._process is None else self._process.get_pipe_transport(number)

    def _reading(self, on: bool) -> None:
        pipe = self._pipe(1)
        if isinstance(pipe, asyncio.ReadTransport) and not pipe.is_closing() and pipe.is_reading() is not on:
            (pipe.resume_reading if on else pipe.pause_reading)()

    def _pump(self) -> None:
        """Hand on what came in; where the channel is gone, close the program's pipes."""
        stdin = self._pipe(0)
        if isinstance(stdin, asyncio.WriteTransport) and not stdin.is_closing():
            stdin.write(bytes(self._input))
            self._input.clear()
            if self._eof or self._channel is None:
                stdin.close()
        if self._channel is None:
            for number in (1, 2):
                if (pipe := self._pipe(number)) is not None:
                    pipe.close()

    def output(self, fd: int, data: bytes) -> None:
        """What the program wrote goes to the channel."""
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(data, asyncssh.EXTENDED_DATA_STDERR if fd == 2 else None)

    def finished(self) -> None:
        """The program has ended and all it wrote was read."""
        if self._channel is None or self._channel.is_closing() or self._process is None:
            return
        code = self._process.get_returncode() or 0
        if code < 0:
            self._channel.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))
        else:
            self._channel.exit(code)

    async def stop(self) -> None:
        """Kill what still runs, and wait for it."""
        if self._starting is not None:
            await self._starting
        if self._process is not None:
            if not self.exited.is_set():
                self._process.kill()
            await self.exited.wait()
            self._process.close()


class _Process(asyncio.SubprocessProtocol):
    def __init__(self, session: ShellSession) -> None:
        self._session = session

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._session.output(fd, data)

    def process_exited(self) -> None:
        self._session.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.finished()


class _Server(asyncssh.SSHServer):
    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections.append(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server.connections.remove(self._connection)

    async def begin_auth(self, username: str) -> bool:
        if self._server.behaviour.hangs_at_login:
            await asyncio.Event().wait()
        return True

    def auth_completed(self) -> None:
        self._server.logins += 1

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        if self._server.behaviour.gives_up_login:
            raise asyncssh.ProtocolError("Too many authentication failures")
        accepted = self._server.behaviour.accepts
        if accepted is None:
            accepted = [asyncssh.read_public_key(f"{self._server.client_key}.pub")]
        return username == USER and key in accepted

    def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key in self._server.behaviour.authorities

    def password_auth_supported(self) -> bool:
        return self._server.behaviour.offers_password

    def validate_password(self, username: str, password: str) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return self._server.behaviour.offers_password

    async def _session(self) -> asyncssh.SSHServerSession[bytes]:
        self._server.behaviour.waiting_sessions += 1
        await self._server.behaviour.release_sessions.wait()
        self._server.behaviour.waiting_sessions -= 1
        return ShellSession(self._server)

    def session_requested(self) -> bool | ShellSession | Awaitable[asyncssh.SSHServerSession[bytes]]:
        if self._server.behaviour.refuses_sessions:
            return False
        return self._session() if self._server.behaviour.hangs_at_sessions else ShellSession(self._server)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        forwards = self._server.behaviour.forwards
        if forwards is None or dest_port in forwards:
            return True
        # As OpenSSH answers; asyncssh's own refusal pretends that nobody listens.
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed")


@asynccontextmanager
async def ssh_server(
    folder: Path,
    behaviour: Behaviour | None = None,
    *,
    host_keys: Iterable[asyncssh.SSHKey] = (),
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[SshServer]:
    """A server whose keys lie in `folder`; its first host key is listed in `known_hosts` there.

    `host` and `port` are where it listens; port 0 is any that is free.
    """
    keys = list(host_keys) or [asyncssh.generate_private_key("ssh-ed25519")]
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "sudo").touch(mode=0o755)
    server = SshServer(folder, port, keys[0], behaviour or Behaviour(), host)
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key.write_private_key(server.client_key)
    client_key.write_public_key(f"{server.client_key}.pub")
    server.ssh_config.touch()
    server.acceptor = acceptor = await asyncssh.listen(
        server.host,
        port,
        server_factory=lambda: _Server(server),
        server_host_keys=keys,
        encoding=None,
        line_editor=False,
        config=[],
        login_timeout=0,
    )
    server.port = acceptor.get_port()
    server.known_hosts.write_text(server.known_hosts_line())
    try:
        yield server
    finally:
        acceptor.close()
        server.drop()
        await acceptor.wait_closed()
        for session in (*server.sessions, *server.asides):
            await session.stop()
