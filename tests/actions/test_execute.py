"""Carrying out plans: on all directors or on none, and never without a record."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lvstop.actions.audit import AuditError
from lvstop.actions.execute import execute
from lvstop.actions.hands import DirectorHands, HandsError, lay_hands
from lvstop.actions.intent import Row
from lvstop.actions.outcome import Outcome, OutcomeKind
from lvstop.actions.plan import ObjectionCode, Plan
from lvstop.actions.progress import Progress, Stage
from lvstop.actions.store import ChangeStore, StoreError
from lvstop.config.schema import PrivilegeChoice
from lvstop.model.change import (
    Author,
    Change,
    ChangeKind,
    ChangePhase,
    Destination,
    FileChange,
    Lever,
    WeightChange,
)
from lvstop.model.director import Fault, FaultKind
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from lvstop.transport.base import TransportError
from support.act_director import ActDirector
from support.clocks import START, EagerClock
from support.factories import rs_key, vs_key

VS, RS = vs_key("TCP:172.26.127.20:445"), rs_key("172.26.127.22:445")
OTHER = rs_key("172.26.127.21:445")
ROW: Row = (VS, RS)
ROUTE = Destination(ForwardingMethod.ROUTE, 1, 0, 0, None)
AUTHOR = Author("anna", "desk")
LEVER = "/etc/keepalived/drain-rs2"


class Diary:
    """An audit in memory."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []
        self.full = False

    def begin(self, plan: Plan) -> None:
        if self.full:
            raise AuditError("no space left on the device")
        self.entries.append(("begin", plan.change.id))

    def end(self, _plan: Plan, outcome: Outcome) -> None:
        self.entries.append(("end", str(outcome.kind)))


@dataclass
class Pair:
    """Two directors, and an operator's machine."""

    folder: Path
    d1: ActDirector = field(default_factory=lambda: ActDirector("keepalived1", {(VS, OTHER): ROUTE, ROW: ROUTE}))
    d2: ActDirector = field(default_factory=lambda: ActDirector("keepalived2", {(VS, OTHER): ROUTE, ROW: ROUTE}))
    diary: Diary = field(default_factory=Diary)
    told: list[Progress] = field(default_factory=list)
    clock: EagerClock = field(default_factory=EagerClock)
    watch: Callable[[Progress], None] = lambda _progress: None

    @property
    def store(self) -> ChangeStore:
        """The operator's records."""
        return ChangeStore(self.folder)

    @property
    def kept(self) -> list[tuple[str, ChangePhase]]:
        """What the operator's machine has on record."""
        return [(each.id, each.phase) for each in self.store.load("smb").changes]

    def director(self, name: str) -> ActDirector:
        """One of them."""
        return self.d1 if name == "keepalived1" else self.d2

    async def reach(self, name: str) -> DirectorHands:
        """Lay hands on one, as an actor does."""
        transport = self.director(name).transport()
        try:
            await transport.connect()
        except TransportError as error:
            raise HandsError(f"{name} cannot be reached: {error}", lost=True) from error
        return await lay_hands(name, transport, PrivilegeChoice.AUTO, timeout=5)

    async def carry_out(self, plan: Plan) -> Outcome:
        """Execute a plan here."""

        def report(progress: Progress) -> None:
            self.told.append(progress)
            self.watch(progress)

        outcome = await execute(
            plan, reach=self.reach, store=self.store, audit=self.diary, clock=self.clock, report=report
        )
        assert self.d1.channels == self.d2.channels == 0, "hands were not closed"
        assert self.d1.locked_by is None
        assert self.d2.locked_by is None
        return outcome


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Two directors with the same table."""
    return Pair(tmp_path / "changes")


def plan_of(
    *expects: WeightChange,
    kind: ChangeKind = ChangeKind.DRAIN,
    closes: tuple[str, ...] = (),
    files: tuple[FileChange, ...] = (),
) -> Plan:
    """A plan for these rows; by track files where some are given."""
    change = Change(
        id="20261122T140211Z-abc123",
        cluster="smb",
        kind=kind,
        phase=ChangePhase.PENDING,
        lever=Lever.TRACK_FILE if files else Lever.IPVSADM,
        weights=expects,
        files=files,
        author=AUTHOR,
        at=START,
        reason="kernel update",
    )
    return Plan(
        change=change,
        closes=closes,
        keeps=(),
        steps=files or expects,
        expects=expects,
        lifetime=(),
        remarks=(),
        shares=(),
        overridden=(),
    )


def weight_changes(before: Destination = ROUTE, after: int = 0, row: Row = ROW) -> tuple[WeightChange, ...]:
    """One row on both directors, the backup first."""
    return tuple(WeightChange(name, *row, before, after) for name in ("keepalived2", "keepalived1"))


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


@pytest.mark.parametrize("name", ["keepalived1", "keepalived2"])
async def test_an_edit_is_refused(pair: Pair, name: str) -> None:
    """The other director is put back, and nothing is kept."""
    pair.director(name).fails["edit"] = "Memory allocation problem"
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.UNDONE
    assert "Memory allocation problem" in outcome.failure
    assert (pair.d1.rows, pair.d2.rows) == ({(VS, OTHER): ROUTE, ROW: ROUTE},) * 2
    assert (pair.kept, pair.d1.records, pair.d2.records) == ([], {}, {})
    assert pair.diary.entries[-1] == ("end", "undone")


@pytest.mark.parametrize("effective", [True, False])
@pytest.mark.parametrize("name", ["keepalived1", "keepalived2"])
async def test_the_connection_is_lost_over_an_edit(pair: Pair, name: str, effective: bool) -> None:
    """Whether it had its effect is unknown: lvstop connects again, looks, and puts back what there is to put back."""
    pair.director(name).lose = ("edit", effective)
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.UNDONE
    assert (pair.d1.rows, pair.d2.rows) == ({(VS, OTHER): ROUTE, ROW: ROUTE},) * 2
    assert (pair.kept, pair.d1.records, pair.d2.records) == ([], {}, {})


async def test_a_director_dies_over_an_edit(pair: Pair) -> None:
    """It cannot be asked again: incomplete, with what stands where, and the record stays pending."""
    pair.d1.lose = ("edit", True)

    def watch(progress: Progress) -> None:
        if progress.stage is Stage.CHANGING and progress.director == "keepalived1":
            pair.d1.refusal = Fault(FaultKind.TIMEOUT, "no route to host")

    pair.watch = watch
    plan = plan_of(*weight_changes())
    outcome = await pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert [row.found for row in outcome.rows] == ["weight 1, as before", "unknown: keepalived1 does not answer"]
    assert pair.d2.weight(ROW) == 1
    assert outcome.change == plan.change
    assert pair.kept == [(plan.change.id, ChangePhase.PENDING)]
    assert [each.phase for each in pair.d2.records.values()] == [ChangePhase.PENDING]


async def test_undoing_fails_too(pair: Pair) -> None:
    """The second director refuses the edit, the first one refuses to be put back: incomplete, and exactly said."""
    pair.d1.fails["edit"] = "Memory allocation problem"

    def watch(progress: Progress) -> None:
        if progress.stage is Stage.UNDOING:
            pair.d2.fails["edit"] = "Memory allocation problem"

    pair.watch = watch
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert [(row.director, row.found) for row in outcome.rows] == [
        ("keepalived2", "weight 0, as planned"),
        ("keepalived1", "weight 1, as before"),
    ]
    assert pair.kept == [("20261122T140211Z-abc123", ChangePhase.PENDING)]


async def test_keepalived_writes_in_between(pair: Pair) -> None:
    """A row that is neither as planned nor as before is not touched again: it is somebody else's now."""

    def meddle(request: str) -> None:
        if request == "table" and pair.d1.weight(ROW) == 0:
            pair.d1.rows[ROW] = replace(ROUTE, weight=3, upper_threshold=7)

    pair.d1.before = meddle
    outcome = await pair.carry_out(plan_of(*weight_changes()))
    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert "weight 3 instead of 0, upper threshold 7 instead of 0" in outcome.failure
    assert pair.d2.weight(ROW) == 1
    assert pair.d1.rows[ROW] == replace(ROUTE, weight=3, upper_threshold=7)


