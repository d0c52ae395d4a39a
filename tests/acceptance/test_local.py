"""A director asked on the spot tells what it tells over SSH, field by field."""

from typing import Any

import pytest

from acceptance.test_truth import steady
from lab.lab import Lab
from support.inside import Inside
from support.lvstop import status

pytestmark = [pytest.mark.lab, pytest.mark.one_suite]

COUNTED_ON = ("adverts_sent", "adverts_received")


def comparable(director: dict[str, Any]) -> dict[str, Any]:
    """All that is told of it, but how it is reached, how old that is, and what is counted on meanwhile."""
    vrrp = [{**instance, **dict.fromkeys(COUNTED_ON)} for instance in director["vrrp"]]
    return {**director, "host": None, "age_seconds": None, "vrrp": vrrp}


def test_status_is_the_same_on_the_spot(everything_lab: Lab) -> None:
    """Both families, all protocols, marks, forwarding methods, thresholds, counters, VRRP, sync daemons."""
    lab = everything_lab
    here, peer = lab.directors.values()
    inside = Inside(lab, here, peer)
    (over_ssh, on_the_spot), _, _ = steady(
        lab, lambda: (status(lab, lab.cluster_file(), live=tuple(lab.directors)), inside.status())
    )
    for name, told in {each["name"]: each for each in on_the_spot["directors"]}.items():
        remote = over_ssh.director(name)
        assert told["host"] == ("local" if name == here.name else remote["host"])
        assert comparable(told) == comparable(remote)
        for instance, earlier in zip(told["vrrp"], remote["vrrp"], strict=True):
            assert all(instance[counter] >= earlier[counter] for counter in COUNTED_ON)
    assert on_the_spot["vips"] == over_ssh.cluster["vips"]
    assert on_the_spot["alerts"] == over_ssh.cluster["alerts"]
