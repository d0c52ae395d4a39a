"""Which VIPs there are, who holds them, what is inferred, and one word for it all."""

from dataclasses import fields, replace
from ipaddress import ip_address
from typing import Any

import pytest

from lvstop.analysis.inference import infer_instances
from lvstop.analysis.memory import Memory, Sighting
from lvstop.analysis.merge import merge, merge_and_remember
from lvstop.model.cluster import Health
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Keepalived
from lvstop.model.vrrp import VirtualAddress, VrrpSource, VrrpState
from support.factories import (
    LONG_AGO,
    NOW,
    VIP,
    address,
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
    virtual_server,
)

DOWN = Keepalived("2.2.7", False, None)


def test_a_healthy_pair_is_ok_and_tells_who_holds_the_vip_since_when() -> None:
    snapshot = cluster()
    (vip,) = snapshot.vips
    assert (str(vip.address), vip.instance, vip.holders, vip.unknown_on) == (VIP, "SMB", ("keepalived1",), ())
    assert vip.since == LONG_AGO
    assert snapshot.alerts == ()
    assert snapshot.health is Health.OK


def test_a_single_director_is_judged_by_itself() -> None:
    snapshot = cluster(master())
    assert snapshot.health is Health.OK
    assert snapshot.alerts == ()


def test_three_directors_are_merged() -> None:
    snapshot = cluster(master(), backup(), backup("keepalived3"))
    assert snapshot.vips[0].holders == ("keepalived1",)
    assert snapshot.health is Health.OK


def test_ipvs_without_vrrp_has_no_vips_and_is_ok() -> None:
    snapshot = cluster(director(), director("keepalived2"))
    assert snapshot.vips == ()
    assert snapshot.health is Health.OK


def test_vrrp_without_ipvs_is_ok() -> None:
    nothing: dict[str, Any] = {"virtual_servers": (), "checks": (), "ipvs_loaded": False, "sync_daemons": ()}
    snapshot = cluster(master(**nothing), backup(**nothing))
    assert snapshot.vips[0].holders == ("keepalived1",)
    assert snapshot.health is Health.OK


def test_vips_are_those_of_vrrp_and_of_the_cluster_file_in_order_without_repetition() -> None:
    one = master(vrrp=(instance("MASTER", "SMB", VIP, "2001:db8::9", "10.0.0.9"),))
    snapshot = cluster(one, backup(), vips=[VIP, "10.0.0.1"])
    assert [str(vip.address) for vip in snapshot.vips] == ["10.0.0.1", "10.0.0.9", VIP, "2001:db8::9"]


def test_virtual_servers_addresses_are_vips_only_where_keepalived_told_of_none() -> None:
    other = virtual_server("TCP:172.26.127.23:80", "10.0.0.2:80")
    asked = cluster(master(virtual_servers=(other,)), backup(virtual_servers=(other,)))
    assert [str(vip.address) for vip in asked.vips] == [VIP]
    pair = [unprivileged(each) for each in (master(), backup())]
    hidden = cluster(*pair)
    assert [(str(vip.address), vip.instance, vip.holders) for vip in hidden.vips] == [(VIP, None, ("keepalived1",))]


def test_an_address_on_the_loopback_is_not_held_unless_vrrp_wants_it_there() -> None:
    # Two directors that are real servers too (Route) have the VIP on lo at all times.
    real_server_too = backup(addresses=(address("172.26.127.24"), address(VIP, "lo")))
    assert cluster(master(), real_server_too).vips[0].holders == ("keepalived1",)
    on_lo = (replace(instance("MASTER"), vips=(VirtualAddress(ip_address(VIP), 32, "lo"),)),)
    assert cluster(master(vrrp=on_lo, addresses=(address(VIP, "lo"),))).vips[0].holders == ("keepalived1",)


def test_a_director_that_does_not_answer_may_hold_anything() -> None:
    snapshot = cluster(gone(master()), backup())
    (vip,) = snapshot.vips
    assert (vip.holders, vip.unknown_on, vip.since) == ((), ("keepalived1",), None)
    assert snapshot.health is Health.UNKNOWN


def test_addresses_that_could_not_be_read_are_unknown_and_not_absent() -> None:
    snapshot = cluster(master(addresses=None), backup())
    assert snapshot.vips[0].unknown_on == ("keepalived1",)
    assert "vip-missing" not in {alert.code for alert in snapshot.alerts}
    assert snapshot.health is Health.UNKNOWN


