"""Host keys that are not known: asked about where somebody can be asked, written down as ssh would, or refused."""

import hmac
from base64 import b64decode
from pathlib import Path

import asyncssh
import pytest

from lvstop.clock import SystemClock
from lvstop.config.schema import DirectorConfig, SshConfig
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import TransportError
from lvstop.transport.ssh import SshTransport, UnknownHostKey
from lvstop.transport.ssh.known_hosts import entry_name, remember
from support.ssh_server import SshServer, ssh_server


class Operator:
    """Answers what was asked of him, and remembers it."""

    def __init__(self, *answers: bool) -> None:
        self._answers = list(answers)
        self.asked: list[UnknownHostKey] = []

    async def __call__(self, key: UnknownHostKey) -> bool:
        self.asked.append(key)
        return self._answers.pop(0)


async def connect(director: DirectorConfig, ssh: SshConfig, operator: Operator) -> Fault | None:
    """The fault; None where it worked."""
    transport = SshTransport(director, ssh, programs=frozenset(), clock=SystemClock(), trust=operator)
    try:
        await transport.connect()
    except TransportError as error:
        return error.fault
    finally:
        await transport.close()
    return None


async def test_a_yes_is_written_down_and_never_asked_again(server: SshServer) -> None:
    """The question has what ssh shows; the line is one that ssh reads."""
    line = server.known_hosts.read_text()
    server.known_hosts.unlink()
    operator = Operator(True)
    assert await connect(server.director(), server.ssh(), operator) is None
    (asked,) = operator.asked
    assert (asked.algorithm, asked.fingerprint) == ("ssh-ed25519", server.host_key.get_fingerprint())
    assert (asked.place, asked.file) == (f"127.0.0.1 port {server.port}", server.known_hosts)
    assert server.known_hosts.read_text() == line
    assert server.known_hosts.stat().st_mode & 0o777 == 0o600
    assert await connect(server.director(), server.ssh(), operator) is None
    assert len(operator.asked) == 1
    assert server.logins == 2


async def test_a_no_writes_nothing(server: SshServer) -> None:
    """It is refused as if nobody had been asked."""
    server.known_hosts.unlink()
    fault = await connect(server.director(), server.ssh(), Operator(False))
    assert fault is not None
    assert fault.kind is FaultKind.HOST_KEY_UNKNOWN
    assert not server.known_hosts.exists()
    assert server.logins == 0


async def test_nobody_is_asked_about_a_key_that_has_changed(server: SshServer) -> None:
    """Both fingerprints are told, and the line that knows the other key."""
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    before = f"# mine\n{server.known_hosts_line(stranger)}"
    server.known_hosts.write_text(before)
    operator = Operator()
    fault = await connect(server.director(), server.ssh(), operator)
    assert fault is not None
    assert fault.kind is FaultKind.HOST_KEY_CHANGED
    assert f"it offers ssh-ed25519 {server.host_key.get_fingerprint()}" in fault.summary
    assert f"ssh-ed25519 {stranger.get_fingerprint()} ({server.known_hosts}:2)" in fault.summary
    assert fault.remedy.startswith("ssh-keygen ")
    assert operator.asked == []
    assert server.known_hosts.read_text() == before


async def test_nobody_is_asked_about_a_revoked_key(server: SshServer) -> None:
    """Whatever else is known of it."""
    before = f"@revoked {server.known_hosts_line()}"
    server.known_hosts.write_text(before)
    operator = Operator()
    fault = await connect(server.director(), server.ssh(), operator)
    assert fault is not None
    assert (fault.kind, operator.asked) == (FaultKind.HOST_KEY_CHANGED, [])
    assert server.known_hosts.read_text() == before


async def test_another_key_after_the_question_is_refused(tmp_path: Path) -> None:
    """Between the question and the login somebody else answers at that address."""
    async with ssh_server(tmp_path / "first") as first, ssh_server(tmp_path / "second") as second:
        first.known_hosts.unlink()
        director, ssh = first.director(), first.ssh()

        class Slow(Operator):
            async def __call__(self, key: UnknownHostKey) -> bool:
                # as if the key had been compared with another machine's
                remember(first.known_hosts, entry_name(first.host, first.port), public(second.host_key))
                return await super().__call__(key)

        operator = Slow(True)
        fault = await connect(director, ssh, operator)
        assert fault is None  # of several keys one is enough, as with ssh
        assert len(operator.asked) == 1


def public(key: asyncssh.SSHKey) -> str:
    """As a line of known_hosts has it."""
    return " ".join(key.export_public_key().decode().split()[:2])


