"""What two readings of a machine's vitals say of the time between them, and how full its tables are."""

from dataclasses import dataclass, fields

from lvstop.model.director import DirectorSnapshot
from lvstop.model.vitals import CpuShares, CpuTimes, SoftnetRates, Vitals, VitalsRates

SHORTEST = 0.2
"""Seconds. Clock ticks are hundredths of a second: of less time nothing can be said."""

_TIMES = tuple(field.name for field in fields(CpuTimes) if field.name != "number")


def vitals_rates(before: Vitals, after: Vitals) -> VitalsRates | None:
    """What happened between two readings of one machine; None across a boot, and where they are too close together."""
    seconds = after.uptime - before.uptime
    if seconds < SHORTEST:
        return None
    return VitalsRates(seconds, _cpu_shares(before, after), _softnet_rates(before, after, seconds))


def _cpu_shares(before: Vitals, after: Vitals) -> tuple[CpuShares, ...] | None:
    if before.cpus is None or after.cpus is None:
        return None
    olds = {times.number: times for times in before.cpus}
    pairs = ((olds.get(new.number), new) for new in after.cpus)
    return tuple(shares for old, new in pairs if old is not None and (shares := _shares(old, new)) is not None)


def _shares(old: CpuTimes, new: CpuTimes) -> CpuShares | None:
    """None where a time went down: the processor was switched off and on again. `iowait` does that by itself."""
    growth = {name: getattr(new, name) - getattr(old, name) for name in _TIMES}
    growth["iowait"] = max(0, growth["iowait"])
    whole = sum(growth.values())
    if min(growth.values()) < 0 or whole <= 0:
        return None
    busy = whole - growth["idle"] - growth["iowait"]
    return CpuShares(new.number, busy / whole, growth["softirq"] / whole, growth["steal"] / whole)


def _softnet_rates(before: Vitals, after: Vitals, seconds: float) -> SoftnetRates | None:
    """None where a counter of 32 bits began again at 0: a rate across that would be a guess."""
    if before.softnet is None or after.softnet is None:
        return None
    olds = {each.number: each for each in before.softnet}
    if olds.keys() != {each.number for each in after.softnet}:
        return None
    dropped = [new.dropped - olds[new.number].dropped for new in after.softnet]
    squeezed = [new.squeezed - olds[new.number].squeezed for new in after.softnet]
    if min(*dropped, *squeezed) < 0:
        return None
    return SoftnetRates(sum(dropped) / seconds, sum(squeezed) / seconds)


@dataclass(frozen=True, slots=True)
class ConnectionTable:
    """The kernel's table of IPVS connections.

    It grows without a limit: where there are more connections than buckets, packets take longer to find theirs.

    Attributes:
        entries: connections that real servers have, and persistence templates as far as they are known.
        buckets: of the hash table; None where unknown.
        templates: how many of the entries are templates; None where they are unknown, and so not among them.
    """

    entries: int
    buckets: int | None
    templates: int | None


def connection_table(director: DirectorSnapshot) -> ConnectionTable | None:
    """As the table of virtual servers tells it; None where that is unknown or the module is not loaded."""
    servers = director.virtual_servers
    if servers is None or director.ipvs_loaded is not True:
        return None
    entries = sum(
        row.active_connections + row.inactive_connections for server in servers for row in server.real_servers
    )
    templates = _templates(director)
    return ConnectionTable(entries + (templates or 0), director.connection_buckets, templates)


def _templates(director: DirectorSnapshot) -> int | None:
    if director.details is None:
        return None
    counts = [row.persistent_connections for each in director.details.values() for row in each.real_servers.values()]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def memory_left(vitals: Vitals | None) -> float | None:
    """What part (0–1) of the memory can be had without swapping."""
    memory = None if vitals is None else vitals.memory
    if memory is None or memory.available_bytes is None or not memory.total_bytes:
        return None
    return memory.available_bytes / memory.total_bytes


def conntrack_fill(vitals: Vitals | None) -> float | None:
    """What part (0–1) of the connections that may be tracked are."""
    conntrack = None if vitals is None else vitals.conntrack
    return None if conntrack is None else conntrack.entries / conntrack.limit
