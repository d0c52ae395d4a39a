"""Moments at which nothing should be begun."""

from collections.abc import Iterator
from datetime import timedelta

from lvstop.actions.draft import Draft
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.analysis.vrrp import instance_label, told_instances
from lvstop.analysis.words import age, listing, row_subject
from lvstop.model.change import ChangeKind
from lvstop.model.failover import FailoverPhase

SETTLING = timedelta(seconds=10)
"""So long after a VRRP transition the directors are left to settle. A takeover takes about 3 s as a rule."""

_NAMED = 3
_VERBS = {ChangeKind.DRAIN: "drain", ChangeKind.RESTORE: "restore", ChangeKind.WEIGHT: "re-weight"}


def failover_under_way(draft: Draft) -> Iterator[Objection]:
    """VRRP has just moved, or a VIP of these virtual servers is held by nobody or by several."""
    code = ObjectionCode.FAILOVER_UNDER_WAY
    moved = list(_just_moved(draft))
    if moved:
        yield Objection(code, f"{listing(moved)}; wait until VRRP has settled.", overridable=False)
        return
    addresses = {row[0].address for row in draft.rows}
    for vip in draft.view.snapshot.vips:
        if vip.address not in addresses:
            continue
        if len(vip.holders) > 1:
            sentence = f"{vip.address} is held by {listing(vip.holders)} at once; settle that first."
            yield Objection(code, sentence, overridable=True)
        elif not vip.holders and not vip.unknown_on:
            yield Objection(code, f"No director holds {vip.address}; settle that first.", overridable=True)


def _just_moved(draft: Draft) -> Iterator[str]:
    """Instances that changed their state a moment ago. A director's clock may be a little ahead of ours.

    A reload looks the same: it makes the instances anew, dated with that moment (`alloc_vrrp` in vrrp_data.c).
    """
    for director in draft.view.snapshot.directors:
        for instance in told_instances(director) or ():
            at = instance.last_transition
            if at is not None and abs(draft.view.now - at) < SETTLING:
                state = "changed its state" if instance.state is None else f"became {instance.state}"
                ago = age((draft.view.now - at).total_seconds())
                label = instance_label(instance)
                yield f"{label} {state} on {director.name}, or keepalived was reloaded there, {ago} ago"


def failover_unfinished(draft: Draft) -> Iterator[Objection]:
    """A failover was begun, and nobody knows how far it came: which table counts may change at any moment."""
    view = draft.view
    for failover in view.snapshot.failovers:
        if failover.phase is not FailoverPhase.PENDING:
            continue
        ago = age((view.now - failover.at).total_seconds())
        names = listing(failover.instances, most=_NAMED)
        sentence = (
            f"{failover.author} began to move {names} from {failover.source} to {failover.target} {ago} ago, and it is "
            f"not finished: wait for it, or see `lvstop resume {view.snapshot.name}` if it was interrupted."
        )
        yield Objection(ObjectionCode.FAILOVER_UNFINISHED, sentence, overridable=False)


def change_unfinished(draft: Draft) -> Iterator[Objection]:
    """Another change of the same rows was begun, and nobody knows how far it came."""
    view = draft.view
    for change in view.pending:
        shared = [row for row in dict.fromkeys(map(view.same, change.rows)) if row in draft.rows]
        if not shared:
            continue
        ago = age((view.now - change.at).total_seconds())
        names = listing((row_subject(*row) for row in shared), most=_NAMED)
        sentence = (
            f"{change.author} began to {_VERBS[change.kind]} {names} {ago} ago, and it is not finished: "
            f"wait for it, or see `lvstop resume {view.snapshot.name}` if it was interrupted."
        )
        yield Objection(ObjectionCode.CHANGE_UNFINISHED, sentence, overridable=False)
