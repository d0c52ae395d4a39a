"""Failovers for tests of the terminal: assessments good and bad, courses, outcomes, and an actor that only tells."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

from lvstop.actions.failover.checks import Check, CheckCode, Verdict
from lvstop.actions.failover.outcome import (
    DirectorStanding,
    FailoverOutcome,
    FailoverProgress,
    FailoverStage,
    Tally,
)
from lvstop.actions.failover.plan import (
    Assessment,
    Consequences,
    Cost,
    Failback,
    FailoverPlan,
    LeverOption,
    Move,
    Suggestion,
)
from lvstop.actions.failover.timeline import AddressGap, Mark, Moment, Span, Timeline
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase
from lvstop.model.vrrp import SyncGroup, VrrpState
from support import scenes
from support.change_factories import BOTH
from support.factories import NOW, VIP, address, later
from support.failover_factories import ADDRESS, FILE, SERVICE, failover, failover_outcome, failover_plan
from support.plans import ANNA

SOURCE, TARGET = BOTH

P, W, B = Verdict.PASSED, Verdict.WARNED, Verdict.BLOCKED

GOOD = (
    Check(CheckCode.DIRECTORS_LIVE, P, "Both directors are live.", 0.4),
    Check(CheckCode.ONE_MASTER, P, "keepalived1 is MASTER of SMB, and nobody else is.", 2.1),
    Check(CheckCode.ONE_HOLDER, P, "keepalived1 holds 172.26.127.20 in the kernel, and nobody else does.", 0.4),
    Check(CheckCode.PEER_BACKUP, P, "keepalived2 is BACKUP of SMB and has no tracker in fault.", 2.1),
    Check(CheckCode.ADVERTS_ARRIVE, P, "keepalived2 has received 3 adverts of SMB within 3.0 s.", 0.2),
    Check(CheckCode.SAME_CONFIGURATION, P, "Both have the same addresses, vrid 20 and interval 1 s.", 2.1),
    Check(CheckCode.CONFIGURATION_VALID, P, "keepalived -t finds both configurations valid.", 0.9),
    Check(CheckCode.TABLES_EQUAL, P, "Both tables have the same 2 virtual and 4 real servers.", 0.4),
    Check(CheckCode.PEER_HEALTH, P, "keepalived2 finds every real server alive that keepalived1 does.", 31.0),
    Check(CheckCode.SYNC_DAEMONS, P, "keepalived1 sends, keepalived2 receives connections (sync id 20).", 5.0),
    Check(CheckCode.SYNC_COVERAGE, P, "keepalived2 has 1,190 of 1,204 connections (99 %).", 0.7),
    Check(CheckCode.KERNEL_SETTINGS, P, "ip_forward is 1 and ARP is set alike on both.", 0.7),
    Check(CheckCode.PEER_LOAD, P, "keepalived2 has a load of 0.08 on 2 processors.", 0.4),
    Check(CheckCode.NOT_FLAPPING, P, "SMB has not moved within the last 10 minutes.", 0.9),
    Check(CheckCode.NOTHING_UNDER_WAY, P, "No drain, no reload and no other failover is under way.", 0.4),
    Check(CheckCode.CLOCKS, P, "The clocks differ by 0.004 s at most.", 0.2),
    Check(CheckCode.PRIVILEGE, P, "lvstop is root on both.", None),
    Check(CheckCode.LEVER, P, "The track file maint can be written on keepalived1.", 0.9),
)
"""A pair on which nothing is wrong."""

NO_SYNC = Check(
    CheckCode.SYNC_DAEMONS,
    W,
    "No sync daemon runs: all 1,204 connections will be reset.",
    5.0,
    "lvs_sync_daemon in global_defs of both keepalived.conf keeps them",
)
LOADED = Check(
    CheckCode.PEER_LOAD,
    W,
    "keepalived2 has a load of 4.10 on 2 processors: [rsync] may be running there.",
    0.4,
)
PEER_FAULT = Check(
    CheckCode.PEER_BACKUP,
    B,
    "keepalived2 is in FAULT of SMB, since its interface ens3 is down: it cannot take over.",
    2.1,
    "ip link set ens3 up on keepalived2",
)
DRIFTED = Check(
    CheckCode.TABLES_EQUAL,
    B,
    "TCP:172.26.127.20:139 is missing in the table of keepalived2.",
    0.4,
    "systemctl reload keepalived on keepalived2",
)

TRACK_FILE = LeverOption(
    FailoverLever.TRACK_FILE,
    usable=True,
    why="maint (/etc/keepalived/maint) has weight −100: SMB goes from 150 to 50, below the 100 of keepalived2, which "
    "preempts.",
    steps=(FILE,),
    cost=Cost(3.6, (0.03, 0.05)),
    release="0 in the file: SMB is 150 again.",
)
PRIORITY = LeverOption(
    FailoverLever.PRIORITY,
    usable=False,
    why="It edits keepalived.conf, which is done only when it is asked for by name.",
)
FAULT = LeverOption(FailoverLever.FAULT, usable=False, why="No track file without a weight is tracked by SMB.")
STOP = LeverOption(
    FailoverLever.STOP,
    usable=True,
    why="keepalived.service runs under systemd on keepalived1.",
    steps=(SERVICE,),
    cost=Cost(1.7, (0.7, 1.1)),
    release="keepalived is started again.",
)
NO_TRACK_FILE = LeverOption(
    FailoverLever.TRACK_FILE, usable=False, why="No track file with a weight is tracked by SMB."
)

MOVE = Move(SOURCE, TARGET, ("SMB",), (), (ADDRESS,))
GENTLE = Consequences(
    connections=1204,
    surviving=1190,
    breaking=14,
    persistence="Persistent clients stay with their real servers: their templates are synced.",
    failback=Failback.AUTOMATIC,
    failback_why="SMB on keepalived1 preempts: it takes the address back about 3.4 s after the release.",
    sentences=("While the lever is held keepalived1 does not take over by priority if keepalived2 is lowered too.",),
)
HARSH = Consequences(
    connections=1204,
    surviving=0,
    breaking=1204,
    persistence="",
    failback=Failback.AUTOMATIC,
    failback_why="keepalived1 preempts: it takes the address back about 3.4 s after keepalived is started.",
    sentences=("While keepalived is stopped on keepalived1 nobody takes over if keepalived2 fails.",),
)

SUGGESTIONS = tuple(
    Suggestion(
        director,
        ("track_file lvstop {", "    file /etc/keepalived/lvstop", "    init_file 0", "}"),
        (("vrrp_instance SMB", ("track_file {", f"    lvstop weight -{weight}", "}")),),
    )
    for director, weight in ((SOURCE, 101), (TARGET, 60))
)


def checks(*others: Check) -> tuple[Check, ...]:
    """All that is good, but for `others`."""
    told = {check.code: check for check in others}
    return tuple(told.get(check.code, check) for check in GOOD)


def good(*others: Check) -> Assessment:
    """The gentle lever."""
    return Assessment(MOVE, checks(*others), (TRACK_FILE, PRIORITY, FAULT, STOP), TRACK_FILE, (), GENTLE)


def seed(*others: Check) -> Assessment:
    """The pair that most people have: no track file, no sync daemon. Only a stop works."""
    options = (NO_TRACK_FILE, PRIORITY, FAULT, STOP)
    return Assessment(MOVE, checks(NO_SYNC, *others), options, STOP, SUGGESTIONS, HARSH)


def bad() -> Assessment:
    """Two things that nothing overrides, and one that could be accepted."""
    return Assessment(
        MOVE, checks(PEER_FAULT, DRIFTED, NO_SYNC), (NO_TRACK_FILE, PRIORITY, FAULT, STOP), None, (), None
    )


LEVER_UNUSABLE = Objection(
    ObjectionCode.LEVER_UNUSABLE,
    "The lever track-file cannot be used: no track file with a weight is tracked by SMB.",
    overridable=False,
)


def many() -> Assessment:
    """A sync group of three instances with long IPv6 addresses."""
    vips = tuple(ip_address(f"2001:db8:1234:5678:9abc:def0:1234:{place:x}") for place in range(0x5678, 0x567E))
    move = Move(SOURCE, TARGET, ("WEB", "MAIL", "SMB"), ("FRONT",), vips)
    return replace(good(NO_SYNC, LOADED), move=move)


def pending(**more: object) -> Failover:
    """What would be put on record."""
    return failover(author=ANNA, **{"phase": FailoverPhase.PENDING, "reason": "", **more})


def plan_of(assessment: Assessment, **more: object) -> FailoverPlan:
    """The plan that follows from an assessment."""
    chosen = assessment.chosen
    assert chosen is not None
    assert assessment.move is not None
    move = assessment.move
    made = pending(lever=chosen.lever, steps=chosen.steps, instances=move.instances, vips=move.vips, source=move.source)
    values: dict[str, object] = {"assessment": assessment, "move": move, "steps": chosen.steps, "limit": 5.6}
    values.update(more)
    return failover_plan(made, **values)


def held(**more: object) -> Failover:
    """A lever that anna holds for eleven minutes."""
    values: dict[str, object] = {
        "author": ANNA,
        "at": NOW - timedelta(minutes=11),
        "reason": "kernel update",
        "returns": True,
    }
    values.update(more)
    return failover(**values)


def unfinished(**more: object) -> Failover:
    """A failover that was begun nine minutes ago and not ended."""
    return held(
        **{"phase": FailoverPhase.PENDING, "at": NOW - timedelta(minutes=9), "id": "20261122T135311Z-cd34", **more}
    )


def release_plan(of: Failover | None = None, *, moves: bool = True) -> FailoverPlan:
    """The way back."""
    made = of or held()
    back = Move(made.target, made.source, made.instances, (), made.vips)
    comes = replace(GENTLE, failback=Failback.STAYS, failback_why="there is no lever any more.", sentences=())
    told = replace(good(), move=back, options=(), chosen=None, consequences=comes if moves else None)
    return failover_plan(made, assessment=told, releases=True, moves=moves, move=back, limit=5.6)


def moved() -> scenes.Scene:
    """The lever has been held for eleven minutes: keepalived2 has the address, keepalived1 is below it."""
    return scenes.played([_moved(second) for second in range(61)])


def _moved(second: int) -> tuple[DirectorSnapshot, DirectorSnapshot]:
    lowered = scenes.told("BACKUP", priority=150, effective_priority=50, last_transition=later(-660))
    leading = scenes.told("MASTER", priority=100, effective_priority=100, last_transition=later(-660))
    first, second_ = scenes.stand_by(second, vrrp=(lowered,)), scenes.lead(second, vrrp=(leading,))
    return (
        replace(first, name=SOURCE, host="keepalived1.example", addresses=(address("172.26.127.23"),)),
        replace(second_, name=TARGET, host="keepalived2.example", addresses=(address("172.26.127.24"), address(VIP))),
    )


def on_record(played: scenes.Scene, *failovers: Failover) -> scenes.Scene:
    """Snapshots with these failovers on record, on both directors, and with the alerts that follow from it."""
    return scenes.played([[replace(each, changes=(), failovers=failovers) for each in one.directors] for one in played])


def grouped() -> ClusterSnapshot:
    """keepalived1 is MASTER of a sync group of two instances, and of another one."""
    return scenes.played([[_grouped(scenes.lead(), "MASTER"), _grouped(scenes.stand_by(), "BACKUP")]])[-1]


def _grouped(director: DirectorSnapshot, state: str) -> DirectorSnapshot:
    vrrp = (scenes.told(state), scenes.told(state, "MAIL", "10.0.0.9"), scenes.told(state, "WEB", "10.0.0.8"))
    held = (address("10.0.0.9"), address("10.0.0.8")) if state == "MASTER" else ()
    groups = (SyncGroup("FRONT", VrrpState(state), ("MAIL", "WEB")),)
    return replace(director, vrrp=vrrp, sync_groups=groups, addresses=(*(director.addresses or ()), *held))


# how it goes

_STEPS = (
    (FailoverStage.AUDITING, None, "writing into the audit"),
    (FailoverStage.CONNECTING, SOURCE, "connecting to keepalived1"),
    (FailoverStage.CONNECTING, TARGET, "connecting to keepalived2"),
    (FailoverStage.LOCKING, SOURCE, "locking keepalived1"),
    (FailoverStage.LOCKING, TARGET, "locking keepalived2"),
    (FailoverStage.CHECKING, None, "asking both directors again"),
    (FailoverStage.RECORDING, None, "keeping a record of what is about to be done"),
    (FailoverStage.WATCHING, SOURCE, "watching addresses, keepalived and connections"),
    (FailoverStage.WATCHING, TARGET, "watching addresses, keepalived and connections"),
    (FailoverStage.PULLING, SOURCE, "echo 1 > /etc/keepalived/maint"),
    (FailoverStage.WAITING, None, "waiting for keepalived2 to take over"),
)
STEPS = tuple(FailoverProgress(*step) for step in _STEPS)

PULLED = Moment(Mark.LEVER_PULLED, SOURCE, "echo 1 > /etc/keepalived/maint", 0.0, 0.002)
LOWERED = Moment(Mark.PRIORITY_CHANGED, SOURCE, "SMB", 0.011, 0.002)
MASTER = Moment(Mark.ENTERED_MASTER, TARGET, "SMB", 3.212, 0.003)
ADDED = Moment(Mark.VIP_ADDED, TARGET, VIP, 3.214, 0.003)
ARP = Moment(Mark.GRATUITOUS_ARP, TARGET, VIP, 3.215, 0.003)
BACKUP = Moment(Mark.ENTERED_BACKUP, SOURCE, "SMB", 3.243, 0.002)
REMOVED = Moment(Mark.VIP_REMOVED, SOURCE, VIP, 3.245, 0.002)
LAST = Moment(Mark.LAST_CONNECTION, SOURCE, "", 3.221, 0.008)
FIRST = Moment(Mark.FIRST_CONNECTION, TARGET, "", 3.238, 0.009)
AGREED = Moment(Mark.AGREED, "", "", 3.651, 0.05)
MOMENTS = (PULLED, LOWERED, MASTER, ADDED, ARP, LAST, FIRST, BACKUP, REMOVED, AGREED)


def told(*moments: Moment) -> tuple[FailoverProgress, ...]:
    """Moments as they are told."""
    return tuple(FailoverProgress(FailoverStage.WAITING, each.director or None, "", each) for each in moments)


OVERLAP, QUIET = Span(-0.031, 0.005), Span(0.017, 0.012)


def course(*moments: Moment, absent: Span | None = OVERLAP, gap: Span | None = QUIET) -> Timeline:
    """What the stopwatch has seen."""
    seen = moments or MOMENTS
    removed, added = (
        next((each for each in seen if each.mark is mark), None) for mark in (Mark.VIP_REMOVED, Mark.VIP_ADDED)
    )
    return Timeline(NOW, seen, (AddressGap(ADDRESS, removed, added, absent),), gap)


def done(plan: FailoverPlan) -> FailoverOutcome:
    """Gently, and seen in full."""
    tallies = (Tally(SOURCE, 1204, 0), Tally(TARGET, 1190, 1188))
    return failover_outcome(
        plan, timeline=course(), standings=_standings(plan, moved=True), tallies=tallies, seconds=5.2
    )


def harsh(plan: FailoverPlan) -> FailoverOutcome:
    """By a stop: nobody had the address for most of a second, and some of it is not known."""
    stopped = Moment(Mark.KEEPALIVED_STOPPED, SOURCE, "", 0.391, 0.004)
    pulled = replace(PULLED, subject="systemctl stop keepalived.service")
    seen = (pulled, replace(REMOVED, at=0.104), stopped, replace(MASTER, at=0.812), replace(ADDED, at=0.815), AGREED)
    timeline = course(*seen, absent=Span(0.711, 0.006), gap=None)
    notes = ("No gratuitous ARP was seen: keepalived on keepalived2 does not log in detail (-D).",)
    return failover_outcome(plan, timeline=timeline, standings=_standings(plan, moved=True), notes=notes, seconds=3.9)


def undone(plan: FailoverPlan) -> FailoverOutcome:
    """The target never took over."""
    released = Moment(Mark.LEVER_RELEASED, SOURCE, "echo 0 > /etc/keepalived/maint", 5.6, 0.002)
    return failover_outcome(
        plan,
        OutcomeKind.UNDONE,
        failure="keepalived2 did not take 172.26.127.20 over within 5.6 s.",
        timeline=course(PULLED, LOWERED, released, absent=None, gap=None),
        standings=_standings(plan, moved=False),
        tallies=(),
        seconds=9.8,
    )


def incomplete(plan: FailoverPlan) -> FailoverOutcome:
    """The target died after the lever was pulled, and the source's connection was cut."""
    return failover_outcome(
        plan,
        OutcomeKind.INCOMPLETE,
        failure="The connection to keepalived1 was lost while keepalived2 had not taken over yet.",
        timeline=course(PULLED, LOWERED, absent=None, gap=None),
        standings=(
            DirectorStanding(SOURCE, None, None, "/etc/keepalived/maint was 1 when it was last read"),
            DirectorStanding(TARGET, (), (("SMB", VrrpState.FAULT),)),
        ),
        tallies=(),
        way_out=("ssh keepalived1.example", "echo 0 > /etc/keepalived/maint", "ip -br addr show ens3"),
        notes=("The record on keepalived1 could not be brought up to date.",),
        seconds=14.1,
    )


def refused(plan: FailoverPlan) -> FailoverOutcome:
    """What was asked again was worse."""
    return failover_outcome(
        plan, OutcomeKind.REFUSED, checks=checks(PEER_FAULT), objections=(), failure="", seconds=1.4
    )


def _standings(plan: FailoverPlan, *, moved: bool) -> tuple[DirectorStanding, ...]:
    first, second = ((), plan.move.vips) if moved else (plan.move.vips, ())
    mine, theirs = (VrrpState.BACKUP, VrrpState.MASTER) if moved else (VrrpState.MASTER, VrrpState.BACKUP)
    lever = f"/etc/keepalived/maint is {int(moved)}"
    if plan.failover.lever is FailoverLever.STOP:
        lever = "keepalived.service is stopped"
    return (
        DirectorStanding(plan.move.source, first, tuple((name, mine) for name in plan.move.instances), lever),
        DirectorStanding(plan.move.target, second, tuple((name, theirs) for name in plan.move.instances)),
    )
