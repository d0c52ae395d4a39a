"""Carrying out plans: on all directors or on none, and never without a record."""

from dataclasses import replace

import pytest

from lvstop.actions.execute import execute
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import ObjectionCode
from lvstop.actions.progress import Progress, Stage
from lvstop.actions.store import ChangeStore, StoreError
from lvstop.model.change import Change, ChangeKind, ChangePhase, Destination
from lvstop.model.director import Fault, FaultKind
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from support.execution import OTHER, ROUTE, ROW, VS, Pair, plan_of, weight_changes
from support.factories import rs_key, vs_key


async def test_a_drain_stands_on_both(pair: Pair) -> None:
    """Both are edited and read back; the record stands everywhere; the audit has both ends; each log has a line."""
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.DONE
    assert [row.found for row in outcome.rows] == ["weight 0, as planned"] * 2
    assert pair.d1.weight(ROW) == pair.d2.weight(ROW) == 0
    assert pair.d1.weight((VS, OTHER)) == 1
    assert outcome.change is not None
    assert outcome.change.phase is ChangePhase.STANDING
    assert pair.kept == [(outcome.change.id, ChangePhase.STANDING)]
    assert pair.d1.records == pair.d2.records == {outcome.change.id: outcome.change}
    assert pair.diary.entries == [("begin", outcome.change.id), ("end", "done")]
    assert pair.d1.notes == pair.d2.notes
    assert pair.d1.notes == [
        "anna@desk: drain 172.26.127.22:445 of TCP:172.26.127.20:445: weight 0 by ipvsadm (kernel update)"
    ]


async def test_the_record_is_kept_before_the_first_edit(pair: Pair) -> None:
    """On the operator's machine and on both directors, still pending."""
    seen: list[tuple[object, ...]] = []

    def watch(progress: Progress) -> None:
        if progress.stage is Stage.CHANGING:
            phases = [change.phase for each in (pair.d1, pair.d2) for change in each.records.values()]
            seen.append((progress.director, pair.d1.weight(ROW), pair.d2.weight(ROW), *phases, *pair.kept))

    pair.watch = watch
    plan = plan_of(*weight_changes())
    await pair.carry_out(plan)
    pending = (ChangePhase.PENDING, ChangePhase.PENDING, (plan.change.id, ChangePhase.PENDING))
    assert seen == [("keepalived2", 1, 1, *pending), ("keepalived1", 1, 0, *pending)]


async def test_a_weight_leaves_no_record(pair: Pair) -> None:
    """It is not held: there is nothing to restore."""
    outcome = await pair.carry_out(plan_of(*weight_changes(after=5), kind=ChangeKind.WEIGHT))
    assert outcome.kind is OutcomeKind.DONE
    assert outcome.change is None
    assert (pair.kept, pair.d1.records, pair.d2.records) == ([], {}, {})


async def test_a_restore_ends_the_drain(pair: Pair) -> None:
    """The drain's record goes from everywhere."""
    drained = await pair.carry_out(plan_of(*weight_changes()))
    assert drained.change is not None
    restore = plan_of(
        *weight_changes(replace(ROUTE, weight=0), 1), kind=ChangeKind.RESTORE, closes=(drained.change.id,)
    )
    restore = replace(restore, change=replace(restore.change, id="20261122T150000Z-def456"))
    outcome = await pair.carry_out(restore)
    assert outcome.kind is OutcomeKind.DONE
    assert pair.d1.weight(ROW) == pair.d2.weight(ROW) == 1
    assert (pair.kept, pair.d1.records, pair.d2.records) == ([], {}, {})


TUNNEL = Destination(ForwardingMethod.TUNNEL, 4, 1000, 500, Tunnel(TunnelType.GUE, 6080, "csum"))
ROWS = {
    "thresholds": (ROW, Destination(ForwardingMethod.ROUTE, 3, 1000, 800, None)),
    "gue": (ROW, TUNNEL),
    "ipip": (ROW, Destination(ForwardingMethod.TUNNEL, 4, 0, 0, Tunnel(TunnelType.IPIP, None, None))),
    "mapped port": ((VS, rs_key("172.26.127.22:8445")), Destination(ForwardingMethod.MASQ, 7, 0, 0, None)),
    "mark": ((vs_key("FWM:7"), rs_key("172.26.127.22:0")), Destination(ForwardingMethod.MASQ, 7, 5, 4, None)),
    "mark, IPv6": ((vs_key("FWM:7:inet6"), rs_key("[fd00::22]:0")), Destination(ForwardingMethod.ROUTE, 7, 0, 0, None)),
    "udp, IPv6": ((vs_key("UDP:[fd00::1]:53"), rs_key("[fd00::22]:53")), ROUTE),
    "sctp": ((vs_key("SCTP:10.0.0.1:9"), rs_key("10.0.0.2:9")), ROUTE),
}


