"""Connecting over SSH: host keys, what can go wrong on the way, and jump hosts."""

import asyncio
import hmac
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from lvstop.clock import SystemClock
from lvstop.config.schema import NO_SSH_CONFIG, DirectorConfig, SshConfig
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import TransportError
from lvstop.transport.ssh import SshTransport
from support.ssh_server import Behaviour, SshServer, ssh_server, until


async def connect(director: DirectorConfig, ssh: SshConfig) -> None:
    transport = SshTransport(director, ssh, programs=frozenset(), clock=SystemClock())
    await transport.connect()
    await transport.close()


async def fault_of(connecting: Awaitable[None]) -> Fault:
    with pytest.raises(TransportError) as caught:
        await connecting
    return caught.value.fault


@asynccontextmanager
async def listener(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]) -> AsyncIterator[int]:
    """The port of something that is not an sshd."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def nowhere(port: int, host: str = "127.0.0.1") -> DirectorConfig:
    return DirectorConfig("keepalived1", host, "ops", port)


# Host keys.


async def test_a_known_host_key_is_accepted(server: SshServer) -> None:
    await connect(server.director(), server.ssh())
    assert server.logins == 1


async def test_an_unknown_host_key_is_refused_with_its_fingerprint(server: SshServer) -> None:
    server.known_hosts.write_text("")
    fault = await fault_of(connect(server.director(), server.ssh()))
    assert fault.kind is FaultKind.HOST_KEY_UNKNOWN
    assert f"ssh-ed25519 {server.host_key.get_fingerprint()}" in fault.summary
    assert fault.remedy == (
        f"ssh -F {server.ssh_config} -o UserKnownHostsFile={server.known_hosts} -p {server.port} ops@127.0.0.1 true"
    )
    assert server.logins == 0


async def test_without_a_known_hosts_file_every_key_is_unknown(server: SshServer) -> None:
    server.known_hosts.unlink()
    assert (await fault_of(connect(server.director(), server.ssh()))).kind is FaultKind.HOST_KEY_UNKNOWN


async def test_a_changed_host_key_is_refused_with_a_warning(server: SshServer) -> None:
    server.known_hosts.write_text(server.known_hosts_line(asyncssh.generate_private_key("ssh-ed25519")))
    fault = await fault_of(connect(server.director(), server.ssh()))
    assert fault.kind is FaultKind.HOST_KEY_CHANGED
    assert server.host_key.get_fingerprint() in fault.summary
    assert "Somebody may stand in between" in fault.summary
    assert fault.remedy == f"ssh-keygen -f {server.known_hosts} -R '[127.0.0.1]:{server.port}'"


async def test_a_host_key_of_another_type_is_a_changed_one(server: SshServer) -> None:
    """asyncssh alone would only say that there is no algorithm in common."""
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    server.known_hosts.write_text(server.known_hosts_line(other))
    fault = await fault_of(connect(server.director(), server.ssh()))
    assert fault.kind is FaultKind.HOST_KEY_CHANGED
    assert server.host_key.get_fingerprint() in fault.summary


async def test_of_two_host_keys_the_known_one_is_used(tmp_path: Path) -> None:
    keys = [asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ecdsa-sha2-nistp256")]
    async with ssh_server(tmp_path / "server", host_keys=keys) as server:
        server.known_hosts.write_text(server.known_hosts_line(keys[1]))
        await connect(server.director(), server.ssh())


async def test_a_revoked_host_key_is_refused(server: SshServer) -> None:
    line = server.known_hosts_line()
    server.known_hosts.write_text(f"{line}@revoked {line}")
    fault = await fault_of(connect(server.director(), server.ssh()))
    assert fault.kind is FaultKind.HOST_KEY_CHANGED
    assert "revoked" in fault.summary


async def test_hashed_known_hosts(server: SshServer) -> None:
    """As `ssh-keygen -H` writes them."""
    salt = bytes(range(20))
    digest = hmac.digest(salt, f"[127.0.0.1]:{server.port}".encode(), "sha1")
    name = f"|1|{b64encode(salt).decode()}|{b64encode(digest).decode()}"
    server.known_hosts.write_text(server.known_hosts_line(name=name))
    await connect(server.director(), server.ssh())
    server.known_hosts.write_text(server.known_hosts_line(asyncssh.generate_private_key("ssh-ed25519"), name))
    assert (await fault_of(connect(server.director(), server.ssh()))).kind is FaultKind.HOST_KEY_CHANGED


async def test_lines_that_ssh_would_skip_are_skipped_and_told(server: SshServer) -> None:
    good = server.known_hosts.read_text()
    server.known_hosts.write_text(f"nonsense\n@what x y\n|1|bad|hash ssh-ed25519 AAAA\n{good}")
    await connect(server.director(), server.ssh())
    server.known_hosts.write_text("nonsense\n")
    fault = await fault_of(connect(server.director(), server.ssh()))
    assert f"{server.known_hosts}:1 could not be read" in fault.summary


async def test_no_key_is_accepted_where_the_ssh_configuration_asks_for_none(server: SshServer) -> None:
    """asyncssh takes `UserKnownHostsFile none` for leave to accept every key."""
    server.ssh_config.write_text("UserKnownHostsFile none\nGlobalKnownHostsFile none\nStrictHostKeyChecking no\n")
    fault = await fault_of(connect(server.director(), server.ssh(known_hosts=None)))
    assert fault.kind is FaultKind.HOST_KEY_UNKNOWN


async def test_a_key_that_is_known_for_the_address_does_not_vouch_for_the_name(server: SshServer) -> None:
    server.ssh_config.write_text("Host *\nHostKeyAlias elsewhere\n")
    fault = await fault_of(connect(server.director(), server.ssh()))
    assert fault.kind is FaultKind.HOST_KEY_UNKNOWN
    server.known_hosts.write_text(server.known_hosts_line(name="elsewhere"))
    await connect(server.director(), server.ssh())


# The SSH configuration.


async def test_the_ssh_configuration_is_honoured(server: SshServer, home: Path) -> None:
    (home / ".ssh/config").write_text(
        f"""
        Host lvs
          HostName 127.0.0.1
          Port {server.port}
          User ops
          IdentityFile {server.client_key}
          UserKnownHostsFile ~/.ssh/%n-hosts
        Host *
          RemoteCommand reboot
          RequestTTY force
          SendEnv *
        """
    )
    (home / ".ssh/lvs-hosts").write_text(server.known_hosts_line())
    await connect(DirectorConfig("keepalived1", "lvs"), SshConfig())
    assert server.logins == 1


async def test_the_cluster_file_has_precedence(server: SshServer) -> None:
    server.ssh_config.write_text(
        "Host *\nPort 1\nUser nobody\nIdentityFile /nonexistent\nUserKnownHostsFile /dev/null\n"
    )
    await connect(server.director(), server.ssh())


async def test_messages_name_the_host_as_it_was_written(server: SshServer) -> None:
    server.ssh_config.write_text(f"Host lvs\nHostName 127.0.0.1\nPort {server.port}\nUser ops\n")
    server.known_hosts.write_text("")
    fault = await fault_of(connect(DirectorConfig("keepalived1", "lvs"), server.ssh()))
    assert f"the host key of lvs (127.0.0.1) port {server.port} is not known" in fault.summary
    assert fault.remedy.endswith(" lvs true")


@pytest.mark.parametrize("text", ["Port twenty-two\n", "Host\n", "User 'x\n", "ProxyJump a:b:c\n"])
async def test_a_broken_ssh_configuration(server: SshServer, text: str) -> None:
    server.ssh_config.write_text(text)
    fault = await fault_of(connect(server.director(port=None), server.ssh()))
    assert fault.kind is FaultKind.CONFIGURATION
    assert "the SSH configuration for 127.0.0.1 cannot be used" in fault.summary


async def test_an_ssh_configuration_that_is_not_there(server: SshServer) -> None:
    fault = await fault_of(connect(server.director(), server.ssh(config=Path("/nonexistent/config"))))
    assert fault.kind is FaultKind.CONFIGURATION
    assert "/nonexistent/config" in fault.summary


async def test_no_ssh_configuration_at_all(server: SshServer, home: Path) -> None:
    """As `ssh -F none`: neither the file of the operator's home nor one of that name is read."""
    (home / ".ssh/config").write_text("User 'x\n")
    await connect(server.director(), server.ssh(config=NO_SSH_CONFIG))
    assert server.logins == 1


