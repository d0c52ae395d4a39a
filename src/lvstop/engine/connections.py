"""From a cluster file to probes: which transport leads to which director."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.transports import transports
from lvstop.probe import programs
from lvstop.probe.connection import Moves
from lvstop.probe.director import DirectorProbe
from lvstop.probe.settings import ProbeSettings
from lvstop.transport.base import Transport

if TYPE_CHECKING:
    from lvstop.transport.ssh import SecretPrompt, TrustPrompt, UnlockedKeys

ProbeFactory = Callable[[ClusterConfig, DirectorConfig], DirectorProbe]
"""Makes the probe of one director; nothing is connected yet."""


MANY = 20
"""More clusters than these are a fleet: nobody looks at the connections per second of each of them."""
_FLEET_COUNTERS = 5.0


def settings_for(cluster: ClusterConfig, clusters: int) -> ProbeSettings:
    """How the directors of a cluster are read where so many are; the table is read in every tick all the same.

    Rates are made over 13 seconds (`analysis.rate_window`): counters every 5 seconds make them 2 seconds slower.
    """
    settings = ProbeSettings(privilege=cluster.privilege)
    return replace(settings, counters_every=_FLEET_COUNTERS) if clusters > MANY else settings


def ssh_probes(
    clock: Clock,
    ask_secret: "SecretPrompt | None",
    unlocked: "UnlockedKeys | None" = None,
    *,
    trust: "TrustPrompt | None" = None,
    clusters: int = 1,
) -> ProbeFactory:
    """Probes that read over SSH, or on this machine, with the catalogue of programs that only read.

    Args:
        ask_secret: how to ask the operator for the passphrase of a key; None where nobody can be asked.
        unlocked: keys that were unlocked before, where others share them.
        trust: asks about host keys that are not known; None, which is the rule, trusts none.
        clusters: how many are read at the same time; where they are many, what is not needed each second waits longer.
    """
    catalogue = programs.catalogue()
    make_transport = transports(clock, ask_secret, unlocked, trust=trust)

    def make(cluster: ClusterConfig, director: DirectorConfig) -> DirectorProbe:
        def transport() -> Transport:
            return make_transport(director, cluster.ssh, catalogue)

        settings = settings_for(cluster, clusters)
        return DirectorProbe(director.name, transport, clock, settings, _moves(director))

    return make


def _moves(director: DirectorConfig) -> Moves | None:
    """Only this machine's kernel can be listened to."""
    if not director.is_local:
        return None
    from lvstop.transport.local.moves import address_moves

    return lambda: address_moves(director.netns)
