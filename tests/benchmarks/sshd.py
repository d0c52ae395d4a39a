"""A real sshd on loopback, with nothing of this machine's own configuration, that leaves nothing behind."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncssh

_HOST = "127.0.0.1"
_PACKAGE = "Debian package openssh-server"
_PRIVILEGE_SEPARATION = Path("/run/sshd")
_PATIENCE = 10.0


class NoServerError(Exception):
    """There is no sshd that can be started here, and why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running sshd, and what logs in to it: the current user with a key of his own for this."""

    folder: Path
    port: int
    user: str
    host: str = _HOST

    @property
    def client_key(self) -> Path:
        return self.folder / "client_key"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        return self.folder / "ssh_config"

    def ssh(self, command: str) -> list[str]:
        """OpenSSH's client, running `command`, with its own defaults."""
        options = [f"UserKnownHostsFile={self.known_hosts}", "IdentitiesOnly=yes", "BatchMode=yes", "LogLevel=ERROR"]
        flags = [word for option in options for word in ("-o", option)]
        login = ["-i", str(self.client_key), "-p", str(self.port), f"{self.user}@{self.host}"]
        return ["ssh", "-F", str(self.ssh_config), *flags, *login, command]


@contextmanager
def sshd(folder: Path) -> Iterator[Server]:
    """A server whose files lie in `folder`.

    Raises:
        NoServerError: there is no sshd, or it cannot be started.
    """
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise NoServerError(f"no sshd here ({_PACKAGE})")
    if shutil.which("ssh") is None:
        raise NoServerError("no ssh here (Debian package openssh-client)")
    with _privilege_separation():
        server = _prepare(folder, program)
        process = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL)
        try:
            _wait_for(server, process)
            yield server
        finally:
            _end(process)


def _prepare(folder: Path, program: str) -> Server:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        server = Server(folder, free.getsockname()[1], pwd.getpwuid(os.getuid()).pw_name)
    host_key, client_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    for key, path in ((host_key, folder / "host_key"), (client_key, server.client_key)):
        path.touch(mode=0o600)
        path.write_bytes(key.export_private_key())
    (folder / "authorized_keys").write_bytes(client_key.export_public_key())
    server.known_hosts.write_text(f"[{_HOST}]:{server.port} {host_key.export_public_key().decode()}")
    server.ssh_config.touch()
    (folder / "sshd_config").write_text(
        f"ListenAddress {_HOST}\nPort {server.port}\nHostKey {folder}/host_key\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nAllowUsers {server.user}\nPermitRootLogin prohibit-password\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nUseDNS no\n"
        "LogLevel QUIET\n"
    )
    test = subprocess.run([program, "-t", "-f", str(folder / "sshd_config")], capture_output=True, text=True)
    if test.returncode != 0:
        reason = " ".join(test.stderr.split()) or f"status {test.returncode}"
        raise NoServerError(f"sshd cannot be started here: {reason} ({_PACKAGE})")
    return server


@contextmanager
def _privilege_separation() -> Iterator[None]:
    """The empty folder that an sshd of root wants to have; the package's service makes it when it starts."""
    if os.geteuid() != 0 or _PRIVILEGE_SEPARATION.exists():
        yield
        return
    _PRIVILEGE_SEPARATION.mkdir(mode=0o755)
    try:
        yield
    finally:
        with suppress(OSError):  # a service that has started meanwhile may use it
            _PRIVILEGE_SEPARATION.rmdir()


def _wait_for(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NoServerError(f"sshd ended at once with status {process.returncode}")
        with suppress(OSError), socket.create_connection((_HOST, server.port), timeout=1) as connection:
            if connection.recv(4) == b"SSH-":
                return
        time.sleep(0.05)
    raise NoServerError(f"sshd did not greet within {_PATIENCE:g} s")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the server and what still runs for its logins. That is sought first: later nobody knows whose it is."""
    descendants = _descendants(process.pid)
    process.terminate()
    for pid in descendants:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _descendants(ancestor: int) -> list[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found = [ancestor]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found[1:]
