"""Scenario files: those that are shipped work, and what is wrong with one is told by file, line and key."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.config.shipped import shipped_scenarios_folder
from lvstop.demo.scenario import Scenario, find_scenario, parse_scenario, shipped_scenarios
from lvstop.demo.world.breaking import ACTIONS
from lvstop.demo.world.world import World
from lvstop.errors import ConfigError
from lvstop.model.address import Family
from lvstop.model.director import Privilege
from lvstop.model.ipvs import ForwardingMethod, TunnelType
from lvstop.model.vrrp import VrrpState
from support.worlds import EPOCH

PATH = Path("/etc/scenarios/own.yaml")
SHIPPED = {scenario.name: scenario for scenario in shipped_scenarios()}
MINIMAL = """\
title: own
clusters:
  - name: own
    directors:
      - {name: a, interfaces: {ens3: [10.0.0.11/24]}}
      - {name: b, interfaces: {ens3: [10.0.0.12/24]}}
    instances:
      - {name: V, vrid: 1, interface: ens3, priority: [150, 100], vips: [10.0.0.10/24 dev ens3]}
    virtual_servers:
      - service: TCP:10.0.0.10:80
        real_servers: [10.0.0.21:80]
"""


def mistake(text: str) -> str:
    """What is said of a wrong file."""
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, PATH)
    return str(caught.value)


def test_the_default_one_comes_first_and_all_that_were_promised_are_there() -> None:
    assert next(iter(SHIPPED)) == "smb"
    assert set(SHIPPED) == {
        "smb",
        "web",
        "ipv6-fwmark",
        "split-brain",
        "not-ready",
        "flapping",
        "drift",
        "vanishing",
        "failover",
        "large",
        "fleet",
    }
    for scenario in SHIPPED.values():
        assert scenario.title
        assert scenario.description


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "large"])
def test_each_begins_with_one_master_that_works(name: str) -> None:
    for conf in SHIPPED[name].clusters[:8]:
        world = World(conf, seed=1, epoch=EPOCH)
        for number in range(len(conf.directors[0].keepalived.instances)):
            found = [director.keepalived.instances[number].state for director in world.directors]
            assert found.count(VrrpState.MASTER) == 1
        connections = sum(
            each.active + each.inactive
            for director in world.directors
            for service in director.table.services
            for each in service.destinations
        )
        assert connections > 0
        world.step(400)


def test_the_large_one_has_ten_thousand_real_servers_and_the_fleet_twenty_clusters() -> None:
    large = SHIPPED["large"].clusters[0].directors[0].keepalived
    assert sum(len(each.real_servers) for each in large.virtual_servers) == 10_000
    assert len({real.key for each in large.virtual_servers for real in each.real_servers}) == 10_000
    fleet = SHIPPED["fleet"].clusters
    assert len(fleet) == 20
    assert len({each.directors[0].interfaces[0].addresses[0].address for each in fleet}) == 20
    troubled = [each.name for each in fleet if each.events]
    assert troubled == ["site-4", "site-7", "site-11", "site-13", "site-16", "site-18"]


def run(name: str, seconds: float) -> World:
    world = World(SHIPPED[name].clusters[0], seed=3, epoch=EPOCH)
    world.step(seconds)
    return world


def test_scenarios_show_what_they_promise() -> None:
    split = run("split-brain", 40)
    assert [each.keepalived.instances[0].state for each in split.directors] == [VrrpState.MASTER] * 2
    sizes = [len(each.table.services[0].destinations) for each in run("not-ready", 20).directors]
    assert sizes == [3, 1]
    vanished = run("vanishing", 40)
    assert [each.powered for each in vanished.directors] == [False, True]
    vanished.step(125)
    assert vanished.directors[0].keepalived.instances[0].state is VrrpState.MASTER
    failover = run("failover", 60)
    assert failover.directors[1].keepalived.instances[0].state is VrrpState.MASTER
    drift = run("drift", 5)
    tables = [
        {
            (str(service.key), str(each.key)): each.weight
            for service in each_side.table.services
            for each in service.destinations
        }
        for each_side in drift.directors
    ]
    assert tables[0] != tables[1]
    flapping = run("flapping", 22)
    assert len(flapping.directors[0].table.services[0].destinations) == 2
    flapping.step(35)
    assert len(flapping.directors[0].table.services[0].destinations) == 3


def test_a_minimal_one_is_enough() -> None:
    scenario = parse_scenario(MINIMAL, PATH)
    assert (scenario.name, scenario.title, scenario.description) == ("own", "own", "")
    (cluster,) = scenario.clusters
    first, second = cluster.directors
    assert [each.keepalived.instances[0].priority for each in (first, second)] == [150, 100]
    assert first.login is Privilege.ROOT
    assert first.keepalived.virtual_servers == second.keepalived.virtual_servers
    real = first.keepalived.virtual_servers[0].real_servers[0]
    assert (real.weight, real.check_port, real.forwarding) == (1, 80, ForwardingMethod.ROUTE)


def test_unicast_is_filled_in_from_the_interfaces() -> None:
    text = MINIMAL.replace("vrid: 1,", "vrid: 1, unicast: true,")
    first, second = parse_scenario(text, PATH).clusters[0].directors
    instance = first.keepalived.instances[0]
    assert str(instance.source) == "10.0.0.11"
    assert [str(each) for each in instance.peers] == ["10.0.0.12"]
    assert second.keepalived.instances[0].peers == (instance.source,)


def test_marks_tunnels_and_repetitions_are_read() -> None:
    text = (
        MINIMAL
        + """\
      - service: FWM:7:inet6
        vip: 10.0.0.10
        forwarding: Tunnel
        repeat: 3
        real_servers:
          - {address: "[fd00::1]:0", count: 2, weight: [5, 0], tunnel: "gue:6080:csum", check_port: 80}
