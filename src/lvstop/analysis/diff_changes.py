"""Events of what is on record: drains and restores, with who made them."""

from collections.abc import Iterator

from lvstop.analysis.words import rows_subject
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Change, ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.event import Event, EventKind

Row = tuple[VirtualServerKey, RealServerKey]


def change_events(before: ClusterSnapshot, after: ClusterSnapshot) -> Iterator[Event]:
    """Drains that were put on record or taken off it, where that could be seen on both occasions.

    A record that a director tells as soon as it tells any is not new; one that went out of sight with its director is
    not over.
    """
    if before.changes == after.changes:
        return
    earlier = {change.id: change for change in before.changes}
    for change in after.changes:
        if change.kind is ChangeKind.DRAIN:
            yield from _drain_events(earlier.get(change.id), change, before, after)
    later = {change.id for change in after.changes}
    for change in before.changes:
        if change.kind is ChangeKind.DRAIN and change.id not in later and _is_gone(change, before, after):
            yield _end(change, before, after)


def _drain_events(old: Change | None, new: Change, before: ClusterSnapshot, after: ClusterSnapshot) -> Iterator[Event]:
    if old is None and not _is_new(new, before, after):
        return
    subject = rows_subject(new.rows)
    reason = f": {new.reason}" if new.reason else ""
    if new.phase is ChangePhase.PENDING:
        if old is None:
            yield _event(after, subject, f"{new.author} began to drain {subject}{reason}.")
    elif old is None or old.phase is ChangePhase.PENDING:
        yield _event(after, subject, f"{new.author} drained {subject}{reason}.")
    elif len(new.rows) < len(old.rows):
        yield _restored(tuple(row for row in old.rows if row not in new.rows), old, before, after)


def _is_new(change: Change, before: ClusterSnapshot, after: ClusterSnapshot) -> bool:
    """One of those that keep it had told its records before, or none of them keeps it but the operator's machine."""
    keep = [director.name for director in after.directors if _keeps(director, change)]
    knew = {director.name for director in before.directors if _tells(director)}
    return not keep or not knew.isdisjoint(keep)


def _is_gone(change: Change, before: ClusterSnapshot, after: ClusterSnapshot) -> bool:
    """Whoever kept it tells that it does not any more."""
    kept = [director.name for director in before.directors if _keeps(director, change)]
    tell = {director.name for director in after.directors if _tells(director)}
    return tell.issuperset(kept)


def _tells(director: DirectorSnapshot) -> bool:
    return director.answers and director.changes is not None


def _keeps(director: DirectorSnapshot, change: Change) -> bool:
    return director.answers and any(each.id == change.id for each in director.changes or ())


def _end(change: Change, before: ClusterSnapshot, after: ClusterSnapshot) -> Event:
    if change.phase is ChangePhase.PENDING:
        subject = rows_subject(change.rows)
        return _event(after, subject, f"The drain of {subject} that {change.author} had begun is undone.")
    return _restored(change.rows, change, before, after)


def _restored(rows: tuple[Row, ...], drain: Change, before: ClusterSnapshot, after: ClusterSnapshot) -> Event:
    """Whose restore it was is known only if it was seen under way."""
    subject = rows_subject(rows)
    authors = [
        str(each.author)
        for each in (*before.changes, *after.changes)
        if each.kind is ChangeKind.RESTORE and not set(rows).isdisjoint(each.rows)
    ]
    if authors:
        return _event(after, subject, f"{authors[-1]} restored {subject}, which {drain.author} had drained.")
    return _event(after, subject, f"{subject} was restored, which {drain.author} had drained.")


def _event(after: ClusterSnapshot, subject: str, summary: str) -> Event:
    return Event(after.generated_at, None, EventKind.CHANGE, subject, summary)