async def test_each_hop_is_asked_about(tmp_path: Path) -> None:
    """The jump host first; a no to the director leaves what was said of the jump host."""
    async with ssh_server(tmp_path / "director") as server, ssh_server(tmp_path / "jump") as jump:
        key = asyncssh.read_public_key(f"{server.client_key}.pub")
        jump.behaviour.accepts = [key]
        server.known_hosts.unlink()
        operator = Operator(True, False)
        director = server.director(jump=f"ops@{jump.host}:{jump.port}")
        fault = await connect(director, server.ssh(), operator)
        assert fault is not None
        assert fault.kind is FaultKind.HOST_KEY_UNKNOWN
        assert [each.place for each in operator.asked] == [
            f"the jump host 127.0.0.1 port {jump.port}",
            f"127.0.0.1 port {server.port}",
        ]
        assert server.known_hosts.read_text() == jump.known_hosts_line()


async def test_an_alias_for_host_keys_has_no_port(server: SshServer) -> None:
    """ssh looks a HostKeyAlias up as it is written: so a changed key is told from an unknown one there, too."""
    server.ssh_config.write_text("Host lb\n  HostName 127.0.0.1\n  HostKeyAlias pair\n")
    server.known_hosts.unlink()
    operator = Operator(True)
    assert await connect(server.director(host="lb"), server.ssh(), operator) is None
    assert server.known_hosts.read_text() == server.known_hosts_line(name="pair")
    server.known_hosts.write_text(server.known_hosts_line(asyncssh.generate_private_key("ssh-ed25519"), "pair"))
    fault = await connect(server.director(host="lb"), server.ssh(), operator)
    assert fault is not None
    assert fault.kind is FaultKind.HOST_KEY_CHANGED
    assert fault.remedy == f"ssh-keygen -f {server.known_hosts} -R pair"
    assert len(operator.asked) == 1


async def test_where_nothing_is_remembered_nothing_is_trusted(server: SshServer) -> None:
    """`UserKnownHostsFile /dev/null` is for people who do not look."""
    server.ssh_config.write_text("Host *\n  UserKnownHostsFile /dev/null\n  GlobalKnownHostsFile /dev/null\n")
    operator = Operator()
    fault = await connect(server.director(), server.ssh(known_hosts=None), operator)
    assert fault is not None
    assert (fault.kind, operator.asked, server.logins) == (FaultKind.CONFIGURATION, [], 0)


async def test_what_cannot_be_written_down_is_not_trusted(server: SshServer) -> None:
    """A folder stands where the file would be."""
    server.known_hosts.unlink()
    blocked = server.folder / "client_key" / "known_hosts"
    fault = await connect(server.director(), server.ssh(known_hosts=blocked), Operator(True))
    assert fault is not None
    assert fault.kind is FaultKind.CONFIGURATION
    assert server.logins == 0


@pytest.mark.parametrize(
    ("host", "port", "name"),
    [
        ("LB1.example", 22, "lb1.example"),
        ("lb1", 2222, "[lb1]:2222"),
        ("fd00::1", 22, "fd00::1"),
        ("::1", 1, "[::1]:1"),
    ],
)
def test_names_of_entries(host: str, port: int, name: str) -> None:
    """In lower case, and with the port where it is not the usual one."""
    assert entry_name(host, port) == name


@pytest.mark.parametrize("before", ["", "# a comment\n", "other ssh-ed25519 AAAA\n", "other ssh-ed25519 AAAA"])
def test_a_line_is_added_to_what_there_is(tmp_path: Path, before: str) -> None:
    """Also to a file whose last line has no end."""
    file = tmp_path / "new" / "known_hosts"
    if before:
        file.parent.mkdir()
        file.write_text(before)
    remember(file, "lb1", "ssh-ed25519 BBBB")
    gap = "" if not before or before.endswith("\n") else "\n"
    assert file.read_text() == f"{before}{gap}lb1 ssh-ed25519 BBBB\n"


def test_names_are_hashed_where_names_are_hashed(tmp_path: Path) -> None:
    """`HashKnownHosts`: the name cannot be read any more, and is found again."""
    file = tmp_path / "known_hosts"
    file.write_text("|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA\n\n")
    remember(file, "[lb1]:2222", "ssh-ed25519 BBBB")
    line = file.read_text().splitlines()[-1]
    assert "lb1" not in line
    _, _, salt, digest = line.split()[0].split("|")
    assert hmac.digest(b64decode(salt), b"[lb1]:2222", "sha1") == b64decode(digest)
    assert line.endswith(" ssh-ed25519 BBBB")
