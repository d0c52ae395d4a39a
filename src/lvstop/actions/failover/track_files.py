"""What a number in a track file does to VRRP instances, as keepalived computes it. Pure.

keepalived 2.1.5–2.4 (trackers/track_file.c, vrrp_track.c): the number times the weight, kept within −254 and 253, is
added to the configured priority; −254 is a FAULT, and so is any number but 0 where the weight is 0. The sum of all
trackers counts as at least 1 and at most 254. A file in a sync group's block counts for each of its members; where one
tracks it by itself as well, the group's weight counts unless its own is 0 (`add_obj_to_track_file`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lvstop.actions.failover.situation import Situation
from lvstop.analysis.vrrp import InstanceGroup, instance_groups
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import VrrpInstance, VrrpState, VrrpTrackFile

OWNER = 255
"""The priority of an address owner, which no tracker changes (RFC 5798 §5.2.4)."""

_FAULT, _MOST = -254, 253
_LEAST_PRIORITY, _GREATEST_PRIORITY = 1, 254
NUMBERS: tuple[int, ...] = tuple(sorted(range(_FAULT + 1, _MOST + 1), key=lambda number: (abs(number), number < 0)))
"""Those worth trying, the smallest change of a file first."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An instance under a number: `priority` is its effective priority then; None where it is in FAULT."""

    instance: VrrpInstance
    priority: int | None


def weights(file: VrrpTrackFile, director: DirectorSnapshot) -> Mapping[str, int]:
    """The instances of a director that a file decides, with the weights that count for them."""
    members = {group.name: group.instances for group in director.sync_groups or ()}
    found = {name: weight for group, weight in file.groups for name in members.get(group, ())}
    for name, weight in file.instances:
        if weight == 0 or name not in found:
            found[name] = weight
    return found


def effect(instance: VrrpInstance, director: DirectorSnapshot, file: VrrpTrackFile, number: int) -> Effect | None:
    """An instance when the number in a file that it tracks is changed; None where that does not follow."""
    weight, status = weights(file, director).get(instance.name or ""), file.status
    if weight is None or status is None:
        return None
    if weight == 0:
        return Effect(instance, None if number != 0 else instance.effective_priority)
    before, after = _product(status, weight), _product(number, weight)
    if after == _FAULT:
        return Effect(instance, None)
    total = _total(instance, director)
    if total is None or before == _FAULT:
        return None
    if instance.priority == OWNER:
        return Effect(instance, OWNER)
    return Effect(instance, max(_LEAST_PRIORITY, min(total + after - before, _GREATEST_PRIORITY)))


def _product(number: int, weight: int) -> int:
    return max(_FAULT, min(number * weight, _MOST))


def _total(instance: VrrpInstance, director: DirectorSnapshot) -> int | None:
    """What its trackers add up to. Where that is cut off, the files that are known have to explain it."""
    effective = instance.effective_priority
    if effective not in (_LEAST_PRIORITY, _GREATEST_PRIORITY) or instance.priority is None:
        return effective
    found = instance.priority + sum(
        _product(file.status or 0, weights(file, director).get(instance.name or "", 0))
        for file in director.vrrp_track_files or ()
    )
    explained = found >= _GREATEST_PRIORITY if effective == _GREATEST_PRIORITY else found <= _LEAST_PRIORITY
    return found if explained else None


@dataclass(frozen=True, slots=True)
class Trial:
    """A number in a file of the source.

    Attributes:
        effects: on the instances that are to move, by their names.
        disturbs: names of others that it would move, and why it must not be used for that.
        weakens: names of others that it would put into FAULT here, where they are BACKUP.
    """

    file: VrrpTrackFile
    number: int
    effects: Mapping[str, Effect]
    disturbs: tuple[str, ...]
    weakens: tuple[str, ...]


def trial(situation: Situation, file: VrrpTrackFile, number: int) -> Trial | None:
    """What would follow; None where that does not follow for one of the instances."""
    director = situation.source.director
    moving = {pair.name for pair in situation.pairs}
    effects: dict[str, Effect] = {}
    disturbs: list[str] = []
    weakens: list[str] = []
    counting = weights(file, director)
    for group, own in _instances(situation):
        name = own.name or ""
        if name not in counting:
            continue
        found = effect(own, director, file, number)
        if name in moving:
            if found is None:
                return None
            effects[name] = found
        elif found is None or _changes_master(group, director, found):
            disturbs.append(name)
        elif found.priority is None and own.state is VrrpState.BACKUP:
            weakens.append(name)
    return Trial(file, number, effects, tuple(disturbs), tuple(weakens))


def _instances(situation: Situation) -> Iterator[tuple[InstanceGroup, VrrpInstance]]:
    for group in instance_groups(situation.look.snapshot.directors):
        own = group.on(situation.source.director)
        if own is not None:
            yield group, own


def _changes_master(group: InstanceGroup, director: DirectorSnapshot, found: Effect) -> bool:
    """An instance that is not meant to move might change hands. Of equal priorities the master stays."""
    state, now = found.instance.state, found.instance.effective_priority
    if found.priority == now:
        return False
    rivals = [member.instance.effective_priority for member in group.members if member.director.name != director.name]
    if state is VrrpState.MASTER:
        return found.priority is None or any(rival is None or rival > found.priority for rival in rivals)
    if found.priority is None or (now is not None and found.priority < now):
        return False
    return any(rival is None or rival < found.priority for rival in rivals)


def tracked(situation: Situation) -> Sequence[tuple[VrrpTrackFile, Mapping[str, int]]] | None:
    """Files of the source that an instance tracks which is to move, with the weights; None where nobody knows."""
    director = situation.source.director
    if director.vrrp_track_files is None:
        return None
    names = {pair.name for pair in situation.pairs}
    found = [(file, weights(file, director)) for file in director.vrrp_track_files]
    return [(file, counting) for file, counting in found if names & set(counting)]


def weighs_real_servers(director: DirectorSnapshot, file: VrrpTrackFile) -> bool:
    """A FILE_CHECK watches the same file, so that its number would change weights of real servers as well."""
    paths = {each.name: each.path for each in director.track_files or ()}
    return any(
        check.file == file.name or (file.path is not None and paths.get(check.file) == file.path)
        for server in director.checks or ()
        for real_server in server.real_servers
        for check in real_server.file_checks
    )
