"""From a cluster file to probes: which transport leads to which director."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.probe import programs
from lvstop.probe.director import DirectorProbe
from lvstop.probe.settings import ProbeSettings

if TYPE_CHECKING:
    from lvstop.transport.ssh import SecretPrompt, TrustPrompt, UnlockedKeys

ProbeFactory = Callable[[ClusterConfig, DirectorConfig], DirectorProbe]
"""Makes the probe of one director; nothing is connected yet."""


def ssh_probes(
    clock: Clock,
    ask_secret: "SecretPrompt | None",
    unlocked: "UnlockedKeys | None" = None,
    *,
    trust: "TrustPrompt | None" = None,
) -> ProbeFactory:
    """Probes that read over SSH, with the catalogue of programs that only read.

    Args:
        ask_secret: how to ask the operator for the passphrase of a key; None where nobody can be asked.
        unlocked: keys that were unlocked before, where others share them.
        trust: asks about host keys that are not known; None, which is the rule, trusts none.
    """
    # asyncssh takes a fifth of a second to import: not before it is needed.
    from lvstop.transport.ssh import SshTransport, UnlockedKeys

    catalogue = programs.catalogue()
    keys = UnlockedKeys() if unlocked is None else unlocked

    def make(cluster: ClusterConfig, director: DirectorConfig) -> DirectorProbe:
        def transport() -> SshTransport:
            return SshTransport(
                director,
                cluster.ssh,
                programs=catalogue,
                clock=clock,
                ask_secret=ask_secret,
                unlocked=keys,
                trust=trust,
            )

        return DirectorProbe(director.name, transport, clock, ProbeSettings(privilege=cluster.privilege))

    return make
