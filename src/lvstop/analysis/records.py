"""Records of changes and failovers put together: those that directors keep and those on the operator's machine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from lvstop.model.change import Change, ChangePhase, FileChange
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover, FailoverPhase, LeverStep, PriorityChange, ServiceChange

_Record = TypeVar("_Record", Change, Failover)


BEGINNING = timedelta(seconds=30)
"""So long after a record was made the directors may not have it yet, because lvstop is just about to tell them."""


@dataclass(frozen=True, slots=True)
class LocalRecords:
    """What the operator's machine has on record, of whichever clusters."""

    changes: Sequence[Change] = ()
    failovers: Sequence[Failover] = ()


def no_records() -> LocalRecords:
    """What a machine has on record where none is kept."""
    return LocalRecords()


def join_records(
    cluster: str,
    directors: Sequence[DirectorSnapshot],
    local: Sequence[Change],
    local_since: Mapping[str, datetime],
) -> tuple[Change, ...]:
    """One record per id, the oldest first, from the directors that answer and from the operator's machine.

    Of copies that differ the one that is later in its life counts. A standing record that only the operator's machine
    has is over if all of its directors have been asked for theirs since and do not have it: somebody else has restored
    it. So is a pending one, if besides nothing of what it was to change differs from before: it never came so far, or
    somebody else has undone it. If one of them is silent nobody knows, and it stays.

    Args:
        local_since: when each record was first seen standing on the operator's machine, by its id.
    """
    told = _told(directors)
    kept = (change for director in told.values() for change in director.changes or ())

    def is_over(change: Change) -> bool:
        if change.phase is ChangePhase.PENDING:
            return _asked_since(told, change.directors, change.at + BEGINNING) and _is_untouched(change, told)
        return _asked_since(told, change.directors, local_since.get(change.id, change.at))

    return _joined(kept, (each for each in local if each.cluster == cluster), _life_of_change, is_over)


def join_failovers(
    cluster: str,
    directors: Sequence[DirectorSnapshot],
    local: Sequence[Failover],
    local_since: Mapping[str, datetime],
) -> tuple[Failover, ...]:
    """The same of failovers: a lever that is held is on record on both of its directors until somebody releases it."""
    told = {name: each for name, each in _told(directors).items() if each.failovers is not None}
    kept = (failover for director in told.values() for failover in director.failovers or ())

    def is_over(failover: Failover) -> bool:
        both = (failover.source, failover.target)
        if failover.phase is FailoverPhase.PENDING:
            asked = _asked_since(told, both, failover.at + BEGINNING)
            return asked and all(_is_released(step, told[step.director]) for step in failover.steps)
        return _asked_since(told, both, local_since.get(failover.id, failover.at))

    return _joined(kept, (each for each in local if each.cluster == cluster), _life_of_failover, is_over)


def _told(directors: Sequence[DirectorSnapshot]) -> Mapping[str, DirectorSnapshot]:
    return {each.name: each for each in directors if each.answers and each.changes is not None}


def _joined(
    kept: Iterable[_Record],
    local: Iterable[_Record],
    life: Callable[[_Record], tuple[bool, int]],
    is_over: Callable[[_Record], bool],
) -> tuple[_Record, ...]:
    joined: dict[str, _Record] = {}
    for record in kept:
        joined[record.id] = _later(joined.get(record.id, record), record, life)
    for record in local:
        if record.id in joined:
            joined[record.id] = _later(joined[record.id], record, life)
        elif not is_over(record):
            joined[record.id] = record
    return tuple(sorted(joined.values(), key=lambda record: (record.at, record.id)))


def _later(one: _Record, other: _Record, life: Callable[[_Record], tuple[bool, int]]) -> _Record:
    return other if life(other) > life(one) else one


def _life_of_change(change: Change) -> tuple[bool, int]:
    """Pending comes before standing, and a standing drain loses rows as they are restored; else the first."""
    return (change.phase is ChangePhase.STANDING, -len(change.weights))


def _life_of_failover(failover: Failover) -> tuple[bool, int]:
    """Pending comes before held."""
    return (failover.phase is FailoverPhase.HELD, 0)


def _asked_since(told: Mapping[str, DirectorSnapshot], names: Iterable[str], since: datetime) -> bool:
    """A record is kept on the directors before it stands anywhere: who is asked afterwards and has none has lost it."""
    asked = [told[name].changes_asked_at if name in told else None for name in names]
    return all(at is not None and at > since for at in asked)


def ended(cluster: str, local: Iterable[_Record], known: Iterable[_Record]) -> tuple[str, ...]:
    """Ids of what the operator's machine has on record of a cluster, and what was found to be over.

    Args:
        known: what `join_records` or `join_failovers` made of it.
    """
    ids = {record.id for record in known}
    return tuple(record.id for record in local if record.cluster == cluster and record.id not in ids)


def _is_untouched(change: Change, told: Mapping[str, DirectorSnapshot]) -> bool:
    """Every row and every track file stands as before. What cannot be looked at may have been changed."""
    rows = {
        (director.name, server.key, row.key): row.weight
        for director in told.values()
        for server in director.virtual_servers or ()
        for row in server.real_servers
    }
    weights = all(
        rows.get((each.director, each.virtual_server, each.real_server)) == each.before.weight
        for each in change.weights
    )
    return weights and all(_is_released(file, told[file.director]) for file in change.files)


def _is_released(step: LeverStep, director: DirectorSnapshot) -> bool:
    """What a step was to change is as it was before; False where that is not known."""
    match step:
        case FileChange():
            checked = [file.status for file in director.track_files or () if file.path == step.path]
            tracked = [file.status for file in director.vrrp_track_files or () if file.path == step.path]
            return set(checked + tracked) == {step.before}
        case PriorityChange():
            told = [each.priority for each in director.vrrp or () if each.name == step.instance]
            return told == [step.before]
        case ServiceChange():
            return director.keepalived is not None and director.keepalived.running is True
