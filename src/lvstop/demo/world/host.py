"""A director as a machine: interfaces with their addresses and counters, load."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from math import exp
from random import Random
from zlib import crc32

from lvstop.demo.world.burden import Burden
from lvstop.demo.world.conf import AddressConf, InterfaceConf
from lvstop.model.address import IPAddress

LOAD_SECONDS = 5.0
"""How often the kernel looks (kernel/sched/loadavg.c)."""
_LOOPBACK = (AddressConf(ip_address("127.0.0.1"), 8), AddressConf(ip_address("::1"), 128))
_DECAYS = tuple(exp(-LOAD_SECONDS / seconds) for seconds in (60.0, 300.0, 900.0))


@dataclass(slots=True, eq=False)
class Interface:
    """A network interface.

    Attributes:
        addresses: in the order in which they were set; VIPs among them.
        rx_dropped: packets that the host had no room for.
    """

    name: str
    index: int
    mac: str
    addresses: list[AddressConf]
    up: bool = True
    mtu: int = 1500
    rx_bytes: int = 0
    rx_packets: int = 0
    rx_dropped: int = 0
    tx_bytes: int = 0
    tx_packets: int = 0

    def receive(self, packets: int, size: int) -> None:
        """Count packets of `size` bytes in all."""
        self.rx_packets += packets
        self.rx_bytes += size

    def send(self, packets: int, size: int) -> None:
        """Count packets of `size` bytes in all."""
        self.tx_packets += packets
        self.tx_bytes += size


def _nobody(_interface: str, _index: int, _address: AddressConf, _added: bool) -> None:
    """Who listens where nobody listens."""


@dataclass(slots=True, eq=False)
class Host:
    """The machine.

    Attributes:
        load: averages over 1, 5 and 15 minutes.
        tasks: runnable now, and all there are.
        work: what the machine has to do at the moment, in processors.
        burden: what its processors and its memory have to do with.
        changed: told of each address that comes or goes: the name and the index of its interface, and whether it came.
    """

    interfaces: list[Interface]
    load: tuple[float, float, float] = (0.08, 0.05, 0.01)
    tasks: tuple[int, int] = (1, 134)
    work: float = 0.0
    burden: Burden = field(default_factory=Burden)
    changed: Callable[[str, int, AddressConf, bool], None] = _nobody

    @classmethod
    def of(cls, name: str, interfaces: Iterable[InterfaceConf]) -> "Host":
        """A machine as it is after boot: loopback first."""
        loopback = Interface("lo", 1, "00:00:00:00:00:00", list(_LOOPBACK), mtu=65536)
        others = [_interface(conf, number, _mac(f"{name} {conf.name}")) for number, conf in enumerate(interfaces, 2)]
        return cls([loopback, *others])

    def interface(self, name: str) -> Interface | None:
        """The interface of that name."""
        return next((each for each in self.interfaces if each.name == name), None)

    def interface_of(self, address: IPAddress) -> Interface | None:
        """The interface that has this address now."""
        return next((each for each in self.interfaces if any(one.address == address for one in each.addresses)), None)

    def set_address(self, interface: str, address: IPAddress, prefix_length: int) -> None:
        """`ip addr add`; nothing happens where it is there already."""
        found = self.interface(interface)
        if found is not None and all(one.address != address for one in found.addresses):
            found.addresses.append(AddressConf(address, prefix_length))
            self.changed(found.name, found.index, found.addresses[-1], True)

    def remove_address(self, interface: str, address: IPAddress) -> None:
        """`ip addr del`; nothing happens where it is not there."""
        found = self.interface(interface)
        if found is not None:
            for one in [one for one in found.addresses if one.address == address]:
                found.addresses.remove(one)
                self.changed(found.name, found.index, one, False)

    def average(self, random: Random) -> None:
        """Take one sample of the load, as the kernel does every `LOAD_SECONDS`."""
        runnable = int(self.work + random.random())
        if random.random() < 0.05:
            runnable += 1
        one, five, fifteen = (
            load * decay + runnable * (1 - decay) for load, decay in zip(self.load, _DECAYS, strict=True)
        )
        self.load = (one, five, fifteen)
        self.tasks = (max(runnable, 1), 130 + runnable + random.randrange(4))


def _interface(conf: InterfaceConf, index: int, mac: str) -> Interface:
    """An interface with its addresses, and the link-local one that the kernel makes of its MAC (RFC 4291, app. A)."""
    one, two, three, four, five, six = (int(byte, 16) for byte in mac.split(":"))
    own = bytes((0xFE, 0x80, *(6 * (0,)), one ^ 2, two, three, 0xFF, 0xFE, four, five, six))
    return Interface(conf.name, index, mac, [*conf.addresses, AddressConf(IPv6Address(own), 64)])


def _mac(name: str) -> str:
    """A locally administered address that is the same each time."""
    number = crc32(name.encode())
    return "52:54:00:" + ":".join(f"{number >> shift & 255:02x}" for shift in (16, 8, 0))
