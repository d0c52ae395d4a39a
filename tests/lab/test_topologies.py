"""Configurations of the lab hold together: what they refer to is there. keepalived itself judges them when it boots."""

import re

import pytest

from lab.topologies import TOPOLOGIES
from lab.topologies.failover import (
    BARE,
    CONFIGURATIONS,
    FAILOVER,
    GENTLE,
    GROUP,
    GROUP_WEIGHTED,
    NOPREEMPT,
    TWO,
    VIP4,
    VIP6,
    Configuration,
)

EACH = pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda each: str(each.name))
BOTH = tuple(director.name for director in FAILOVER.directors)


def test_each_topology_is_found_by_its_name() -> None:
    """On the command line of the lab too."""
    assert TOPOLOGIES["failover"] is FAILOVER
    assert all(name == topology.name for name, topology in TOPOLOGIES.items())


def blocks(text: str, kind: str) -> dict[str, str]:
    """Blocks at the top level of keepalived.conf, by the name behind their kind."""
    return {match[1]: match[2] for match in re.finditer(rf"^{kind} (\S+) {{\n(.*?)^}}", text, re.DOTALL | re.MULTILINE)}


@EACH
@pytest.mark.parametrize("director", BOTH)
def test_what_is_referred_to_is_declared(configuration: Configuration, director: str) -> None:
    """Track files, instances of a group, the instance of the sync daemon; and braces match."""
    text = configuration.text(director)
    assert text.count("{") == text.count("}")
    instances = blocks(text, "vrrp_instance")
    assert list(instances) == list(configuration.vips)
    for name, vip in configuration.vips.items():
        assert f" {vip}/" in instances[name]
    tracked = set(re.findall(r"^ +(\w+) weight", text, re.MULTILINE))
    assert tracked == set(blocks(text, "track_file")) == set(configuration.track_files)
    for group in blocks(text, "vrrp_sync_group").values():
        assert all(f"\n    {name}\n" in group for name in instances)
    assert all(name in instances for name in re.findall(r"lvs_sync_daemon ens4 (\w+)", text))


@EACH
def test_the_two_differ_where_they_must(configuration: Configuration) -> None:
    """In priority and place; the balanced services are the same."""
    one, two = (configuration.text(name) for name in BOTH)
    assert "priority 150" in one
    assert "priority 100" in two
    assert one[one.index("virtual_server") :] == two[two.index("virtual_server") :]


def test_each_configuration_is_what_it_is_called() -> None:
    """What a failover depends on."""
    assert "weight 1" in GENTLE.text("lvs1")
    assert "lvs_sync_daemon" in GENTLE.text("lvs1")
    assert "track_file" not in BARE.text("lvs1")
    assert "lvs_sync_daemon" not in BARE.text("lvs1")
    for director in BOTH:
        # keepalived ignores nopreempt where an instance begins as MASTER
        assert "nopreempt" in NOPREEMPT.text(director)
        assert "state MASTER" not in NOPREEMPT.text(director)
    assert set(GROUP.vips.values()) == set(TWO.vips.values()) == {VIP4, VIP6}
    assert "sync_group_tracking_weight" in GROUP_WEIGHTED.text("lvs1")
    assert "vrrp_sync_group" not in TWO.text("lvs1")
