"""Alerts about VIPs in the kernels and about VRRP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lvstop.analysis.memory import Memory
from lvstop.analysis.rules import evaluate
from lvstop.analysis.thresholds import Thresholds
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot, Keepalived
from lvstop.model.vrrp import VrrpInstance, VrrpSource
from support.factories import (
    NOW,
    VIP,
    address,
    alert,
    backup,
    cluster,
    director,
    gone,
    instance,
    later,
    master,
    silent,
    told,
    unprivileged,
    vrrp_counters,
)

Codes = set[str]
HA = {"no-master", "multiple-masters", "vip-missing", "vip-duplicate", "vip-state-mismatch"}
SECOND_MASTER: dict[str, Any] = {"vrrp": (instance("MASTER"),), "addresses": (address(VIP),)}


def codes(*directors: DirectorSnapshot, memory: Memory | None = None) -> Codes:
    return {str(found.code) for found in cluster(*directors, memory=memory).alerts} & HA


def faulty(name: str = "keepalived1") -> DirectorSnapshot:
    return backup(name, vrrp=(instance("FAULT"),))


@pytest.mark.parametrize(
    ("directors", "expected"),
    [
        ((master(), backup()), set()),
        ((faulty(), faulty("keepalived2")), {"no-master", "vip-missing"}),
        ((backup("keepalived1"), backup()), {"no-master", "vip-missing"}),
        ((faulty(),), {"no-master", "vip-missing"}),
        ((backup(),), {"vip-missing"}),
        # One that cannot be asked may be the master: a BACKUP hears one, a FAULT says nothing of it.
        ((backup(), silent("keepalived1")), set()),
        ((faulty(), silent()), {"no-master"}),
        ((faulty(), gone(master("keepalived2"))), {"no-master"}),
        ((faulty(), unprivileged(master("keepalived2"))), set()),
        # Without a word of keepalived's the kernels tell what they tell.
        ((unprivileged(backup("keepalived1")), backup()), {"vip-missing"}),
        ((backup(vrrp=(instance(None, source=VrrpSource.DBUS),)), backup("b")), {"vip-missing"}),
        ((master(), backup(**SECOND_MASTER)), {"multiple-masters", "vip-duplicate"}),
        ((master(), backup(addresses=(address(VIP),))), {"vip-duplicate", "vip-state-mismatch"}),
        ((unprivileged(master()), unprivileged(backup(**SECOND_MASTER))), {"vip-duplicate"}),
        ((master(), gone(backup(**SECOND_MASTER))), set()),
        ((master(addresses=()), backup()), {"vip-missing", "vip-state-mismatch"}),
        ((master(addresses=()), backup(addresses=(address(VIP),))), {"vip-state-mismatch"}),
        ((master(addresses=None), backup()), set()),
        ((director(), director("b")), set()),
    ],
)
def test_which_of_the_codes_fire(directors: tuple[DirectorSnapshot, ...], expected: Codes) -> None:
    assert codes(*directors) == expected


def test_nobody_is_master() -> None:
    found = alert(cluster(faulty(), backup()), "no-master")
    assert found.subject == "SMB"
    assert found.summary == "Nobody is MASTER of SMB: keepalived1 is FAULT and keepalived2 is BACKUP."
    assert str(found.severity) == "critical"


def test_nobody_is_known_to_be_master() -> None:
    found = alert(cluster(faulty(), silent()), "no-master")
    assert str(found.severity) == "warning"
    assert found.summary.endswith("keepalived1 is FAULT, and keepalived2 could not be asked.")


def test_a_missing_vip_names_the_states_that_explain_it() -> None:
    found = alert(cluster(faulty(), faulty("keepalived2")), "vip-missing")
    assert found.subject == VIP
    assert found.summary == f"No director holds {VIP} (SMB): keepalived1 is FAULT and keepalived2 is FAULT."


def test_two_masters_that_disagree_on_the_vrid_are_told_so() -> None:
    other = backup(vrrp=(instance("MASTER", vrid=21),), addresses=(address(VIP),))
    assert "VRID 20 on keepalived1 and 21 on keepalived2" in alert(cluster(master(), other), "multiple-masters").summary


def test_two_masters_with_different_addresses_are_told_so() -> None:
    other = backup(vrrp=(instance("MASTER", "SMB", VIP, "10.0.0.9"),), addresses=(address(VIP), address("10.0.0.9")))
    assert "their virtual addresses differ" in alert(cluster(master(), other), "multiple-masters").summary


def test_instances_belong_together_by_name_else_by_vrid_and_address() -> None:
    other = backup(vrrp=(instance("MASTER", "OTHER_NAME"),), addresses=(address(VIP),))
    assert alert(cluster(master(), other), "multiple-masters").subject == "SMB"
    stranger = backup(vrrp=(instance("MASTER", "DNS", "10.0.0.9"),), addresses=(address("10.0.0.9"),))
    assert "multiple-masters" not in codes(master(), stranger)


def test_the_same_name_for_different_instances_does_not_join_them() -> None:
    other = backup(vrrp=(instance("MASTER", "SMB", "10.0.0.9", vrid=21),), addresses=(address("10.0.0.9"),))
    assert "multiple-masters" not in codes(master(), other)


def test_d_bus_tells_no_addresses_and_still_two_sides_belong_together() -> None:
    def on_bus(state: str, name: str | None = None) -> tuple[VrrpInstance, ...]:
        return (replace(instance(state, name, interface="ens3"), vips=(), source=VrrpSource.DBUS),)

    one = master(vrrp=on_bus("MASTER"))
    assert codes(one, backup(vrrp=on_bus("BACKUP"))) == set()
    assert codes(one, backup(vrrp=on_bus("BACKUP", "SMB"))) == set()
    assert alert(cluster(one, backup(vrrp=on_bus("MASTER"))), "multiple-masters").subject == "VRID 20"


def test_the_master_of_a_lone_backup_is_not_in_the_cluster_file() -> None:
    found = alert(cluster(backup()), "vip-missing")
    assert str(found.severity) == "warning"
    assert found.summary.endswith("keepalived2 is BACKUP. Its master is not in the cluster file.")


def test_stale_address_on_the_backup() -> None:
    snapshot = cluster(master(addresses=()), backup(addresses=(address(VIP),)))
    found = alert(snapshot, "vip-state-mismatch", f"{VIP} on keepalived2")
    assert str(found.severity) == "warning"
    assert found.summary == f"keepalived2 is BACKUP for SMB, but {VIP} is still on its interfaces."


def test_a_vrrp_dump_older_than_the_last_change_of_addresses_is_not_compared_with_them() -> None:
    memory = Memory().observe(cluster())
    removed = cluster(master(addresses=()), backup(), now=later(1), memory=memory)
    memory = memory.observe(removed)
    assert "vip-state-mismatch" not in codes_at(master(addresses=()), 10, memory)
    asked_again = master(addresses=(), vrrp_read_at=later(2))
    assert "vip-state-mismatch" in codes_at(asked_again, 10, memory)


def codes_at(first: DirectorSnapshot, seconds: float, memory: Memory) -> Codes:
    return {str(found.code) for found in cluster(first, backup(), now=later(seconds), memory=memory).alerts}


def _moving(*directors: DirectorSnapshot, seconds: float) -> ClusterSnapshot:
    """A look `seconds` after the one that saw a healthy pair change into this."""
    memory = Memory().observe(cluster())
    memory = memory.observe(cluster(*directors, now=later(1), memory=memory))
    return cluster(*directors, now=later(1 + seconds), memory=memory)


def test_while_a_vip_moves_its_absence_is_a_warning_and_then_critical() -> None:
    pair = (backup("keepalived1"), backup())
    moving = _moving(*pair, seconds=1)
    assert ("vip-missing", "warning", VIP) in told(moving)
    assert "It may be moving" in alert(moving, "vip-missing").summary
    assert "no-master" not in {code for code, *_ in told(moving)}
    assert moving.health is Health.WARNING
    settled = _moving(*pair, seconds=4)
    assert {(code, severity) for code, severity, _ in told(settled)} >= {
        ("vip-missing", "critical"),
        ("no-master", "critical"),
    }


def test_the_overlap_of_a_handover_is_a_warning_and_then_critical() -> None:
    pair = (master(), backup(**SECOND_MASTER))
    assert [(code, severity) for code, severity, _ in told(_moving(*pair, seconds=0))] == [("vip-duplicate", "warning")]
    assert {("multiple-masters", "critical", "SMB"), ("vip-duplicate", "critical", VIP)} <= set(
        told(_moving(*pair, seconds=4))
    )


def test_one_instance_does_not_wait_for_another() -> None:
    """OTHER has just moved; SMB, which is MASTER on both directors, has not."""
    both = [instance("MASTER"), instance("MASTER", "OTHER", "172.26.127.30", vrid=21)]
    before = cluster(master(vrrp=(both[0],)), backup(**SECOND_MASTER))
    memory = Memory().observe(before)
    after = cluster(master(vrrp=tuple(both)), backup(**SECOND_MASTER), now=later(5), memory=memory)
    assert after.moving == {"OTHER"}
    assert ("multiple-masters", "critical", "SMB") in told(after)
    assert ("vip-duplicate", "critical", VIP) in told(after)


@pytest.mark.parametrize("name", ["SMB", "FILES"])
@pytest.mark.parametrize("source", [VrrpSource.KEEPALIVED, VrrpSource.DBUS])
def test_an_instance_moves_under_all_its_names(name: str, source: VrrpSource) -> None:
    """keepalived is stopped on the MASTER: its peer, which calls the instance otherwise, has a moment to take over."""

    def told_by(state: str, label: str) -> tuple[VrrpInstance, ...]:
        found = instance(state, label, interface="ens3", source=source)
        return (found if source is VrrpSource.KEEPALIVED else replace(found, vips=()),)

    memory = Memory().observe(cluster(master(vrrp=told_by("MASTER", name)), backup(vrrp=told_by("BACKUP", "SMB"))))
    stopped = backup("keepalived1", keepalived=Keepalived("2.2.7", False, None), vrrp=None, checks=None)
    pair = (stopped, backup(vrrp=told_by("BACKUP", "SMB")))
    memory = memory.observe(cluster(*pair, now=later(1), memory=memory))
    assert "no-master" not in codes(*pair, memory=memory)
    assert "no-master" in {each.code for each in cluster(*pair, now=later(9), memory=memory).alerts}


def test_a_wall_clock_that_is_set_back_leaves_nothing_moving() -> None:
    memory = Memory().observe(cluster())
    memory = memory.observe(cluster(backup("keepalived1"), backup(), now=later(1), memory=memory))
    assert cluster(backup("keepalived1"), backup(), now=later(1), memory=memory).moving
    assert not cluster(backup("keepalived1"), backup(), now=later(-3600), memory=memory).moving


def test_a_first_look_has_no_history_to_wait_for() -> None:
    assert ("vip-missing", "critical", VIP) in told(cluster(backup("keepalived1"), backup()))


def _flip(times: int, every: float) -> ClusterSnapshot:
    memory = Memory()
    snapshot = cluster()
    for number in range(times + 1):
        state = "BACKUP" if number % 2 else "MASTER"
        one = director("keepalived1", vrrp=(instance(state, last_transition=None),))
        snapshot = cluster(one, now=later(number * every), memory=memory)
        memory = memory.observe(snapshot)
    return snapshot


@pytest.mark.parametrize(("times", "every", "flapping"), [(3, 10, False), (4, 10, True), (8, 250, False)])
def test_flapping_is_many_transitions_in_little_time(times: int, every: float, flapping: bool) -> None:
    found = [each for each in _flip(times, every).alerts if each.code == "flapping"]
    assert bool(found) is flapping
    if found:
        assert found[0].subject == "SMB"
        assert found[0].summary == "SMB changed its state 4 times within 10 min on keepalived1."


def test_transitions_between_two_dumps_are_counted_by_keepalived_itself() -> None:
    memory = Memory().observe(cluster(master(vrrp=(instance("MASTER", counters=vrrp_counters(became=1)),))))
    again = instance("MASTER", last_transition=NOW, counters=vrrp_counters(became=4, released=3))
    snapshot = cluster(master(vrrp=(again,)), now=later(60), memory=memory)
    assert "6 times" in alert(snapshot, "flapping").summary


def test_reloads_are_no_transitions() -> None:
    """Each gives the last transition another moment, and leaves the counters as they are."""
    counters, memory = vrrp_counters(became=1), Memory()
    for minute in range(8):
        again = instance("MASTER", last_transition=later(60 * minute), counters=counters)
        snapshot = cluster(master(vrrp=(again,)), now=later(60 * minute + 1), memory=memory)
        assert "flapping" not in {each.code for each in snapshot.alerts}
        memory = memory.observe(snapshot)
        assert not memory.moving(snapshot, Thresholds())


def test_what_keepalived_counted_while_nobody_looked_for_hours_is_not_flapping() -> None:
    memory = Memory().observe(cluster(master(vrrp=(instance("MASTER", counters=vrrp_counters(became=1)),))))
    again = instance("MASTER", last_transition=NOW, counters=vrrp_counters(became=40, released=39))
    snapshot = cluster(master(vrrp=(again,)), now=later(9000), memory=memory)
    assert "flapping" not in {each.code for each in snapshot.alerts}


def test_thresholds_are_parameters() -> None:
    strict = Thresholds(flapping_transitions=1, flapping_window=timedelta(minutes=1))
    snapshot = _flip(1, 10)
    memory = Memory(transitions={("keepalived1", "SMB"): (NOW,)})
    assert "flapping" in {each.code for each in evaluate(snapshot, memory, strict)}


def test_alerts_are_sorted_by_severity_then_code_then_subject() -> None:
    snapshot = cluster(replace(faulty(), sync_daemons=()), replace(faulty("keepalived2"), sync_daemons=()))
    order = [(-each.severity, each.code, each.subject) for each in snapshot.alerts]
    assert order == sorted(order)
