"""The embedded pair on the day that somebody meets it: nothing is known of it, and an operator answers questions."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from lvstop.cli.init import Wishes, initialise
from lvstop.clock import SystemClock
from lvstop.config.paths import clusters_folder
from lvstop.config.schema import LOCAL, SshConfig
from lvstop.config.target import parse_target
from lvstop.demo.launch import Demo
from lvstop.demo.world.conf import ClusterConf
from lvstop.transport.ssh.known_hosts import entry_name
from support.demo_pair import pair, running

FIRST, SECOND = "172.26.127.23", "172.26.127.24"


@dataclass(slots=True)
class Meeting:
    """A pair that runs, and what is said at the operator's desk.

    Attributes:
        user: the login of both directors.
        answers: what the operator types, one for each question; None is the end of input.
        said: what was told him, questions included.
    """

    folder: Path
    demo: Demo
    user: str
    answers: list[str | None] = field(default_factory=list)
    said: str = ""
    asked: int = 0

    @property
    def known_hosts(self) -> Path:
        """The operator's."""
        return Path.home() / ".ssh" / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        """What leads to loopback."""
        return self.folder / "smb.ssh_config"

    @property
    def file(self) -> Path:
        """Where the cluster file would be."""
        return clusters_folder() / "smb.yaml"

    def written(self) -> list[Path]:
        """All cluster files below the operator's home."""
        return sorted(Path.home().rglob("*.yaml"))

    def lines(self) -> list[str]:
        """The host keys of both directors, as known_hosts lists them."""
        return (self.folder / "known_hosts").read_text().splitlines()

    def key(self, number: int) -> asyncssh.SSHKey:
        """The host key of a director, the first is 0."""
        return asyncssh.import_public_key(self.lines()[number].partition(" ")[2])

    def know(self, lines: Sequence[str]) -> str:
        """Let the operator's ssh know these host keys; what its file says then."""
        text = "".join(f"{line}\n" for line in lines)
        self.known_hosts.parent.mkdir(mode=0o700, exist_ok=True)
        self.known_hosts.write_text(text)
        return text

    def name(self, number: int) -> str:
        """Under which name known_hosts lists a director."""
        host, _, port = self.lines()[number].partition(" ")[0].rpartition(":")
        return entry_name(host.strip("[]"), int(port))

    async def init(self, *hosts: str, ask: bool = True, **wishes: object) -> int:
        """`lvstop init` with these hosts (both directors), as the user; its exit status.

        Args:
            ask: the operator sits there and answers.
            wishes: further fields of `Wishes`.
        """
        named = (host if host == LOCAL else f"{self.user}@{host}" for host in hosts or (FIRST, SECOND))
        targets = tuple(parse_target(each) for each in named)
        ssh = SshConfig(identity_files=(self.folder / "client_key",), config=self.ssh_config)
        wanted = Wishes(targets, **{"ssh": ssh, **wishes})  # type: ignore[arg-type]
        return await initialise(wanted, SystemClock(), self._answer if ask else None, self._hear)

    async def _answer(self, question: str) -> str | None:
        self._hear(question)
        self.asked += 1
        return self.answers.pop(0)

    def _hear(self, text: str) -> None:
        self.said += f"{text}\n"


@asynccontextmanager
async def meeting(folder: Path, conf: ClusterConf | None = None, user: str = "root") -> AsyncIterator[Meeting]:
    """A pair that was never met before; any user may log in."""
    async with running(folder, conf or pair()) as demo:
        yield Meeting(folder, demo, user)
