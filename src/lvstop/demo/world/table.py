"""One director's IPVS table: services, their destinations, and what may be done to them.

Source: net/netfilter/ipvs/ip_vs_ctl.c of Linux 6.1. Destinations stand newest first; an edit replaces all settings of
one and leaves its place, its connections and its counters; one that is deleted goes to a trash, out of sight: it stays
there for two minutes, and for as long as it has connections, and comes back with its counters when it is added again.
"""

from dataclasses import dataclass, field
from zlib import crc32

from lvstop.demo.world.connections import Connections
from lvstop.errors import LvstopError
from lvstop.model.address import Protocol, RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod, SyncDaemon, Tunnel


class NoSuchServiceError(LvstopError):
    """The kernel's ESRCH: ipvsadm says `Service not defined`."""


class NoSuchDestinationError(LvstopError):
    """The kernel's ENOENT: ipvsadm says `No such destination`."""


class ExistsError(LvstopError):
    """The kernel's EEXIST."""


@dataclass(slots=True, eq=False)
class Tally:
    """Totals since the row was made, or rates a second of the kernel's estimator."""

    connections: float = 0
    in_packets: float = 0
    out_packets: float = 0
    in_bytes: float = 0
    out_bytes: float = 0


@dataclass(slots=True)
class Setting:
    """What `ipvsadm -e` sets of a destination, all of it at once."""

    forwarding: ForwardingMethod
    weight: int
    upper_threshold: int = 0
    lower_threshold: int = 0
    tunnel: Tunnel | None = None


@dataclass(slots=True, eq=False)
class Destination:
    """A real server in the table.

    Attributes:
        last_weight: the last weight that was not 0: `mh` keeps the share of a drained one by it.
        idle: seconds that it has been in the trash without connections.
        overloaded: it has reached its upper threshold, and not yet fallen below its lower one.
        counters, rates: whole numbers since it was made, and the estimator's.
    """

    key: RealServerKey
    forwarding: ForwardingMethod
    weight: int
    upper_threshold: int
    lower_threshold: int
    tunnel: Tunnel | None
    connections: Connections
    last_weight: int = 1
    idle: float = 0.0
    overloaded: bool = False
    counters: Tally = field(default_factory=Tally)
    rates: Tally = field(default_factory=Tally)
    estimated: Tally = field(default_factory=Tally)

    @property
    def active(self) -> int:
        """ActiveConn: established and half-open TCP."""
        return self.connections.active

    @property
    def inactive(self) -> int:
        """InActConn: everything else; UDP is always here."""
        return self.connections.inactive

    @property
    def persistent(self) -> int:
        """PersistConn: templates of persistent clients."""
        return self.connections.templates

    @property
    def available(self) -> bool:
        """A scheduler may choose it."""
        return self.weight > 0 and not self.overloaded

    def settle_overload(self) -> None:
        """Set or clear the overload flag (ip_vs_bind_dest, ip_vs_unbind_dest)."""
        upper = self.upper_threshold
        if not upper:
            self.overloaded = False
            return
        total = self.connections.total
        if total >= upper:
            self.overloaded = True
        elif self.lower_threshold:
            if total < self.lower_threshold:
                self.overloaded = False
        elif total * 4 < upper * 3:
            self.overloaded = False


@dataclass(slots=True, eq=False)
class Service:
    """A virtual server in the table.

    Attributes:
        destinations: newest first, as the kernel lists them.
        listed: the same by their keys.
        trash: destinations that were deleted, also those of an earlier service of this key.
        cursor, level: where round robin goes on (`rr`: a destination's place; `wrr`: its place and current weight).
        changed: counts edits; schedulers that keep tables make them anew.
        hashed: the scheduler's table, and the count of edits that it was made at.
        drops_quiescent_templates: the sysctl expire_quiescent_template, as the kernel reads it.
    """

    key: VirtualServerKey
    scheduler: str
    flags: tuple[str, ...]
    persistence_seconds: int | None
    persistence_prefix: int | None
    one_packet: bool
    destinations: list[Destination] = field(default_factory=list)
    listed: dict[RealServerKey, Destination] = field(default_factory=dict)
    trash: dict[RealServerKey, Destination] = field(default_factory=dict)
    counters: Tally = field(default_factory=Tally)
    rates: Tally = field(default_factory=Tally)
    estimated: Tally = field(default_factory=Tally)
    cursor: int = -1
    level: int = 0
    changed: int = 0
    hashed: tuple[int, list[int]] | None = None
    drops_quiescent_templates: bool = False

    def find(self, key: RealServerKey) -> Destination | None:
        """The destination of that key, if it is listed."""
        return self.listed.get(key)


