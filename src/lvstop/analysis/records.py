"""Records of changes and failovers put together: those that directors keep and those on the operator's machine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from lvstop.model.change import Change, ChangePhase
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover, FailoverPhase

_Record = TypeVar("_Record", Change, Failover)


def no_changes() -> Sequence[Change]:
    """What a machine has on record where none is kept."""
    return ()


def no_failovers() -> Sequence[Failover]:
    """The same of failovers."""
    return ()


def join_records(
    cluster: str,
    directors: Sequence[DirectorSnapshot],
    local: Sequence[Change],
    local_since: Mapping[str, datetime],
) -> tuple[Change, ...]:
    """One record per id, the oldest first, from the directors that answer and from the operator's machine.

    Of copies that differ the one that is later in its life counts. A standing record that only the operator's machine
    has is over if all of its directors have been asked for theirs since and do not have it: somebody else has restored
    it. If one of them is silent nobody knows, and it stays.

    Args:
        local_since: when each record was first seen standing on the operator's machine, by its id.
    """
    told = _told(directors)
    kept = (change for director in told.values() for change in director.changes or ())

    def is_over(change: Change) -> bool:
        since = local_since.get(change.id, change.at)
        return change.phase is not ChangePhase.PENDING and _asked_since(told, change.directors, since)

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
        since = local_since.get(failover.id, failover.at)
        pending = failover.phase is FailoverPhase.PENDING
        return not pending and _asked_since(told, (failover.source, failover.target), since)

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
