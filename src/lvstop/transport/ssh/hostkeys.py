"""Which host keys are trusted, and what to say of one that is not.

asyncssh's own reading of known_hosts is not used for three reasons. It trusts a key that is listed for the address a
name resolves to, or, through a jump host, for the jump host's address; here, as with `ssh`, only the name or address
that was asked for counts. It accepts every key where the configuration says `UserKnownHostsFile none`. And one line
that it cannot read makes it refuse the whole file, where `ssh` skips the line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncssh

_DEFAULT_PORT = 22


@dataclass(frozen=True, slots=True)
class OfferedKey:
    """A host key that was refused.

    Attributes:
        algorithm: e.g. `ssh-ed25519`.
        fingerprint: e.g. `SHA256:…`, as `ssh` and `ssh-keygen -l` print it.
        changed: another key is known for this host; False where none is.
    """

    algorithm: str
    fingerprint: str
    changed: bool


class HostKeys:
    """The known_hosts files of one connection attempt, read once.

    Attributes:
        files: where they were looked for, existing or not.
        ignored: `file:line` of the lines that could not be understood.
    """

    def __init__(self, files: Sequence[Path], entries: asyncssh.SSHKnownHosts, ignored: tuple[str, ...]) -> None:
        self.files = tuple(files)
        self.ignored = ignored
        self._entries = entries

    @classmethod
    def read(cls, files: Sequence[Path]) -> "HostKeys":
        """Read `files`. One that does not exist holds no keys.

        Raises:
            OSError: a file exists and cannot be read.
        """
        entries = asyncssh.import_known_hosts("")
        ignored: list[str] = []
        for file in files:
            for number, line in enumerate(_lines(file), start=1):
                try:
                    entries.load(line)
                except ValueError:
                    ignored.append(f"{file}:{number}")
        return cls(files, entries, tuple(ignored))

    def trusted(self, host: str, port: int) -> list[Sequence[asyncssh.SSHKey]]:
        """Host keys, certificate authorities and revoked keys for `host`, in the form asyncssh wants."""
        return [list(keys) for keys in self._entries.match(host.lower(), "", _named_port(port))[:3]]

    def judge(self, host: str, port: int, key: asyncssh.SSHKey) -> OfferedKey:
        """What to say of `key`, which `host` offered and which is not trusted."""
        name = host.lower()
        if port != _DEFAULT_PORT:
            # asyncssh falls back to the host's entries for port 22, which may help a key in but accuse none.
            name = f"[{name}]:{port}"
        known = self._entries.match(name, "", None)[0]
        return OfferedKey(key.get_algorithm(), key.get_fingerprint(), changed=bool(known))


def _named_port(port: int) -> int | None:
    return None if port == _DEFAULT_PORT else port


def _lines(file: Path) -> Iterable[str]:
    try:
        return file.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ()
