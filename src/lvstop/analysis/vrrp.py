"""VRRP of several directors put side by side: which instances belong together, and who holds an address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lvstop.model.address import IPAddress
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import VirtualAddress, VrrpInstance, VrrpSource, VrrpState

LOOPBACK = "lo"


def keepalived_is_down(director: DirectorSnapshot) -> bool:
    """It is known that keepalived does not run there; False where it runs and where nobody could tell."""
    return director.keepalived is not None and director.keepalived.running is False


def has_keepalived(director: DirectorSnapshot) -> bool:
    """Something shows that keepalived is installed: it runs, its version was told, or it spoke of instances."""
    daemon = director.keepalived
    return bool(director.vrrp) or (daemon is not None and (daemon.running is True or daemon.version is not None))


def told_instances(director: DirectorSnapshot) -> tuple[VrrpInstance, ...] | None:
    """What keepalived itself says of its VRRP now; None where it cannot be known.

    A keepalived that does not run has no instance in any state, whatever an older dump says. What was only inferred
    from addresses is left out: it says nothing that the addresses do not say.
    """
    if not director.answers:
        return None
    if keepalived_is_down(director):
        return ()
    if director.vrrp is None:
        return None
    told = tuple(instance for instance in director.vrrp if instance.source is not VrrpSource.INFERRED)
    return told if told or not director.vrrp else None


def counted_transitions(instance: VrrpInstance) -> int | None:
    """How often keepalived has counted that it became or ceased to be MASTER; None where it did not tell."""
    counters = instance.counters
    return None if counters is None else counters.became_master + counters.released_master


def only_reloaded(before: int | None, after: int | None) -> bool:
    """With another last transition, but the same state and these counts: nothing says that there was a transition.

    At a reload keepalived makes its instances anew, dated with that moment, and gives them state and counters of the
    old ones (`alloc_vrrp` in vrrp_data.c, `reset_vrrp_state` in vrrp.c). A BACKUP that was in FAULT for so short that
    nobody saw it is taken for the same.
    """
    return before is not None and before == after


@dataclass(frozen=True, slots=True)
class Member:
    """An instance on one of its directors."""

    director: DirectorSnapshot
    instance: VrrpInstance


@dataclass(frozen=True, slots=True)
class InstanceGroup:
    """The same VRRP instance on the directors whose keepalived told of it.

    Attributes:
        label: the instance's name on the first director.
        members: in the order of the directors.
    """

    label: str
    members: tuple[Member, ...]

    @property
    def masters(self) -> tuple[Member, ...]:
        """Those that are MASTER."""
        return tuple(member for member in self.members if member.instance.state is VrrpState.MASTER)

    def on(self, director: DirectorSnapshot) -> VrrpInstance | None:
        """The instance on one director."""
        return next((member.instance for member in self.members if member.director.name == director.name), None)

    @property
    def addresses(self) -> frozenset[IPAddress]:
        """Every address that any member claims."""
        return frozenset(vip.address for member in self.members for vip in member.instance.vips)


def instance_label(instance: VrrpInstance) -> str:
    """The name, or what stands for it where keepalived was not asked for it: the addresses, or the VRID."""
    if instance.name is not None:
        return instance.name
    addresses = ", ".join(str(vip.address) for vip in instance.vips)
    return addresses or ("VRRP" if instance.vrid is None else f"VRID {instance.vrid}")


def instance_names(instance: VrrpInstance) -> frozenset[str]:
    """All by which it may belong to that of a peer, in words: its label, its addresses, its VRID."""
    vrid = () if instance.vrid is None else (f"VRID {instance.vrid}",)
    return frozenset({instance_label(instance), *(str(vip.address) for vip in instance.vips), *vrid})


def instance_groups(directors: Iterable[DirectorSnapshot]) -> tuple[InstanceGroup, ...]:
    """Instances that belong together, of the directors whose keepalived tells of them.

    keepalived's names are local to a machine; on the wire an instance is a VRID on a network (RFC 5798 §5.2.3). So the
    same name belongs together, unless VRID and addresses both say otherwise; and otherwise the same VRID with an
    address in common, or on the same interface where D-Bus was asked, which tells no addresses.
    """
    groups: list[list[Member]] = []
    for director in directors:
        for instance in told_instances(director) or ():
            member = Member(director, instance)
            home = _group_of(member, groups)
            if home is None:
                groups.append([member])
            else:
                home.append(member)
    return tuple(InstanceGroup(instance_label(members[0].instance), tuple(members)) for members in groups)


def _group_of(member: Member, groups: Sequence[list[Member]]) -> list[Member] | None:
    free = [group for group in groups if all(other.director.name != member.director.name for other in group)]
    for belongs in (_same_name, _same_vrid):
        for group in free:
            if any(belongs(member.instance, other.instance) for other in group):
                return group
    return None


def _same_name(one: VrrpInstance, other: VrrpInstance) -> bool:
    if one.name is None or one.name != other.name:
        return False
    return not (_vrids_differ(one, other) and _addresses_in_common(one, other) is False)


def _same_vrid(one: VrrpInstance, other: VrrpInstance) -> bool:
    if one.vrid is None or one.vrid != other.vrid:
        return False
    common = _addresses_in_common(one, other)
    return one.interface == other.interface if common is None else common


def _vrids_differ(one: VrrpInstance, other: VrrpInstance) -> bool:
    return one.vrid is not None and other.vrid is not None and one.vrid != other.vrid


def _addresses_in_common(one: VrrpInstance, other: VrrpInstance) -> bool | None:
    """None where one of them does not tell its addresses."""
    if not one.vips or not other.vips:
        return None
    return not {vip.address for vip in one.vips}.isdisjoint(vip.address for vip in other.vips)


def holds(director: DirectorSnapshot, address: IPAddress, *, on_loopback: bool = False) -> bool | None:
    """Whether the address is in the director's kernel now; None where nobody can tell.

    An address on the loopback is not held, unless the instance wants it there (`on_loopback`): that is how a director
    that is a real server too (forwarding method Route) accepts the VIP's packets without owning the VIP.
    """
    if not director.answers or director.addresses is None:
        return None
    return any(
        entry.address == address and (on_loopback or entry.interface != LOOPBACK) for entry in director.addresses
    )


def claimed_on_loopback(claims: Iterable[VirtualAddress]) -> frozenset[IPAddress]:
    """Addresses that VRRP puts on the loopback."""
    return frozenset(claim.address for claim in claims if claim.interface == LOOPBACK)
