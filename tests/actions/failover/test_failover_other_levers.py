"""FAULT, the service, the configured priority; which lever is chosen, and what each costs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal, LeverOption
from lvstop.model.change import FileChange
from lvstop.model.director import Keepalived
from lvstop.model.failover import FailoverLever, PriorityChange, ServiceChange
from lvstop.model.sounding import PriorityLine, ServiceStatus
from support.assessed import (
    CONF,
    MAINT,
    NFS,
    SOURCE,
    UNIT,
    check,
    lead,
    made,
    of,
    option,
    pair,
    planned,
    soundings,
    stand_by,
    track_file,
    two_backups,
    two_instances,
    vrrp,
)
from support.factories import address

TRACK, PRIORITY, FAULT, STOP = FailoverLever
Made = FailoverPlan | FailoverRefusal


def tracking(*files: object, source: Mapping[str, Any] | None = None, target: Mapping[str, Any] | None = None) -> Made:
    """A pair whose first director has these track files."""
    return of({"vrrp_track_files": files, **(source or {})}, target)


def file_step(number: int, before: int = 0) -> FileChange:
    """The usual file gets a number."""
    return FileChange(SOURCE, "maint", MAINT, before, number)


class TestFault:
    """A number that puts it into FAULT."""

    def test_a_file_without_a_weight(self) -> None:
        """Its price is the skew time of the target."""
        found = option(FAULT, tracking(track_file(0)))
        assert (found.usable, found.steps) == (True, (file_step(1),))
        assert found.why == f"1 in {MAINT} puts SMB on keepalived1 into FAULT."
        assert found.cost is not None
        assert found.cost.gap == pytest.approx((0.609, 1.109), abs=0.001)

    def test_it_does_not_ask_for_preemption(self) -> None:
        """nopreempt is no hindrance."""
        accepting = {"vrrp": (vrrp("BACKUP", priority=100, preempt=False),)}
        assert option(FAULT, tracking(track_file(0), target=accepting)).usable

    def test_a_file_that_is_not_0(self) -> None:
        """Somebody has a hand in it."""
        found = option(FAULT, tracking(track_file(0, status=1)))
        assert found.why == f"{MAINT} on keepalived1 has 1 in it already."

    def test_another_one_that_is_master(self) -> None:
        """It would move as well."""
        snapshot = pair(
            lead(vrrp_track_files=(track_file({"SMB": 0, "NFS": 0}),), **two_instances()), stand_by(**two_backups())
        )
        found = option(FAULT, made(snapshot, intent=FailOver(instance="SMB")))
        assert found.why == f"{MAINT} on keepalived1 would move NFS as well."

    def test_another_one_that_is_backup(self) -> None:
        """It would lose its readiness, which is said."""
        snapshot = pair(
            lead(vrrp_track_files=(track_file({"SMB": 0, "NFS": 0}),), **two_instances("BACKUP")),
            stand_by(**two_backups("MASTER"), addresses=(address(NFS),)),
        )
        found = option(FAULT, made(snapshot, intent=FailOver(instance="SMB")))
        assert found.usable
        assert "NFS, which keepalived1 does not hold, cannot come back to it meanwhile" in found.why


class TestStop:
    """The service."""

    def test_it_runs(self) -> None:
        """And can be stopped."""
        found = option(STOP, made())
        assert (found.usable, found.steps) == (True, (ServiceChange(SOURCE, UNIT),))

    @pytest.mark.parametrize(
        ("service", "why"),
        [
            (None, "How keepalived is run on keepalived1 is not known."),
            (
                ServiceStatus(None, active=False, enabled=None),
                "keepalived on keepalived1 is not run by a service manager that could stop it.",
            ),
            (
                ServiceStatus(UNIT, active=False, enabled=True),
                "keepalived on keepalived1 is not run by a service manager that could stop it.",
            ),
        ],
    )
    def test_it_cannot(self, service: ServiceStatus | None, why: str) -> None:
        """Nobody knows how it was started."""
        found = option(STOP, made(asked_now=soundings({"service": service})))
        assert (found.usable, found.why) == (False, why)

    def test_it_does_not_run(self) -> None:
        """There is nothing to stop. (Nobody is MASTER then, so that no lever is looked at.)"""
        found = of({"keepalived": Keepalived("2.2.7", False, None)})
        assert found.assessment.options == ()

    def test_it_would_move_more(self) -> None:
        """Only one instance is meant."""
        snapshot = pair(lead(**two_instances()), stand_by(**two_backups()))
        found = option(STOP, made(snapshot, intent=FailOver(instance="SMB")))
        assert found.why == f"Stopping {UNIT} on keepalived1 would move NFS as well."


class TestPriority:
    """The configured one: only where it is asked for."""

    def named(self, *lines: PriorityLine, source: Mapping[str, Any] | None = None) -> LeverOption:
        """What is said of it when it is asked for."""
        answers = soundings({"priority_lines": lines} if lines else None)
        return option(PRIORITY, made(pair(lead(**(source or {}))), answers, intent=FailOver(lever=PRIORITY)))

    def test_nobody_asks_for_it(self) -> None:
        """A configuration is not edited without being told to."""
        found = option(PRIORITY, made())
        assert (found.usable, found.steps) == (False, ())
        assert "a configuration is edited only where `priority` is asked for" in found.why

    def test_asked_for(self) -> None:
        """By the operator or by the cluster file."""
        step = PriorityChange(SOURCE, CONF, "SMB", 150, 99)
        assert self.named().steps == (step,)
        assert planned(made(configured=PRIORITY)).steps == (step,)
        assert planned(made(intent=FailOver(lever=TRACK), configured=PRIORITY)).failover.lever is TRACK

    def test_trackers_count(self) -> None:
        """What they add is added to another configured priority as well."""
        raised = vrrp("MASTER", priority=150, effective_priority=170)
        assert self.named(source={"vrrp": (raised,)}).steps == (PriorityChange(SOURCE, CONF, "SMB", 150, 79),)

    def test_lines_that_do_not_fit(self) -> None:
        """None, two, or one that keepalived does not run with."""
        line = PriorityLine("SMB", CONF, 12, 150)
        assert self.named(line, replace(line, line_number=40)).why == (
            "2 lines of keepalived1's configuration set the priority of SMB; it takes one."
        )
        assert self.named(replace(line, priority=120)).why == (
            f"{CONF} on keepalived1 gives SMB priority 120, and keepalived runs with 150: it has not been reloaded."
        )
        unknown = made(asked_now=soundings({"priority_lines": None}), intent=FailOver(lever=PRIORITY))
        assert option(PRIORITY, unknown).why == "Where priorities are configured on keepalived1 is not known."

    def test_no_room_below(self) -> None:
        """1 is the least."""
        raised = vrrp("MASTER", priority=20, effective_priority=120)
        lines = soundings({"priority_lines": (PriorityLine("SMB", CONF, 12, 20),)})
        found = made(pair(lead(vrrp=(raised,))), lines, intent=FailOver(lever=PRIORITY))
        assert option(PRIORITY, found).why == "No priority of SMB on keepalived1 is below the 100 of the target."


class TestChoice:
    """The gentlest that works, unless one is named."""

    def test_in_this_order(self) -> None:
        """A weight, then FAULT, then stopping it."""
        assert planned(made()).failover.lever is TRACK
        accepted = frozenset(CheckCode)
        faulting = pair(lead(vrrp_track_files=(track_file(0),)))
        assert planned(made(faulting, accepted=accepted)).failover.lever is FAULT
        bare = pair(lead(vrrp_track_files=()))
        assert planned(made(bare, accepted=accepted)).failover.lever is STOP

    def test_one_that_is_named(self) -> None:
        """It, or nothing."""
        stop = made(intent=FailOver(lever=STOP), accepted=frozenset({CheckCode.LEVER}))
        assert planned(stop).failover.lever is STOP
        refusal = made(intent=FailOver(lever=FAULT))
        assert refusal.assessment.chosen is None
        line = check(CheckCode.LEVER, refusal)
        assert line.sentence == (
            "The lever fault cannot be used: No track file without a weight is tracked by SMB on keepalived1."
        )

    def test_nopreempt_with_a_priority_lever_only(self) -> None:
        """Neither a weight nor a priority moves it; stopping does."""
        accepting = stand_by(vrrp=(vrrp("BACKUP", priority=100, preempt=False),))
        found = made(pair(target=accepting), intent=FailOver(lever=PRIORITY))
        assert check(CheckCode.LEVER, found).verdict == "blocked"
        assert found.assessment.chosen is None
        stopped = made(pair(target=accepting), accepted=frozenset({CheckCode.LEVER}))
        assert planned(stopped).failover.lever is STOP


class TestCost:
    """By the timers of the director that takes over."""

    @pytest.mark.parametrize(
        ("fields", "gentle", "hard"),
        [
            ({}, 3.609, 0.609),
            ({"priority": 254, "effective_priority": 254}, 3.008, 0.008),
            ({"version": 3}, 3.609, 0.609),
            ({"version": 3, "advert_interval": 0.1}, 0.361, 0.061),
            ({"advert_interval": 2.0}, 6.609, 0.609),
            ({"preempt_delay": 5.0}, 9.609, 0.609),
            ({"version": None, "advert_interval": 2.0}, 7.219, 1.219),
        ],
    )
    def test_timers(self, fields: dict[str, Any], gentle: float, hard: float) -> None:
        """RFC 5798 §6.1, and keepalived's preempt delay, which begins with the first lower advert."""
        own = vrrp(
            "MASTER", priority=254 if "priority" in fields else 150, advert_interval=fields.get("advert_interval", 1.0)
        )
        target = replace(vrrp("BACKUP", priority=100), **fields)
        files = (track_file({"SMB": -60}), track_file(0, name="fault", path="/run/fault"))
        found = of({"vrrp": (own,), "vrrp_track_files": files}, {"vrrp": (target,)})
        weighted, faulting = option(TRACK, found), option(FAULT, found)
        assert weighted.cost is not None
        assert faulting.cost is not None
        assert weighted.cost.takeover == pytest.approx(gentle, abs=0.001)
        assert faulting.cost.gap[0] == pytest.approx(hard, abs=0.001)
        assert faulting.cost.takeover >= faulting.cost.gap[1] - 0.001

    def test_the_limit_leaves_room(self) -> None:
        """A busy director is not one that failed."""
        plan = planned(made())
        assert plan.assessment.chosen is not None
        assert plan.assessment.chosen.cost is not None
        assert plan.limit == pytest.approx(plan.assessment.chosen.cost.takeover + 3.0)
