"""VRRP of the simulated pair, by the times and words of real ones (keepalived 2.2.7, advert_int 1, VRRPv2)."""

from datetime import timedelta

import pytest

from lvstop.demo.world.network import Advert
from lvstop.model.ipvs import SyncRole
from lvstop.model.vrrp import VrrpState
from support.worlds import (
    EPOCH,
    MAINTENANCE,
    ONE,
    SYNC,
    VIP,
    cluster,
    holders,
    instance,
    said,
    states,
    wait,
    world,
)

MASTER, BACKUP, FAULT = VrrpState.MASTER, VrrpState.BACKUP, VrrpState.FAULT
FILE = f"""
    track_files:
      - {{name: maintenance, path: {MAINTENANCE}, weight: WEIGHT, initial: 0}}
"""


def tracked(weight: int, more: str = "") -> tuple[str, str]:
    """A pair whose instance tracks a file of that weight."""
    instances = f"""
    instances:
      - name: V
        vrid: 1
        interface: ens4
        priority: [150, 100]
        unicast: true
        vips: [10.0.0.10/24 dev ens3]
        track_files: [maintenance]
        track_interfaces: [ens3]
{more}"""
    return FILE.replace("WEIGHT", str(weight)), instances


GROUP = """
    instances:
      - name: A
        vrid: 1
        interface: ens4
        priority: [150, 100]
        vips: [10.0.0.10/24 dev ens3]
        track_files: [maintenance]
      - {name: B, vrid: 2, interface: ens4, priority: [150, 100], vips: [10.0.0.110/24 dev ens3]}
    sync_groups:
      - {name: G, instances: [A, B]}
"""


def test_the_higher_priority_is_master_and_has_been_for_days() -> None:
    pair = world()
    assert states(pair) == (MASTER, BACKUP)
    assert holders(pair) == ["a"]
    master, backup = instance(pair, "a"), instance(pair, "b")
    assert pair.now == 0
    assert master.last_transition < -86_000
    assert pair.wall(master.last_transition) == EPOCH + timedelta(seconds=master.last_transition)
    assert master.adverts_sent > 86_000
    assert backup.adverts_received > 86_000
    assert (backup.master_priority, master.master_priority) == (150, 0)


def test_a_second_has_one_advert() -> None:
    pair = world()
    sent, received = instance(pair, "a").adverts_sent, instance(pair, "b").adverts_received
    wait(pair, 60)
    assert instance(pair, "a").adverts_sent - sent == 60
    assert instance(pair, "b").adverts_received - received == 60


def test_a_stopped_master_is_replaced_within_the_skew() -> None:
    pair = world()
    wait(pair, 1)
    pair.director("a").stop_keepalived()
    assert holders(pair) == [], "the VIP is removed at once"
    wait(pair, 0.6)
    assert holders(pair) == []
    wait(pair, 0.02)
    assert holders(pair) == ["b"], "(256-100)/256 s later the backup has it"
    assert said(pair.director("b"), "Backup received priority 0 advertisement") == [
        "(V) Backup received priority 0 advertisement"
    ]
    assert instance(pair, "b").priority_zero_received == 1
    assert pair.network.holders[VIP] == "b"


def test_a_killed_master_is_replaced_after_three_adverts_and_the_skew() -> None:
    pair = world()
    wait(pair, 0.5)
    last = pair.now
    pair.kill_director("a")
    wait(pair, 2.5)
    assert states(pair)[1] is BACKUP
    wait(pair, 3.61 - 2.5)
    assert states(pair)[1] is MASTER
    assert pair.holder(VIP) is pair.director("b")
    assert pair.now - last < 3.62


def test_a_returning_master_preempts_and_the_other_gives_way_only_when_it_hears_it() -> None:
    pair = world()
    pair.director("a").stop_keepalived()
    wait(pair, 5)
    number = pair.director("a").journal.last_number
    pair.director("a").start_keepalived()
    assert states(pair) == (BACKUP, MASTER)
    wait(pair, 3.4)
    assert states(pair) == (BACKUP, MASTER)
    wait(pair, 0.1)
    assert states(pair) == (MASTER, BACKUP)
    assert holders(pair) == ["a"]
    discarded = said(pair.director("a"), "discarding", number)
    assert len(discarded) in (3, 4)
    assert discarded[0] == "(V) received lower priority (100) advert from 192.168.0.12 - discarding"
    said_by_b = said(pair.director("b"), "higher priority")
    assert said_by_b == ["(V) Master received advert from 192.168.0.11 with higher priority 150, ours 100"]


