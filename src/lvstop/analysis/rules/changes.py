"""Rules about what lvstop has on record: changes that nobody finished, and what is taken out of service on purpose."""

from collections.abc import Iterable

from lvstop.analysis.rules.scene import Scene
from lvstop.analysis.words import age, listing, moment, row_subject, rows_subject
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.change import Change, ChangeKind, WeightChange

_BEGAN = {
    ChangeKind.DRAIN: "began to drain",
    ChangeKind.RESTORE: "began to restore",
    ChangeKind.WEIGHT: "began to change the weight of",
}


def change_unfinished(scene: Scene) -> Iterable[Alert]:
    """A change that was begun, and neither finished nor undone: lvstop was ended in the middle of it.

    Critical where a row was changed on one director and not on another one: the next failover changes the service.
    """
    now = scene.cluster.generated_at
    for change in scene.records.pending:
        if now - change.at <= scene.thresholds.unfinished:
            continue
        halves = [part for part in _rows(change) if _is_half_made(scene, part)]
        shown = halves or _rows(change)
        stands = [said for part in shown if (said := _stands(scene, change, part))]
        summary = (
            f"{change.author} {_BEGAN[change.kind]} {rows_subject(change.rows)} at {moment(change.at, now)}"
            f"{_reason(change)} and did not finish"
        )
        if stands:
            summary += f": {listing(stands, most=scene.thresholds.rows_named)}"
        yield Alert(
            AlertCode.CHANGE_UNFINISHED,
            Severity.CRITICAL if halves else Severity.WARNING,
            rows_subject(change.rows),
            f"{summary}.",
            f"`lvstop resume {scene.cluster.name}` finishes it or undoes it.",
        )


def _rows(change: Change) -> list[tuple[WeightChange, ...]]:
    return [change.on(*row) for row in change.rows]


def _is_half_made(scene: Scene, part: Iterable[WeightChange]) -> bool:
    """Some directors have what was to be, and others do not."""
    known = [(each, weight) for each in part if (weight := scene.records.weight(each)) is not None]
    return len({weight == each.after for each, weight in known}) > 1


def _stands(scene: Scene, change: Change, part: tuple[WeightChange, ...]) -> str:
    subject = "it" if len(change.rows) == 1 else row_subject(part[0].virtual_server, part[0].real_server)
    known = [(each.director, weight) for each in part if (weight := scene.records.weight(each)) is not None]
    if not known:
        return ""
    return f"{subject} has weight {listing(f'{weight} on {director}' for director, weight in known)}"


def maintenance(scene: Scene) -> Iterable[Alert]:
    """What is drained on purpose, by whom and why; a reminder when it was to be restored by now.

    Rows that were undone are another alert's.
    """
    now = scene.cluster.generated_at
    for change in scene.records.standing:
        rows = [row for row in change.rows if scene.records.row(*row) not in scene.records.undone]
        if not rows:
            continue
        subject = rows_subject(rows)
        summary = f"{subject} is drained by {change.author} since {moment(change.at, now)}{_reason(change)}"
        severity, remedy = Severity.INFO, ""
        if change.until is not None and change.until <= now:
            late = age((now - change.until).total_seconds())
            summary += f", and was to be restored at {moment(change.until, now)}, {late} ago"
            severity, remedy = Severity.WARNING, "Restore it, or drain it again until later."
        elif change.until is not None:
            summary += f", until {moment(change.until, now)}"
        yield Alert(AlertCode.MAINTENANCE, severity, subject, f"{summary}.", remedy)


def _reason(change: Change) -> str:
    return f" ({change.reason})" if change.reason else ""
