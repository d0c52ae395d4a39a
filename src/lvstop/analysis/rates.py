"""Rates: what two readings of growing totals say per second.

A total that went down is not a rate. The kernel's IPVS totals are 64-bit since Linux 4.1 (`struct ip_vs_kstats`, read
through IPVS_SVC_ATTR_STATS64) and do not wrap in an operator's lifetime: a decrease means that the row was made anew
(keepalived takes a failed real server out and puts it back) or that `ipvsadm -Z` was run. There is no honest rate
across that, so such a row has none until the next reading. 32-bit wrap-around is deliberately not guessed at: on an
older kernel it costs one reading, a wrong guess would show four thousand million connections per second.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import repeat

from lvstop.model.address import RealServerKey
from lvstop.model.host import InterfaceCounters, InterfaceRates
from lvstop.model.ipvs import Counters, Rates, TableCounters, TableRates, VirtualServerCounters, VirtualServerRates
from lvstop.model.vrrp import AdvertRates, VrrpInstance

ZERO_RATES = Rates(0.0, 0.0, 0.0, 0.0, 0.0)


def counter_rates(before: TableCounters, after: TableCounters, seconds: float) -> TableRates:
    """Rates of the rows that both readings know, from two readings `seconds` apart by the director's own clock.

    Which two readings those are is decided in `rate_window`: the kernel's counters stand still for 2 seconds at a time.
    Rows that are new or that were made anew have no rate. Without time between the readings there are no rates at all.
    """
    if not seconds > 0:
        return {}
    per_second = 1.0 / seconds
    return {
        key: _virtual_server_rates(old, new, per_second)
        for key, new in after.items()
        if (old := before.get(key)) is not None
    }


def _virtual_server_rates(
    before: VirtualServerCounters, after: VirtualServerCounters, per_second: float
) -> VirtualServerRates:
    if before is after:
        return VirtualServerRates(ZERO_RATES, dict.fromkeys(after.real_servers, ZERO_RATES))
    total = _rates(before.total, after.total, per_second)
    # Most rows stand still from one second to the next: one shared value for them, and only the rest is put in place.
    rows = dict.fromkeys(after.real_servers, ZERO_RATES)
    for key, old, new in _paired(before.real_servers, after.real_servers):
        rate = None if old is None else _rates(old, new, per_second)
        if rate is None:
            del rows[key]
        elif rate is not ZERO_RATES:
            rows[key] = rate
    return VirtualServerRates(total, rows)


def _paired(
    before: Mapping[RealServerKey, Counters], after: Mapping[RealServerKey, Counters]
) -> Iterable[tuple[RealServerKey, Counters | None, Counters]]:
    """Rows side by side. Comparing keys in order is twice as fast as looking them up, and the order seldom changes."""
    if len(before) == len(after) and all(a is b or a == b for a, b in zip(before, after, strict=True)):
        return zip(after, before.values(), after.values(), strict=True)
    olds: Iterable[Counters | None] = map(before.get, after, repeat(None))
    return zip(after, olds, after.values(), strict=True)


def _rates(before: Counters, after: Counters, per_second: float) -> Rates | None:
    """Rates between two totals; None where any of them went down."""
    if before is after:
        return ZERO_RATES
    connections = after.connections - before.connections
    in_packets = after.in_packets - before.in_packets
    out_packets = after.out_packets - before.out_packets
    in_bytes = after.in_bytes - before.in_bytes
    out_bytes = after.out_bytes - before.out_bytes
    if connections < 0 or in_packets < 0 or out_packets < 0 or in_bytes < 0 or out_bytes < 0:
        return None
    if not (connections or in_packets or out_packets or in_bytes or out_bytes):
        return ZERO_RATES
    return Rates(
        connections * per_second,
        in_packets * per_second,
        out_packets * per_second,
        in_bytes * per_second,
        out_bytes * per_second,
    )


_INTERFACE_FIELDS = tuple(field.name for field in fields(InterfaceRates))


def interface_rates(
    before: Iterable[InterfaceCounters], after: Iterable[InterfaceCounters], seconds: float
) -> Mapping[str, InterfaceRates]:
    """Rates by interface name; none for an interface that is new or whose totals went down (it was made anew)."""
    if not seconds > 0:
        return {}
    olds = {counters.interface: counters for counters in before}
    rates: dict[str, InterfaceRates] = {}
    for new in after:
        old = olds.get(new.interface)
        if old is None:
            continue
        growth = [getattr(new, name) - getattr(old, name) for name in _INTERFACE_FIELDS]
        if min(growth) >= 0:
            rates[new.interface] = InterfaceRates(*(value / seconds for value in growth))
    return rates


def advert_rates(
    before: Iterable[VrrpInstance], after: Iterable[VrrpInstance], seconds: float
) -> Mapping[str, AdvertRates]:
    """Advert rates by instance name; none where keepalived was restarted in between or does not tell its counters.

    Nor across a change of state: who was BACKUP for half of the time sent half of what a MASTER sends.
    """
    if not seconds > 0:
        return {}
    olds = {instance.name: instance.counters for instance in before}
    rates: dict[str, AdvertRates] = {}
    for instance in after:
        old, new = olds.get(instance.name), instance.counters
        if instance.name is None or old is None or new is None:
            continue
        if (old.became_master, old.released_master) != (new.became_master, new.released_master):
            continue
        received = new.adverts_received - old.adverts_received
        sent = new.adverts_sent - old.adverts_sent
        if received >= 0 and sent >= 0:
            rates[instance.name] = AdvertRates(received / seconds, sent / seconds)
    return rates