def file_changes() -> tuple[FileChange, ...]:
    """The lever of both directors."""
    return tuple(FileChange(name, "drain-rs2", LEVER, 0, 1) for name in ("keepalived2", "keepalived1"))


async def test_a_track_file_works_through_keepalived(pair: Pair) -> None:
    """The number is written, and the weight that keepalived sets a moment later is what counts."""
    asked = 0

    def later(request: str) -> None:
        nonlocal asked
        asked += request == "table"
        if asked > 4:
            for each in (pair.d1, pair.d2):
                each.set_weight(ROW, 1 - each.numbers.get(LEVER, 0))

    pair.d1.before = later
    outcome = await pair.carry_out(plan_of(*weight_changes(), files=file_changes()))
    assert outcome.kind is OutcomeKind.DONE
    assert pair.d1.numbers == pair.d2.numbers == {LEVER: 1}
    assert not [each for each in pair.d1.requests if each.startswith("edit")]


async def test_a_track_file_that_brings_nothing_about(pair: Pair) -> None:
    """keepalived does not follow it: the number is put back."""
    outcome = await pair.carry_out(plan_of(*weight_changes(), files=file_changes()))
    assert outcome.kind is OutcomeKind.UNDONE
    assert "keepalived1 is not as planned: weight 1, as before" in outcome.failure
    assert pair.d1.numbers == pair.d2.numbers == {LEVER: 0}


async def test_a_track_file_with_another_number_in_it(pair: Pair) -> None:
    """Somebody uses it for something else: refused."""
    pair.d2.numbers[LEVER] = 7
    outcome = await pair.carry_out(plan_of(*weight_changes(), files=file_changes()))
    assert outcome.kind is OutcomeKind.REFUSED
    assert "has 7 in it instead of 0" in outcome.objections[0].sentence


class _KilledError(BaseException):
    """The end of this program, at a step."""


@pytest.mark.parametrize("at", range(1, 40))
async def test_killed_at_every_step(pair: Pair, at: int) -> None:
    """Whenever lvstop ends, what was changed is on a record that the next one finds; what is not, was not changed."""
    told = 0

    def watch(_progress: Progress) -> None:
        nonlocal told
        told += 1
        if told == at:
            raise _KilledError

    pair.watch = watch
    plan = plan_of(*weight_changes())
    try:
        outcome = await pair.carry_out(plan)
    except _KilledError:
        pass
    else:
        assert outcome.kind is OutcomeKind.DONE
        assert at > told >= 12
        return
    touched = pair.d1.weight(ROW) == 0 or pair.d2.weight(ROW) == 0
    if touched:
        assert pair.kept
        assert all(plan.change.id in each.records for each in (pair.d1, pair.d2))
    found = [phase for _, phase in pair.kept]
    if found == [ChangePhase.STANDING]:
        assert pair.d1.weight(ROW) == pair.d2.weight(ROW) == 0
