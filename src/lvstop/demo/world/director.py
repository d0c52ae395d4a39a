"""One director: a machine, its kernel, its files and its keepalived."""

from dataclasses import replace
from random import Random
from zlib import crc32

from lvstop.demo.world.address_log import AddressLog
from lvstop.demo.world.conf import DirectorConf
from lvstop.demo.world.host import Host
from lvstop.demo.world.journal import Journal
from lvstop.demo.world.keepalived import Keepalived
from lvstop.demo.world.machine import Machine
from lvstop.demo.world.network import Network
from lvstop.demo.world.table import Setting, Table
from lvstop.demo.world.timeline import Timeline
from lvstop.model.address import RealServerKey, VirtualServerKey

_SYSCTLS = {
    "net.ipv4.ip_forward": 1,
    "net.ipv4.vs.conn_reuse_mode": 1,
    "net.ipv4.vs.expire_nodest_conn": 0,
    "net.ipv4.vs.expire_quiescent_template": 0,
    "net.ipv4.vs.sloppy_tcp": 0,
    "net.ipv4.vs.backup_only": 0,
    "net.ipv4.vs.conntrack": 0,
    "net.ipv4.vs.run_estimation": 1,
}
_STORM_PACKETS, _STORM_LOST = 180_000, 900
"""Packets a second that come in a storm, and those of them that the interface has no room for."""
_STARTS_AFTER = 4.0
"""Seconds from boot until systemd starts keepalived."""


class Director:
    """One machine of the pair.

    Attributes:
        conf: what it is made of; `conf.keepalived` is the configuration on disk.
        powered: it is there at all. Without power nothing else here means anything.
        booted_at: seconds of the world.
        journal: outlives a reboot, as do `files`.
        address_log: addresses that came and went.
    """

    def __init__(self, conf: DirectorConf, timeline: Timeline, network: Network, *, seed: int, buckets: int) -> None:
        self.conf = conf
        self.name = conf.name
        self.powered = True
        self.booted_at = timeline.now
        self._timeline = timeline
        self._network = network
        self._buckets = buckets
        self._boots = 0
        self._next_pid = 0
        own = Random(f"{seed} {conf.name}")  # noqa: S311 # a game, not a secret
        self._own = own
        self.journal = Journal(lambda: timeline.now)
        self.address_log = AddressLog(lambda: timeline.now)
        self.sysctls = {**_SYSCTLS, **dict(conf.sysctls)}
        host, table = self._fresh()
        self._machine = Machine(conf.name, timeline, network, self.journal, host, table, {}, own, self._new_pid)
        self.keepalived = Keepalived(self._machine, conf.keepalived_version)
        network.listen(conf.name, self.keepalived.hear, self.keepalived.server_changed)

    @property
    def table(self) -> Table:
        """The IPVS table."""
        return self._machine.table

    @property
    def host(self) -> Host:
        """Interfaces and load."""
        return self._machine.host

    @property
    def files(self) -> dict[str, str]:
        """Texts by path: those that keepalived watches, and whatever else was set."""
        return self._machine.files

    @property
    def random(self) -> Random:
        """Its own randomness."""
        return self._own

    @property
    def uptime(self) -> float:
        """Seconds since boot."""
        return self._timeline.now - self.booted_at

    def edit_destination(self, service: VirtualServerKey, key: RealServerKey, setting: Setting) -> None:
        """`ipvsadm -e`.

        Raises:
            NoSuchServiceError: there is no such service.
            NoSuchDestinationError: it has no such destination.
        """
        self.table.edit_destination(service, key, setting)

    def read_file(self, path: str) -> str | None:
        """The text of a file, or None where there is none."""
        return self.files.get(path)

    def set_file(self, path: str, text: str) -> None:
        """Write a file; keepalived notices where it is one of its track files."""
        self.files[path] = text
        self.keepalived.file_changed(path)

    def remove_file(self, path: str) -> None:
        """Remove a file, if it is there."""
        if self.files.pop(path, None) is not None:
            self.keepalived.file_changed(path)

    def log(self, identifier: str, pid: int, message: str) -> None:
        """A line in the journal."""
        self.journal.log(identifier, pid, message)

    def start_keepalived(self) -> None:
        """`systemctl start keepalived`, with the configuration on disk."""
        if self.powered:
            self.keepalived.start(self.conf.keepalived)

    def stop_keepalived(self) -> None:
        """`systemctl stop keepalived`."""
        if self.powered:
            self.keepalived.stop()

    def reload_keepalived(self) -> None:
        """`systemctl reload keepalived`: takes over the configuration on disk."""
        if self.powered:
            self.keepalived.reload(self.conf.keepalived)

    def set_interface(self, name: str, *, up: bool) -> None:
        """Pull a cable out, or plug it in."""
        interface = self.host.interface(name)
        if interface is None or interface.up is up or not self.powered:
            return
        interface.up = up
        state = "up" if up else "down"
        self.journal.log("Keepalived_vrrp", self.keepalived.vrrp_pid, f"Netlink reports {name} {state}")
        self.keepalived.interface_changed()

    @property
    def storm(self) -> bool:
        """Packets that nobody asked for come in."""
        return self.host.burden.storm

    def set_storm(self, *, on: bool) -> None:
        """Let them come through one queue of its first interface, or no more."""
        if self.powered:
            self.host.burden.storm = on

    def take_burden(self, seconds: float, packets: float) -> None:
        """Let its processors be busy for `seconds` with so many packets a second, and with what it is besides."""
        if self.storm:
            self.host.work += 1.0
            interface = self.host.interfaces[1]
            interface.receive(int(_STORM_PACKETS * seconds), int(_STORM_PACKETS * 60 * seconds))
            interface.rx_dropped += int(_STORM_LOST * seconds)
        self.host.burden.pass_by(seconds, packets, 0.04)

    def count_connections(self) -> None:
        """What its memory has to hold of IPVS. Too many to be counted at each step."""
        rows = (each for service in self.table.services for each in service.destinations)
        self.host.burden.hold(sum(each.connections.total for each in rows))

    def kill(self) -> None:
        """Cut the power: nobody is told anything."""
        if self.powered:
            self.powered = False
            self.keepalived.kill()

    def boot(self) -> None:
        """Switch it on: an empty table, and keepalived some seconds later."""
        if self.powered:
            return
        self.powered = True
        self.booted_at = self._timeline.now
        self._machine.host, self._machine.table = self._fresh()
        boots = self._boots
        self._timeline.after(_STARTS_AFTER, lambda: self.start_keepalived() if boots == self._boots else None)

    def set_priority(self, instance: str, priority: int) -> None:
        """Write another priority into the configuration on disk; a reload takes it over."""
        conf = self.conf.keepalived
        instances = tuple(
            replace(each, priority=priority) if each.name == instance else each for each in conf.instances
        )
        self.conf = replace(self.conf, keepalived=replace(conf, instances=instances))

    def _fresh(self) -> tuple[Host, Table]:
        self._boots += 1
        self._next_pid = 380 + self._own.randrange(60)
        table = Table(self._buckets, salt=crc32(f"{self.name} {self._boots}".encode()))
        table.expire_nodest_connections = self.sysctls["net.ipv4.vs.expire_nodest_conn"] != 0
        table.expire_quiescent_templates = self.sysctls["net.ipv4.vs.expire_quiescent_template"] != 0
        host = Host.of(self.name, self.conf.interfaces)
        host.changed = self.address_log.note
        return host, table

    def _new_pid(self) -> int:
        self._next_pid += 1 + self._own.randrange(3)
        return self._next_pid
