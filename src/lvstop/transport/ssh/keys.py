"""The keys to log in with: from the agent, from files, and from files that want a passphrase."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

SecretPrompt = Callable[[str], Awaitable[str | None]]
"""Asks the operator for a passphrase. Gets the question, gives the answer, or None where the operator declines."""

_ATTEMPTS = 3
_AGENT_PATIENCE = 5.0
"""Seconds. An agent that was forwarded over a connection that has died accepts questions and answers none."""

_DEFAULT_NAMES = ("id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa")


class UnusableKeyError(Exception):
    """An identity file that was named cannot be used. Its text is one sentence."""


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A private key that wants a passphrase. `public` is its public half where the file or its `.pub` tells it."""

    path: Path
    data: bytes = field(repr=False)
    public: bytes | None


@dataclass(frozen=True, slots=True)
class OfferedPair:
    """A key that can be offered at once, how messages call it, and its file where it is not the agent's."""

    pair: asyncssh.SSHKeyPair
    label: str
    path: Path | None = None


@dataclass(slots=True)
class Identities:
    """What there is to log in with.

    Attributes:
        ready: in the order in which they are offered.
        locked: encrypted, and not held by the agent.
        notes: what was looked for and not found, for the message when no key is accepted.
    """

    ready: list[OfferedPair] = field(default_factory=list)
    locked: list[LockedKey] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class IdentitySources:
    """Where keys come from.

    Attributes:
        files: private keys, or public ones that choose among the agent's.
        required: a file that is missing or unreadable is a fault; else only a note.
        certificates: certificates that belong to some of the keys.
        agent_path: the agent's socket; None where there is none.
        agent_only_listed: of the agent's keys only those that `files` name (`IdentitiesOnly`).
    """

    files: tuple[Path, ...]
    required: bool
    certificates: tuple[Path, ...] = ()
    agent_path: str | None = None
    agent_only_listed: bool = False


def default_identity_files() -> tuple[Path, ...]:
    """The keys that `ssh` looks for without being told, those that exist."""
    folder = Path.home() / ".ssh"
    return tuple(folder / name for name in _DEFAULT_NAMES if (folder / name).exists())


class UnlockedKeys:
    """Private keys that the operator has unlocked, in memory for as long as the program runs, as an agent would.

    Shared by the transports of one program, so that a key is asked for once and a reconnect at night needs nobody.
    Passphrases are not kept.
    """

    def __init__(self) -> None:
        self._keys: dict[Path, asyncssh.SSHKey] = {}
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._keys)} keys)"

    def get(self, path: Path) -> asyncssh.SSHKey | None:
        """The key, where it was unlocked before."""
        return self._keys.get(path)

    async def unlock(self, locked: LockedKey, ask: SecretPrompt) -> asyncssh.SSHKey | None:
        """Ask until the passphrase fits, three times at most. None where the operator declines or fails.

        Raises:
            UnusableKeyError: the file cannot be decrypted whatever the passphrase.
        """
        # One question at a time: directors are connected to at once, and the operator has one keyboard.
        async with self._lock:
            question = f"Passphrase for {locked.path}"
            for _ in range(_ATTEMPTS):
                if (known := self._keys.get(locked.path)) is not None:
                    return known
                passphrase = await ask(question)
                if passphrase is None:
                    return None
                key = await asyncio.to_thread(_decrypt, locked, passphrase)
                if key is not None:
                    self._keys[locked.path] = key
                    return key
                question = f"That does not unlock {locked.path}. Passphrase"
        return None


def _decrypt(locked: LockedKey, passphrase: str) -> asyncssh.SSHKey | None:
    try:
        return asyncssh.import_private_key(locked.data, passphrase)
    except asyncssh.KeyEncryptionError as error:
        if "passphrase" in str(error):
            return None
        raise UnusableKeyError(f"the key {locked.path} cannot be decrypted: {error}") from error
    except asyncssh.KeyImportError as error:
        if str(error).startswith("Unable to decrypt"):
            return None
        raise UnusableKeyError(f"the key {locked.path} cannot be used: {error}") from error


