"""Drafting a restore: back to the weights that are remembered, by the levers that drained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lvstop.actions.draft import Draft, Target, driven_by_files, targets_of
from lvstop.actions.intent import Row
from lvstop.actions.levers import numbers, watchers, watches, weight_by_keepalived
from lvstop.actions.plan import Objection, ObjectionCode, Remark
from lvstop.actions.standing import StandingDrains
from lvstop.actions.view import Cell, View
from lvstop.analysis.words import listing, row_subject
from lvstop.model.change import ChangeKind, FileChange, Lever
from lvstop.model.checks import CheckedRealServer
from lvstop.model.director import DirectorSnapshot

_NAMED = 3


def draft_restore(view: View, rows: tuple[Row, ...]) -> Draft:
    """The remembered weights, where there is something to remember; rows that are in service are left alone."""
    drains = StandingDrains(view)
    held = tuple(row for row in rows if drains.holding(row))
    others = tuple(row for row in rows if row not in held)
    files, objections, remarks = _files(view, held, drains)
    back = {(each.director, each.name): each.after for each in files}
    cells = [cell for row in held for cell in view.cells(row)]
    # keepalived gives a weight back itself to what it holds out of service
    present = [cell for cell in cells if cell.real_server is not None and not cell.down]
    targets, unknown = targets_of(present, lambda cell: _wanted(cell, drains, back))
    targets = driven_by_files(targets, files)
    spots = {(director.name, row) for row in held for director in view.reachable}
    closes, keeps = drains.without(spots, {(each.director, each.path) for each in files})
    return Draft(
        view=view,
        kind=ChangeKind.RESTORE,
        lever=Lever.TRACK_FILE if files else Lever.IPVSADM,
        rows=rows,
        targets=targets,
        files=files,
        recorded_files=files,
        absent=tuple(cell for cell in cells if cell.real_server is None and not cell.down and _expected(cell)),
        closes=closes,
        keeps=keeps,
        objections=(*unknown, *objections, *_not_remembered(view, others, bool(held))),
        remarks=(*remarks, *_gone(view, held, cells), *_differing(targets)),
    )


def _expected(cell: Cell) -> bool:
    """keepalived should have the row in the table, or nobody knows whether it should."""
    return cell.checked is not None or cell.director.checks is None


def _wanted(cell: Cell, drains: StandingDrains, back: Mapping[tuple[str, str], int]) -> int:
    """The weight that a row is to have on a director."""
    name = cell.director.name
    by_file = _by_keepalived(cell, back)
    if by_file is not None:
        return by_file
    remembered, now = drains.original(cell.row, name), cell.weight or 0
    if remembered is not None and remembered > 0:
        return remembered
    if now > 0:
        return now
    # it was drained there before, and unknown to lvstop; in service it is to be on all directors alike
    if cell.checked is not None and cell.checked.effective_weight > 0:
        return cell.checked.effective_weight
    return drains.elsewhere(cell.row) or remembered or 0


def _by_keepalived(cell: Cell, back: Mapping[tuple[str, str], int]) -> int | None:
    """The weight that keepalived sets when the files go back; None where none of them is the row's."""
    now, checked = numbers(cell.director), cell.checked
    then = {name: number for (director, name), number in back.items() if director == cell.director.name}
    if now is None or checked is None or not any(watches(checked, name) for name in then):
        return None
    return weight_by_keepalived(checked, now, {**now, **then})


def _files(
    view: View, rows: Sequence[Row], drains: StandingDrains
) -> tuple[tuple[FileChange, ...], tuple[Objection, ...], tuple[Remark, ...]]:
    """The track files that go back, why they cannot, and what to know of them."""
    files: dict[tuple[str, str], FileChange] = {}
    objections: list[Objection] = []
    remarks: list[Remark] = []
    written = dict.fromkeys(each for row in rows for each in drains.files(row))
    by_name = {director.name: director for director in view.reachable}
    for each in written:
        director = by_name.get(each.director)
        if director is None or (each.director, each.name) in files:
            continue
        users = watchers(view, director, each.name)
        if director.checks is not None and not any(row in rows for row in users):
            if not users:
                remarks.append(_unwatched(each))
            continue
        found = _file_back(view, director, each, users)
        if isinstance(found, Objection):
            objections.append(found)
            continue
        left = [row for row in users if row not in rows]
        if left:
            objections.append(_shared(each, left))
        files[each.director, each.name] = found
    return tuple(files.values()), tuple(objections), tuple(remarks)


