"""From an intent to a plan, or to the reasons why there is none. Pure: the same snapshot gives the same plan."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lvstop.actions.draft import Draft
from lvstop.actions.draining import draft_drain
from lvstop.actions.guards import GUARDS, Guard, objections
from lvstop.actions.guards.moments import change_unfinished
from lvstop.actions.intent import Drain, Intent, Restore, Row
from lvstop.actions.lifetime import lifetime
from lvstop.actions.plan import Objection, ObjectionCode, Plan, Refusal, SharePreview
from lvstop.actions.remarks import remarks
from lvstop.actions.restoring import draft_restore
from lvstop.actions.view import STALE_AFTER, Cell, View
from lvstop.actions.weights import draft_weight
from lvstop.analysis.shares import expected_shares
from lvstop.analysis.words import listing, row_subject
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot

_NAMED = 3


def build_plan(
    intent: Intent,
    snapshot: ClusterSnapshot,
    *,
    author: Author,
    now: datetime,
    change_id: str,
    insist: str | None = None,
    stale_after: timedelta = STALE_AFTER,
) -> Plan | Refusal:
    """What would be done, or why it is not.

    Args:
        now: by the operator's clock.
        change_id: the new record's name.
        insist: the operator's reason for overriding the objections that may be overridden; without words it is none.
        stale_after: a table that was read longer ago is not acted on.
    """
    view = View(snapshot, now, stale_after)
    rows = tuple(dict.fromkeys(view.same(row) for row in intent.rows))
    draft = _draft(intent, view, rows)
    change = Change(
        id=change_id,
        cluster=snapshot.name,
        kind=draft.kind,
        phase=ChangePhase.PENDING,
        lever=draft.lever,
        weights=draft.recorded,
        files=draft.recorded_files,
        author=author,
        at=now,
        reason=intent.reason,
        until=intent.until if isinstance(intent, Drain) else None,
        active_connections=active_connections(draft),
    )
    if not _does_anything(draft) and not _explained(draft, rows):
        draft = replace(draft, objections=(*draft.objections, _nothing_to_do(draft, rows)))
    return conclude(draft, change, insist=insist)


def conclude(draft: Draft, change: Change, *, insist: str | None, guards: Sequence[Guard] = GUARDS) -> Plan | Refusal:
    """The plan of a draft, unless something speaks against it.

    Args:
        change: the record to be kept.
        guards: what to look at.
    """
    found = objections(draft, guards)
    words = (insist or "").strip()
    if found and not (words and all(objection.overridable for objection in found)):
        return Refusal(found)
    return Plan(
        change=change,
        closes=draft.closes,
        keeps=draft.keeps,
        steps=draft.steps,
        expects=draft.expects,
        lifetime=lifetime(draft),
        remarks=remarks(draft),
        shares=tuple(share_previews(draft)),
        overridden=found,
        insistence=words if found else "",
    )


def _draft(intent: Intent, view: View, rows: tuple[Row, ...]) -> Draft:
    if isinstance(intent, Drain):
        return draft_drain(view, rows, intent)
    if isinstance(intent, Restore):
        return draft_restore(view, rows)
    return draft_weight(view, rows, intent)


def _does_anything(draft: Draft) -> bool:
    """A drain that is asked for once more is not worth a record of its own; a restore may end nothing but a record."""
    ends = draft.kind is not ChangeKind.DRAIN and (draft.closes or draft.keeps)
    return bool(draft.steps or ends)


def _explained(draft: Draft, rows: Sequence[Row]) -> bool:
    """Something else says already why nothing is done."""
    blocked = any(not objection.overridable for objection in draft.objections) or any(change_unfinished(draft))
    if blocked or not draft.view.reachable:
        return True
    if draft.kind is ChangeKind.RESTORE or not rows or draft.targets:
        return False
    return bool(draft.absent) or not any(map(draft.view.cells, rows))


def _nothing_to_do(draft: Draft, rows: Sequence[Row]) -> Objection:
    names = listing((row_subject(*row) for row in rows), most=_NAMED)
    if not rows:
        sentence = "No real server is named."
    elif draft.kind is ChangeKind.DRAIN:
        sentence = f"Weight 0 already: {names}."
    elif draft.kind is ChangeKind.WEIGHT:
        sentence = f"The weights are as wanted already: {names}."
    elif len(draft.view.reachable) < len(draft.view.snapshot.directors):
        sentence = f"Nothing is drained on the directors that answer: {names}."
    else:
        sentence = f"Nothing is drained: {names}."
    return Objection(ObjectionCode.NOTHING_TO_DO, sentence, overridable=False)


def active_connections(draft: Draft) -> int | None:
    """ActiveConn of the rows on the directors that balance them; None where one of those is not known now."""
    total = 0
    for row in dict.fromkeys(target.cell.row for target in draft.targets):
        leading = next((cell for cell in draft.view.cells(row) if cell.leads), None)
        if leading is None:
            return None
        total += 0 if leading.real_server is None else leading.real_server.active_connections
    return total if draft.targets else None


def share_previews(draft: Draft) -> Iterator[SharePreview]:
    """The shares of every virtual server that is touched, on the director that balances it, now and then."""
    first: dict[VirtualServerKey, Cell] = {}
    after: dict[tuple[VirtualServerKey, RealServerKey], int] = {}
    for target in draft.targets:
        key, real_server = target.cell.row
        if key not in first or target.cell.leads:
            first[key] = target.cell
        if target.cell.leads or (key, real_server) not in after:
            after[key, real_server] = target.after
    for key, cell in first.items():
        server = cell.server
        if server is None:
            continue
        rows = sorted(server.real_servers, key=lambda row: row.key.sort_key)
        weights = [row.weight for row in rows]
        now = expected_shares(server.scheduler, weights)
        then = expected_shares(server.scheduler, [after.get((key, row.key), row.weight) for row in rows])
        for row, before, later in zip(rows, now, then, strict=True):
            yield SharePreview(key, row.key, before, later)