def test_kill_9_leaves_the_vip_on_both() -> None:
    pair = world()
    pair.director("a").keepalived.kill()
    wait(pair, 5)
    assert holders(pair) == ["a", "b"]
    assert states(pair) == (None, MASTER)
    assert pair.director("a").table.services


def test_a_cut_link_makes_two_masters_and_mending_it_one() -> None:
    pair = world()
    pair.cut_link()
    wait(pair, 5)
    assert states(pair) == (MASTER, MASTER)
    assert holders(pair) == ["a", "b"]
    pair.mend_link()
    wait(pair, 1.1)
    assert states(pair) == (MASTER, BACKUP)
    assert holders(pair) == ["a"]


def test_with_equal_priorities_the_higher_address_wins() -> None:
    instances = """
    instances:
      - {name: V, vrid: 1, interface: ens4, priority: 100, unicast: true, vips: [10.0.0.10/24 dev ens3]}
"""
    pair = world(instances)
    pair.cut_link()
    wait(pair, 5)
    assert states(pair) == (MASTER, MASTER)
    pair.mend_link()
    wait(pair, 2)
    assert states(pair) == (BACKUP, MASTER)


def test_a_weighted_track_file_moves_the_vip_with_hardly_a_gap() -> None:
    pair = world(*tracked(-100))
    pair.director("a").set_file(MAINTENANCE, "1\n")
    assert instance(pair, "a").effective_priority == 50
    assert said(pair.director("a"), "effective priority") == ["(V) Changing effective priority from 150 to 50"]
    gaps, moved = 0, 0.0
    for _ in range(500):
        wait(pair, 0.01)
        held = holders(pair)
        gaps += not held
        if held == ["b"] and not moved:
            moved = round(pair.now, 2)
    assert gaps == 0
    assert 2.6 < moved <= 3.7, "three adverts and a skew"
    pair.director("a").remove_file(MAINTENANCE)
    wait(pair, 5)
    assert holders(pair) == ["a"], "no file counts as 0, and the higher priority preempts"


def test_with_nopreempt_a_lower_priority_moves_nothing_but_a_failure_does() -> None:
    more = "        preempt: false\n"
    for weight, expected in ((-100, ["a"]), (0, ["b"])):
        pair = world(*tracked(weight, more))
        pair.director("a").set_file(MAINTENANCE, "1\n")
        wait(pair, 10)
        assert holders(pair) == expected


def test_a_failure_gives_the_vip_up_and_both_failing_leave_nobody() -> None:
    pair = world(*tracked(0))
    pair.director("a").set_file(MAINTENANCE, "1\n")
    assert states(pair)[0] is FAULT
    wait(pair, 1)
    assert holders(pair) == ["b"]
    pair.director("b").set_file(MAINTENANCE, "1\n")
    wait(pair, 5)
    assert states(pair) == (FAULT, FAULT)
    assert holders(pair) == []
    pair.director("b").set_file(MAINTENANCE, "0\n")
    wait(pair, 5)
    assert holders(pair) == ["b"]


def test_preempt_delay_makes_the_backup_wait() -> None:
    pair = world(*tracked(-100, "        preempt_delay: 5s\n"))
    pair.director("a").set_file(MAINTENANCE, "1\n")
    wait(pair, 7.5)
    assert holders(pair) == ["a"]
    wait(pair, 2.2)
    assert holders(pair) == ["b"]
    assert said(pair.director("b"), "start preempt delay") == ["(V) start preempt delay (5.000000)"]


def test_a_tracked_interface_that_goes_down_is_a_failure() -> None:
    pair = world(*tracked(0))
    pair.director("a").set_interface("ens3", up=False)
    wait(pair, 1)
    assert states(pair) == (FAULT, MASTER)
    pair.director("a").set_interface("ens3", up=True)
    wait(pair, 5)
    assert states(pair) == (MASTER, BACKUP)


