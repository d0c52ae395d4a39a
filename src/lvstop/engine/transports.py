"""Which transport leads to which director: SSH, or none at all where it is this very machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lvstop.clock import Clock
from lvstop.config.schema import DirectorConfig, SshConfig
from lvstop.transport.base import Program, Transport

if TYPE_CHECKING:
    from lvstop.transport.ssh import SecretPrompt, TrustPrompt, UnlockedKeys

Transports = Callable[[DirectorConfig, SshConfig, frozenset[Program]], Transport]
"""Makes the transport to one director, which may run those programs and no others; nothing is connected yet."""


def transports(
    clock: Clock,
    ask_secret: "SecretPrompt | None",
    unlocked: "UnlockedKeys | None" = None,
    *,
    trust: "TrustPrompt | None" = None,
) -> Transports:
    """Transports that share what the operator has typed.

    Args:
        ask_secret: how to ask the operator for the passphrase of a key; None where nobody can be asked.
        unlocked: keys that were unlocked before, where others share them.
        trust: asks about host keys that are not known; None, which is the rule, trusts none.
    """
    keys = unlocked

    def make(director: DirectorConfig, ssh: SshConfig, programs: frozenset[Program]) -> Transport:
        nonlocal keys
        if director.is_local:
            from lvstop.transport.local import LocalTransport

            return LocalTransport(director, programs=programs, clock=clock)
        # asyncssh takes a fifth of a second to import: not before it is needed.
        from lvstop.transport.ssh import SshTransport, UnlockedKeys

        keys = UnlockedKeys() if keys is None else keys
        return SshTransport(
            director, ssh, programs=programs, clock=clock, ask_secret=ask_secret, unlocked=keys, trust=trust
        )

    return make
