"""Comparing what was read with what was planned. Pure."""

from collections.abc import Mapping, Sequence

from lvstop.actions.command import after
from lvstop.actions.intent import Row
from lvstop.actions.outcome import RowStanding
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.model.change import Destination, WeightChange

Rows = Mapping[Row, Destination]
"""A director's table now."""

Tables = Mapping[str, Rows | None]
"""By director; None where it could not be read."""


def changed_since(expects: Sequence[WeightChange], tables: Mapping[str, Rows]) -> tuple[Objection, ...]:
    """What somebody has changed since the operator looked: then his plan is about another table than there is."""
    found: list[Objection] = []
    for each in expects:
        now = tables[each.director].get((each.virtual_server, each.real_server))
        if now == each.before:
            continue
        what = "is not there any more" if now is None else f"has {difference(each.before, now)}"
        sentence = f"{each.real_server} of {each.virtual_server} on {each.director} {what} since it was planned."
        found.append(Objection(ObjectionCode.CHANGED_SINCE, sentence, overridable=False))
    return tuple(found)


def standings(expects: Sequence[WeightChange], tables: Tables) -> tuple[RowStanding, ...]:
    """What stands where, in the order of the plan."""
    return tuple(_standing(each, tables.get(each.director)) for each in expects)


def difference(was: Destination, now: Destination) -> str:
    """What differs between two states of a row: `weight 3 instead of 5, forwarding Route instead of Masq`."""
    pairs = (
        ("weight", was.weight, now.weight),
        ("forwarding", was.forwarding, now.forwarding),
        ("upper threshold", was.upper_threshold, now.upper_threshold),
        ("lower threshold", was.lower_threshold, now.lower_threshold),
        ("tunnel", was.tunnel, now.tunnel),
    )
    return ", ".join(f"{name} {new} instead of {old}" for name, old, new in pairs if old != new)


def _standing(each: WeightChange, rows: Rows | None) -> RowStanding:
    now = None if rows is None else rows.get((each.virtual_server, each.real_server))
    planned, before = now == after(each), now == each.before
    if rows is None:
        found = f"unknown: {each.director} does not answer"
    elif now is None:
        found = "not in the table any more"
    elif planned:
        found = f"weight {now.weight}, as planned"
    elif before:
        found = f"weight {now.weight}, as before"
    else:
        found = difference(after(each), now)
    return RowStanding(
        director=each.director,
        virtual_server=each.virtual_server,
        real_server=each.real_server,
        weight=None if now is None else now.weight,
        found=found,
        as_planned=planned,
        as_before=before,
    )
