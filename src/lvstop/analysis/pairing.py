"""Whether directors belong together: the first question about machines that were only named. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from lvstop.analysis.vrrp import InstanceGroup, Member, instance_groups, keepalived_is_down, told_instances
from lvstop.analysis.words import count, listing
from lvstop.model.address import IPAddress
from lvstop.model.director import DirectorSnapshot


@dataclass(frozen=True, slots=True)
class Pairing:
    """What speaks for a pair, what against it, and what nobody can tell.

    Attributes:
        agreed: what the directors have in common, each half a sentence.
        doubts: where they differ so that they would not be one another's peer; sentences.
        unknown: what could not be compared, and why; sentences.
    """

    agreed: tuple[str, ...]
    doubts: tuple[str, ...]
    unknown: tuple[str, ...]


def same_machine(directors: Sequence[DirectorSnapshot]) -> tuple[str, str] | None:
    """Names of two directors that are one machine; None where no two are, as far as that is known."""
    for one, other in combinations(directors, 2):
        if one.machine is not None and one.machine == other.machine:
            return one.name, other.name
    return None


def compare(directors: Sequence[DirectorSnapshot]) -> Pairing:
    """Put the directors that answer side by side. VRRP decides; where it cannot be asked, the tables are a hint."""
    answering = [each for each in directors if each.answers]
    told = [each for each in answering if told_instances(each) is not None]
    unknown = [f"{each.name} cannot be compared: it does not answer." for each in directors if not each.answers]
    if len(answering) < 2:
        return Pairing((), (), tuple(unknown))
    if len(told) < len(answering):
        silent = listing(each.name for each in answering if told_instances(each) is None)
        unknown.append(f"keepalived on {silent} cannot be asked, so that VRRP cannot be compared.")
        agreed, doubts = _tables(answering)
        return Pairing(agreed, doubts, tuple(unknown))
    agreed, doubts = _instances(answering)
    return Pairing(agreed, (*doubts, *_peers(answering)), tuple(unknown))


def unicast_peers(director: DirectorSnapshot) -> tuple[IPAddress, ...]:
    """Where a director sends its adverts, its own addresses left out; empty where they are multicast, or unknown."""
    own = {entry.address for entry in director.addresses or ()}
    found = (peer for instance in director.vrrp or () for peer in instance.unicast_peers or ())
    return tuple(dict.fromkeys(peer for peer in found if peer not in own))


_Sentences = tuple[tuple[str, ...], tuple[str, ...]]
"""What is agreed, what is in doubt."""


def _instances(directors: Sequence[DirectorSnapshot]) -> _Sentences:
    without = [each for each in directors if not told_instances(each)]
    if len(without) == len(directors):
        if any(keepalived_is_down(each) for each in directors):
            return (), (f"keepalived does not run on {listing(each.name for each in directors)}.",)
        return _tables(directors)
    if without:
        return (), tuple(_without(each) for each in without)
    groups = instance_groups(directors)
    shared = [group for group in groups if len(group.members) == len(directors)]
    alone = [group for group in groups if len(group.members) < len(directors)]
    agreed: list[str] = []
    doubts: list[str] = []
    for group in shared:
        differences = list(_differences(group))
        doubts += differences
        if not differences:
            agreed.append(_described(group))
    if not shared:
        doubts.append("They have no VRRP instance in common.")
    doubts += [f"{_described(group)} is on {listing(m.director.name for m in group.members)} only." for group in alone]
    return tuple(agreed), tuple(doubts)


def _without(director: DirectorSnapshot) -> str:
    if keepalived_is_down(director):
        return f"keepalived does not run on {director.name}."
    return f"{director.name} has no VRRP instance."


def _described(group: InstanceGroup) -> str:
    vrids = dict.fromkeys(member.instance.vrid for member in group.members if member.instance.vrid is not None)
    vrid = f" (VRID {listing(vrids)})" if vrids else ""
    addresses = sorted(group.addresses, key=lambda address: (address.version, int(address)))
    held = f" with {listing(addresses, most=4)}" if addresses else ""
    return f"{group.label}{vrid}{held}"


def _differences(group: InstanceGroup) -> Iterator[str]:
    first, *others = group.members
    for other in others:
        if None not in (first.instance.vrid, other.instance.vrid) and first.instance.vrid != other.instance.vrid:
            yield (
                f"{group.label} has VRID {first.instance.vrid} on {first.director.name} "
                f"and {other.instance.vrid} on {other.director.name}."
            )
        if _unicast(first) is not None and _unicast(other) is not None and _unicast(first) is not _unicast(other):
            one, two = (first, other) if _unicast(first) else (other, first)
            yield f"{group.label} speaks unicast on {one.director.name} and multicast on {two.director.name}."
        ours, theirs = _addresses(first), _addresses(other)
        if ours and theirs and ours != theirs:
            only = sorted(ours ^ theirs, key=lambda address: (address.version, int(address)))
            yield (
                f"{group.label} does not have the same addresses on {first.director.name} and {other.director.name}: "
                f"{listing(only, most=4)} is on one of them only."
            )


def _unicast(member: Member) -> bool | None:
    """None where the data dump was not read, which alone tells."""
    peers = member.instance.unicast_peers
    return None if peers is None else bool(peers)


def _addresses(member: Member) -> frozenset[IPAddress]:
    return frozenset(vip.address for vip in member.instance.vips)


def _peers(directors: Sequence[DirectorSnapshot]) -> Iterator[str]:
    """Adverts that go to none of the others."""
    for director in directors:
        peers = unicast_peers(director)
        others = [each for each in directors if each is not director]
        if not peers or any(each.addresses is None for each in others):
            continue
        theirs = {entry.address for each in others for entry in each.addresses or ()}
        if theirs.isdisjoint(peers):
            names = listing(each.name for each in others)
            yield f"The unicast peer of {director.name} is {listing(peers)}, which is no address of {names}."


def _tables(directors: Sequence[DirectorSnapshot]) -> _Sentences:
    """A hint only: a director that is BACKUP may well have an empty table (`ha_suspend`)."""
    tables = [{server.key for server in each.virtual_servers} for each in directors if each.virtual_servers]
    if len(tables) < 2:
        return (), ()
    common = set.intersection(*tables)
    if common:
        return (f"{count(len(common), 'virtual server')} that their tables share",), ()
    return (), ("Their tables have no virtual server in common.",)
