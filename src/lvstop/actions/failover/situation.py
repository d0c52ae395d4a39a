"""A cluster as a failover looks at it: what the session knows, and what each director was asked just now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lvstop.actions.failover.plan import Move
from lvstop.actions.view import STALE_AFTER
from lvstop.analysis.vrrp import InstanceGroup, claimed_on_loopback, holds
from lvstop.model.address import IPAddress, Protocol, VirtualServerKey
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, Lack
from lvstop.model.failover import Failover
from lvstop.model.ipvs import VirtualServer
from lvstop.model.sounding import Sounding
from lvstop.model.vrrp import VrrpInstance

SOUNDING_STALE_AFTER = timedelta(seconds=60)
"""An answer older than this is no basis for moving addresses; asking takes a few seconds."""

VRRP_STALE_AFTER = timedelta(seconds=150)
"""keepalived is asked at least once a minute where it can be asked at all, and at once when something moves."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One cluster at one moment.

    Attributes:
        now: by the operator's clock.
        groups: the VRRP instances that are asked for, each as all directors know it.
        own: id of the record that the deed goes on with or ends; it does not stand in its own way.
    """

    snapshot: ClusterSnapshot
    soundings: Mapping[str, Sounding]
    now: datetime
    groups: tuple[InstanceGroup, ...] = ()
    own: str = ""
    stale_after: timedelta = STALE_AFTER

    def director(self, name: str) -> DirectorSnapshot | None:
        """A director by its name."""
        return next((each for each in self.snapshot.directors if each.name == name), None)

    @property
    def sides(self) -> tuple["Side", ...]:
        """Every director of the cluster."""
        return tuple(self.side(each) for each in self.snapshot.directors)

    def side(self, director: DirectorSnapshot) -> "Side":
        """A director and what it answered."""
        return Side(director, self.soundings.get(director.name))

    @property
    def others(self) -> tuple[Failover, ...]:
        """Failovers on record, without the one that this is about."""
        return tuple(each for each in self.snapshot.failovers if each.id != self.own)

    def table_age(self, side: "Side") -> float | None:
        """Seconds since its table was read."""
        if side.director.age_seconds is not None:
            return side.director.age_seconds + (self.now - self.snapshot.generated_at).total_seconds()
        return _seconds(self.now, side.director.read_at)

    def vrrp_age(self, side: "Side") -> float | None:
        """Seconds since keepalived told its states."""
        return _seconds(self.now, side.director.vrrp_read_at)

    def sounding_age(self, side: "Side") -> float | None:
        """Seconds since it was asked for this failover."""
        return _seconds(self.now, None if side.sounding is None else side.sounding.asked_at)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One director. `sounding` is None where it could not be asked at all."""

    director: DirectorSnapshot
    sounding: Sounding | None

    @property
    def name(self) -> str:
        """What the cluster file calls it."""
        return self.director.name

    def why_not(self, *words: str) -> str:
        """Why something was not answered, in brackets after a space; empty where nobody said.

        Args:
            words: some of which are in what a `Lack` is called.
        """
        lacks: tuple[Lack, ...] = () if self.sounding is None else self.sounding.lacks
        found = next((each for each in lacks if any(word in each.what for word in words)), None)
        return "" if found is None else f" ({found.detail.rstrip('.')})"


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One VRRP instance that moves, on both directors; `target` is None where the target's keepalived tells none."""

    source: VrrpInstance
    target: VrrpInstance | None

    @property
    def name(self) -> str:
        """As the source calls it."""
        return self.source.name or "VRRP"


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """A move that is being judged.

    Attributes:
        pairs: the instances of the move.
        releasing: the record of the lever that is to be released, and that explains what its director looks like.
    """

    look: Look
    move: Move
    source: Side
    target: Side
    pairs: tuple[Pair, ...]
    releasing: Failover | None = None

    @classmethod
    def of(cls, look: Look, move: Move, releasing: Failover | None = None) -> "Situation":
        """The situation of a move whose directors are in the cluster.

        Raises:
            ValueError: a director of the move is not in the cluster.
        """
        source, target = look.director(move.source), look.director(move.target)
        if source is None or target is None:
            raise ValueError(f"{move.source} or {move.target} is not a director of {look.snapshot.name}")
        pairs = tuple(Pair(own, group.on(target)) for group in look.groups if (own := group.on(source)) is not None)
        return cls(look, move, look.side(source), look.side(target), pairs, releasing)

    @property
    def both(self) -> tuple[Side, Side]:
        """The two directors that take part."""
        return (self.source, self.target)

    @property
    def moves_everything(self) -> bool:
        """No other virtual address of the cluster stays on the source."""
        held = {vip.address for vip in self.look.snapshot.vips if self.move.source in vip.holders}
        return held <= set(self.move.vips)

    def moves_server(self, key: VirtualServerKey) -> bool:
        """A virtual server is on an address that moves; one on a firewall mark moves when all addresses do."""
        if key.protocol is Protocol.FWM:
            return self.moves_everything
        return key.address in self.move.vips

    @property
    def servers(self) -> tuple[VirtualServer, ...] | None:
        """The virtual servers that move, as the source's table has them; None where that is not known."""
        table = self.source.director.virtual_servers
        if table is None or not self.source.director.answers:
            return None
        return tuple(each for each in table if self.moves_server(each.key))

    @property
    def connections(self) -> int | None:
        """ActiveConn on the source of what moves; None where that is not known."""
        servers = self.servers
        if servers is None:
            return None
        return sum(row.active_connections for server in servers for row in server.real_servers)


def held_by(director: DirectorSnapshot, group: Iterable[VrrpInstance], address: IPAddress) -> bool | None:
    """Whether an address is in a director's kernel, where its instances mean it to be; None where nobody can tell."""
    claims = [vip for instance in group for vip in instance.vips]
    return holds(director, address, on_loopback=address in claimed_on_loopback(claims))


def oldest(*ages: float | None) -> float | None:
    """The greatest age of those that are known."""
    return max((age for age in ages if age is not None), default=None)


def _seconds(now: datetime, at: datetime | None) -> float | None:
    return None if at is None else (now - at).total_seconds()