def test_a_sync_group_ignores_weights_and_moves_as_one() -> None:
    pair = world(FILE.replace("WEIGHT", "-100"), GROUP)
    assert said(pair.director("a"), "due to SYNC group") == [
        "(A) ignoring tracked file maintenance with weight -100 due to SYNC group"
    ]
    pair.director("a").set_file(MAINTENANCE, "1\n")
    wait(pair, 10)
    assert states(pair, "A") == states(pair, "B") == (MASTER, BACKUP)


def test_a_file_of_a_sync_group_counts_for_all_of_its_members() -> None:
    pair = world(FILE.replace("WEIGHT", "-100"), GROUP.replace("[A, B]}", "[A, B], track_files: [maintenance]}"))
    pair.director("a").set_file(MAINTENANCE, "1\n")
    assert [instance(pair, "a", name).effective_priority for name in "AB"] == [50, 50]
    wait(pair, 10)
    assert states(pair, "A") == states(pair, "B") == (BACKUP, MASTER)
    pair.director("a").set_file(MAINTENANCE, "0\n")
    wait(pair, 10)
    assert states(pair, "A") == states(pair, "B") == (MASTER, BACKUP)


def test_a_members_file_of_the_usual_weight_means_failure() -> None:
    """In a sync group 1, which is what is taken where nothing is said, becomes 0."""
    pair = world(FILE.replace("WEIGHT", "1"), GROUP)
    assert said(pair.director("a"), "due to SYNC group") == []
    pair.director("a").set_file(MAINTENANCE, "1\n")
    wait(pair, 5)
    assert states(pair, "A") == states(pair, "B") == (FAULT, MASTER)


def test_a_failing_member_takes_its_group_with_it() -> None:
    pair = world(FILE.replace("WEIGHT", "0"), GROUP)
    pair.director("a").set_file(MAINTENANCE, "1\n")
    wait(pair, 5)
    assert states(pair, "A") == states(pair, "B") == (FAULT, MASTER)
    assert [each.state for each in pair.director("a").keepalived.groups] == [FAULT]
    assert said(pair.director("a"), "VRRP_Group(G) Syncing instances to FAULT state")
    pair.director("a").set_file(MAINTENANCE, "0\n")
    wait(pair, 10)
    assert states(pair, "A") == states(pair, "B") == (MASTER, BACKUP)
    assert [each.state for each in pair.director("b").keepalived.groups] == [BACKUP]


def test_the_sync_daemon_follows_its_instance() -> None:
    pair = world(SYNC)
    roles = [director.table.daemons[0].role for director in pair.directors]
    assert roles == [SyncRole.MASTER, SyncRole.BACKUP]
    pair.director("a").stop_keepalived()
    wait(pair, 2)
    assert pair.director("a").table.daemons == []
    assert [each.role for each in pair.director("b").table.daemons] == [SyncRole.MASTER]


def test_another_priority_counts_from_the_reload_on_and_keeps_the_state() -> None:
    pair = world()
    pair.director("a").set_priority("V", 60)
    wait(pair, 5)
    assert holders(pair) == ["a"], "it stands on disk only"
    number = pair.director("a").journal.last_number
    pair.director("a").reload_keepalived()
    assert states(pair) == (MASTER, BACKUP)
    wait(pair, 5)
    assert holders(pair) == ["b"]
    reload = said(pair.director("a"), "eload", number)
    assert (reload[0], reload[-1]) == ("Reloading ...", "Reload complete")


def test_adverts_of_another_router_are_none_of_its_business() -> None:
    pair = world()
    stranger = Advert("stranger", "ens4", 2, 77, 255, ONE)
    pair.network.send(stranger)
    wait(pair, 1)
    assert states(pair) == (MASTER, BACKUP)


@pytest.mark.parametrize("password", ["demopass"])
def test_a_password_is_in_no_line_of_the_journal(password: str) -> None:
    more = f"        password: {password}\n"
    pair = world(*tracked(-100, more))
    pair.director("a").set_file(MAINTENANCE, "1\n")
    wait(pair, 10)
    pair.director("a").reload_keepalived()
    assert all(not said(director, password) for director in pair.directors)
    assert cluster(*tracked(-100, more)).directors[0].keepalived.instances[0].password == password