def offered(key: asyncssh.SSHKey, path: Path, certificates: Sequence[Path]) -> list[OfferedPair]:
    """`key` as it is offered: with its certificates first, then alone.

    Raises:
        OSError, ValueError: a certificate cannot be read.
    """
    own = Path(f"{path}-cert.pub")
    certificate_files = [str(file) for file in (*certificates, own) if file.exists()]
    pairs = asyncssh.load_keypairs([key], certlist=asyncssh.load_certificates(certificate_files))
    return [OfferedPair(pair, str(path), path) for pair in pairs]


def read_files(sources: IdentitySources, unlocked: UnlockedKeys) -> tuple[Identities, list[bytes]]:
    """The keys of the files, and the public halves of all that were listed. Blocks: it reads files.

    Raises:
        UnusableKeyError: a required file is missing, unreadable or not a key.
    """
    found = Identities()
    listed: list[bytes] = []
    for path in sources.files:
        try:
            _read_file(path, sources, unlocked, found, listed)
        except OSError as error:
            _complain(f"{path}: {error.strerror or error}", sources, found, error)
        except ValueError as error:
            _complain(f"{path} is not a key: {error}", sources, found, error)
    return found, listed


def _complain(text: str, sources: IdentitySources, found: Identities, cause: Exception) -> None:
    if sources.required:
        raise UnusableKeyError(text) from cause
    found.notes.append(text)


def _read_file(
    path: Path, sources: IdentitySources, unlocked: UnlockedKeys, found: Identities, listed: list[bytes]
) -> None:
    data = path.read_bytes()
    key = unlocked.get(path)
    if key is None:
        try:
            key = asyncssh.import_private_key(data)
        except asyncssh.KeyImportError as error:
            locked = str(error).startswith("Passphrase")
            public = _public_half(path, data, beside=locked)
            if public is not None:
                listed.append(public)
            if locked:
                found.locked.append(LockedKey(path, data, public))
            elif public is None:
                raise
            return
    listed.append(key.public_data)
    found.ready += offered(key, path, sources.certificates)


def _public_half(path: Path, data: bytes, *, beside: bool) -> bytes | None:
    """An encrypted OpenSSH key tells its public half; of another format the `.pub` beside it does, if it is there."""
    try:
        return asyncssh.import_public_key(data).public_data
    except asyncssh.KeyImportError:
        if not beside:
            return None
    try:
        return asyncssh.read_public_key(f"{path}.pub").public_data
    except (OSError, asyncssh.KeyImportError):
        return None


async def gather(sources: IdentitySources, agent: asyncssh.SSHAgentClient | None, unlocked: UnlockedKeys) -> Identities:
    """Everything there is to log in with, in the order of `ssh`: the agent's listed keys, its others, then files.

    Raises:
        UnusableKeyError: as `read_files`.
    """
    found, listed = await asyncio.to_thread(read_files, sources, unlocked)
    if agent is None:
        return found
    try:
        async with asyncio.timeout(_AGENT_PATIENCE):
            pairs = list(await agent.get_keys())
    except TimeoutError:
        found.notes.append(f"the SSH agent did not answer within {_AGENT_PATIENCE:g} s")
        return found
    except ValueError as error:
        found.notes.append(f"the SSH agent does not answer: {error}")
        return found
    held = {pair.public_data for pair in pairs}
    found.locked = [key for key in found.locked if key.public is None or key.public not in held]
    found.ready = [key for key in found.ready if key.pair.has_cert or key.pair.public_data not in held]
    chosen = [pair for pair in pairs if pair.public_data in listed]
    if not sources.agent_only_listed:
        chosen += [pair for pair in pairs if pair.public_data not in listed]
    found.ready[:0] = [OfferedPair(pair, f"{pair.get_comment() or 'a key'} (agent)") for pair in chosen]
    return found
