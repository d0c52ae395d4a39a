"""Rows that are not where they should be, that a drain holds, or that do not fit what keepalived said."""

from collections.abc import Iterator

from lvstop.actions.draft import Draft, Target
from lvstop.actions.intent import Row
from lvstop.actions.levers import watches
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.actions.standing import StandingDrains
from lvstop.actions.view import Cell
from lvstop.analysis.words import age, listing, row_subject
from lvstop.model.change import Change, ChangeKind, Lever

_ABSENT, _FAILED = "is not in the table of", "fails keepalived's checks on"
_THEN = {_ABSENT: "", _FAILED: ", and gets its configured weight when they pass"}


def row_missing(draft: Draft) -> Iterator[Objection]:
    """A director's table does not have a row, or its keepalived holds it out of service: it would be left alone."""
    by_row: dict[tuple[Row, str], list[str]] = {}
    for cell in draft.absent:
        by_row.setdefault((cell.row, _state(cell)), []).append(cell.director.name)
    for (row, state), names in by_row.items():
        sentence = f"{row_subject(*row)} {state} {listing(names)}: it is left alone there{_THEN[state]}."
        rest = bool(draft.targets) or draft.kind is ChangeKind.RESTORE  # its record can still end
        yield Objection(ObjectionCode.ROW_MISSING, sentence, overridable=rest)
    if draft.kind is not ChangeKind.RESTORE and draft.view.reachable:
        for row in draft.rows:
            if not draft.view.cells(row):
                sentence = f"No director that answers has {row_subject(*row)}."
                yield Objection(ObjectionCode.ROW_MISSING, sentence, overridable=bool(draft.targets))


def _state(cell: Cell) -> str:
    return _FAILED if cell.down else _ABSENT


def files_in_doubt(draft: Draft) -> Iterator[Objection]:
    """A weight does not fit the number that keepalived last found in a file: perhaps it was asked before that changed.

    Else the weight was set by hand over the file, and only then is it right to leave the file and set it by hand again.
    """
    settled = {(each.director, each.name): each.path for each in draft.files if each.before == each.after}
    told: dict[tuple[Row, str], list[str]] = {}
    for target in draft.targets:
        checked, name = target.cell.checked, target.cell.director.name
        if checked is None or target.by_file or target.before.weight == target.after:
            continue
        for (director, file), path in settled.items():
            if director == name and watches(checked, file):
                said = f"has weight {target.before.weight}, which does not fit what keepalived last found in {path}"
                told.setdefault((target.cell.row, said), []).append(name)
    for (row, said), names in told.items():
        sentence = (
            f"{row_subject(*row)} on {listing(names)} {said}; try again in a moment, when it has been asked anew."
        )
        yield Objection(ObjectionCode.NOT_READ_YET, sentence, overridable=True)


def held_by_drain(draft: Draft) -> Iterator[Objection]:
    """Somebody drained it, and did not mean it to get another weight than the one before.

    Where keepalived keeps it at 0 by a track file, another weight in the table would not last: it has to be restored.
    """
    drains = StandingDrains(draft.view)
    told: dict[tuple[Row, str], Objection] = {}
    for target in draft.targets:
        for drain in drains.holding(target.cell.row, target.cell.director.name):
            by_file = _keeps_hold(drain, target)
            if draft.kind is ChangeKind.WEIGHT or (
                draft.kind is ChangeKind.DRAIN and draft.lever is Lever.IPVSADM and by_file and target.lowers
            ):
                objection = _held(draft, drain, target.cell.row, by_file)
                told.setdefault((target.cell.row, drain.id), objection)
    yield from told.values()


def _keeps_hold(drain: Change, target: Target) -> bool:
    """A track file of the drain still decides what keepalived makes of the row."""
    checked, name = target.cell.checked, target.cell.director.name
    return checked is not None and any(each.director == name and watches(checked, each.name) for each in drain.files)


def _held(draft: Draft, drain: Change, row: Row, by_file: bool) -> Objection:
    ago = age((draft.view.now - drain.at).total_seconds())
    why = f" ({drain.reason})" if drain.reason else ""
    how = " by a track file, which decides its weight" if by_file else ""
    sentence = f"{row_subject(*row)} was drained by {drain.author} {ago} ago{why}{how}; restore it instead."
    return Objection(ObjectionCode.HELD_BY_DRAIN, sentence, overridable=not by_file)
