"""Records of changes put together: those that the directors keep and those on the operator's machine."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from lvstop.model.change import Change, ChangePhase
from lvstop.model.director import DirectorSnapshot


def no_changes() -> Sequence[Change]:
    """What a machine has on record where none is kept."""
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
    told = {each.name: each for each in directors if each.answers and each.changes is not None}
    joined: dict[str, Change] = {}
    for director in told.values():
        for change in director.changes or ():
            joined[change.id] = _later(joined.get(change.id, change), change)
    for change in local:
        if change.cluster != cluster:
            continue
        if change.id in joined:
            joined[change.id] = _later(joined[change.id], change)
        elif not _is_over(change, told, local_since.get(change.id, change.at)):
            joined[change.id] = change
    return tuple(sorted(joined.values(), key=lambda change: (change.at, change.id)))


def _later(one: Change, other: Change) -> Change:
    """Pending comes before standing, and a standing drain loses rows as they are restored; else the first."""
    return other if _life(other) > _life(one) else one


def _life(change: Change) -> tuple[bool, int]:
    return (change.phase is ChangePhase.STANDING, -len(change.weights))


def _is_over(change: Change, told: Mapping[str, DirectorSnapshot], since: datetime) -> bool:
    """A record is kept on the directors before it stands anywhere: who is asked afterwards and has none has lost it."""
    if change.phase is ChangePhase.PENDING:
        return False
    asked = [told[name].changes_asked_at if name in told else None for name in change.directors]
    return all(at is not None and at > since for at in asked)
