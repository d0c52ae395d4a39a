"""Builders for changes, plans and outcomes: a drain of the usual real server on both directors unless told."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lvstop.actions.outcome import Outcome, OutcomeKind, RowStanding
from lvstop.actions.plan import Plan
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase, Destination, FileChange, Lever, WeightChange
from lvstop.model.ipvs import ForwardingMethod, Tunnel
from support.factories import FIRST, NOW, SERVICE, rs_key, vs_key

AUTHOR = Author("ops", "desk")
BOTH = ("keepalived1", "keepalived2")


def destination(
    weight: int = 5, *, forwarding: str = "Route", upper: int = 0, lower: int = 0, tunnel: Tunnel | None = None
) -> Destination:
    """A real server as `ipvsadm -e` restates it."""
    return Destination(ForwardingMethod(forwarding), weight, upper, lower, tunnel)


def weights(
    service: str = SERVICE,
    real: str = FIRST,
    *,
    before: int | Destination = 5,
    after: int = 0,
    directors: Sequence[str] = BOTH,
) -> tuple[WeightChange, ...]:
    """One row on each director."""
    was = destination(before) if isinstance(before, int) else before
    return tuple(WeightChange(name, vs_key(service), rs_key(real), was, after) for name in directors)


def change(*rows: WeightChange, **more: object) -> Change:
    """A standing drain; `more` are fields."""
    values: dict[str, Any] = {
        "id": "20261122-140211-ab12",
        "cluster": "smb",
        "kind": ChangeKind.DRAIN,
        "phase": ChangePhase.STANDING,
        "lever": Lever.IPVSADM,
        "files": (),
        "author": AUTHOR,
        "at": NOW,
    }
    values.update(more)
    return Change(weights=rows or weights(), **values)


def plan(of: Change | None = None, **more: object) -> Plan:
    """What it takes to make a change by its lever."""
    made = replace(of or change(), phase=ChangePhase.PENDING)
    values: dict[str, Any] = {
        "closes": (),
        "keeps": (),
        "steps": made.files or made.weights,
        "expects": made.weights,
        "lifetime": (),
        "remarks": (),
        "shares": (),
        "overridden": (),
    }
    values.update(more)
    return Plan(change=made, **values)


def file_changes(*, before: int = 0, after: int = 1, directors: Sequence[str] = BOTH) -> tuple[FileChange, ...]:
    """One track file on each director."""
    return tuple(FileChange(name, "drain_rs1", "/run/lvs/rs1", before, after) for name in directors)


def outcome(of: Plan, kind: OutcomeKind = OutcomeKind.DONE, **more: object) -> Outcome:
    """The end of a plan: everything as planned where it is done, else everything as before."""
    done = kind is OutcomeKind.DONE
    standing = tuple(
        RowStanding(
            each.director,
            each.virtual_server,
            each.real_server,
            each.after if done else each.before.weight,
            f"weight {each.after}, as planned" if done else f"weight {each.before.weight}, as before",
            as_planned=done,
            as_before=not done,
        )
        for each in of.expects
    )
    kept = replace(of.change, phase=ChangePhase.STANDING) if done and of.change.kind is ChangeKind.DRAIN else None
    values: dict[str, Any] = {
        "change": kept,
        "rows": () if kind is OutcomeKind.REFUSED else standing,
        "seconds": 1.5,
    }
    values.update(more)
    return Outcome(kind, **values)
