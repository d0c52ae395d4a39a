"""What a lab consists of, declared as data: networks, directors, real servers, clients, and when it is ready.

Addresses of interfaces are written `address/prefix`, as `ip addr add` takes them; all others are plain.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.errors import LabError

# names become parts of interface names (15 characters in Linux) and of paths
NAME = re.compile(r"[a-z][a-z0-9-]{0,11}")


@dataclass(frozen=True, slots=True)
class Network:
    """A bridge. `host_addresses` are the lab's own on it, from which `lvstop` and the tests reach the directors."""

    name: str
    host_addresses: tuple[str, ...] = ()
    # addresses of the machine itself when an operator joins (`python -m lab up --attach`)
    attach_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nic:
    """An interface of a director, under the name it has there (`ens3`)."""

    name: str
    network: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DirectorSpec:
    """A Linux director. The first address of its first interface is where SSH reaches it.

    `files` are absolute paths and texts put on its disk before it boots. A file that keepalived shall watch belongs
    under /etc/keepalived or /run: elsewhere inotify says nothing. `ipvs_commands` are arguments of `ipvsadm`,
    run in order after every boot, when keepalived is up: for what keepalived.conf cannot express.
    """

    name: str
    nics: tuple[Nic, ...]
    keepalived_conf: str
    gateway: str | None = None
    ipvs_commands: tuple[tuple[str, ...], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 192

    @property
    def address(self) -> str:
        """The address for SSH, without its prefix."""
        return bare(self.nics[0].addresses[0])


@dataclass(frozen=True, slots=True)
class RealServerSpec:
    """A real server: echo servers on its ports. `vips` are put on its `lo` and never announced, as DR needs."""

    name: str
    network: str
    addresses: tuple[str, ...]
    vips: tuple[str, ...] = ()
    tcp_ports: tuple[int, ...] = ()
    udp_ports: tuple[int, ...] = ()
    gateway: str | None = None


@dataclass(frozen=True, slots=True)
class ClientSpec:
    """A place that traffic comes from."""

    name: str
    network: str
    addresses: tuple[str, ...]
    gateway: str | None = None


@dataclass(frozen=True, slots=True)
class ReadyCheck:
    """The lab is ready when `command`, run as root on `director`, writes something that contains `contains`."""

    director: str
    command: str
    contains: str


@dataclass(frozen=True, slots=True)
class Topology:
    """A whole lab. Raises LabError when names are unfit or refer to nothing."""

    name: str
    networks: tuple[Network, ...]
    directors: tuple[DirectorSpec, ...]
    real_servers: tuple[RealServerSpec, ...] = ()
    clients: tuple[ClientSpec, ...] = ()
    ready: tuple[ReadyCheck, ...] = ()

    def __post_init__(self) -> None:
        networks = {network.name for network in self.networks}
        directors = {director.name for director in self.directors}
        nics = [nic for director in self.directors for nic in director.nics]
        ends: list[RealServerSpec | ClientSpec] = [*self.real_servers, *self.clients]
        names = [*networks, *directors, *(end.name for end in ends)]
        for name in [*names, *(nic.name for nic in nics)]:
            if not NAME.fullmatch(name):
                raise LabError(f"unfit name {name!r}: at most 12 of a-z, 0-9 and -, a letter first")
        for used in [*(nic.network for nic in nics), *(end.network for end in ends)]:
            if used not in networks:
                raise LabError(f"no network {used!r} in the topology {self.name}")
        if len(set(names)) != len(self.networks) + len(self.directors) + len(ends):
            raise LabError(f"a name is used twice in the topology {self.name}")
        for check in self.ready:
            if check.director not in directors:
                raise LabError(f"no director {check.director!r} in the topology {self.name}")

    def network(self, name: str) -> Network:
        """Return the network of that name."""
        return next(network for network in self.networks if network.name == name)

    @property
    def operator_network(self) -> Network:
        """The network on which the directors are reached."""
        return self.network(self.directors[0].nics[0].network)


def bare(address: str) -> str:
    """Return `address/prefix` without its prefix."""
    return address.partition("/")[0]


def subnet(address: str) -> str:
    """Return the subnet of `address/prefix`."""
    return str(ipaddress.ip_interface(address).network)