@pytest.mark.parametrize(
    ("directors", "health"),
    [
        ((silent("keepalived1"), silent()), Health.UNKNOWN),
        ((gone(master()), gone(backup(), DirectorStatus.STALE)), Health.UNKNOWN),
        ((silent("keepalived1", DirectorStatus.CONNECTING), silent(status=DirectorStatus.CONNECTING)), Health.UNKNOWN),
        ((master(), silent()), Health.WARNING),
        ((backup(), silent("keepalived1")), Health.UNKNOWN),
        ((backup(vrrp=(instance("FAULT"),)), backup("b", vrrp=(instance("FAULT"),))), Health.CRITICAL),
        ((unprivileged(master()), unprivileged(backup())), Health.OK),
        ((unprivileged(backup()), unprivileged(backup("b"))), Health.UNKNOWN),
        ((master(sync_daemons=()), backup(sync_daemons=())), Health.OK),
        ((), Health.UNKNOWN),
    ],
)
def test_health(directors: tuple[DirectorSnapshot, ...], health: Health) -> None:
    assert merge("smb", directors, now=NOW).health is health


def test_what_a_stopped_keepalived_claimed_is_remembered_so_that_its_loss_shows() -> None:
    memory = Memory().observe(cluster())
    stopped = [
        replace(each, keepalived=DOWN, vrrp=None, checks=None, addresses=(), virtual_servers=())
        for each in (master(), backup())
    ]
    forgetful = cluster(*stopped, now=later(60))
    assert forgetful.vips == ()
    snapshot = cluster(*stopped, now=later(60), memory=memory.observe(cluster(*stopped, now=later(30), memory=memory)))
    assert snapshot.vips[0].holders == ()
    assert {code for code, *_ in told(snapshot)} >= {"vip-missing", "keepalived-down"}


def test_an_address_taken_out_of_the_configuration_is_forgotten_at_once() -> None:
    two = master(vrrp=(instance("MASTER", "SMB", VIP, "10.0.0.9"),), addresses=(address(VIP), address("10.0.0.9")))
    memory = Memory().observe(cluster(two))
    assert [str(vip.address) for vip in cluster(master(), now=later(1), memory=memory).vips] == [VIP]
    assert cluster(director(), now=later(1), memory=memory).vips == ()


def test_an_instance_is_inferred_for_a_director_whose_keepalived_cannot_be_asked() -> None:
    snapshot = cluster(master(), unprivileged(backup()))
    (inferred,) = snapshot.directors[1].vrrp or ()
    assert (inferred.name, inferred.state, inferred.source) == ("SMB", None, VrrpSource.INFERRED)
    assert inferred.vrid is None
    assert inferred.priority is None
    snapshot = cluster(unprivileged(master()), backup())
    (inferred,) = snapshot.directors[0].vrrp or ()
    assert inferred.state is VrrpState.MASTER
    assert snapshot.health is Health.OK


def test_a_nameless_instance_stands_for_the_vips_where_nobody_could_be_asked() -> None:
    first, second = cluster(unprivileged(master()), unprivileged(backup())).directors
    assert [(one.name, one.state) for one in first.vrrp or ()] == [(None, VrrpState.MASTER)]
    assert [(one.name, one.state) for one in second.vrrp or ()] == [(None, None)]


@pytest.mark.parametrize(
    "unknowing",
    [
        silent(),
        replace(unprivileged(backup()), addresses=None),
        replace(unprivileged(backup()), keepalived=DOWN),
        backup(),
    ],
)
def test_nothing_is_inferred_without_evidence_or_need(unknowing: DirectorSnapshot) -> None:
    assert infer_instances(unknowing, (master(), unknowing), (ip_address(VIP),)) is None


def test_the_directors_of_a_cluster_keep_their_order_and_identity() -> None:
    one, two = master(), backup()
    snapshot = cluster(one, two)
    assert snapshot.directors[0] is one
    assert snapshot.directors[1] is two
    assert snapshot.generated_at == NOW


def test_what_is_remembered_is_what_observing_the_result_would_have_been() -> None:
    """The rules have seen the look with that memory already: it is not folded twice."""
    memory = Memory()
    for second in range(3):
        directors, now = (master(), backup(), silent("keepalived3")), later(second)
        snapshot, after = merge_and_remember("smb", directors, now=now, memory=memory)
        observed = memory.observe(snapshot)
        for field in fields(Memory):
            if field.name != "sightings":
                assert getattr(after, field.name) == getattr(observed, field.name)
        assert {name: astuple_of(seen) for name, seen in after.sightings.items()} == {
            name: astuple_of(seen) for name, seen in observed.sightings.items()
        }
        memory = after


def astuple_of(seen: Sighting) -> tuple[object, ...]:
    """A sighting's values: it has no equality of its own."""
    return tuple(getattr(seen, field.name) for field in fields(Sighting))
