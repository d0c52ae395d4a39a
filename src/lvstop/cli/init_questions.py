"""What `lvstop init` asks the operator, and what counts as an answer where nobody can be asked."""

from collections.abc import Awaitable, Callable

from lvstop.analysis.words import listing
from lvstop.config.paths import shown
from lvstop.transport.ssh import UnknownHostKey

Ask = Callable[[str], Awaitable[str | None]]
"""Asks a question and returns what was typed; None where nothing was."""

Tell = Callable[[str], None]
"""Says a line or more."""

_YES = ("y", "yes")
_NO = ("", "n", "no")
_CONSOLE = "ssh-keygen -lf /etc/ssh/ssh_host_{}_key.pub"
_KINDS = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa", "rsa-sha2-256": "rsa", "rsa-sha2-512": "rsa"}


class HostKeyDesk:
    """Answers for host keys that are not known: by what was said on the command line, else by asking.

    Args:
        ask: None where nobody is there: then nothing is trusted that was not named before.
        fingerprints: keys that the operator has vouched for beforehand.
        accept_new: he trusts every key that he has not seen.

    Attributes:
        trusted: the places whose keys were trusted, with the files that they are written into.
    """

    def __init__(self, ask: Ask | None, tell: Tell, *, fingerprints: frozenset[str], accept_new: bool) -> None:
        self._ask = ask
        self._tell = tell
        self._fingerprints = fingerprints
        self._accept_new = accept_new
        self.trusted: list[tuple[str, str]] = []

    async def __call__(self, key: UnknownHostKey) -> bool:
        """As `transport.ssh.TrustPrompt`."""
        if not await self._vouches(key):
            return False
        self.trusted.append((key.place, shown(key.file)))
        return True

    async def _vouches(self, key: UnknownHostKey) -> bool:
        if key.fingerprint in self._fingerprints or self._accept_new:
            why = "as --host-key says" if key.fingerprint in self._fingerprints else "unseen (--accept-new-host-keys)"
            self._tell(f"  {key.place}: {key.algorithm} {key.fingerprint} is trusted, {why}")
            return True
        if self._ask is None:
            return False
        self._tell(
            f"\nThe host key of {key.place} is not known here. It offers\n"
            f"  {key.algorithm}  {key.fingerprint}\n"
            f"Compare that on the host's own console: {_on_console(key.algorithm)}"
        )
        if key.ignored:
            self._tell(f"{listing(key.ignored, most=3)} could not be read: its key may stand there.")
        while True:
            answer = await self._ask(f"Trust it, and write it into {shown(key.file)}? (yes/no/its fingerprint)")
            if answer is None or answer.lower() in _NO:
                return False
            if answer.lower() == "yes" or answer == key.fingerprint:
                return True
            if answer.startswith("SHA256:"):
                self._tell("That is another fingerprint. This key is not trusted.")
                return False
            self._tell("Type yes, no, or the fingerprint that the console shows.")


def _on_console(algorithm: str) -> str:
    return _CONSOLE.format("ecdsa" if algorithm.startswith("ecdsa") else _KINDS.get(algorithm, "*"))


async def agreed(ask: Ask | None, question: str) -> bool:
    """Whether the operator says yes; no where nobody can be asked."""
    answer = None if ask is None else await ask(f"{question} (y/N)")
    return answer is not None and answer.lower() in _YES
