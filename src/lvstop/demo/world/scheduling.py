"""Who gets the next connections: IPVS schedulers, for a number of connections at a time.

Source: net/netfilter/ipvs/ip_vs_rr.c, ip_vs_wrr.c, ip_vs_lc.c, ip_vs_wlc.c, ip_vs_sed.c, ip_vs_nq.c, ip_vs_sh.c,
ip_vs_mh.c, ip_vs_dh.c, ip_vs_fo.c of Linux 6.1. The hash functions are others; what they share out is the same.
"""

from collections.abc import Callable, Sequence
from heapq import heapify, heapreplace
from math import gcd
from random import Random
from zlib import crc32

from lvstop.demo.world.table import Destination, Service

_BUCKETS = 256
_SAMPLED = 400
"""More connections than this are shared out by the buckets' sizes, not client by client."""
_LONG_WALK = 20_000

Counts = list[int]


def schedule(service: Service, count: int, clients: int, random: Random) -> Counts:
    """How many of `count` new connections each destination gets; what is missing in the sum was refused.

    Args:
        clients: how many addresses they come from, which is what hashes are made of.
    """
    counts = [0] * len(service.destinations)
    left = count
    while left > 0:
        if not any(each.available for each in service.destinations):
            break
        given = _SCHEDULERS[service.scheduler](service, left, clients, random)
        left = _within_thresholds(service.destinations, counts, given)
    return counts


def _within_thresholds(destinations: Sequence[Destination], counts: Counts, given: Counts) -> int:
    """Add what was given to the counts, up to the upper thresholds; how many have to be scheduled again."""
    again = 0
    for place, number in enumerate(given):
        if not number:
            continue
        destination = destinations[place]
        if destination.upper_threshold:
            room = max(destination.upper_threshold - destination.connections.total - counts[place], 0)
            if number >= room:
                destination.overloaded = True
                again += number - room
                number = room
        counts[place] += number
    return again


def _round_robin(service: Service, count: int, clients: int, random: Random) -> Counts:
    size = len(service.destinations)
    start = (service.cursor + 1) % size
    turn = [place for place in (*range(start, size), *range(start)) if service.destinations[place].available]
    each, rest = divmod(count, len(turn))
    counts = [0] * size
    for position, place in enumerate(turn):
        counts[place] = each + (position < rest)
    service.cursor = turn[(count - 1) % len(turn)]
    return counts