class Table:
    """The table of one director, in the network namespace of its host.

    Attributes:
        services: in the kernel's order, which is none.
        loaded: the ip_vs module is in the kernel.
        totals, rates: of the whole box (/proc/net/ip_vs_stats).
        daemons: connection synchronisation.
        expire_nodest_connections, expire_quiescent_templates: the sysctls of nearly these names.
    """

    def __init__(self, buckets: int, salt: int) -> None:
        self._by_key: dict[VirtualServerKey, Service] = {}
        self._trash: dict[VirtualServerKey, dict[RealServerKey, Destination]] = {}
        self._buckets = buckets
        self._salt = salt
        self.services: list[Service] = []
        self.loaded = False
        self.totals = Tally()
        self.rates = Tally()
        self.estimated = Tally()
        self.daemons: list[SyncDaemon] = []
        self.expire_nodest_connections = False
        self.expire_quiescent_templates = False

    def service(self, key: VirtualServerKey) -> Service | None:
        """The service of that key, if there is one."""
        return self._by_key.get(key)

    def add_service(self, service: Service) -> None:
        """`ipvsadm -A`; it loads the module.

        Raises:
            ExistsError: there is one already.
        """
        self.loaded = True
        if service.key in self._by_key:
            raise ExistsError("Service already exists")
        service.trash = self.trash(service.key)
        service.drops_quiescent_templates = self.expire_quiescent_templates
        self._by_key[service.key] = service
        self.services.append(service)
        # the kernel's hash mixes in a pointer: an order that differs from boot to boot, and means nothing
        self.services.sort(key=lambda each: crc32(f"{self._salt} {each.key}".encode()))

    def delete_service(self, key: VirtualServerKey) -> None:
        """`ipvsadm -D`: with its destinations, which go to the trash.

        Raises:
            NoSuchServiceError: there is none.
        """
        service = self._must(key)
        for destination in service.destinations:
            self._throw_away(service, destination)
        self.services.remove(service)
        del self._by_key[key]

    def flush(self) -> None:
        """`ipvsadm -C`."""
        for service in tuple(self.services):
            self.delete_service(service.key)

    def trash(self, key: VirtualServerKey) -> dict[RealServerKey, Destination]:
        """The deleted destinations of a service, whether it is there or not."""
        return self._trash.setdefault(key, {})

    def add_destination(self, service_key: VirtualServerKey, key: RealServerKey, setting: Setting) -> Destination:
        """`ipvsadm -a`: at the top of its service; out of the trash with its connections and counters, if it is there.

        Raises:
            NoSuchServiceError: there is no such service.
            ExistsError: it has that destination already.
        """
        service = self._must(service_key)
        if service.find(key) is not None:
            raise ExistsError("Destination already exists")
        kept = service.trash.pop(key, None)
        destination = kept or Destination(
            key, setting.forwarding, 0, 0, 0, None, Connections(self._buckets, udp=service_key.protocol is Protocol.UDP)
        )
        _set(destination, setting)
        service.destinations.insert(0, destination)
        service.listed[key] = destination
        service.changed += 1
        if service.cursor >= 0:
            service.cursor += 1
        return destination

    def edit_destination(self, service_key: VirtualServerKey, key: RealServerKey, setting: Setting) -> None:
        """`ipvsadm -e`: what is left out of `setting` is set back.

        Raises:
            NoSuchServiceError: there is no such service.
            NoSuchDestinationError: it has no such destination.
        """
        service = self._must(service_key)
        destination = service.find(key)
        if destination is None:
            raise NoSuchDestinationError("No such destination")
        _set(destination, setting)
        service.changed += 1

    def delete_destination(self, service_key: VirtualServerKey, key: RealServerKey) -> None:
        """`ipvsadm -d`.

        Raises:
            NoSuchServiceError: there is no such service.
            NoSuchDestinationError: it has no such destination.
        """
        service = self._must(service_key)
        destination = service.find(key)
        if destination is None:
            raise NoSuchDestinationError("No such destination")
        place = service.destinations.index(destination)
        del service.destinations[place]
        del service.listed[key]
        service.changed += 1
        if service.cursor >= place:
            service.cursor -= 1
        self._throw_away(service, destination)

    def _throw_away(self, service: Service, destination: Destination) -> None:
        if self.expire_nodest_connections:
            destination.connections.clear()
        destination.idle = 0.0
        service.trash[destination.key] = destination

    def _must(self, key: VirtualServerKey) -> Service:
        service = self._by_key.get(key)
        if service is None:
            raise NoSuchServiceError("Service not defined")
        return service


def _set(destination: Destination, setting: Setting) -> None:
    if setting.upper_threshold == 0 or setting.upper_threshold > destination.upper_threshold:
        destination.overloaded = False
    destination.forwarding = setting.forwarding
    destination.weight = setting.weight
    destination.upper_threshold = setting.upper_threshold
    destination.lower_threshold = setting.lower_threshold
    destination.tunnel = setting.tunnel
    if setting.weight:
        destination.last_weight = setting.weight
