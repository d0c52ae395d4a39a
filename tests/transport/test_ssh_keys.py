"""Logging in: keys in files, behind passphrases and in the agent; and what is said when none is accepted."""

from pathlib import Path

import asyncssh
import pytest

from lvstop.clock import SystemClock
from lvstop.config.schema import SshConfig
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import TransportError
from lvstop.transport.ssh import SecretPrompt, SshTransport, UnlockedKeys
from support.ssh_agent import ssh_agent
from support.ssh_server import SshServer

PASSPHRASE = "correct horse"  # noqa: S105
FORMATS = ["openssh", "pkcs8-pem"]


class Operator:
    """Answers questions, and remembers them."""

    def __init__(self, *answers: str | None) -> None:
        self._answers = list(answers)
        self.questions: list[str] = []

    async def ask(self, question: str) -> str | None:
        self.questions.append(question)
        return self._answers.pop(0)


def encrypt(server: SshServer, format_: str = "openssh") -> Path:
    """The server's client key, behind a passphrase."""
    key = asyncssh.read_private_key(server.client_key)
    # Few rounds: the slowness of bcrypt is not what is tested.
    key.write_private_key(server.client_key, format_, passphrase=PASSPHRASE, rounds=1, ignore_few_rounds=True)
    return server.client_key


async def connect(
    server: SshServer, ssh: SshConfig, ask: SecretPrompt | None = None, unlocked: UnlockedKeys | None = None
) -> None:
    transport = SshTransport(
        server.director(), ssh, programs=frozenset(), clock=SystemClock(), ask_secret=ask, unlocked=unlocked
    )
    await transport.connect()
    await transport.close()


async def fault_of(server: SshServer, ssh: SshConfig, ask: SecretPrompt | None = None) -> Fault:
    with pytest.raises(TransportError) as caught:
        await connect(server, ssh, ask)
    return caught.value.fault


async def test_a_refused_key_is_named_with_what_the_host_takes(server: SshServer) -> None:
    server.behaviour.accepts = []
    server.behaviour.offers_password = True
    fault = await fault_of(server, server.ssh())
    assert fault.kind is FaultKind.AUTHENTICATION
    assert f"refused the login of ops: lvstop offered {server.client_key}; it takes publickey" in fault.summary
    assert "password" in fault.summary
    assert "keyboard-interactive" in fault.summary
    assert fault.remedy.startswith(f"ssh-copy-id -i {server.client_key} -F ")


async def test_without_any_key_the_fault_says_so(server: SshServer) -> None:
    fault = await fault_of(server, server.ssh(identity_files=()))
    assert fault.kind is FaultKind.AUTHENTICATION
    assert "lvstop offered no key, for there is none; it takes publickey" in fault.summary


async def test_a_host_that_counts_keys(server: SshServer) -> None:
    server.behaviour.gives_up_login = True
    fault = await fault_of(server, server.ssh())
    assert fault.kind is FaultKind.AUTHENTICATION
    assert "Too many authentication failures" in fault.summary
    assert "IdentitiesOnly" in fault.remedy


async def test_the_keys_of_the_home_directory_are_tried(server: SshServer, home: Path) -> None:
    server.client_key.rename(home / ".ssh/id_ed25519")
    await connect(server, server.ssh(identity_files=()))
    assert server.logins == 1


async def test_a_key_of_the_cluster_file_that_is_not_there(server: SshServer) -> None:
    fault = await fault_of(server, server.ssh(identity_files=(Path("/nonexistent/key"),)))
    assert fault == Fault(FaultKind.CONFIGURATION, "/nonexistent/key: No such file or directory")


async def test_a_key_of_the_cluster_file_that_is_none(server: SshServer) -> None:
    server.client_key.write_text("not a key\n")
    fault = await fault_of(server, server.ssh())
    assert fault.kind is FaultKind.CONFIGURATION
    assert f"{server.client_key} is not a key" in fault.summary


async def test_a_key_of_the_ssh_configuration_that_is_not_there_is_only_told(server: SshServer) -> None:
    server.ssh_config.write_text(f"IdentityFile /nonexistent/key\nIdentityFile {server.client_key}\n")
    await connect(server, server.ssh(identity_files=()))
    server.behaviour.accepts = []
    fault = await fault_of(server, server.ssh(identity_files=()))
    assert "; /nonexistent/key: No such file or directory" in fault.summary


async def test_a_certificate_beside_the_key_is_offered(server: SshServer) -> None:
    authority = asyncssh.generate_private_key("ssh-ed25519")
    key = asyncssh.read_private_key(server.client_key)
    certificate = authority.generate_user_certificate(key, "ops", principals=["ops"])
    certificate.write_certificate(f"{server.client_key}-cert.pub")
    server.behaviour.authorities = [authority.convert_to_public()]
    server.behaviour.accepts = []
    await connect(server, server.ssh())
    assert server.logins == 1


# Passphrases.