"""
    )
    first, second = parse_scenario(text, PATH).clusters[0].directors
    marked = first.keepalived.virtual_servers[1:]
    assert [each.key.fwmark for each in marked] == [7, 8, 9]
    assert marked[0].key.family is Family.INET6
    addresses = [str(real.key) for each in marked for real in each.real_servers]
    assert addresses == [f"[fd00::{number}]:0" for number in range(1, 7)]
    tunnel = marked[0].real_servers[0].tunnel
    assert tunnel is not None
    assert (tunnel.type, tunnel.port) == (TunnelType.GUE, 6080)
    assert second.keepalived.virtual_servers[1].real_servers[0].weight == 0


def test_copies_have_numbers_of_their_own() -> None:
    text = "copies: 3\n" + MINIMAL.replace("name: own", "name: own-{n}").replace("10.0.0.", "10.{n}.0.")
    names = [each.name for each in parse_scenario(text.replace("{n}", "{n}"), PATH).clusters]
    assert names == ["own-1", "own-2", "own-3"]


CHANGES = {
    "an unknown key": ("        scheduling: rr", "there is no such key; did you mean scheduler?"),
    "a scheduler": ("        scheduler: lblcr", "'lblcr' is none of"),
    "a forwarding method": ("        forwarding: Local", "'Local' is none of Route, Masq, Tunnel"),
    "a duration": ("        delay_loop: soon", "'soon' is not a duration"),
    "clients": ("        clients: {count: -4, session: 1s, pause: 1s}", "count: '-4' is below 0"),
    "clients without a session": ("        clients: {count: 4, pause: 1s}", "session: is missing"),
    "an event": ("    events: [{at: 5s, do: explode}]", "'explode' is none of"),
    "an event's director": ("    events: [{at: 0, do: kill-director, target: c}]", "no director 'c'"),
    "a sync daemon": ("    sync_daemon: {interface: ens3, instance: W}", "sync_daemon: there is no instance W"),
    "a sync group": ("    sync_groups: [{name: G, instances: [Q]}]", "sync_groups[1]: there is no instance Q"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_mistake_is_told_once_by_file_line_and_key(what: str) -> None:
    addition, complaint = CHANGES[what]
    text = f"{MINIMAL}{addition}\n"
    said = mistake(text)
    assert complaint in said
    assert said.startswith(f"{PATH}:{text.count(chr(10))}: clusters[1].")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title: own\n", "", "title: is missing"),
        ("name: own", "names: own", "names: there is no such key; did you mean name?"),
        ("[150, 100]", "[150, 100, 50]", "one for each of the 2 directors is expected, not 3"),
        ("vrid: 1", "vrid: 256", "'256' is not a number from 1 to 255"),
        ("name: b", "name: a", "there are two directors called a"),
        ("10.0.0.10:80", "10.0.0.9:80", "10.0.0.9 is no VIP of any instance"),
        ("[10.0.0.21:80]", "[10.0.0.21:80, 10.0.0.21:80]", "has a real server twice"),
        ("10.0.0.10/24 dev ens3", "10.0.0.10/24", "is not ADDRESS/PREFIX dev INTERFACE"),
        ("10.0.0.10/24 dev ens3", "10.0.0.10/24 dev ens9", "there is no interface ens9"),
        ("10.0.0.11/24", "10.0.0.11/33", "/33 is too long"),
        ("TCP:10.0.0.10:80", "ICMP:10.0.0.10:80", "does not begin with one of TCP"),
        ("TCP:10.0.0.10:80", "FWM:7", "vip: is missing"),
        ("[10.0.0.21:80]", "[{address: 255.255.255.250:80, count: 10}]", "there are not so many addresses"),
        ("[10.0.0.21:80]", "[{address: 10.0.0.21:80, count: 100001}]", "more than 100000 real servers"),
        ("[10.0.0.21:80]", "[{address: 10.0.0.21:80, file_checks: [x]}]", "there is no track file x"),
        ("{ens3: [10.0.0.11/24]}", "{}", "the first interface needs an address"),
        ("clusters:", "copies: 500\nclusters:", "500 are too many"),
        ("clusters:", "copies: 2\nclusters:", "there are two clusters called own"),
    ],
)
def test_what_does_not_fit_together_is_told(old: str, new: str, complaint: str) -> None:
    said = mistake(MINIMAL.replace(old, new, 1))
    assert complaint in said
    assert str(PATH) in said


def test_a_director_too_few_is_told() -> None:
    text = "".join(line for line in MINIMAL.splitlines(keepends=True) if "name: b" not in line)
    assert "a cluster has two of them at least" in mistake(text)


@given(st.text(alphabet="abc:-[]{}, \n0123456789.'\"/", max_size=200))
def test_any_text_is_a_scenario_or_a_mistake(text: str) -> None:
    for candidate in (text, MINIMAL + text, MINIMAL.replace("10.0.0.21:80", text)):
        with suppress(ConfigError):
            assert isinstance(parse_scenario(candidate, PATH), Scenario)


def test_one_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    assert find_scenario("web").clusters[0].name == "web"
    path = tmp_path / "mine.yaml"
    path.write_text(MINIMAL)
    assert find_scenario(str(path)).name == "mine"
    with pytest.raises(ConfigError, match="there is no scenario falpping; did you mean flapping"):
        find_scenario("falpping")
    with pytest.raises(ConfigError, match="cannot be read"):
        find_scenario(str(tmp_path / "none.yaml"))


def test_files_speak_of_nothing_but_clusters() -> None:
    """They are shipped."""
    for path in shipped_scenarios_folder().glob("*.yaml"):
        text = path.read_text()
        assert "\t" not in text
        assert max(map(len, text.splitlines())) <= 130


README = shipped_scenarios_folder() / "README.md"


def test_the_example_of_the_readme_works() -> None:
    text = "".join(f"{line[4:]}\n" for line in README.read_text().splitlines() if line.startswith("    "))
    scenario = parse_scenario(text, PATH)
    assert len(scenario.clusters) == 20
    world = World(scenario.clusters[0], seed=1, epoch=EPOCH)
    world.step(80)
    assert len(world.directors[0].table.services[0].destinations) == 51


def test_the_readme_tells_of_every_action() -> None:
    rows = [line for line in README.read_text().splitlines() if line.startswith("| `")]
    told = {name for line in rows for name in re.findall(r"`([a-z-]+)`", line.split("|")[1])}
    assert told - {"do"} == set(ACTIONS)
