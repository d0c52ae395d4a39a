"""Drafting a drain: which lever, and what is to be remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lvstop.actions.draft import Draft, driven_by_files, targets_of
from lvstop.actions.durable import make_it_durable
from lvstop.actions.intent import Drain, Row
from lvstop.actions.levers import FileLever, NoFileLever, file_lever
from lvstop.actions.plan import Objection, ObjectionCode, Remark
from lvstop.actions.standing import StandingDrains
from lvstop.actions.view import Cell, View
from lvstop.analysis.words import listing, row_subject
from lvstop.model.change import ChangeKind, Destination, FileChange, Lever, WeightChange
from lvstop.model.ipvs import ForwardingMethod

_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Choice:
    """The lever of a drain, and what there is to say of it."""

    lever: Lever
    files: tuple[FileChange, ...] = ()
    objections: tuple[Objection, ...] = ()
    remarks: tuple[Remark, ...] = ()


def draft_drain(view: View, rows: tuple[Row, ...], intent: Drain) -> Draft:
    """Weight 0 for all of them, by the lever that lasts longest or by the one that is wanted.

    A row that an older drain holds already keeps the weight which that one remembers, and leaves it.
    """
    drains = StandingDrains(view)
    choice = _choose(view, rows, intent.lever, drains)
    cells = [cell for row in rows for cell in view.cells(row)]
    absent = [cell for cell in cells if _out_of_reach(cell, choice.files)]
    targets, objections = targets_of(
        [cell for cell in cells if cell.real_server is not None and cell not in absent],
        lambda _: 0,
        lambda cell: drains.original(cell.row, cell.director.name),
    )
    spots = {(target.cell.director.name, target.cell.row) for target in targets}
    closes, keeps = drains.without(spots, {(each.director, each.path) for each in choice.files})
    return Draft(
        view=view,
        kind=ChangeKind.DRAIN,
        lever=choice.lever,
        rows=rows,
        targets=driven_by_files(targets, choice.files),
        files=choice.files,
        recorded_files=tuple(_as_remembered(each, rows, drains) for each in choice.files),
        recorded_only=tuple(_to_come(cell) for cell in cells if cell.real_server is None and cell not in absent),
        absent=tuple(absent),
        closes=closes,
        keeps=keeps,
        objections=(*objections, *choice.objections),
        remarks=choice.remarks,
    )


def _out_of_reach(cell: Cell, files: Sequence[FileChange]) -> bool:
    """keepalived gives it its weight back when it brings it back; unless a file drains it, which it then heeds."""
    return (cell.real_server is None or cell.down) and not (files and cell.checked)


def _to_come(cell: Cell) -> WeightChange:
    """What a file drains before it is in the table again; thresholds are those that it will have then."""
    checked = cell.checked
    weight = 0 if checked is None else checked.effective_weight
    forwarding = (None if checked is None else checked.forwarding) or ForwardingMethod.ROUTE
    return WeightChange(cell.director.name, *cell.row, Destination(forwarding, weight, 0, 0, None), 0)


def _choose(view: View, rows: Sequence[Row], wanted: Lever | None, drains: StandingDrains) -> _Choice:
    if wanted is None and _held_already(view, rows, drains):
        return _Choice(Lever.IPVSADM)
    found = file_lever(view, rows)
    if wanted is Lever.TRACK_FILE:
        return _forced(found)
    if isinstance(found, NoFileLever):
        return _Choice(Lever.IPVSADM, remarks=make_it_durable(view, rows, found))
    if wanted is Lever.IPVSADM:
        sentence = "A track file could drain them as well, and that would last longer."
        remark = Remark(sentence, "--lever track-file, or none.") if not found.others else None
        return _Choice(Lever.IPVSADM, remarks=(remark,) if remark else ())
    if found.others:
        sentence = f"The track files are left alone: they drain {_names(found)} as well."
        remedy = "Give these real servers a FILE_CHECK of their own, or drain them too."
        return _Choice(Lever.IPVSADM, remarks=(Remark(sentence, remedy),))
    return _Choice(Lever.TRACK_FILE, found.files)


def _forced(found: FileLever | NoFileLever) -> _Choice:
    """The track file, whatever speaks against it."""
    if isinstance(found, NoFileLever):
        sentence = f"No track file can drain them: {found.reason}."
        objection = Objection(ObjectionCode.LEVER_UNUSABLE, sentence, overridable=False)
        return _Choice(Lever.TRACK_FILE, objections=(objection,))
    objections: tuple[Objection, ...] = ()
    if found.others:
        sentence = f"The track files drain {_names(found)} as well."
        objections = (Objection(ObjectionCode.LEVER_SHARED, sentence, overridable=True),)
    return _Choice(Lever.TRACK_FILE, found.files, objections)


def _names(found: FileLever) -> str:
    return listing(dict.fromkeys(row_subject(*row) for _, row in found.others), most=_NAMED)


def _held_already(view: View, rows: Sequence[Row], drains: StandingDrains) -> bool:
    """All of it stands already: asked for once more, it is no wish for another lever."""
    cells = [cell for row in rows for cell in view.cells(row) if cell.real_server is not None]
    return bool(cells) and all(cell.weight == 0 and drains.holding(cell.row, cell.director.name) for cell in cells)


def _as_remembered(change: FileChange, rows: Sequence[Row], drains: StandingDrains) -> FileChange:
    """What was in the file before the first drain that wrote into it."""
    older = (each for row in rows for each in drains.files(row))
    first = next((each for each in older if (each.director, each.path) == (change.director, change.path)), None)
    return change if first is None else replace(change, before=first.before)
