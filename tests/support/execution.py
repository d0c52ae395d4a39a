"""Plans carried out on a pair in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lvstop.actions.audit import AuditError
from lvstop.actions.execute import execute
from lvstop.actions.hands import DirectorHands, HandsError, lay_hands
from lvstop.actions.intent import Row
from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Plan
from lvstop.actions.progress import Progress
from lvstop.actions.store import ChangeStore
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
from lvstop.model.ipvs import ForwardingMethod
from lvstop.transport.base import TransportError
from support.act_director import ActDirector
from support.clocks import START, EagerClock
from support.factories import rs_key, vs_key

VS, RS = vs_key("TCP:172.26.127.20:445"), rs_key("172.26.127.22:445")
OTHER = rs_key("172.26.127.21:445")
ROW: Row = (VS, RS)
ROUTE = Destination(ForwardingMethod.ROUTE, 1, 0, 0, None)
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
        author=Author("anna", "desk"),
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
