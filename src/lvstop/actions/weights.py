"""Drafting other weights: to a number, by a number, or to a percentage."""

import math
from collections.abc import Sequence

from lvstop.actions.draft import Draft, targets_of
from lvstop.actions.intent import AddWeight, Row, ScaleWeight, SetWeight
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.actions.standing import StandingDrains
from lvstop.actions.view import Cell, View
from lvstop.analysis.words import row_subject
from lvstop.model.change import ChangeKind, Lever

GREATEST_WEIGHT = 65_535
"""ipvsadm 1.31 takes no greater one."""

WeightIntent = SetWeight | AddWeight | ScaleWeight


def draft_weight(view: View, rows: tuple[Row, ...], intent: WeightIntent) -> Draft:
    """Other weights, in the kernel's tables. What keepalived holds out of service is left alone."""
    drains = StandingDrains(view)
    cells = [cell for row in rows for cell in view.cells(row)]
    present = [cell for cell in cells if cell.real_server is not None and not cell.down]
    bad = _bad(intent, present)
    targets, objections = ((), (bad,)) if bad is not None else targets_of(present, lambda cell: _wanted(intent, cell))
    closes, keeps = drains.without({(target.cell.director.name, target.cell.row) for target in targets})
    return Draft(
        view=view,
        kind=ChangeKind.WEIGHT,
        lever=Lever.IPVSADM,
        rows=rows,
        targets=targets,
        absent=tuple(cell for cell in cells if cell not in present),
        closes=closes,
        keeps=keeps,
        objections=objections,
    )


def _bad(intent: WeightIntent, cells: Sequence[Cell]) -> Objection | None:
    """Why the number makes no sense, for all or for one of the rows."""
    sentence = _out_of_range(intent)
    if not sentence:
        high = next((cell for cell in cells if _exact(intent, cell) > GREATEST_WEIGHT), None)
        if high is None:
            return None
        sentence = f"{row_subject(*high.row)} on {high.director.name} would have more than {GREATEST_WEIGHT}."
    return Objection(ObjectionCode.BAD_WEIGHT, sentence, overridable=False)


def _out_of_range(intent: WeightIntent) -> str:
    match intent:
        case SetWeight(weight=0) | ScaleWeight(percent=0):
            return "Weight 0 takes a real server out of service: drain it instead, so that it can be restored."
        case SetWeight(weight=weight) if not 0 < weight <= GREATEST_WEIGHT:
            return f"{weight} is not a weight: 1 to {GREATEST_WEIGHT}."
        case ScaleWeight(percent=percent) if not (math.isfinite(percent) and percent > 0):
            return f"{percent} % is not a part of a weight."
    return ""


def _wanted(intent: WeightIntent, cell: Cell) -> int:
    now = cell.weight or 0
    if isinstance(intent, AddWeight) and now <= 0 and intent.delta <= 0:
        return now  # less than nothing is still nothing
    return max(1, math.floor(_exact(intent, cell) + 0.5))


def _exact(intent: WeightIntent, cell: Cell) -> float:
    now = cell.weight or 0
    match intent:
        case SetWeight():
            return intent.weight
        case AddWeight():
            return max(0, now + intent.delta)
        case ScaleWeight():
            return (now if cell.checked is None else cell.checked.weight) * intent.percent / 100