@pytest.mark.parametrize("name", ROWS)
async def test_nothing_but_the_weight_changes(pair: Pair, name: str) -> None:
    """Whatever ipvsadm -e would set back when it is left out is restated."""
    row, before = ROWS[name]
    for director in (pair.d1, pair.d2):
        director.rows[row] = before
    outcome = await pair.carry_out(plan_of(*weight_changes(before, row=row)))
    assert outcome.kind is OutcomeKind.DONE, outcome
    assert pair.d1.rows[row] == pair.d2.rows[row] == replace(before, weight=0)


async def test_somebody_else_was_faster(pair: Pair) -> None:
    """A weight that changed since the operator looked stops the plan before anything is touched."""
    pair.d1.set_weight(ROW, 9)
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [ObjectionCode.CHANGED_SINCE]
    assert "keepalived1 has weight 9 instead of 1" in outcome.objections[0].sentence
    assert (pair.d1.weight(ROW), pair.d2.weight(ROW), pair.kept, pair.d1.records) == (9, 1, [], {})
    assert pair.diary.entries[-1] == ("end", "refused")


async def test_another_lvstop_is_at_it(pair: Pair) -> None:
    """One of two wins, the other is told who that is, and touches nothing."""
    stranger = await pair.reach("keepalived2")
    await stranger.lock("bert@desk2: drain")
    outcome = await execute(
        plan_of(*weight_changes()),
        reach=pair.reach,
        store=pair.store,
        audit=pair.diary,
        clock=pair.clock,
        report=pair.told.append,
    )
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [ObjectionCode.LOCKED]
    assert "keepalived2 is being changed by bert@desk2: drain" in outcome.objections[0].sentence
    assert pair.d1.locked_by is None
    await stranger.close()


async def test_an_audit_that_cannot_be_written_stops_it(pair: Pair) -> None:
    """Not even a connection is made."""
    pair.diary.full = True
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [ObjectionCode.AUDIT_UNWRITABLE]
    assert pair.d1.requests == []


async def test_no_record_no_change(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's machine that cannot keep the record changes nothing."""

    def full(_store: ChangeStore, _change: Change) -> None:
        raise StoreError("no space left on the device")

    monkeypatch.setattr(ChangeStore, "save", full)
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.UNDONE
    assert "no space left" in outcome.failure
    assert not [each for each in (*pair.d1.requests, *pair.d2.requests) if each.startswith("edit")]


async def test_a_director_that_keeps_no_record_is_a_note(pair: Pair) -> None:
    """Its disk is full: the other records tell of the change."""
    pair.d2.fails["record"] = "printf: I/O error"
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.DONE
    assert "keepalived2 kept no record: printf: I/O error" in outcome.notes[0]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(FaultKind.REFUSED, "connection refused"), ObjectionCode.DIRECTOR_MISSING),
        (Fault(FaultKind.HOST_KEY_CHANGED, "another host key"), ObjectionCode.DIRECTOR_MISSING),
    ],
)
async def test_the_second_director_is_not_reached(pair: Pair, fault: Fault, code: ObjectionCode) -> None:
    """Then the first one is not changed either."""
    pair.d2.refusal = fault
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [code]
    assert fault.summary in outcome.objections[0].sentence
    assert pair.d1.weight(ROW) == 1


async def test_sudo_refuses(pair: Pair) -> None:
    """Said as what it is."""
    pair.d2.root, pair.d2.sudo = False, Fault(FaultKind.FORBIDDEN, "sudo refuses: a password is required")
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert [each.code for each in outcome.objections] == [ObjectionCode.PRIVILEGE_MISSING]
    assert pair.d1.weight(ROW) == 1


async def test_a_reload_is_waited_for_by_the_operator(pair: Pair) -> None:
    """keepalived writes weights while it takes over a configuration."""
    pair.d1.reload_lines = "now 1795371010\n1795371008.123456 lvs1 Keepalived[300]: Reloading ...\n"
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert [each.code for each in outcome.objections] == [ObjectionCode.RELOAD_UNDER_WAY]
    pair.d1.reload_lines += "1795371009.000001 lvs1 Keepalived[300]: Reload complete\n"
    assert (await pair.carry_out(plan_of(*weight_changes()))).kind is OutcomeKind.DONE
