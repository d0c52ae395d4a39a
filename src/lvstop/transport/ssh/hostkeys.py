"""Which host keys are trusted, and what to say of one that is not.

asyncssh's own reading of known_hosts is not used for three reasons. It trusts a key that is listed for the address a
name resolves to, or, through a jump host, for the jump host's address; here, as with `ssh`, only the name or address
that was asked for counts. It accepts every key where the configuration says `UserKnownHostsFile none`. And one line
that it cannot read makes it refuse the whole file, where `ssh` skips the line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import asyncssh

from lvstop.config.paths import shown
from lvstop.transport.ssh.known_hosts import entry_name


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A host key that is known for a host: its algorithm, its fingerprint, and the `file:line` that says so."""

    algorithm: str
    fingerprint: str
    place: str


@dataclass(frozen=True, slots=True)
class OfferedKey:
    """A host key that was refused.

    Attributes:
        algorithm: e.g. `ssh-ed25519`.
        fingerprint: e.g. `SHA256:…`, as `ssh` and `ssh-keygen -l` print it.
        known: other keys that are known for this host; empty where there is none.
        public: the key as a line of known_hosts has it, without the host's name; empty where it is an authority's,
            which vouches for many hosts.
    """

    algorithm: str
    fingerprint: str
    known: tuple[KnownKey, ...]
    public: str

    @property
    def changed(self) -> bool:
        """Another key is known for this host."""
        return bool(self.known)


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
        entries, ignored = _parsed(tuple(_text(file) for file in files))
        return cls(files, entries, tuple(f"{files[at]}:{number}" for at, number in ignored))

    def trusted(self, host: str, port: int) -> list[Sequence[asyncssh.SSHKey]]:
        """Host keys, certificate authorities and revoked keys for `host`, in the form asyncssh wants."""
        keys, authorities, revoked = self._entries.match(host.lower(), "", None if port == 22 else port)[:3]
        # where nothing vouches for the host with its port, asyncssh forgets what is revoked there
        also_revoked = self._entries.match(entry_name(host, port), "", None)[2]
        return [list(keys), list(authorities), [*revoked, *also_revoked]]

    def judge(self, host: str, port: int, key: asyncssh.SSHKey, *, authority: bool = False) -> OfferedKey:
        """What to say of `key`, which `host` offered and which is not trusted."""
        # asyncssh falls back to the host's entries for port 22, which may help a key in but accuse none.
        known = self._known(entry_name(host, port))
        public = "" if authority else key.export_public_key().decode().strip()
        algorithm, data = public.split()[:2] if public else (key.get_algorithm(), "")
        return OfferedKey(algorithm, key.get_fingerprint(), known, f"{algorithm} {data}" if data else "")

    def _known(self, name: str) -> tuple[KnownKey, ...]:
        """The keys that are known under a name, each with its line."""
        found: list[KnownKey] = []
        for file in self.files:
            for number, line in enumerate(_lines(file), start=1):
                try:
                    keys = asyncssh.import_known_hosts(line).match(name, "", None)[0]
                except ValueError:
                    continue
                place = f"{shown(file)}:{number}"
                found += [KnownKey(key.get_algorithm(), key.get_fingerprint(), place) for key in keys]
        return tuple(found)


@lru_cache(maxsize=4)
def _parsed(texts: tuple[str, ...]) -> tuple[asyncssh.SSHKnownHosts, tuple[tuple[int, int], ...]]:
    """What the files say, and which lines of which file could not be understood. Nobody changes it afterwards.

    A connection keeps it for as long as it lasts: a hundred hosts that know a hundred hosts share one of it, for as
    long as the files say the same. They are read at each attempt, whatever their dates.
    """
    entries = asyncssh.import_known_hosts("")
    ignored: list[tuple[int, int]] = []
    for at, text in enumerate(texts):
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                entries.load(line)
            except ValueError:
                ignored.append((at, number))
    return entries, tuple(ignored)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _lines(file: Path) -> Iterable[str]:
    return _text(file).splitlines()
