"""Host keys that are not known yet: what is asked of the operator, and what follows from a yes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lvstop.transport.base import TransportError
from lvstop.transport.ssh import faults
from lvstop.transport.ssh.hostkeys import HostKeys, OfferedKey
from lvstop.transport.ssh.known_hosts import entry_name, remember
from lvstop.transport.ssh.options import Hop

_NOWHERE = ("none", "/dev/null")


@dataclass(frozen=True, slots=True)
class UnknownHostKey:
    """A host key that nobody has vouched for.

    Attributes:
        place: the host, as messages name it.
        algorithm: e.g. `ssh-ed25519`.
        fingerprint: e.g. `SHA256:…`, as `ssh` and `ssh-keygen -l` print it.
        file: the known_hosts file that a yes is written into.
        ignored: `file:line` of lines of known_hosts that could not be read: the host's may be one of them.
    """

    place: str
    algorithm: str
    fingerprint: str
    file: Path
    ignored: tuple[str, ...] = ()


TrustPrompt = Callable[[UnknownHostKey], Awaitable[bool]]
"""Asks the operator whether a host key is the right one. Nothing is connected while he thinks."""


def may_be_trusted(offered: OfferedKey | None) -> bool:
    """Whether the operator is asked at all: never of a key that has changed, nor of an authority's."""
    return offered is not None and not offered.changed and bool(offered.public)


async def vouched(hop: Hop, offered: OfferedKey, trust: TrustPrompt) -> Hop | None:
    """The hop with this key among those that are known, in its file as well; None where the operator says no.

    Raises:
        TransportError: the key cannot be written down, so that it is not trusted either.
    """
    file = hop.host_keys.files[0] if hop.host_keys.files else None
    if file is None or str(file) in _NOWHERE:
        summary = f"the SSH configuration names no file that remembers the host key of {hop.place}"
        raise TransportError(faults.configuration(summary, "UserKnownHostsFile in the SSH configuration"))
    asked = UnknownHostKey(hop.place, offered.algorithm, offered.fingerprint, file, hop.host_keys.ignored)
    if not await trust(asked):
        return None
    try:
        await asyncio.to_thread(remember, file, entry_name(hop.key_name, hop.key_port), offered.public)
        return replace(hop, host_keys=await asyncio.to_thread(HostKeys.read, hop.host_keys.files))
    except OSError as error:
        summary = f"the host key of {hop.place} cannot be written into {file}: {error.strerror or error}"
        raise TransportError(faults.configuration(summary)) from error
