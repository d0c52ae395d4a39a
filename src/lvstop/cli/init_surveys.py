"""Looking at directors that are met for the first time, and finding the one that was not named."""

from dataclasses import replace

from lvstop.analysis.pairing import unicast_peers
from lvstop.analysis.vrrp import told_instances
from lvstop.analysis.words import listing
from lvstop.cli.init_questions import Ask, HostKeyDesk, Tell
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig, SshConfig
from lvstop.config.target import Target, parse_target
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.engine.patience import Patience
from lvstop.errors import LvstopError
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.transport.ssh import SecretPrompt, UnlockedKeys


class PeerUnknownError(LvstopError):
    """One director was named, and nobody can tell which the other one is."""


class Surveyor:
    """Looks at directors; what the operator has unlocked once stays unlocked.

    Args:
        ask_secret: asks for passphrases.
        desk: answers for host keys that are not known.
        timeout: seconds for one look at a director.
    """

    def __init__(
        self, clock: Clock, patience: Patience, ask_secret: SecretPrompt | None, desk: HostKeyDesk, *, timeout: float
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._ask_secret = ask_secret
        self._desk = desk
        self._timeout = timeout
        self._unlocked = UnlockedKeys()

    async def survey(self, director: DirectorConfig, ssh: SshConfig) -> DirectorSnapshot:
        """One director by itself. A host key that is not known is asked about."""
        (cluster,) = await self._look(ClusterConfig(director.name, (director,), ssh), trusting=True)
        return cluster.directors[0]

    async def look(self, config: ClusterConfig) -> tuple[ClusterSnapshot, ...]:
        """The whole cluster, as every command looks at it: no host key is asked about."""
        return await self._look(config, trusting=False)

    async def _look(self, config: ClusterConfig, *, trusting: bool) -> tuple[ClusterSnapshot, ...]:
        make_probe = ssh_probes(self._clock, self._ask_secret, self._unlocked, trust=self._desk if trusting else None)
        return await look([config], make_probe, self._clock, timeout=self._timeout, patience=self._patience)


async def find_peer(target: Target, director: DirectorSnapshot, ask: Ask | None, tell: Tell) -> Target | None:
    """Where the other director is, by its VRRP or by what the operator says; None: there is none.

    Raises:
        PeerUnknownError: nobody can tell.
    """
    told = told_instances(director)
    peers = unicast_peers(director)
    if len(peers) > 1:
        raise PeerUnknownError(f"it has several VRRP peers, {listing(peers)}; name all directors of the cluster")
    if peers:
        return await _confirmed(replace(target, host=str(peers[0])), ask, tell)
    if told == ():
        tell("It has no VRRP instance, and so no peer: the cluster has one director.")
        return None
    why = "its keepalived cannot be asked" if told is None else f"{listing(_names(director))} has no unicast_peer"
    if ask is not None:
        tell(f"Which director is its peer cannot be told from here: {why}.")
        answer = await ask("The other director, as [USER@]HOST[:PORT]:")
        if answer:
            return _typed(answer)
    raise PeerUnknownError(f"which director is its peer cannot be told: {why}; name both: lvstop init {target} HOST")


async def _confirmed(found: Target, ask: Ask | None, tell: Tell) -> Target:
    """The address that VRRP knows may be one that only the directors use between themselves."""
    tell(f"Its VRRP peer is {found.host}.")
    if ask is None:
        return found
    answer = await ask(f"Connect to {found}? (yes/no/another [USER@]HOST[:PORT])")
    if answer is None or answer.lower() in ("", "n", "no"):
        raise PeerUnknownError("the other director was not named")
    return found if answer.lower() in ("y", "yes") else _typed(answer)


def _typed(text: str) -> Target:
    try:
        return parse_target(text)
    except ValueError as error:
        raise PeerUnknownError(str(error)) from error


def _names(director: DirectorSnapshot) -> list[str]:
    return [instance.name or "VRRP" for instance in told_instances(director) or ()]