def _file_back(
    view: View, director: DirectorSnapshot, each: FileChange, users: Sequence[Row]
) -> FileChange | Objection:
    """One file as it goes back, from the number that is in it now."""
    now = numbers(director)
    if now is None or each.name not in now:
        sentence = f"What is in the track file {each.path} on {director.name} is not known: keepalived was not asked."
        return Objection(ObjectionCode.NOT_READ_YET, sentence, overridable=False)
    checks = [cell.checked for row in users for cell in view.cells(row) if cell.director is director]
    known = [checked for checked in checks if checked is not None]
    # a file that somebody else had drained with before is no reason to stay drained
    number = each.before if _in_service(known, now, {**now, each.name: each.before}) else 0
    return replace(each, before=now[each.name], after=number if known else each.before)


def _in_service(checks: Sequence[CheckedRealServer], now: Mapping[str, int], then: Mapping[str, int]) -> bool:
    return any(weight_by_keepalived(checked, now, then) > 0 for checked in checks)


def _unwatched(each: FileChange) -> Remark:
    sentence = f"keepalived on {each.director} no longer watches {each.path}, which the drain wrote {each.after} into."
    return Remark(sentence, f"Before it is configured again: echo {each.before} > {each.path}")


def _shared(each: FileChange, rows: Sequence[Row]) -> Objection:
    names = listing(dict.fromkeys(row_subject(*row) for row in rows), most=_NAMED)
    sentence = f"{each.path} on {each.director} drains {names} as well: restore them together."
    return Objection(ObjectionCode.LEVER_SHARED, sentence, overridable=False)


def _not_remembered(view: View, rows: Sequence[Row], something_else: bool) -> Iterator[Objection]:
    """Rows that are at 0, and nobody has written down why. What was interrupted is objected to by itself."""
    begun = {view.same(row) for change in view.pending for row in change.rows}
    for row in rows:
        if row in begun:
            continue
        cells = [cell for cell in view.cells(row) if cell.weight is not None and cell.weight <= 0 and not cell.down]
        if not cells:
            continue
        meant = next((cell.checked.weight for cell in cells if cell.checked is not None), None)
        number = "N" if meant is None else str(meant)
        known = "" if meant is None else f" keepalived means it to have {meant}:"
        where = listing(cell.director.name for cell in cells)
        command = f"`lvstop weight {view.snapshot.name} {row[1]} {number} --virtual-server {row[0]}` sets it."
        sentence = (
            f"{row_subject(*row)} has weight 0 on {where}, and nothing remembers what it was before;{known} {command}"
        )
        yield Objection(ObjectionCode.NOT_REMEMBERED, sentence, overridable=something_else)


def _gone(view: View, rows: Sequence[Row], cells: Sequence[Cell]) -> Iterator[Remark]:
    """Rows that are to come back by themselves, or not at all."""
    for cell in cells:
        if cell.down:
            where = f"{row_subject(*cell.row)} fails keepalived's checks on {cell.director.name}"
            yield Remark(f"{where}; it gets its weight there from keepalived when they pass.")
    for row in rows:
        found = [cell for cell in cells if cell.row == row]
        if not any(cell.real_server is not None or cell.checked is not None or _expected(cell) for cell in found):
            yield Remark(f"{row_subject(*row)} is in no table and in no configuration; only its record ends.")


def _differing(targets: Sequence[Target]) -> Iterator[Remark]:
    """Weights that keepalived would replace at its next opportunity."""
    for target in targets:
        checked = target.cell.checked
        if checked is not None and not target.by_file and 0 < checked.weight != target.after > 0:
            subject = f"{row_subject(*target.cell.row)} on {target.cell.director.name}"
            given = f"keepalived is configured to give it {checked.weight}"
            yield Remark(f"{subject} goes back to weight {target.after}; {given}.")
