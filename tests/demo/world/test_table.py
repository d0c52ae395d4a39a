"""The kernel's table: what an addition, an edit and a deletion do (semantics of ip_vs_ctl.c)."""

import pytest

from lvstop.demo.world.table import (
    ExistsError,
    NoSuchDestinationError,
    NoSuchServiceError,
    Service,
    Setting,
    Table,
)
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from support.worlds import real, service_key

KEY = service_key()
OTHER = service_key("10.0.0.10:81")
ONE, TWO, THREE = real("10.0.0.21:80"), real("10.0.0.22:80"), real("10.0.0.23:80")


def table() -> Table:
    made = Table(buckets=4, salt=1)
    made.add_service(Service(KEY, "rr", (), None, None, False))
    for key in (ONE, TWO):
        made.add_destination(KEY, key, Setting(ForwardingMethod.ROUTE, 1))
    return made


def test_destinations_stand_newest_first_and_an_edit_moves_none() -> None:
    made = table()
    made.add_destination(KEY, THREE, Setting(ForwardingMethod.ROUTE, 1))
    made.edit_destination(KEY, TWO, Setting(ForwardingMethod.ROUTE, 9))
    service = made.service(KEY)
    assert service is not None
    assert [each.key for each in service.destinations] == [THREE, TWO, ONE]
    assert [each.weight for each in service.destinations] == [1, 9, 1]


def test_an_edit_replaces_everything_and_keeps_connections_and_counters() -> None:
    made = table()
    full = Setting(ForwardingMethod.TUNNEL, 5, 1000, 500, Tunnel(TunnelType.GUE, 6080, "csum"))
    made.edit_destination(KEY, ONE, full)
    service = made.service(KEY)
    assert service is not None
    destination = service.find(ONE)
    assert destination is not None
    destination.connections.begin(7)
    destination.counters.connections = 7
    made.edit_destination(KEY, ONE, Setting(ForwardingMethod.ROUTE, 4))
    assert (destination.forwarding, destination.weight, destination.upper_threshold) == (ForwardingMethod.ROUTE, 4, 0)
    assert (destination.lower_threshold, destination.tunnel) == (0, None)
    assert (destination.active, destination.counters.connections) == (7, 7)


def test_what_is_not_there_is_refused_in_the_words_of_ipvsadm() -> None:
    made = table()
    setting = Setting(ForwardingMethod.ROUTE, 1)
    with pytest.raises(NoSuchServiceError, match=r"^Service not defined$"):
        made.edit_destination(OTHER, ONE, setting)
    with pytest.raises(NoSuchDestinationError, match=r"^No such destination$"):
        made.edit_destination(KEY, THREE, setting)
    with pytest.raises(NoSuchDestinationError):
        made.delete_destination(KEY, THREE)
    with pytest.raises(ExistsError, match=r"^Destination already exists$"):
        made.add_destination(KEY, ONE, setting)
    with pytest.raises(ExistsError):
        made.add_service(Service(KEY, "rr", (), None, None, False))


def test_a_deleted_destination_comes_back_with_its_connections_and_counters() -> None:
    made = table()
    service = made.service(KEY)
    assert service is not None
    before = service.find(ONE)
    assert before is not None
    before.connections.begin(3)
    before.counters.connections = 11
    made.delete_destination(KEY, ONE)
    assert service.find(ONE) is None
    after = made.add_destination(KEY, ONE, Setting(ForwardingMethod.ROUTE, 2))
    assert (after.active, after.counters.connections, after.weight) == (3, 11, 2)
    assert service.destinations[0] is after


def test_expire_nodest_conn_drops_the_connections_of_what_is_deleted() -> None:
    made = table()
    made.expire_nodest_connections = True
    service = made.service(KEY)
    assert service is not None
    before = service.find(ONE)
    assert before is not None
    before.connections.begin(3)
    made.delete_destination(KEY, ONE)
    after = made.add_destination(KEY, ONE, Setting(ForwardingMethod.ROUTE, 1))
    assert after.active == 0


def test_thresholds_set_and_clear_the_overload_flag() -> None:
    made = table()
    made.edit_destination(KEY, ONE, Setting(ForwardingMethod.ROUTE, 1, 10, 6))
    service = made.service(KEY)
    assert service is not None
    destination = service.find(ONE)
    assert destination is not None
    destination.connections.begin(10)
    destination.settle_overload()
    assert not destination.available
    destination.connections.lose_sight(4, now=0)
    destination.connections.expire(now=10_000)
    destination.settle_overload()
    assert destination.overloaded, "6 connections are not below the lower threshold of 6"
    destination.connections.lose_sight(1, now=0)
    destination.connections.expire(now=10_000)
    destination.settle_overload()
    assert destination.available
