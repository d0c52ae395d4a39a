"""Simulated clusters for tests, written as scenarios are."""

from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from lvstop.demo.scenario import parse_scenario
from lvstop.demo.world.conf import ClusterConf
from lvstop.demo.world.director import Director
from lvstop.demo.world.instance import Instance
from lvstop.demo.world.table import Destination, Service
from lvstop.demo.world.world import World
from lvstop.model.address import Protocol, RealServerKey, VirtualServerKey, parse_endpoint
from lvstop.model.vrrp import VrrpState

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
VIP = ip_address("10.0.0.10")
ONE, TWO = ip_address("10.0.0.21"), ip_address("10.0.0.22")
MAINTENANCE = "/etc/keepalived/maintenance"
DRAIN = "/etc/keepalived/drain"

DIRECTORS = """
    directors:
      - {name: a, interfaces: {ens3: [10.0.0.11/24], ens4: [192.168.0.11/24]}}
      - {name: b, interfaces: {ens3: [10.0.0.12/24], ens4: [192.168.0.12/24]}}
"""
INSTANCES = """
    instances:
      - {name: V, vrid: 1, interface: ens4, priority: [150, 100], unicast: true, vips: [10.0.0.10/24 dev ens3]}
"""
SERVICES = """
    virtual_servers:
      - service: TCP:10.0.0.10:80
        scheduler: rr
        real_servers: [10.0.0.21:80, 10.0.0.22:80]
        clients: {count: 100, session: 60s, pause: 5s, swing: 0}
"""
SYNC = """
    sync_daemon: {interface: ens4, instance: V, id: 1}
"""


def cluster(*parts: str) -> ClusterConf:
    """A cluster of these keys; those that are usual and not among them are added."""
    given = "".join(parts)
    usual = {"directors:": DIRECTORS, "instances:": INSTANCES, "virtual_servers:": SERVICES}
    rest = "".join(text for key, text in usual.items() if f"\n    {key}" not in given)
    text = f"title: a test\nclusters:\n  - name: test\n{given}{rest}"
    return parse_scenario(text, Path("test.yaml")).clusters[0]


def world(*parts: str, seed: int = 1) -> World:
    """A world of such a cluster."""
    return World(cluster(*parts), seed=seed, epoch=EPOCH)


def wait(world: World, seconds: float) -> None:
    """Let time pass."""
    world.step(world.now + seconds)


def instance(world: World, director: str, name: str = "V") -> Instance:
    """A VRRP instance."""
    return next(each for each in world.director(director).keepalived.instances if each.conf.name == name)


def states(world: World, name: str = "V") -> tuple[VrrpState | None, ...]:
    """The states of an instance on each director; None where keepalived does not run."""
    found = []
    for director in world.directors:
        known = {each.conf.name: each.state for each in director.keepalived.instances}
        found.append(known.get(name))
    return tuple(found)


def holders(world: World) -> list[str]:
    """The directors that have the VIP on an interface."""
    return [each.name for each in world.directors if each.powered and each.host.interface_of(VIP) is not None]


def service(director: Director, text: str = "10.0.0.10:80", protocol: str = "TCP") -> Service:
    """A service of the kernel's table."""
    found = director.table.service(service_key(text, protocol))
    assert found is not None
    return found


def service_key(text: str = "10.0.0.10:80", protocol: str = "TCP") -> VirtualServerKey:
    """Its key."""
    return VirtualServerKey.of_endpoint(Protocol(protocol), *parse_endpoint(text))


def real(text: str) -> RealServerKey:
    """The key of a real server."""
    return RealServerKey(*parse_endpoint(text))


def row(director: Director, text: str, service_text: str = "10.0.0.10:80") -> Destination | None:
    """A destination of the kernel's table, or None."""
    return service(director, service_text).find(real(text))


def said(director: Director, words: str, after: int = 0) -> list[str]:
    """The journal's lines with these words in them."""
    return [entry.message for entry in director.journal.after(after) if words in entry.message]
