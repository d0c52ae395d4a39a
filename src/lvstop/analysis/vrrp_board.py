"""Every VRRP instance of a cluster with all directors beside each other, those included that cannot be asked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lvstop.analysis.vrrp import instance_groups, instance_label, keepalived_is_down, told_instances
from lvstop.model.address import IPAddress
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import VirtualAddress, VrrpInstance, VrrpSource


class Standing(StrEnum):
    """What is known of an instance on a director, and from whom.

    `told`: keepalived says it now. `absent`: keepalived was asked and has no such instance. `down`: keepalived does not
    run. `inferred`: only the kernel's addresses were looked at. `past`: keepalived said it once. `unknown`: nobody
    could tell.
    """

    TOLD = "told"
    ABSENT = "absent"
    DOWN = "down"
    INFERRED = "inferred"
    PAST = "past"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Side:
    """One director's side of an instance. `instance` is there where it is told, inferred or past."""

    director: DirectorSnapshot
    standing: Standing
    instance: VrrpInstance | None = None

    @property
    def told(self) -> VrrpInstance | None:
        """What keepalived says of it now."""
        return self.instance if self.standing is Standing.TOLD else None


@dataclass(frozen=True, slots=True)
class InstanceBoard:
    """An instance on all directors, in the order of the cluster file."""

    label: str
    sides: tuple[Side, ...]

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        """Every address that any side claims, in order."""
        found = {vip.address for side in self.sides if side.instance is not None for vip in side.instance.vips}
        return tuple(sorted(found, key=lambda address: (address.version, int(address))))

    def claim(self, side: Side, address: IPAddress) -> VirtualAddress | None:
        """How one side claims an address."""
        vips = () if side.instance is None else side.instance.vips
        return next((vip for vip in vips if vip.address == address), None)


def instance_boards(directors: Sequence[DirectorSnapshot]) -> tuple[InstanceBoard, ...]:
    """The instances that keepalived tells of, then those of which only the past or the addresses speak."""
    groups = instance_groups(directors)
    columns = [
        (group.label, {member.director.name: member.instance for member in group.members}, group.addresses)
        for group in groups
    ]
    for director, instance in _untold(directors):
        claimed = frozenset(vip.address for vip in instance.vips)
        for label, members, addresses in columns:
            if director.name not in members and (instance.name == label or addresses & claimed):
                members[director.name] = instance
                break
        else:
            columns.append((instance_label(instance), {director.name: instance}, claimed))
    return tuple(
        InstanceBoard(label, tuple(_side(director, members.get(director.name)) for director in directors))
        for label, members, _ in columns
    )


def _untold(directors: Iterable[DirectorSnapshot]) -> Iterator[tuple[DirectorSnapshot, VrrpInstance]]:
    """Instances of directors whose keepalived does not tell of them now."""
    for director in directors:
        if told_instances(director) is None:
            yield from ((director, instance) for instance in director.vrrp or ())


def _side(director: DirectorSnapshot, instance: VrrpInstance | None) -> Side:
    told = told_instances(director)
    if director.answers and keepalived_is_down(director):
        return Side(director, Standing.DOWN)
    if told is not None:
        return Side(director, Standing.ABSENT) if instance is None else Side(director, Standing.TOLD, instance)
    if instance is None:
        return Side(director, Standing.UNKNOWN)
    if not director.answers:
        return Side(director, Standing.PAST, instance)
    standing = Standing.INFERRED if instance.source is VrrpSource.INFERRED else Standing.PAST
    return Side(director, standing, instance)
