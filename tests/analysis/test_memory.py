"""What is remembered between looks: drains that somebody or something undid, and no more than that."""

from collections.abc import Sequence
from typing import Any

import pytest

from lvstop.analysis.drains import MOST_DRAINS
from lvstop.analysis.memory import MOST_TRANSITIONS, Memory
from lvstop.model.checks import CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, Keepalived
from lvstop.model.ipvs import VirtualServer
from support.factories import (
    CHECKS,
    FIRST,
    SECOND,
    SERVICE,
    alert,
    backup,
    checked,
    checked_server,
    cluster,
    gone,
    instance,
    later,
    master,
    real_server,
    row,
    virtual_server,
    vrrp_counters,
)

Table = tuple[VirtualServer, ...]
UP: Table = (virtual_server(SERVICE, FIRST, SECOND),)
DRAINED: Table = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),)
WITHOUT: Table = (virtual_server(SERVICE, FIRST),)
NO_TABLE: Table = ()
Checks = tuple[CheckedVirtualServer, ...]
FAILED: Checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False, inhibit=True)),)
OWN_DRAIN: Checks = (checked_server(SERVICE, FIRST, checked(SECOND, weight=1, effective=0)),)


def pair(first: Table, second: Table, **more: object) -> tuple[DirectorSnapshot, DirectorSnapshot]:
    values: dict[str, Any] = dict(more)
    return master(virtual_servers=first, **values), backup(virtual_servers=second, **values)


def story(*looks: tuple[float, Sequence[DirectorSnapshot]]) -> ClusterSnapshot:
    """The last of several looks, each so many seconds after the start."""
    memory, snapshot = Memory(), cluster()
    for seconds, directors in looks:
        snapshot = cluster(*directors, now=later(seconds), memory=memory)
        memory = memory.observe(snapshot)
    return snapshot


def reverted(snapshot: ClusterSnapshot) -> bool:
    return "drain-reverted" in {each.code for each in snapshot.alerts}


BOTH_DRAINED = (0.0, pair(DRAINED, DRAINED))


def test_a_drain_that_holds_is_not_reverted() -> None:
    assert not reverted(story(BOTH_DRAINED, (60, pair(DRAINED, DRAINED))))


def test_restoring_both_directors_is_not_a_reversion() -> None:
    looks = [BOTH_DRAINED, (60.0, pair(UP, DRAINED)), (63.0, pair(UP, UP))]
    assert not any(reverted(story(*looks, (seconds, pair(UP, UP)))) for seconds in (64, 80, 600))


def test_a_director_that_lost_the_drain_while_the_other_keeps_it() -> None:
    looks = [BOTH_DRAINED, (60.0, pair(DRAINED, UP))]
    assert not reverted(story(*looks, (65, pair(DRAINED, UP))))
    snapshot = story(*looks, (75, pair(DRAINED, UP)))
    found = alert(snapshot, "drain-reverted")
    assert found.subject == row(SECOND)
    assert str(found.severity) == "warning"
    assert "has weight 1 again on keepalived2, while still drained on keepalived1" in found.summary
    assert "weight-drift" not in {each.code for each in snapshot.alerts}


def test_a_real_server_that_left_the_table_and_came_back_is_reverted_on_both() -> None:
    looks = [BOTH_DRAINED, (60.0, pair(WITHOUT, WITHOUT, checks=FAILED)), (90.0, pair(UP, UP))]
    found = alert(story(*looks), "drain-reverted")
    assert "on keepalived1 since it left the table and came back" in found.summary
    assert "on keepalived2 since it left the table and came back" in found.summary


def test_a_real_server_that_failed_and_returned_without_leaving_the_table() -> None:
    looks = [BOTH_DRAINED, (60.0, pair(DRAINED, DRAINED, checks=FAILED)), (90.0, pair(UP, UP))]
    assert "since its checks failed and pass again" in alert(story(*looks), "drain-reverted").summary


def test_a_restart_of_keepalived_takes_a_drain_away() -> None:
    restarted = Keepalived("2.2.7", True, 9999)
    first, _ = pair(UP, UP, keepalived=restarted)
    _, second = pair(UP, UP)
    looks = [BOTH_DRAINED, (60.0, (first, second))]
    assert "on keepalived1 since keepalived was restarted" in alert(story(*looks), "drain-reverted").summary


