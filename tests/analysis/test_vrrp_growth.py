"""Counters of VRRP compared with those of the moment somebody began to look, and refused adverts by reason."""

from dataclasses import fields, replace

from lvstop.analysis.advert_errors import ADVERT_ERRORS, refused_adverts
from lvstop.analysis.vrrp_growth import VrrpGrowth
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import Keepalived
from lvstop.model.vrrp import AdvertErrors
from support import factories as make

NO_ERRORS = AdvertErrors(0, 0, 0, 0, 0, 0, 0, 0)


def look(sent: int | None, *, pid: int = 800, became: int = 1) -> ClusterSnapshot:
    """A cluster whose only director has sent so many adverts."""
    counters = None if sent is None else make.vrrp_counters(sent, became=became)
    daemon = Keepalived("2.2.7", True, pid)
    return make.cluster(make.master(keepalived=daemon, vrrp=(make.instance("MASTER", counters=counters),)))


def grown(growth: VrrpGrowth, snapshot: ClusterSnapshot) -> int | None:
    """How many adverts were sent since."""
    (instance,) = snapshot.directors[0].vrrp or ()
    counters = growth.of("keepalived1", instance)
    return None if counters is None else counters.adverts_sent


def test_growth_begins_with_the_first_look() -> None:
    """What was counted before is not news."""
    growth = VrrpGrowth().observe(look(100))
    later = look(160)
    assert grown(growth.observe(later), later) == 60
    assert growth.observe(later) is growth


def test_a_restart_begins_at_zero() -> None:
    """keepalived was started again: all that it has counted is new, whether its pid or a smaller number shows it."""
    growth = VrrpGrowth().observe(look(100))
    for restarted, sent in ((look(500, pid=900), 500), (look(7), 7)):
        assert grown(growth.observe(restarted), restarted) == sent


def test_unknown_counters_have_no_growth() -> None:
    """Never 0: there is nothing to compare."""
    assert grown(VrrpGrowth().observe(look(None)), look(5)) is None
    assert grown(VrrpGrowth().observe(look(5)), look(None)) is None


def test_every_error_has_its_words() -> None:
    """Each counter of refused adverts is explained once, and counted by its own number."""
    assert len(ADVERT_ERRORS) == len(fields(AdvertErrors))
    counters = replace(make.vrrp_counters(), errors=AdvertErrors(1, 2, 3, 4, 5, 6, 7, 8))
    found = list(refused_adverts(counters, None))
    assert sorted(each.total for each in found) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {each.kind.title: each.total for each in found}["address list"] == 5
    assert all(each.grown is None and each.kind.meaning and each.kind.compare for each in found)
    assert not list(refused_adverts(replace(counters, errors=NO_ERRORS), None))
