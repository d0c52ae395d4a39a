"""The clients of one virtual server: where their connections go, how long they last, what they carry.

Everything is counted by the destination, never connection by connection. A fraction that has to become a whole number
is rounded by chance, so that the mean is right and the sum is exact.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from math import exp, pi, sin
from random import Random
from typing import NamedTuple

from lvstop.demo.world import estimator
from lvstop.demo.world.conf import TrafficConf
from lvstop.demo.world.connections import HALF_OPEN_SECONDS, UDP_SECONDS, WAITING_SECONDS, Connections
from lvstop.demo.world.director import Director
from lvstop.demo.world.network import Answer, Network
from lvstop.demo.world.scheduling import schedule, share_out
from lvstop.demo.world.table import Destination, Service, Tally
from lvstop.model.address import IPAddress, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod, SyncDaemon, SyncRole

_PATIENCE_SECONDS = 20.0
"""How long a client waits for a server that has fallen silent."""
_BARE_SECONDS = 0.05
"""How much earlier at the most a keepalived that is stopped takes its table away than its addresses: who speaks between
them is reset. Of fifty connections that spoke five times a second the lab lost between none and ten."""
_TRASH_SECONDS = 120.0
"""IP_VS_DEST_TRASH_PERIOD."""


class Carried(NamedTuple):
    """What went through a director in one step."""

    connections: int
    in_packets: int
    out_packets: int
    in_bytes: int
    out_bytes: int


class Clients:
    """The clients of one virtual server.

    Attributes:
        conf: who they are.
        refused: connections that found no real server, since the beginning.
        crowd: how many times as many as usual there are now.
    """

    def __init__(self, conf: TrafficConf, vip: IPAddress, network: Network, buckets: int, random: Random) -> None:
        self.conf = conf
        self.vip = vip
        self.refused = 0
        self.crowd = 1.0
        self._network = network
        self._random = random
        self._udp = conf.virtual_server.protocol is Protocol.UDP
        self._bucket_seconds = (UDP_SECONDS if self._udp else WAITING_SECONDS) / buckets
        self._phase = random.random() * 2 * pi
        self._last: Director | None = None

    def prime(self, holder: Director, now: float, age: float) -> None:
        """Let there be as many connections, and as much be counted, as if this had gone on for `age` seconds."""
        service = holder.table.service(self.conf.virtual_server)
        self._last = holder
        if service is None or not service.destinations:
            return
        conf = self.conf
        connected = 0 if service.one_packet else round(self._present(now) * conf.session / (conf.session + conf.pause))
        for destination, count in self._assign(service, connected):
            waiting = 0 if service.one_packet else int(count / conf.session * self._waiting_seconds)
            if destination.upper_threshold:
                waiting = min(waiting, max(destination.upper_threshold - count, 0))
            destination.connections.begin(count + waiting)
            destination.connections.close_over_time(waiting)
            destination.settle_overload()
        for destination in service.destinations:
            past = self._past(service, destination, age)
            for tally in (destination.counters, service.counters, holder.table.totals):
                _add(tally, past)
        estimator.forget(holder.table)
        estimator.forget(service)
        for destination in service.destinations:
            estimator.forget(destination)

    def _past(self, service: Service, destination: Destination, age: float) -> Carried:
        """What a destination has carried in `age` seconds, of which it was not always so busy."""
        conf, connections = self.conf, destination.connections
        busy = age * (0.55 + 0.05 * self._random.random())
        if service.one_packet:
            begun = busy * conf.clients / conf.pause / len(service.destinations)
            used = begun
        else:
            begun, used = connections.live / conf.session * busy + connections.made, connections.live * busy
        out = used if destination.forwarding is ForwardingMethod.MASQ else 0.0
        carried = (begun, used * conf.in_packets, out * conf.out_packets, used * conf.in_bytes, out * conf.out_bytes)
        return Carried(*map(int, carried))

    def step(self, holder: Director | None, directors: Iterable[Director], now: float, seconds: float) -> Carried:
        """Let `seconds` pass until `now`, while packets to the VIP go to `holder`."""
        if holder is not None and holder is not self._last:
            self._move(self._last, holder, now)
            self._last = holder
        carried = Carried(0, 0, 0, 0, 0)
        served = None if holder is None else holder.table.service(self.conf.virtual_server)
        for director in directors:
            if not director.powered:
                continue
            service = director.table.service(self.conf.virtual_server)
            slots = int(now / self._bucket_seconds) - int((now - seconds) / self._bucket_seconds)
            self._age_trash(director, now, seconds, slots)
            if service is None:
                continue
            if director is holder:
                carried = self._serve(director, service, now, seconds, slots)
                continue
            self._rest(service, now, seconds, slots)
            if holder is not None and served is not None and self._synchronised(holder, director):
                _copy(served, service, now)
        return carried

    @property
    def _waiting_seconds(self) -> float:
        return UDP_SECONDS if self._udp else WAITING_SECONDS

    def _present(self, now: float) -> float:
        """How many clients there are at this moment."""
        conf = self.conf
        return conf.clients * self.crowd * (1 + conf.swing * sin(2 * pi * now / conf.period + self._phase))

    # the director that the packets go to

    def _serve(self, director: Director, service: Service, now: float, seconds: float, slots: int) -> Carried:
        conf, random = self.conf, self._random.random
        silent = self._silent(director, service)
        self._age(service, silent, now, seconds, slots)
        connected = sum(each.connections.live for each in chain(service.destinations, service.trash.values()))
        if service.one_packet:
            wanted = int(self._present(now) * seconds / conf.pause + random())
        else:
            idle = max(self._present(now) - connected, 0.0)
            wanted = int(idle * (1 - exp(-seconds / conf.pause)) + random())
        begun = 0
        for destination, count in self._assign(service, wanted):
            begun += count
            destination.counters.connections += count
            if service.one_packet:
                destination.connections.pass_by(count)
            else:
                destination.connections.begin(count, answered=destination.key not in silent)
            if destination.upper_threshold:
                destination.settle_overload()
        self.refused += wanted - begun
        if service.persistence_seconds:
            self._forget_templates(service, seconds)
        return self._carry(director, service, begun, seconds)

    def _silent(self, director: Director, service: Service) -> dict[object, Answer]:
        """Destinations that do not answer, by key."""
        answer, name = self._network.answer, director.name
        if not self._network.troubled:
            return {}
        port = self.conf.virtual_server.port or 0
        found = {each.key: answer(name, each.key.address, each.key.port or port) for each in service.destinations}
        return {key: said for key, said in found.items() if said is not Answer.OPEN}

    def _age(self, service: Service, silent: dict[object, Answer], now: float, seconds: float, slots: int) -> None:
        """Connections end: by their clients, by timeouts, or because nobody answers."""
        random = self._random.random
        ending = 1 - exp(-seconds / self.conf.session)
        impatient = max(ending, 1 - exp(-seconds / _PATIENCE_SECONDS))
        for destination in service.destinations:
            connections = destination.connections
            if slots:
                connections.turn(slots)
            _time_out(connections.half_open, destination, seconds, random())
            if connections.lingering:
                connections.expire(now)
            if connections.live:
                share = ending
                if silent and (said := silent.get(destination.key)) is not None:
                    share = 0.9 if said is Answer.REFUSED else impatient
                count = int(connections.live * share + random())
                if count:
                    connections.close(count)
            if destination.upper_threshold:
                destination.settle_overload()

    def _age_trash(self, director: Director, now: float, seconds: float, slots: int) -> None:
        """Packets to what was deleted are dropped without a word; clients give up, but the kernel is not told."""
        trash = director.table.trash(self.conf.virtual_server)
        if not trash:
            return
        random = self._random.random
        impatient = 1 - exp(-seconds / _PATIENCE_SECONDS)
        for key, destination in tuple(trash.items()):
            connections = destination.connections
            connections.turn(slots)
            connections.expire(now)
            connections.expire_copies(now)
            connections.templates = 0
            _time_out(connections.half_open, destination, seconds, random())
            connections.lose_sight(int(connections.live * impatient + random()), now)
            if connections.total:
                continue
            destination.idle += seconds
            if destination.idle > _TRASH_SECONDS:
                del trash[key]

    def _assign(self, service: Service, count: int) -> list[tuple[Destination, int]]:
        """New connections by destination: persistent clients go where they went before."""
        destinations = service.destinations
        if not destinations or count <= 0:
            return []
        if not service.persistence_seconds:
            return self._pairs(destinations, schedule(service, count, self.conf.clients, self._random))
        known = self._by_template(service, count)
        fresh = schedule(service, count - sum(known), self.conf.clients, self._random)
        for destination, number in zip(destinations, fresh, strict=True):
            destination.connections.templates += number
        return self._pairs(destinations, [old + new for old, new in zip(known, fresh, strict=True)])

    def _by_template(self, service: Service, count: int) -> list[int]:
        """How many of `count` are clients with a template, by destination."""
        templates = [each.connections.templates for each in service.destinations]
        bound = sum(templates)
        share = min(bound / max(self.conf.clients * max(self.crowd, 1.0), 1), 1.0)
        returning = min(int(count * share + self._random.random()), count) if bound else 0
        if not returning:
            return [0] * len(templates)
        known = share_out(templates, returning, self._random)
        if service.drops_quiescent_templates:
            for place, destination in enumerate(service.destinations):
                if destination.weight == 0:
                    destination.connections.templates -= min(known[place], destination.connections.templates)
                    known[place] = 0
        return known

    def _forget_templates(self, service: Service, seconds: float) -> None:
        """Templates time out that saw no new connection for so long, and have none left."""
        conf, random = self.conf, self._random.random
        alone = max(float(service.persistence_seconds or 0), self._waiting_seconds)
        share = exp(-alone / conf.pause) / (conf.session + conf.pause) * seconds
        for destination in service.destinations:
            templates = destination.connections.templates
            if templates:
                destination.connections.templates -= min(int(templates * share + random()), templates)

    def _carry(self, director: Director, service: Service, begun: int, seconds: float) -> Carried:
        """Count packets and bytes."""
        conf, random = self.conf, self._random
        pace = seconds * (0.9 + 0.2 * random.random())
        in_packets, in_bytes = conf.in_packets * pace, conf.in_bytes * pace
        out_packets, out_bytes = conf.out_packets * pace, conf.out_bytes * pace
        sums = [begun, 0, 0, 0, 0]
        fresh = {} if not service.one_packet else dict.fromkeys(service.destinations, begun / len(service.destinations))
        for destination in chain(service.destinations, service.trash.values()):
            live = destination.connections.live or fresh.get(destination, 0)
            if not live:
                continue
            chance = random.random()
            packets = int(live * in_packets * (0.8 + 0.4 * chance) + chance)
            size = int(live * in_bytes * (0.8 + 0.4 * chance) + chance)
            counters = destination.counters
            counters.in_packets += packets
            counters.in_bytes += size
            sums[1] += packets
            sums[3] += size
            if destination.forwarding is ForwardingMethod.MASQ:
                packets = int(live * out_packets * (0.8 + 0.4 * chance) + chance)
                size = int(live * out_bytes * (0.8 + 0.4 * chance) + chance)
                counters.out_packets += packets
                counters.out_bytes += size
                sums[2] += packets
                sums[4] += size
        carried = Carried(*sums)
        for tally in (service.counters, director.table.totals):
            _add(tally, carried)
        return carried

    # the others

    def _rest(self, service: Service, now: float, seconds: float, slots: int) -> None:
        """On a director that no packets go to, connections can only time out."""
        random = self._random.random
        impatient = 1 - exp(-seconds / _PATIENCE_SECONDS)
        for destination in service.destinations:
            connections = destination.connections
            if connections.own:
                connections.turn(slots)
                _time_out(connections.half_open, destination, seconds, random())
                connections.expire(now)
                if connections.live:
                    connections.lose_sight(int(connections.live * impatient + random()), now)
                if destination.upper_threshold:
                    destination.settle_overload()
            connections.expire_copies(now)
            if connections.templates and service.persistence_seconds:
                gone = int(connections.templates * seconds / service.persistence_seconds + random())
                connections.templates -= min(gone, connections.templates)

    def _synchronised(self, holder: Director, other: Director) -> bool:
        """The holder's sync daemon is heard by the other's."""
        masters = [each for each in holder.table.daemons if each.role is SyncRole.MASTER]
        backups = {_channel(each) for each in other.table.daemons if each.role is SyncRole.BACKUP}
        return self._network.link_up and any(_channel(each) in backups for each in masters)

    def _move(self, old: Director | None, new: Director, now: float) -> None:
        """The packets go to another director from now on; connections that it has no copy of are reset."""
        key = self.conf.virtual_server
        rows = _rows(old, key) if old is not None and old.powered else {}
        rows_known = bool(rows)
        spared = 1.0 if old is None or old.table.service(key) is not None else self._spared()
        arrived = new.table.service(key)
        for destination in arrived.destinations if arrived is not None else ():
            before = rows.pop(destination.key, None)
            alive = None if not rows_known else round(before.live * spared) if before is not None else 0
            known = destination.connections.copied_active + destination.connections.copied_inactive > 0
            survivors = destination.connections.adopt(alive, now)
            if before is not None:
                before.hand_over(survivors, now, known=known)
        for connections in rows.values():
            connections.lose_sight(connections.live, now)

    def _spared(self) -> float:
        """The part of the connections that did not speak while the table was gone and the address was still there."""
        return exp(-self.conf.in_packets * self._random.random() * _BARE_SECONDS)

    @staticmethod
    def _pairs(destinations: Sequence[Destination], counts: Sequence[int]) -> list[tuple[Destination, int]]:
        return [(each, count) for each, count in zip(destinations, counts, strict=True) if count]


def _rows(director: Director, key: VirtualServerKey) -> dict[RealServerKey, Connections]:
    """The connections of a director's destinations, also of those in the trash."""
    service = director.table.service(key)
    rows = {each.key: each.connections for each in director.table.trash(key).values()}
    if service is not None:
        rows |= {each.key: each.connections for each in service.destinations}
    return rows


def _time_out(half_open: int, destination: Destination, seconds: float, chance: float) -> None:
    if half_open:
        destination.connections.give_up(min(int(half_open * seconds / HALF_OPEN_SECONDS + chance), half_open))


def _copy(source: Service, copy: Service, now: float) -> None:
    """What connection synchronisation has told the other director by now."""
    known = {each.key: each.connections for each in source.destinations}
    for destination in copy.destinations:
        original = known.get(destination.key)
        if original is not None:
            destination.connections.copy(original, now)


def _add(tally: Tally, carried: Carried) -> None:
    tally.connections += carried.connections
    tally.in_packets += carried.in_packets
    tally.out_packets += carried.out_packets
    tally.in_bytes += carried.in_bytes
    tally.out_bytes += carried.out_bytes


def _channel(daemon: SyncDaemon) -> tuple[str | None, int | None]:
    return (daemon.interface, daemon.sync_id)
