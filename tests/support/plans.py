"""Changes of weights for tests of the terminal: plans, refusals, outcomes, and an actor that does nothing but tell."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from lvstop.actions.intent import Drain, Intent, Restore, Row
from lvstop.actions.outcome import Outcome, OutcomeKind, RowStanding
from lvstop.actions.plan import Objection, ObjectionCode, Plan, Refusal, Remark, SharePreview
from lvstop.actions.progress import Progress, Stage
from lvstop.config.schema import ClusterConfig
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase, FileChange, Lever, WeightChange
from lvstop.model.cluster import ClusterSnapshot
from support import scenes
from support.change_factories import BOTH, change, outcome, plan, weights
from support.factories import NOW, rs_key, vs_key

ANNA = Author("anna", "desk")
SMB_ROW: Row = (vs_key(scenes.SMB), rs_key(f"{scenes.SECOND}:445"))
NETBIOS_ROW: Row = (vs_key(scenes.NETBIOS), rs_key(f"{scenes.SECOND}:139"))
BOTH_ROWS = (NETBIOS_ROW, SMB_ROW)

LIFETIME = (
    "Holds through successful health checks and through reloads of keepalived.",
    "Ends where the real server fails its checks and comes back, where its own lines in keepalived.conf change, and "
    "where keepalived or the director restarts: keepalived then sets the weight that it is configured with.",
    "Set on keepalived1 and keepalived2: a failover changes nothing.",
)


def rows_of(*rows: Row, before: int = 1, after: int = 0) -> tuple[WeightChange, ...]:
    """These rows on both directors."""
    return tuple(each for server, real in rows for each in weights(str(server), str(real), before=before, after=after))


def drain(*rows: Row, **more: object) -> Change:
    """A standing drain of these rows, by anna, of four minutes ago; the second real server everywhere unless told."""
    values: dict[str, object] = {
        "author": ANNA,
        "at": NOW - timedelta(minutes=4, seconds=11),
        "reason": "kernel update",
        "active_connections": 602,
    }
    values.update(more)
    return change(*rows_of(*(rows or BOTH_ROWS)), **values)


def drain_plan(*rows: Row, **more: object) -> Plan:
    """What a drain takes, with everything that a plan may have to say."""
    values: dict[str, object] = {"lifetime": LIFETIME, "shares": shares(), "remarks": (UNTOLD,)}
    values.update(more)
    return plan(drain(*rows, reason="", at=NOW), **values)


UNTOLD = Remark(
    "keepalived is not told of it: no FILE_CHECK watches a track file for them.",
    "A drain that lasts needs these lines in keepalived.conf of every director:\n"
    "track_file drain_172.26.127.22 {\n    file /etc/keepalived/drain/172.26.127.22\n    weight -254\n}",
)
PERSISTENT = Remark(
    "TCP:172.26.127.20:445 is persistent (300 s) and expire_quiescent_template is 0: 41 clients that it has bound keep "
    "coming to the drained real server.",
    "sysctl -w net.ipv4.vs.expire_quiescent_template=1 on every director sends them elsewhere.",
)


def shares(server: str = scenes.SMB, port: int = 445) -> tuple[SharePreview, ...]:
    """Half and half, then all for the first real server."""
    return (
        SharePreview(vs_key(server), rs_key(f"{scenes.FIRST}:{port}"), 0.5, 1.0),
        SharePreview(vs_key(server), rs_key(f"{scenes.SECOND}:{port}"), 0.5, 0.0),
    )


def weight_plan(before: int = 1, after: int = 5) -> Plan:
    """Another weight for one row."""
    made = change(*rows_of(SMB_ROW, before=before, after=after), kind=ChangeKind.WEIGHT, author=ANNA)
    then = after / (after + 1)
    previews = (
        SharePreview(SMB_ROW[0], rs_key(f"{scenes.FIRST}:445"), 0.5, 1 - then),
        SharePreview(*SMB_ROW, 0.5, then),
    )
    return plan(made, shares=previews, lifetime=LIFETIME)


def file_plan() -> Plan:
    """A drain by a track file, which lasts."""
    path = "/etc/keepalived/drain/172.26.127.22"
    files = tuple(FileChange(name, "drain_172.26.127.22", path, 0, 1) for name in BOTH)
    made = drain(lever=Lever.TRACK_FILE, files=files, reason="", at=NOW)
    lasts = ("Holds through health checks, reloads and restarts, until the file is 0 again.",)
    return plan(made, lifetime=lasts, shares=shares())


def restore_plan() -> Plan:
    """The second real server gets its weights back."""
    made = change(*rows_of(*BOTH_ROWS, before=0, after=1), kind=ChangeKind.RESTORE, author=ANNA)
    back = tuple(replace(each, now=each.then, then=each.now) for each in shares())
    return plan(made, closes=("20261122-140211-ab12",), shares=back, lifetime=LIFETIME[2:])


def long_plan() -> Plan:
    """Many rows with the longest addresses, NAT and thresholds, and an objection that was overridden."""
    vip, real = "2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff02"
    rows = [(vs_key(f"TCP:[{vip}]:{8000 + port}"), rs_key(f"[{real}]:{9000 + port}")) for port in range(12)]
    capacity = Objection(
        ObjectionCode.CAPACITY,
        "The other real servers would have 1,204 connections where their thresholds allow 1,000.",
        overridable=True,
    )
    made = drain(*rows, reason="", at=NOW)
    return plan(made, lifetime=LIFETIME, remarks=(PERSISTENT, UNTOLD), overridden=(capacity,))


LAST = Objection(
    ObjectionCode.LAST_REAL_SERVER,
    "172.26.127.22:445 is the last live real server of TCP:172.26.127.20:445: without it every client is refused.",
    overridable=True,
)
CAPACITY = Objection(
    ObjectionCode.CAPACITY,
    "172.26.127.21:445 would have 1,204 connections and takes 1,000 at most (upper threshold).",
    overridable=True,
)
STALE = Objection(
    ObjectionCode.STALE_DATA,
    "keepalived1 does not answer in time: its table was read 11 s ago; a failover would undo what is done on "
    "keepalived2 alone.",
    overridable=True,
)
UNPRIVILEGED = Objection(
    ObjectionCode.PRIVILEGE_MISSING,
    "ops is not root on keepalived2, and sudo asks for a password there: only root may change the table.",
    overridable=False,
)
NOTHING = Objection(
    ObjectionCode.NOTHING_TO_DO,
    "Nothing is drained: 172.26.127.22:445 of TCP:172.26.127.20:445.",
    overridable=False,
)

CHANGED = Objection(
    ObjectionCode.CHANGED_SINCE,
    "172.26.127.22:445 of TCP:172.26.127.20:445 has weight 3 on keepalived2 instead of 1: somebody changed it.",
    overridable=False,
)
FINAL = (
    UNPRIVILEGED,
    NOTHING,
    CHANGED,
    Objection(
        ObjectionCode.READ_ONLY, "smb.yaml says read_only: true; nothing can be changed from here.", overridable=False
    ),
    Objection(
        ObjectionCode.LOCKED,
        "bob@workstation-17 is changing this cluster: he holds the lock on keepalived1 since 14:02:04.",
        overridable=False,
    ),
)

_EDIT = "ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 0 -x 0 -y 0"
STEPS = (
    Progress(Stage.AUDITING, None, "writing into the audit"),
    Progress(Stage.CONNECTING, "keepalived1", "connecting to keepalived1"),
    Progress(Stage.CONNECTING, "keepalived2", "connecting to keepalived2"),
    Progress(Stage.LOCKING, "keepalived1", "locking keepalived1"),
    Progress(Stage.LOCKING, "keepalived2", "locking keepalived2"),
    Progress(Stage.READING, "keepalived1", "reading again keepalived1"),
    Progress(Stage.RECORDING, None, "keeping a record of what is about to be done"),
    Progress(Stage.CHANGING, "keepalived2", _EDIT),
    Progress(Stage.CHANGING, "keepalived1", _EDIT),
)


def undone(of: Plan) -> Outcome:
    """The second director failed, and the first was put back."""
    failure = "keepalived1 refused the edit: No such destination (ipvsadm, status 255)."
    return outcome(of, OutcomeKind.UNDONE, failure=failure, change=None)


def incomplete(of: Plan) -> Outcome:
    """The second director fell silent half-way, so that nobody knows."""
    rows = []
    for each in of.expects:
        done = each.director == "keepalived2"
        found = "weight 0, as planned" if done else "unknown: keepalived1 does not answer"
        weight = each.after if done else None
        rows.append(
            RowStanding(each.director, each.virtual_server, each.real_server, weight, found, done, as_before=False)
        )
    return outcome(
        of,
        OutcomeKind.INCOMPLETE,
        change=of.change,
        failure="The connection to keepalived1 was lost while it was being changed.",
        rows=tuple(rows),
        notes=("No record could be kept on keepalived1.",),
        seconds=11.4,
    )


def recorded(snapshot: ClusterSnapshot, *changes: Change) -> ClusterSnapshot:
    """A snapshot with these changes on record, on both directors, and read there just now."""
    directors = tuple(replace(each, changes=changes, changes_table=each.virtual_servers) for each in snapshot.directors)
    return replace(snapshot, changes=changes, directors=directors)


Answer = Plan | Refusal


@dataclass
class FakeActor:
    """An actor that answers what it is told to, and remembers what it was asked.

    Attributes:
        answers: by reason for insisting; without one for None it plans a drain of whatever is asked.
        end: makes the outcome of a plan.
        gate: what an execution waits for after it told its steps.
    """

    answers: dict[str | None, Answer] = field(default_factory=dict)
    end: Callable[[Plan], Outcome] = outcome
    gate: asyncio.Event | None = None
    steps: Sequence[Progress] = STEPS
    asked: list[tuple[Intent, str | None]] = field(default_factory=list)
    resumed: list[tuple[str, Change]] = field(default_factory=list)
    executed: list[Plan] = field(default_factory=list)
    cancelled: int = 0

    def __call__(self, _config: ClusterConfig) -> "FakeActor":
        """As `MakeActor`."""
        return self

    def plan(self, intent: Intent, _snapshot: ClusterSnapshot, *, insist: str | None = None) -> Answer:
        """As `Actor.plan`."""
        self.asked.append((intent, insist))
        return self.answers.get(insist) or self.answers.get("*" if insist else None) or plan_of(intent)

    def plan_finish(self, change: Change, _snapshot: ClusterSnapshot, *, insist: str | None = None) -> Answer:
        """As `Actor.plan_finish`."""
        self.resumed.append(("finish", change))
        return self.answers.get(insist) or plan(change)

    def plan_undo(self, change: Change, _snapshot: ClusterSnapshot, *, insist: str | None = None) -> Answer:
        """As `Actor.plan_undo`."""
        self.resumed.append(("undo", change))
        return self.answers.get(insist) or plan(change)

    async def execute(self, plan: Plan, report: Callable[[Progress], None]) -> Outcome:
        """As `Actor.execute`."""
        self.executed.append(plan)
        for step in self.steps:
            report(step)
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.end(plan)


def plan_of(intent: Intent) -> Plan:
    """A plan for the rows that were asked for."""
    kinds = {Drain: ChangeKind.DRAIN, Restore: ChangeKind.RESTORE}
    kind = kinds.get(type(intent), ChangeKind.WEIGHT)
    return plan(change(*rows_of(*intent.rows), kind=kind, author=ANNA, phase=ChangePhase.PENDING))