async def test_algorithms_that_do_not_meet(server: SshServer) -> None:
    server.ssh_config.write_text("KexAlgorithms diffie-hellman-group1-sha1\n")
    fault = await fault_of(connect(server.director(), server.ssh()))
    assert fault.kind is FaultKind.CONFIGURATION
    assert "have no algorithm in common" in fault.summary


# The network.


async def test_nothing_listens() -> None:
    # bound, so that nobody else listens there either
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        fault = await fault_of(connect(nowhere(port), SshConfig()))
    assert fault.kind is FaultKind.REFUSED
    assert f"127.0.0.1 port {port} refused the connection" in fault.summary


async def test_a_name_that_does_not_resolve() -> None:
    fault = await fault_of(connect(nowhere(22, "lvs.invalid"), SshConfig()))
    assert fault.kind is FaultKind.NAME_RESOLUTION
    assert "the name lvs.invalid cannot be resolved" in fault.summary


async def test_a_name_that_is_none() -> None:
    fault = await fault_of(connect(nowhere(22, "x" * 64 + ".example"), SshConfig()))
    assert fault.kind is FaultKind.NAME_RESOLUTION


async def test_no_way_there() -> None:
    # 240.0.0.0/4 is reserved: Linux refuses to route to 255.255.255.255 without any packet.
    fault = await fault_of(connect(nowhere(22, "255.255.255.255"), SshConfig()))
    assert fault.kind is FaultKind.NO_ROUTE


