"""The whole simulated cluster: it is stepped, looked at, broken and mended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random

from lvstop.demo.world import estimator
from lvstop.demo.world.breaking import Happening, compile_event
from lvstop.demo.world.burden import PACKETS_A_PROCESSOR
from lvstop.demo.world.conf import ClusterConf, TrafficConf, VirtualServerConf
from lvstop.demo.world.director import Director
from lvstop.demo.world.host import LOAD_SECONDS
from lvstop.demo.world.network import Network, RealHost
from lvstop.demo.world.timeline import Timeline, Timer
from lvstop.demo.world.traffic import Carried, Clients
from lvstop.model.address import IPAddress
from lvstop.model.vrrp import VrrpState

_SETTLE_SECONDS = 30.0
_DAY = 86_400.0
_ARP_SECONDS = 40.0
"""How long neighbours send packets in vain until they ask anew who has an address (net/core/neighbour.c)."""
_SMALL, _MIDDLE = 400, 2_000
"""Rows of a table; larger ones take larger steps."""

_FINEST = 1 / 64
"""Seconds of a step while somebody counts connections; of two to the power of something, so that sums are exact."""

_WATCHED_SECONDS = 2.0


class World:
    """One cluster from second 0 on, when it has already been running for days.

    What happens depends on `conf`, `seed` and the commands given, and not on how often `step` is called.

    Attributes:
        conf: what it was made from.
        epoch: the moment of second 0.
        directors: in the order of the configuration.
        network: links and real servers.
        clients: one for each virtual server that has any.
    """

    def __init__(self, conf: ClusterConf, *, seed: int, epoch: datetime) -> None:
        self.conf = conf
        self.epoch = epoch
        self._timeline = Timeline()
        self._random = Random(f"{seed} {conf.name}")  # noqa: S311 # a game, not a secret
        self.network = Network(self._timeline)
        rows = sum(len(each.real_servers) for each in conf.directors[0].keepalived.virtual_servers)
        self._seconds = 0.25 if rows < _SMALL else 0.5 if rows < _MIDDLE else 1.0
        self._fine = _FINEST if rows < _SMALL else self._seconds / 4
        self._watched_until = 0.0
        self._stepped_at = 0.0
        self._next: Timer | None = None
        buckets = 120 if rows < _SMALL else 60 if rows < _MIDDLE else 24
        age = _DAY * (2 + 5 * self._random.random())
        self._timeline.now = -age - _SETTLE_SECONDS
        self.directors = tuple(
            Director(each, self._timeline, self.network, seed=seed, buckets=buckets) for each in conf.directors
        )
        self.clients = tuple(self._clients(each, buckets) for each in conf.traffic)
        self._calm_at: float | None = None
        self._lost_since: dict[IPAddress, float] = {}
        for director in self.directors:
            for address in _served(director):
                self.network.serve(address)
        self._settle(age)

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self._timeline.now

    def wall(self, at: float | None = None) -> datetime:
        """The moment of second `at`, or of this one."""
        return self.epoch + timedelta(seconds=self.now if at is None else at)

    def step(self, now: float) -> None:
        """Let time pass until second `now`; nothing happens where that is past."""
        self._timeline.run(now)

    def watch(self) -> None:
        """Somebody counts connections now: for a while they begin and end in small steps."""
        watched = self._watched_until > self.now
        self._watched_until = self.now + _WATCHED_SECONDS
        if not watched and self._next is not None:
            self._next.cancel()
            self._schedule()

    def director(self, name: str) -> Director:
        """The director of that name.

        Raises:
            KeyError: there is none.
        """
        for each in self.directors:
            if each.name == name:
                return each
        raise KeyError(name)

    def holder(self, vip: IPAddress) -> Director | None:
        """The director that packets to `vip` reach; None where they reach nobody."""
        name = self.network.holders.get(vip)
        director = next((each for each in self.directors if each.name == name), None)
        if director is None or not director.powered:
            return None
        interface = director.host.interface_of(vip)
        return director if interface is not None and interface.up else None

    # breaking and mending

    @property
    def link_up(self) -> bool:
        """Directors hear each other."""
        return self.network.link_up

    @property
    def flooding(self) -> bool:
        """There are more clients than usual."""
        return self._calm_at is not None and self._calm_at > self.now

    @property
    def real_hosts(self) -> tuple[RealHost, ...]:
        """The machines that serve, by address."""
        hosts = self.network.real_hosts
        return tuple(hosts[address] for address in sorted(hosts, key=lambda one: (one.version, int(one))))

    def cut_link(self) -> None:
        """From now on no director hears another one."""
        self.network.link_up = False

    def mend_link(self) -> None:
        """They hear each other again."""
        self.network.link_up = True

    def stop_real_server(self, address: IPAddress, port: int | None = None) -> None:
        """Switch a real server off, or only the service on one port."""
        host = self.network.serve(address)
        if port is None:
            host.up = False
        else:
            host.closed.add(port)
        self.network.changed(address)

    def start_real_server(self, address: IPAddress, port: int | None = None) -> None:
        """Switch it on again; without a port all of its services."""
        host = self.network.serve(address)
        if port is None:
            host.up = True
            host.closed.clear()
        else:
            host.closed.discard(port)
        self.network.changed(address)

    def hide_real_server(self, director: str, address: IPAddress) -> None:
        """One director cannot reach a real server any more; others can."""
        self.network.hidden.add((director, address))
        self.network.changed(address)

    def show_real_server(self, director: str, address: IPAddress) -> None:
        """It can again."""
        self.network.hidden.discard((director, address))
        self.network.changed(address)

    def kill_director(self, name: str) -> None:
        """Cut a director's power."""
        self.director(name).kill()

    def boot_director(self, name: str) -> None:
        """Switch it on again."""
        self.director(name).boot()

    def flood(self, factor: float, seconds: float) -> None:
        """Let `factor` times as many clients come, for so long."""
        until = self._calm_at = self.now + seconds
        for each in self.clients:
            each.crowd = factor

        def over() -> None:
            if self._calm_at == until:
                self.calm()

        self._timeline.after(seconds, over)

    def calm(self) -> None:
        """Let there be as many clients as usual."""
        self._calm_at = None
        for each in self.clients:
            each.crowd = 1.0

    # how it runs

    def _clients(self, conf: TrafficConf, buckets: int) -> Clients:
        server = next(each for each in _virtual_servers(self.conf) if each.key == conf.virtual_server)
        random = Random(f"{self._random.random()}")  # noqa: S311 # a game, not a secret
        return Clients(conf, server.vip, self.network, buckets, random)

    def _settle(self, age: float) -> None:
        """Elect masters, then let days have passed."""
        for director in self.directors:
            director.booted_at -= _DAY * (3 + 20 * self._random.random())
            director.start_keepalived()
        self._timeline.run(-age)
        self._timeline.leap(age)
        for director in self.directors:
            for instance in director.keepalived.instances:
                adverts = int(age / instance.conf.advert_interval)
                if instance.state is VrrpState.MASTER:
                    instance.adverts_sent += adverts
                elif instance.master_priority:
                    instance.adverts_received += adverts
        for clients in self.clients:
            holder = self.holder(clients.vip)
            if holder is not None:
                clients.prime(holder, self.now, age)
        for director in self.directors:
            self._age_interfaces(director, age)
            director.host.burden.age(director.uptime)
            self._timeline.every(estimator.SECONDS, partial(self._estimate, director))
            self._timeline.every(LOAD_SECONDS, partial(self._average, director))
        self._tick(self._seconds)
        self._schedule()
        for event in self.conf.events:
            happen = compile_event(self.conf, event)
            self._timeline.after(event.at, partial(self._happen, happen, event.every))
        self._timeline.run(0.0)

    def _happen(self, happen: Happening, every: float | None) -> None:
        happen(self)
        if every is not None:
            self._timeline.after(every, partial(self._happen, happen, every))

    def _schedule(self) -> None:
        """The next step, on a multiple of its length."""
        seconds = self._fine if self._watched_until > self.now else self._seconds
        self._next = self._timeline.when((int(self.now / seconds) + 1) * seconds, self._step)

    def _step(self) -> None:
        seconds, self._stepped_at = self.now - self._stepped_at, self.now
        self._tick(seconds)
        self._schedule()

    def _tick(self, seconds: float) -> None:
        """One step of the clients and their packets."""
        for vip in dict.fromkeys(clients.vip for clients in self.clients):
            self._ask_again(vip)
        work, packets = dict.fromkeys(self.directors, 0.02), dict.fromkeys(self.directors, 0)
        for clients in self.clients:
            holder = self.holder(clients.vip)
            carried = clients.step(holder, self.directors, self.now, seconds)
            if holder is not None:
                self._forward(holder, clients.vip, carried)
                work[holder] += (carried.in_packets / PACKETS_A_PROCESSOR + carried.connections / 20_000) / seconds
                packets[holder] += carried.in_packets + carried.out_packets
        for director, share in work.items():
            director.host.work = share
            if director.powered:
                director.take_burden(seconds, packets[director] / seconds)
                self._chatter(director, seconds)

    def _chatter(self, director: Director, seconds: float) -> None:
        """What is on the wire besides: ARP, adverts, whoever looks."""
        for interface in director.host.interfaces[1:]:
            if interface.up:
                packets = int(1.5 * seconds / self._seconds + director.random.random())
                interface.receive(packets, packets * 90)
                interface.send(packets // 2, packets // 2 * 110)

    def _ask_again(self, vip: IPAddress) -> None:
        """Who sends to a director that does not have the address any more finds the one that has, after a while."""
        if self.holder(vip) is not None:
            self._lost_since.pop(vip, None)
        elif self.now - self._lost_since.setdefault(vip, self.now) >= _ARP_SECONDS:
            for director in self.directors:
                interface = director.host.interface_of(vip)
                if director.powered and interface is not None and interface.up:
                    self.network.announce(vip, director.name)
                    return

    def _forward(self, director: Director, vip: IPAddress, carried: Carried) -> None:
        """What goes through comes in and goes out."""
        interface = director.host.interface_of(vip)
        if interface is not None:
            packets, size = carried.in_packets + carried.out_packets, carried.in_bytes + carried.out_bytes
            interface.receive(packets, size)
            interface.send(packets, size)
        for daemon in director.table.daemons:
            link = director.host.interface(daemon.interface or "")
            if link is not None and carried.connections:
                link.send(1 + carried.connections // 30, 28 + carried.connections * 44)

    def _average(self, director: Director) -> None:
        director.host.average(director.random)
        director.count_connections()

    def _estimate(self, director: Director) -> None:
        if director.powered:
            estimator.estimate(director.table)

    def _age_interfaces(self, director: Director, age: float) -> None:
        for interface in director.host.interfaces[1:]:
            packets = int(age * (2 + director.random.random()))
            interface.receive(packets, packets * 90)
            interface.send(packets // 2, packets // 2 * 110)
        for clients in self.clients:
            interface_of = director.host.interface_of(clients.vip)
            service = director.table.service(clients.conf.virtual_server)
            if interface_of is not None and service is not None:
                counters = service.counters
                packets = int(counters.in_packets + counters.out_packets)
                size = int(counters.in_bytes + counters.out_bytes)
                interface_of.receive(packets, size)
                interface_of.send(packets, size)


def _virtual_servers(conf: ClusterConf) -> Iterator[VirtualServerConf]:
    for director in conf.directors:
        yield from director.keepalived.virtual_servers


def _served(director: Director) -> Iterator[IPAddress]:
    """The real servers of a director that are machines of their own."""
    own = {one.address for interface in director.conf.interfaces for one in interface.addresses}
    for server in director.conf.keepalived.virtual_servers:
        for real in (*server.real_servers, *((server.sorry_server,) if server.sorry_server else ())):
            if real.key.address not in own and not real.key.address.is_loopback:
                yield real.key.address
