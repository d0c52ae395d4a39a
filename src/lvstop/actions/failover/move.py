"""Who would give what to whom: names are looked up, sync groups taken as a whole, and the holder found. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import Move
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.analysis.vrrp import InstanceGroup, instance_groups
from lvstop.analysis.words import is_are, listing
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import SyncGroup

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What an intent comes to.

    Attributes:
        groups: the VRRP instances that are asked for, as far as directors tell of them.
        move: None where an objection says why, or where nobody or more than one director holds them: that is a check's.
    """

    groups: tuple[InstanceGroup, ...]
    move: Move | None
    objections: tuple[Objection, ...] = ()


def find_move(intent: FailOver, snapshot: ClusterSnapshot) -> Found:
    """The move that is asked for, or why there is none."""
    told = instance_groups(snapshot.directors)
    objections = [*_unknown_target(intent, snapshot), *_unknown_names(intent, snapshot, told)]
    if objections:
        return Found((), None, tuple(objections))
    groups = _wanted(intent, snapshot, told)
    if intent.target is not None:
        at_target = tuple(group for group in groups if _masters(group) == {intent.target})
        if groups and len(at_target) == len(groups):
            return Found(groups, None, (_nothing_to_do(intent.target, groups),))
        if not _is_named(intent):
            groups = tuple(group for group in groups if group not in at_target)
    sources = list(dict.fromkeys(name for group in groups for name in _masters(group) if name != intent.target))
    if len(sources) > 1 and all(len(_masters(group)) == 1 for group in groups):
        return Found(groups, None, (_several_holders(groups),))
    if len(sources) != 1:
        return Found(groups, None)
    target = _target(intent, snapshot, sources[0])
    if isinstance(target, Objection):
        return Found(groups, None, (target,))
    return Found(groups, move_of(groups, snapshot, sources[0], target))


def move_of(groups: Sequence[InstanceGroup], snapshot: ClusterSnapshot, source: str, target: str) -> Move:
    """The move of these instances, with their names and addresses as the source knows them."""
    directors = {each.name: each for each in snapshot.directors}
    instances = [own for group in groups if (own := group.on(directors[source])) is not None]
    names = tuple(instance.name or "VRRP" for instance in instances)
    whole = tuple(
        group.name
        for group in directors[source].sync_groups or ()
        if group.instances and set(group.instances) <= set(names)
    )
    vips = tuple(dict.fromkeys(vip.address for instance in instances for vip in instance.vips))
    return Move(source, target, names, whole, vips)


def groups_named(snapshot: ClusterSnapshot, names: Iterable[str]) -> tuple[InstanceGroup, ...]:
    """The instances of these names, as far as directors tell of them."""
    wanted = frozenset(names)
    return tuple(group for group in instance_groups(snapshot.directors) if _names(group) & wanted)


def _is_named(intent: FailOver) -> bool:
    return intent.instance is not None or intent.group is not None


def _names(group: InstanceGroup) -> frozenset[str]:
    """What an instance is called, on any director."""
    return frozenset({group.label, *(name for member in group.members if (name := member.instance.name) is not None)})


def _masters(group: InstanceGroup) -> set[str]:
    return {member.director.name for member in group.masters}


def _unknown_target(intent: FailOver, snapshot: ClusterSnapshot) -> Iterator[Objection]:
    names = [director.name for director in snapshot.directors]
    if intent.target is not None and intent.target not in names:
        sentence = _unknown(f"{intent.target} is no director of {snapshot.name}", intent.target, names)
        yield Objection(ObjectionCode.NO_SUCH_DIRECTOR, sentence, overridable=False)


def _unknown_names(intent: FailOver, snapshot: ClusterSnapshot, told: Sequence[InstanceGroup]) -> Iterator[Objection]:
    """Names that no director knows. Where none could be asked, that is a check's to say."""
    instances = sorted({name for group in told for name in _names(group)})
    if intent.instance is not None and instances and intent.instance not in instances:
        sentence = _unknown(f"No director has a VRRP instance {intent.instance}", intent.instance, instances)
        yield Objection(ObjectionCode.NO_SUCH_INSTANCE, sentence, overridable=False)
    groups = sorted({group.name for group in _sync_groups(snapshot)})
    if intent.group is not None and told and intent.group not in groups:
        sentence = _unknown(f"No director has a sync group {intent.group}", intent.group, groups)
        yield Objection(ObjectionCode.NO_SUCH_GROUP, sentence, overridable=False)


def _unknown(said: str, name: str, known: Sequence[str]) -> str:
    """With the nearest name, or with those that there are."""
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), folded, n=1)
    if near:
        return f"{said}; did you mean {folded[near[0]]}?"
    return f"{said}; there {is_are(known)} {listing(known, most=_NAMED)}." if known else f"{said}."


def _sync_groups(snapshot: ClusterSnapshot) -> Iterator[SyncGroup]:
    for director in snapshot.directors:
        if director.answers:
            yield from director.sync_groups or ()


def _wanted(intent: FailOver, snapshot: ClusterSnapshot, told: Sequence[InstanceGroup]) -> tuple[InstanceGroup, ...]:
    """What is named, and what is in one sync group with it on any director."""
    if not _is_named(intent):
        return tuple(told)
    names = {intent.instance} if intent.instance is not None else set[str]()
    for group in _sync_groups(snapshot):
        if group.name == intent.group:
            names |= set(group.instances)
    chosen = [group for group in told if _names(group) & names]
    while added := [group for group in told if group not in chosen and _shares_sync_group(group, chosen)]:
        chosen += added
    return tuple(group for group in told if group in chosen)


def _shares_sync_group(group: InstanceGroup, chosen: Sequence[InstanceGroup]) -> bool:
    return any(
        sync.instances
        and _on(group, member.director) in sync.instances
        and _on(other, member.director) in sync.instances
        for other in chosen
        for member in group.members
        for sync in member.director.sync_groups or ()
    )


def _on(group: InstanceGroup, director: DirectorSnapshot) -> str | None:
    instance = group.on(director)
    return None if instance is None else instance.name


def _target(intent: FailOver, snapshot: ClusterSnapshot, source: str) -> str | Objection:
    if intent.target is not None:
        return intent.target
    others = [director.name for director in snapshot.directors if director.name != source]
    if len(others) == 1:
        return others[0]
    if not others:
        sentence = f"{snapshot.name} has no other director that could take over from {source}."
        return Objection(ObjectionCode.NO_SUCH_DIRECTOR, sentence, overridable=False)
    sentence = f"Name the director that is to take over: {listing(others, most=_NAMED)} could."
    return Objection(ObjectionCode.AMBIGUOUS, sentence, overridable=False)


def _nothing_to_do(target: str, groups: Sequence[InstanceGroup]) -> Objection:
    names = listing((group.label for group in groups), most=_NAMED)
    return Objection(ObjectionCode.NOTHING_TO_DO, f"{target} is MASTER of {names} already.", overridable=False)


def _several_holders(groups: Sequence[InstanceGroup]) -> Objection:
    said = listing((f"{group.masters[0].director.name} is MASTER of {group.label}" for group in groups), most=_NAMED)
    sentence = f"{said}: name an instance, a sync group, or the director that is to take over."
    return Objection(ObjectionCode.AMBIGUOUS, sentence, overridable=False)