async def test_a_host_that_does_not_answer() -> None:
    """A listener whose queue is full: Linux drops what comes, as a firewall would."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        fault = await fault_of(connect(nowhere(full.getsockname()[1]), SshConfig(connect_timeout=0.2)))
    assert fault.kind is FaultKind.TIMEOUT
    assert "did not accept a connection within 0.2 s" in fault.summary


async def test_a_host_that_accepts_and_says_nothing() -> None:
    done = asyncio.Event()

    def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        closing.append(writer)
        done.set()

    closing: list[asyncio.StreamWriter] = []
    async with listener(silent) as port:
        fault = await fault_of(connect(nowhere(port), SshConfig(login_timeout=0.2)))
        await done.wait()
        for writer in closing:
            writer.close()
            await writer.wait_closed()
    assert fault.kind is FaultKind.TIMEOUT
    assert "accepted the connection, but the SSH handshake took longer than 0.2 s" in fault.summary


async def test_a_login_that_never_ends(server: SshServer) -> None:
    server.behaviour.hangs_at_login = True
    # time enough to exchange keys, which the same limit is for
    fault = await fault_of(connect(server.director(), server.ssh(login_timeout=3)))
    assert fault.kind is FaultKind.TIMEOUT
    assert "the login took longer than 3 s" in fault.summary


async def test_something_that_is_not_ssh() -> None:
    def web(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 400 Bad Request\r\n" * 2000)
        writer.close()

    async with listener(web) as port:
        fault = await fault_of(connect(nowhere(port), SshConfig()))
    assert fault.kind in (FaultKind.BAD_ANSWER, FaultKind.DISCONNECTED)


async def test_a_host_that_hangs_up_at_once() -> None:
    async with listener(lambda _, writer: writer.close()) as port:
        fault = await fault_of(connect(nowhere(port), SshConfig()))
    assert fault.kind is FaultKind.DISCONNECTED
    assert "closed the connection" in fault.summary
    assert "MaxStartups" in fault.remedy


async def test_cancelling_leaves_no_task_and_no_connection(server: SshServer) -> None:
    server.behaviour.hangs_at_login = True
    before = asyncio.all_tasks()
    connecting = asyncio.create_task(connect(server.director(), server.ssh()))
    await until(lambda: bool(server.connections))
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await until(lambda: not (server.connections or asyncio.all_tasks() - before))


# Jump hosts.


@asynccontextmanager
async def pair(tmp_path: Path) -> AsyncIterator[tuple[SshServer, SshServer]]:
    """A director and a jump host that know the same client key, with both host keys in the director's known_hosts."""
    async with ssh_server(tmp_path / "server") as server, ssh_server(tmp_path / "jump", Behaviour()) as jump:
        jump.behaviour.accepts = [asyncssh.read_public_key(f"{server.client_key}.pub")]
        server.known_hosts.write_text(server.known_hosts_line() + jump.known_hosts_line())
        yield server, jump