def test_a_reversion_is_told_for_a_limited_time() -> None:
    looks = [BOTH_DRAINED, (60.0, pair(WITHOUT, WITHOUT)), (90.0, pair(UP, UP))]
    assert reverted(story(*looks, (90 + 14 * 60, pair(UP, UP))))
    assert not reverted(story(*looks, (90 + 16 * 60, pair(UP, UP))))


def test_draining_again_ends_the_reversion() -> None:
    looks = [BOTH_DRAINED, (60.0, pair(WITHOUT, WITHOUT)), (90.0, pair(UP, UP))]
    again = story(*looks, (120, pair(DRAINED, DRAINED)), (150, pair(DRAINED, DRAINED)))
    assert not reverted(again)
    restored = story(*looks, (120, pair(DRAINED, DRAINED)), (150, pair(UP, UP)), (170, pair(UP, UP)))
    assert not reverted(restored)


def test_a_weight_that_stayed_at_zero_for_long_after_a_restart_was_set_again() -> None:
    restarted = Keepalived("2.2.7", True, 9999)
    still = pair(DRAINED, DRAINED, keepalived=restarted)
    looks = [BOTH_DRAINED, (60.0, still), (300.0, pair(DRAINED, tuple(DRAINED), keepalived=restarted))]
    fresh = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),)
    looks.append((301.0, pair(fresh, fresh, keepalived=restarted)))
    assert not reverted(story(*looks, (400, pair(UP, UP, keepalived=restarted))))


@pytest.mark.parametrize("checks", [OWN_DRAIN, None, FAILED])
def test_a_weight_zero_that_keepalived_may_have_set_is_not_followed(checks: Checks | None) -> None:
    looks = [(0.0, pair(DRAINED, DRAINED, checks=checks)), (60.0, pair(WITHOUT, WITHOUT)), (90.0, pair(UP, UP))]
    assert not reverted(story(*looks))


def test_a_drain_that_turns_out_to_be_keepalived_s_own_is_forgotten() -> None:
    # The checks are read seldom: a drain by track file shows in the kernel before it shows there.
    own = pair((virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),), DRAINED, checks=OWN_DRAIN)
    assert not reverted(story(BOTH_DRAINED, (30.0, own), (60.0, pair(WITHOUT, WITHOUT)), (90.0, pair(UP, UP))))


def test_silence_is_neither_a_restore_nor_a_departure() -> None:
    silent = tuple(gone(each) for each in pair(NO_TABLE, NO_TABLE))
    unknown = tuple(master(name, virtual_servers=None) for name in ("keepalived1", "keepalived2"))
    looks = [BOTH_DRAINED, (60.0, silent), (90.0, unknown)]
    assert not reverted(story(*looks, (120, pair(UP, UP)), (135, pair(UP, UP))))
    assert not reverted(story(*looks, (120, pair(DRAINED, DRAINED))))


def test_observing_the_same_look_twice_adds_nothing() -> None:
    memory = Memory().observe(cluster())
    snapshot = cluster(*pair(DRAINED, DRAINED), now=later(5), memory=memory)
    once = memory.observe(snapshot)
    twice = once.observe(snapshot)
    assert twice.transitions == once.transitions
    assert twice.drains == once.drains
    assert [seen.vips_changed for seen in twice.sightings.values()] == [None, None]


def test_memory_is_bounded() -> None:
    texts = [f"10.0.{number // 250}.{number % 250 + 1}:80" for number in range(MOST_DRAINS + 500)]
    table = (virtual_server(SERVICE, *(real_server(text, 0) for text in texts)),)
    checks = (checked_server(SERVICE, *texts),)
    memory = Memory().observe(cluster(master(virtual_servers=table, checks=checks)))
    assert len(memory.drains) == MOST_DRAINS
    for number in range(10):
        counted = instance("MASTER", counters=vrrp_counters(became=20 * number))
        memory = memory.observe(cluster(master(vrrp=(counted,)), now=later(number), memory=memory))
    assert all(len(times) <= MOST_TRANSITIONS for times in memory.transitions.values())


def test_directors_that_left_the_cluster_file_are_forgotten() -> None:
    memory = Memory().observe(cluster(*pair(DRAINED, DRAINED)))
    memory = memory.observe(cluster(master(), now=later(1), memory=memory))
    assert set(memory.sightings) == set(memory.claims) == {"keepalived1"}
    assert {key.director for key in memory.drains} <= {"keepalived1"}


def test_checks_of_the_factories_are_those_of_their_table() -> None:
    assert [each.key for each in CHECKS[0].real_servers] == [each.key for each in UP[0].real_servers]
