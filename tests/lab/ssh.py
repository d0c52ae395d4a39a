"""Commands on directors over one lasting OpenSSH connection per director and user: cheap, and one login line each."""

import shlex
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import CommandError, LabError
from lab.ledger import Ledger
from lab.shell import run
from lab.wait import wait_until

CONNECT_SECONDS = 3
# what `ssh` itself exits with when there is no connection
NO_CONNECTION = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """How the lab's SSH is done: the private key, the known host keys."""

    key: Path
    known_hosts: Path

    def options(self) -> list[str]:
        """Return the options of `ssh` that leave nothing to the caller's own configuration."""
        settings = {
            "IdentityFile": self.key,
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self.known_hosts,
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
            "ConnectTimeout": CONNECT_SECONDS,
            "LogLevel": "ERROR",
        }
        return ["-F", "none", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]


class Connection:
    """One user's connection to one director, opened when it is first needed and again after it was lost."""

    def __init__(self, ledger: Ledger, netns: str, identity: Identity, destination: str) -> None:
        self._ledger = ledger
        self._netns = netns
        self._identity = identity
        self._destination = destination
        folder = ledger.folder / "ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        self._socket = folder / destination
        self._errors = folder / f"{destination}.log"
        self._master: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def open(self, timeout: float) -> None:
        """Connect, trying again for `timeout` seconds. Raises LabTimeoutError with what `ssh` said last."""
        with self._lock:
            wait_until(
                self._is_open,
                timeout,
                f"SSH to {self._destination}",
                explain=lambda: self._errors.read_text(encoding="utf-8", errors="replace").strip(),
            )

    def close(self) -> None:
        """Close the connection, or forget one that is lost; nothing happens when there is none."""
        with self._lock:
            self._drop_master()

    def run(
        self, command: str | Sequence[str], *, check: bool, timeout: float, stdin: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command: text for the remote shell, or words that reach the program as they are.

        Raises CommandError for a status other than 0 (if `check`), LabError when `timeout` seconds pass or there
        is no connection.
        """
        text = command if isinstance(command, str) else shlex.join(command)
        self.open(timeout)
        argv = ["ssh", *self._identity.options(), "-S", str(self._socket), self._destination, "--", text]
        done = run(argv, check=False, timeout=timeout, stdin=stdin)
        if done.returncode == NO_CONNECTION and not self._answers():
            raise LabError(f"the connection to {self._destination} was lost during: {text}\n{done.stderr.strip()}")
        if check and done.returncode != 0:
            raise CommandError(f"{self._destination}: {text}", done.returncode, done.stdout + done.stderr)
        return done

    def _is_open(self) -> bool:
        if self._master is None or self._master.poll() is not None:
            self._drop_master()
            self._start_master()
        return self._answers()

    def _answers(self) -> bool:
        check = ["ssh", "-F", "none", "-S", str(self._socket), "-O", "check", self._destination]
        return self._socket.exists() and run(check, check=False).returncode == 0

    def _start_master(self) -> None:
        argv = ["ip", "netns", "exec", self._netns, "ssh", *self._identity.options(), "-N", "-M"]
        argv += ["-S", str(self._socket), self._destination]
        with self._errors.open("wb") as errors:
            self._master = self._ledger.start(f"SSH to {self._destination}", argv, stderr=errors)

    def _drop_master(self) -> None:
        if self._master is not None:
            self._ledger.end(self._master)
            self._master = None
        self._socket.unlink(missing_ok=True)