async def test_through_a_jump_host_of_the_cluster_file(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, jump):
        await connect(server.director(jump=f"ops@127.0.0.1:{jump.port}"), server.ssh())
        assert (server.logins, jump.logins) == (1, 1)


async def test_through_a_jump_host_of_the_ssh_configuration(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, jump):
        server.ssh_config.write_text(
            f"Host bastion\nHostName 127.0.0.1\nPort {jump.port}\nUser ops\nHost *\nProxyJump bastion\n"
        )
        await connect(server.director(), server.ssh())
        assert (server.logins, jump.logins) == (1, 1)
        await connect(server.director(jump="none"), server.ssh())
        assert (server.logins, jump.logins) == (2, 1)


async def test_through_two_jump_hosts(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, jump):
        hop = f"ops@127.0.0.1:{jump.port}"
        await connect(server.director(jump=f"{hop},{hop}"), server.ssh())
        assert (server.logins, jump.logins) == (1, 2)


async def test_closing_closes_the_jump_host_too(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, jump):
        await connect(server.director(jump=f"ops@127.0.0.1:{jump.port}"), server.ssh())
        await until(lambda: not (server.connections or jump.connections))


async def test_faults_of_a_jump_host_name_it(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, jump):
        director = server.director(jump=f"ops@127.0.0.1:{jump.port}")
        jump.behaviour.accepts = []
        fault = await fault_of(connect(director, server.ssh()))
        assert fault.kind is FaultKind.AUTHENTICATION
        assert fault.summary.startswith(f"the jump host 127.0.0.1 port {jump.port} refused the login of ops")
        server.known_hosts.write_text(server.known_hosts_line())
        fault = await fault_of(connect(director, server.ssh()))
        assert fault.kind is FaultKind.HOST_KEY_UNKNOWN
        assert f"the host key of the jump host 127.0.0.1 port {jump.port}" in fault.summary


async def test_faults_behind_a_jump_host(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, jump):
        way = f"ops@127.0.0.1:{jump.port}"
        jump.behaviour.forwards = set()
        fault = await fault_of(connect(server.director(jump=way), server.ssh()))
        assert fault.kind is FaultKind.FORBIDDEN
        assert "AllowTcpForwarding" in fault.remedy
        jump.behaviour.forwards = None
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            fault = await fault_of(connect(server.director(jump=way, port=bound.getsockname()[1]), server.ssh()))
        assert fault.kind is FaultKind.REFUSED
        assert "cannot be reached from the jump host" in fault.summary
        await until(lambda: not (jump.connections))


async def test_the_jump_hosts_key_does_not_vouch_for_what_is_behind_it(tmp_path: Path) -> None:
    """asyncssh alone would take the jump host's address for the director's."""
    async with pair(tmp_path) as (server, jump):
        server.ssh_config.write_text(f"Host lvs\nHostName localhost\nPort {server.port}\nUser ops\n")
        server.known_hosts.write_text(jump.known_hosts_line() + jump.known_hosts_line(server.host_key, "127.0.0.1"))
        fault = await fault_of(connect(DirectorConfig("a", "lvs", jump=f"ops@127.0.0.1:{jump.port}"), server.ssh()))
        assert fault.kind is FaultKind.HOST_KEY_UNKNOWN


async def test_jump_hosts_in_a_circle(server: SshServer) -> None:
    server.ssh_config.write_text("Host a\nProxyJump b\nHost b\nProxyJump a\n")
    fault = await fault_of(connect(DirectorConfig("x", "a"), server.ssh()))
    assert fault.kind is FaultKind.CONFIGURATION
    assert "in a circle" in fault.summary
