"""Builders for failovers, their plans and outcomes: the usual instance by a weighted track file, unless told."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from lvstop.actions.failover.checks import Check, CheckCode, Verdict
from lvstop.actions.failover.outcome import DirectorStanding, FailoverOutcome, Tally
from lvstop.actions.failover.plan import (
    Assessment,
    Consequences,
    Cost,
    Failback,
    FailoverPlan,
    FailoverRefusal,
    LeverOption,
    Move,
    Suggestion,
)
from lvstop.actions.failover.timeline import AddressGap, Mark, Moment, Span, Timeline
from lvstop.actions.outcome import OutcomeKind
from lvstop.model.change import FileChange
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, LeverStep, PriorityChange, ServiceChange
from lvstop.model.vrrp import VrrpState
from support.change_factories import AUTHOR, BOTH
from support.factories import NOW, VIP

SOURCE, TARGET = BOTH
ADDRESS = ip_address(VIP)

FILE = FileChange(SOURCE, "maint", "/etc/keepalived/maint", 0, 1)
PRIORITY = PriorityChange(SOURCE, "/etc/keepalived/keepalived.conf", "SMB", 150, 90)
SERVICE = ServiceChange(SOURCE, "keepalived.service")

STEPS: dict[FailoverLever, LeverStep] = {
    FailoverLever.TRACK_FILE: FILE,
    FailoverLever.PRIORITY: PRIORITY,
    FailoverLever.FAULT: FILE,
    FailoverLever.STOP: SERVICE,
}

PASSED = Check(CheckCode.PEER_BACKUP, Verdict.PASSED, "keepalived2 is BACKUP and hears adverts.", 0.6)
WARNED = Check(
    CheckCode.SYNC_DAEMONS,
    Verdict.WARNED,
    "No sync daemon runs: 1,204 connections will be reset.",
    0.3,
    "add lvs_sync_daemon to both keepalived.conf",
)
BLOCKED = Check(
    CheckCode.ONE_MASTER, Verdict.BLOCKED, "Both directors are MASTER of SMB.", 0.4, "find out why adverts are lost"
)

TRACK_FILE = LeverOption(
    FailoverLever.TRACK_FILE,
    usable=True,
    why="The file maint has the weight -60 and brings keepalived1 from 150 to 90, below 100.",
    steps=(FILE,),
    cost=Cost(3.8, (0.02, 0.06)),
    release="The virtual addresses come back about 3.4 s after the release (preempt).",
)
NO_FAULT = LeverOption(FailoverLever.FAULT, usable=False, why="No track file without a weight is tracked by SMB.")
STOP = LeverOption(
    FailoverLever.STOP,
    usable=True,
    why="keepalived.service can be stopped on keepalived1.",
    steps=(SERVICE,),
    cost=Cost(1.2, (0.7, 1.1)),
    release="keepalived is started again, and takes the virtual addresses back (preempt).",
)

MOVE = Move(SOURCE, TARGET, ("SMB",), (), (ADDRESS,))

CONSEQUENCES = Consequences(
    connections=1204,
    surviving=0,
    breaking=1204,
    persistence="",
    failback=Failback.AUTOMATIC,
    failback_why="SMB on keepalived1 preempts: it takes the addresses back about 3.4 s after the release.",
    sentences=("While the lever is held keepalived1 does not take over if keepalived2 fails.",),
)

SUGGESTION = Suggestion(
    TARGET,
    ("track_file lvstop {", "    file /etc/keepalived/lvstop", "    init_file 0", "}"),
    (("vrrp_instance SMB", ("track_file {", "    lvstop weight -60", "}")),),
)


def failover(**more: object) -> Failover:
    """A held failover; `more` are fields. Its steps follow its lever."""
    lever = more.get("lever", FailoverLever.TRACK_FILE)
    assert isinstance(lever, FailoverLever)
    values: dict[str, Any] = {
        "id": "20261122T140211Z-ab12",
        "cluster": "smb",
        "phase": FailoverPhase.HELD,
        "lever": lever,
        "source": SOURCE,
        "target": TARGET,
        "instances": ("SMB",),
        "vips": (ADDRESS,),
        "steps": (STEPS[lever],),
        "author": AUTHOR,
        "at": NOW,
        "reason": "kernel update",
    }
    values.update(more)
    return Failover(**values)


def assessment(*checks: Check, **more: object) -> Assessment:
    """All is well but for `checks`, and the track file is chosen."""
    values: dict[str, Any] = {
        "move": MOVE,
        "options": (TRACK_FILE, NO_FAULT, STOP),
        "chosen": TRACK_FILE,
        "suggestions": (),
        "consequences": CONSEQUENCES,
    }
    values.update(more)
    return Assessment(checks=(PASSED, *checks), **values)


def failover_plan(of: Failover | None = None, *checks: Check, **more: object) -> FailoverPlan:
    """The lever of a failover is pulled; with `releases`, it is released."""
    made = of or replace(failover(), phase=FailoverPhase.PENDING)
    releases = bool(more.get("releases", False))
    values: dict[str, Any] = {
        "assessment": assessment(*checks),
        "move": Move(TARGET, SOURCE, MOVE.instances, MOVE.groups, MOVE.vips) if releases else MOVE,
        "releases": releases,
        "moves": True,
        "steps": made.steps[::-1] if releases else made.steps,
        "limit": 8.0,
    }
    values.update(more)
    return FailoverPlan(made, **values)


def failover_refusal(*checks: Check, **more: object) -> FailoverRefusal:
    """Refused for these checks; `more` are fields."""
    values: dict[str, Any] = {"assessment": assessment(*checks)}
    values.update(more)
    return FailoverRefusal(**values)


def timeline() -> Timeline:
    """The addresses move after 3.2 s, with a small overlap."""
    pulled = Moment(Mark.LEVER_PULLED, SOURCE, "echo 1 > /etc/keepalived/maint", 0.0, 0.002)
    added = Moment(Mark.VIP_ADDED, TARGET, VIP, 3.214, 0.004)
    removed = Moment(Mark.VIP_REMOVED, SOURCE, VIP, 3.245, 0.004)
    last = Moment(Mark.LAST_CONNECTION, SOURCE, "", 3.245, 0.012)
    first = Moment(Mark.FIRST_CONNECTION, TARGET, "", 3.262, 0.012)
    gap = AddressGap(ADDRESS, removed, added, Span(-0.031, 0.008))
    return Timeline(NOW + timedelta(seconds=9), (pulled, added, removed, last, first), (gap,), Span(0.017, 0.024))


def failover_outcome(of: FailoverPlan, kind: OutcomeKind = OutcomeKind.DONE, **more: object) -> FailoverOutcome:
    """The end of a plan: the target holds everything where it is done, else the source does."""
    done, move = kind is OutcomeKind.DONE, of.move
    holder, other = (move.target, move.source) if done else (move.source, move.target)
    standings = (
        DirectorStanding(other, (), tuple((name, VrrpState.BACKUP) for name in move.instances)),
        DirectorStanding(holder, move.vips, tuple((name, VrrpState.MASTER) for name in move.instances)),
    )
    kept = replace(of.failover, phase=FailoverPhase.HELD) if done and not of.releases else None
    values: dict[str, Any] = {
        "failover": of.failover if kind is OutcomeKind.INCOMPLETE else kept,
        "checks": of.assessment.checks,
        "timeline": None if kind is OutcomeKind.REFUSED else timeline(),
        "standings": () if kind is OutcomeKind.REFUSED else standings,
        "tallies": () if kind is OutcomeKind.REFUSED else (Tally(SOURCE, 1204, 3), Tally(TARGET, 0, 1188)),
        "seconds": 9.4,
    }
    values.update(more)
    return FailoverOutcome(kind, **values)