@pytest.mark.parametrize("format_", FORMATS)
async def test_the_passphrase_is_asked_for_once_and_the_key_is_kept(server: SshServer, format_: str) -> None:
    path = encrypt(server, format_)
    operator = Operator(PASSPHRASE)
    unlocked = UnlockedKeys()
    await connect(server, server.ssh(), operator.ask, unlocked)
    await connect(server, server.ssh(), operator.ask, unlocked)
    assert operator.questions == [f"Passphrase for {path}"]
    assert server.logins == 2
    assert PASSPHRASE not in repr(unlocked)


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_wrong_passphrase_is_asked_for_again(server: SshServer, format_: str) -> None:
    path = encrypt(server, format_)
    operator = Operator("wrong", PASSPHRASE)
    await connect(server, server.ssh(), operator.ask)
    assert operator.questions == [f"Passphrase for {path}", f"That does not unlock {path}. Passphrase"]


async def test_three_wrong_passphrases_are_enough(server: SshServer) -> None:
    path = encrypt(server)
    operator = Operator("a", "b", "c")
    fault = await fault_of(server, server.ssh(), operator.ask)
    assert fault.kind is FaultKind.AUTHENTICATION
    assert f"{path} is encrypted and was not unlocked" in fault.summary
    assert fault.remedy == f"ssh-add {path}"
    assert server.connections == []


@pytest.mark.parametrize("operator", [Operator(None), None])
async def test_a_passphrase_that_nobody_gives(server: SshServer, operator: Operator | None) -> None:
    path = encrypt(server)
    fault = await fault_of(server, server.ssh(), operator.ask if operator else None)
    assert fault.kind is FaultKind.AUTHENTICATION
    assert f"{path} is encrypted and was not unlocked" in fault.summary
    assert fault.remedy == f"ssh-add {path}"


async def test_a_passphrase_is_asked_for_only_after_the_other_keys(server: SshServer, home: Path) -> None:
    other = home / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(
        other, passphrase=PASSPHRASE, rounds=1, ignore_few_rounds=True
    )
    operator = Operator()
    await connect(server, server.ssh(identity_files=(other, server.client_key)), operator.ask)
    assert operator.questions == []
    plain = home / "plain"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(plain)
    encrypt(server)
    operator = Operator(PASSPHRASE)
    await connect(server, server.ssh(identity_files=(plain, server.client_key)), operator.ask)
    assert len(operator.questions) == 1


# The agent.


async def test_the_agents_keys_are_used(server: SshServer, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = asyncssh.read_private_key(server.client_key)
    server.client_key.unlink()
    async with ssh_agent(home / "agent", [key]) as agent:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
        await connect(server, server.ssh(identity_files=()))
        await connect(server, server.ssh(identity_files=(Path(f"{server.client_key}.pub"),)))
    assert server.logins == 2


@pytest.mark.parametrize("format_", FORMATS)
async def test_an_encrypted_key_that_the_agent_holds_is_not_asked_for(
    server: SshServer, home: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    key = asyncssh.read_private_key(server.client_key)
    encrypt(server, format_)
    async with ssh_agent(home / "agent", [key]) as agent:
        server.ssh_config.write_text(f"IdentityAgent {agent}\n")
        await connect(server, server.ssh())
    assert server.logins == 1


async def test_the_agents_listed_keys_come_first_or_alone(server: SshServer, home: Path) -> None:
    keys = [asyncssh.generate_private_key("ssh-ed25519", comment=f"other {number}") for number in range(6)]
    mine = asyncssh.read_private_key(server.client_key)
    mine.set_comment("mine")
    server.behaviour.accepts = []
    async with ssh_agent(home / "agent", [*keys, mine]) as agent:
        server.ssh_config.write_text(f"IdentityAgent {agent}\n")
        fault = await fault_of(server, server.ssh())
        assert "lvstop offered mine (agent), other 0 (agent), other 1 (agent)" in fault.summary
        assert "other 2 (agent) and 3 more; it takes publickey" in fault.summary
        server.ssh_config.write_text(f"IdentityAgent {agent}\nIdentitiesOnly yes\n")
        fault = await fault_of(server, server.ssh())
        assert "lvstop offered mine (agent); it takes publickey" in fault.summary


async def test_an_agent_that_is_not_there_is_told(server: SshServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nonexistent/agent")
    await connect(server, server.ssh())
    server.behaviour.accepts = []
    fault = await fault_of(server, server.ssh())
    assert "the SSH agent at /nonexistent/agent does not answer: No such file or directory" in fault.summary


async def test_an_agent_that_never_answers_does_not_stop_the_login(
    server: SshServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lvstop.transport.ssh.keys._AGENT_PATIENCE", 0.1)
    async with ssh_agent(home / "agent", [], answers=False) as agent:
        server.ssh_config.write_text(f"IdentityAgent {agent}\n")
        await connect(server, server.ssh())
        server.behaviour.accepts = []
        fault = await fault_of(server, server.ssh())
    assert "the SSH agent did not answer within 0.1 s" in fault.summary