def _weighted_round_robin(service: Service, count: int, clients: int, random: Random) -> Counts:
    destinations = service.destinations
    size = len(destinations)
    weights = [each.weight if each.available else 0 for each in destinations]
    step, most = gcd(*weights), max(weights)
    round_, left = divmod(count, sum(weights) // step)
    counts = [round_ * weight // step for weight in weights]
    if left and most // step * size > _LONG_WALK:
        return [number + more for number, more in zip(counts, _by_share(weights, left, random), strict=True)]
    place, level = service.cursor % size if service.cursor >= 0 else size - 1, min(service.level, most)
    while left:
        place += 1
        if place >= size:
            place = 0
            level -= step
        if level <= 0:
            level = most
        if weights[place] >= level:
            counts[place] += 1
            left -= 1
    service.cursor, service.level = place, level
    return counts


def _least(load: Callable[[Destination, int], float], charge: Callable[[Destination], float]) -> "_Scheduler":
    """A scheduler that takes the destination of least `load`, which each connection makes more by `charge`."""

    def scheduler(service: Service, count: int, clients: int, random: Random) -> Counts:
        counts = [0] * len(service.destinations)
        heap = [
            (load(each, each.connections.active), place)
            for place, each in enumerate(service.destinations)
            if each.available
        ]
        heapify(heap)
        charges = [charge(each) if each.available else 0.0 for each in service.destinations]
        for _ in range(count):
            value, place = heap[0]
            counts[place] += 1
            heapreplace(heap, (value + charges[place], place))
        return counts

    return scheduler


def _overhead(destination: Destination, active: int) -> float:
    return active * 256 + destination.connections.inactive


def _never_queue(service: Service, count: int, clients: int, random: Random) -> Counts:
    counts = [0] * len(service.destinations)
    for place, each in enumerate(service.destinations):
        if count and each.available and each.connections.active == 0:
            counts[place] = 1
            count -= 1
    shortest = _SHORTEST_DELAY(service, count, clients, random)
    return [number + more for number, more in zip(counts, shortest, strict=True)]


def _failover(service: Service, count: int, clients: int, random: Random) -> Counts:
    places = [place for place, each in enumerate(service.destinations) if each.available]
    best = max(places, key=lambda place: service.destinations[place].weight)
    return [count if place == best else 0 for place in range(len(service.destinations))]


def _source_hash(service: Service, count: int, clients: int, random: Random) -> Counts:
    fallback = "sh-fallback" in service.flags
    return _hashed(service, _sh_buckets, count, clients, random, fallback=fallback)


def _maglev_hash(service: Service, count: int, clients: int, random: Random) -> Counts:
    fallback = "mh-fallback" in service.flags
    return _hashed(service, _mh_buckets, count, clients, random, fallback=fallback)


def _destination_hash(service: Service, count: int, clients: int, random: Random) -> Counts:
    buckets = _kept(service, _dh_buckets)
    place = buckets[crc32(str(service.key).encode()) % len(buckets)]
    taken = count if service.destinations[place].available else 0
    return [taken if number == place else 0 for number in range(len(service.destinations))]


def _hashed(
    service: Service,
    make: "Callable[[Service], list[int]]",
    count: int,
    clients: int,
    random: Random,
    *,
    fallback: bool,
) -> Counts:
    """Each client has its bucket, and a bucket its destination. What finds none available is refused for good."""
    buckets = _kept(service, make)
    size = len(buckets)
    counts = [0] * len(service.destinations)
    if count > _SAMPLED:
        numbers = _by_share([1] * size, count, random)
        hits = [(bucket, number) for bucket, number in enumerate(numbers) if number]
    else:
        hits = [(random.randrange(max(clients, 1)) * 2654435761 % 4294967296 % size, 1) for _ in range(count)]
    for bucket, number in hits:
        place = buckets[bucket]
        if not service.destinations[place].available and fallback:
            others = (buckets[(bucket + step * 7) % size] for step in range(size))
            place = next((other for other in others if service.destinations[other].available), place)
        if service.destinations[place].available:
            counts[place] += number
    return counts


def _kept(service: Service, make: "Callable[[Service], list[int]]") -> list[int]:
    if service.hashed is None or service.hashed[0] != service.changed:
        service.hashed = (service.changed, make(service))
    return service.hashed[1]


def _sh_buckets(service: Service) -> list[int]:
    """As ip_vs_sh_reassign: so many buckets in a row as the weight says, and one for weight 0 as well."""
    buckets: list[int] = []
    place, filled = 0, 0
    for _ in range(_BUCKETS):
        buckets.append(place)
        filled += 1
        if filled >= service.destinations[place].weight:
            place, filled = (place + 1) % len(service.destinations), 0
    return buckets


def _dh_buckets(service: Service) -> list[int]:
    return [bucket % len(service.destinations) for bucket in range(_BUCKETS)]


def _mh_buckets(service: Service) -> list[int]:
    """As ip_vs_mh_populate: each destination fills places in an order of its own, by the last weight it had."""
    destinations = service.destinations
    size = 251 if len(destinations) <= 50 else 4093
    divisor = gcd(*(each.last_weight for each in destinations)) or 1
    hashes = [crc32(str(each.key).encode()) for each in destinations]
    position = [number % size for number in hashes]
    skip = [number // size % (size - 1) + 1 for number in hashes]
    buckets = [-1] * size
    empty = size
    while empty:
        for place, each in enumerate(destinations):
            for _ in range(max(each.last_weight // divisor, 1)):
                if not empty:
                    break
                while buckets[position[place]] >= 0:
                    position[place] = (position[place] + skip[place]) % size
                buckets[position[place]] = place
                empty -= 1
    return buckets


def _by_share(shares: Sequence[int], count: int, random: Random) -> Counts:
    """`count` in proportion to `shares`, its rounding left to chance; the sum is exact."""
    whole = sum(shares)
    offset = random.random()
    counts: Counts = []
    reached, given = 0, 0
    for share in shares:
        reached += share
        upto = int(reached * count / whole + offset) if reached < whole else count
        counts.append(upto - given)
        given = upto
    return counts


share_out = _by_share

_Scheduler = Callable[[Service, int, int, Random], Counts]
_SHORTEST_DELAY = _least(lambda each, active: (active + 1) / each.weight, lambda each: 1 / each.weight)
_WEIGHTED_LEAST = _least(lambda each, active: _overhead(each, active) / each.weight, lambda each: 256 / each.weight)
_SCHEDULERS: dict[str, _Scheduler] = {
    "rr": _round_robin,
    "wrr": _weighted_round_robin,
    "lc": _least(_overhead, lambda each: 256.0),
    "wlc": _WEIGHTED_LEAST,
    "sed": _SHORTEST_DELAY,
    "nq": _never_queue,
    "sh": _source_hash,
    "mh": _maglev_hash,
    "dh": _destination_hash,
    "fo": _failover,
}
SCHEDULERS = tuple(_SCHEDULERS)
"""Those that are simulated."""
