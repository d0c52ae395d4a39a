"""Changes that were begun and not ended: what it takes to finish one, or to put back what it may have done.

How far an interrupted change came shows in the tables and files only. So every row and file is compared with what the
record says was there before and what was to be, and only what is not yet as wanted is done.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lvstop.actions.draft import Draft, Target, driven_by_files, targets_of
from lvstop.actions.guards import CLUSTER_GUARDS, GUARDS
from lvstop.actions.guards.moments import change_unfinished
from lvstop.actions.guards.rows import held_by_drain
from lvstop.actions.intent import Row
from lvstop.actions.levers import numbers, watches, weight_by_keepalived
from lvstop.actions.plan import Objection, ObjectionCode, Plan, Refusal, Remark
from lvstop.actions.planning import conclude
from lvstop.actions.standing import StandingDrains
from lvstop.actions.view import STALE_AFTER, Cell, View
from lvstop.analysis.words import listing, row_subject
from lvstop.model.change import Change, ChangeKind, FileChange, WeightChange
from lvstop.model.cluster import ClusterSnapshot

_FINISHING = tuple(guard for guard in GUARDS if guard not in (change_unfinished, held_by_drain))


def plan_finish(
    change: Change,
    snapshot: ClusterSnapshot,
    *,
    now: datetime,
    insist: str | None = None,
    stale_after: timedelta = STALE_AFTER,
) -> Plan | Refusal:
    """What is left to do of a pending change; nothing, where only its record is to be brought up to date.

    Args:
        change: as it is on record.
        insist: as with `build_plan`.
    """
    view = View(snapshot, now, stale_after)
    drains = StandingDrains(view, apart_from=change.id)
    files, objections = _files(view, change, lambda each: each.after)
    draft = _draft(view, change, files, objections, lambda each, _: each.after)
    spots = {(target.cell.director.name, target.cell.row) for target in draft.targets}
    if change.kind is ChangeKind.RESTORE:
        spots = {(director.name, row) for row in draft.rows for director in view.reachable}
    closes, keeps = drains.without(spots, {(each.director, each.path) for each in change.files})
    return conclude(replace(draft, closes=closes, keeps=keeps), change, insist=insist, guards=_FINISHING)


def plan_undo(
    change: Change,
    snapshot: ClusterSnapshot,
    *,
    now: datetime,
    insist: str | None = None,
    stale_after: timedelta = STALE_AFTER,
) -> Plan | Refusal:
    """What puts everything back that a pending change may have done, and forgets it.

    What an older drain holds stays drained: that one stands.

    Args:
        change: as it is on record.
        insist: as with `build_plan`.
    """
    view = View(snapshot, now, stale_after)
    drains = StandingDrains(view, apart_from=change.id)
    drained = change.kind is ChangeKind.DRAIN
    held = {(each.director, each.path): each.after for drain in view.standing for each in drain.files}

    def file_goal(each: FileChange) -> int:
        return held.get((each.director, each.path), each.before) if drained else each.before

    def weight_goal(each: WeightChange, cell: Cell) -> int:
        if drained and drains.holding(cell.row, each.director):
            return 0
        return each.before.weight

    files, objections = _files(view, change, file_goal)
    draft = _draft(view, change, files, objections, weight_goal)
    draft = replace(
        draft,
        undoes=True,
        closes=(change.id,),
        objections=(*draft.objections, *_out_of_reach(view, change)),
        remarks=(*draft.remarks, *_left(draft.absent)),
    )
    return conclude(draft, change, insist=insist, guards=CLUSTER_GUARDS)


def _draft(
    view: View,
    change: Change,
    files: Sequence[FileChange],
    objections: Sequence[Objection],
    goal: Callable[[WeightChange, Cell], int],
) -> Draft:
    rows = tuple(dict.fromkeys(map(view.same, change.rows)))
    here = {(cell.director.name, row): cell for row in rows for cell in view.cells(row)}
    planned = {
        (each.director, row): each
        for each in change.weights
        if (row := view.same((each.virtual_server, each.real_server))) in rows
    }
    cells = [here[spot] for spot in planned if spot in here]
    present = [cell for cell in cells if cell.real_server is not None and not cell.down]
    targets, unknown = targets_of(
        present,
        lambda cell: _by_files(cell, files, goal(planned[cell.director.name, cell.row], cell)),
        lambda cell: planned[cell.director.name, cell.row].before.weight,
    )
    targets = driven_by_files(targets, files)
    return Draft(
        view=view,
        kind=change.kind,
        lever=change.lever,
        rows=rows,
        targets=targets,
        files=tuple(files),
        recorded_files=change.files,
        absent=tuple(cell for cell in cells if cell not in present and not cell.down),
        objections=(*objections, *unknown, *_changed(targets, planned)),
        resumes=True,
    )


def _by_files(cell: Cell, files: Sequence[FileChange], otherwise: int) -> int:
    """The weight that keepalived sets when the files are as wanted; `otherwise` for a row that none of them decides."""
    now, checked = numbers(cell.director), cell.checked
    then = {each.name: each.after for each in files if each.director == cell.director.name}
    if now is None or checked is None or not any(watches(checked, name) for name in then):
        return otherwise
    return weight_by_keepalived(checked, now, {**now, **then})


def _files(
    view: View, change: Change, goal: Callable[[FileChange], int]
) -> tuple[tuple[FileChange, ...], tuple[Objection, ...]]:
    """The track files of directors that answer, from the numbers in them now to those that are wanted."""
    reachable = {director.name: director for director in view.reachable}
    files: list[FileChange] = []
    objections: list[Objection] = []
    for each in change.files:
        director = reachable.get(each.director)
        if director is None:
            continue
        known = numbers(director)
        if known is None:
            sentence = f"What is in {each.path} on {each.director} is not known: keepalived was not asked."
            objections.append(Objection(ObjectionCode.NOT_READ_YET, sentence, overridable=False))
        elif each.name not in known:
            sentence = f"keepalived on {each.director} does not watch {each.path} any more; it would be left as it is."
            objections.append(Objection(ObjectionCode.LEVER_UNUSABLE, sentence, overridable=True))
        else:
            now, wanted = known[each.name], goal(each)
            files.append(replace(each, before=now, after=wanted))
            if now not in (each.before, each.after, wanted):
                sentence = f"{each.path} on {each.director} has {now} in it, neither {each.before} nor {each.after}."
                objections.append(Objection(ObjectionCode.CHANGED_SINCE, sentence, overridable=True))
    return tuple(files), tuple(objections)


def _changed(targets: Iterable[Target], planned: Mapping[tuple[str, Row], WeightChange]) -> Iterator[Objection]:
    """Rows to which somebody has given a third weight. What keepalived sets by itself is nobody's wish."""
    for target in targets:
        each, cell, now = planned[target.cell.director.name, target.cell.row], target.cell, target.before.weight
        usual = {each.before.weight, each.after, target.after}
        if cell.checked is not None:
            usual |= {cell.checked.weight, cell.checked.effective_weight}
        if now not in usual:
            sentence = (
                f"{row_subject(*cell.row)} has weight {now} on {cell.director.name}, "
                f"neither {each.before.weight} nor {each.after}: somebody has changed it since."
            )
            yield Objection(ObjectionCode.CHANGED_SINCE, sentence, overridable=True)


def _out_of_reach(view: View, change: Change) -> Iterator[Objection]:
    """Directors on which it may have done something, and that cannot be put back now."""
    reachable = {director.name for director in view.reachable}
    names = [name for name in change.directors if name not in reachable]
    if names:
        sentence = f"What it did on {listing(names)} would stay, and nothing would remember it."
        yield Objection(ObjectionCode.DIRECTOR_MISSING, sentence, overridable=True)


def _left(cells: Iterable[Cell]) -> Iterator[Remark]:
    for cell in cells:
        if cell.real_server is None:
            where = f"{row_subject(*cell.row)} is not in the table of {cell.director.name}"
            yield Remark(f"{where}: nothing is to be put back there.")
