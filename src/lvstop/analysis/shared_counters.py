"""Readings of counters that share what did not change: seven of 10,000 rows must not cost seven times their memory."""

from collections.abc import Mapping, Set

from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import Counters, TableCounters, VirtualServerCounters

Anew = Mapping[VirtualServerKey, Set[RealServerKey] | None]
"""Rows that were made anew between two readings; None for a virtual server with all that is in it."""


def share(before: TableCounters, after: TableCounters) -> tuple[TableCounters, Anew]:
    """`after`, made of the objects of `before` where they say the same, and what was made anew in between.

    Made anew is what `before` does not know, and what has counted less since: keepalived took it out and put it back,
    or `ipvsadm -Z` was run.
    """
    names = {key: key for key in before}
    shared: dict[VirtualServerKey, VirtualServerCounters] = {}
    anew: dict[VirtualServerKey, Set[RealServerKey] | None] = {}
    for key, new in after.items():
        old = before.get(key)
        if old is None or _went_down(old.total, new.total):
            anew[key] = None
            shared[key] = new
            continue
        rows, fresh = _share_rows(old.real_servers, new.real_servers)
        if fresh:
            anew[key] = fresh
        if rows is old.real_servers and old.total == new.total:
            shared[names[key]] = old
        else:
            shared[names[key]] = VirtualServerCounters(new.total, rows)
    return shared, anew


def without(counters: TableCounters, anew: Anew) -> TableCounters:
    """An earlier reading without the rows that were made anew since."""
    kept = dict(counters)
    for key, rows in anew.items():
        old = kept.get(key)
        if old is None:
            continue
        if rows is None:
            del kept[key]
        elif not rows.isdisjoint(old.real_servers):
            remaining = {name: row for name, row in old.real_servers.items() if name not in rows}
            kept[key] = VirtualServerCounters(old.total, remaining)
    return kept


def _share_rows(
    before: Mapping[RealServerKey, Counters], after: Mapping[RealServerKey, Counters]
) -> tuple[Mapping[RealServerKey, Counters], Set[RealServerKey]]:
    if len(before) == len(after) and all(a is b or a == b for a, b in zip(before, after, strict=True)):
        pairs = zip(before.items(), after.values(), strict=True)
        changed = {key: new for (key, old), new in pairs if old is not new and old != new}
        if not changed:
            return before, frozenset()
        # A copy does not hash its keys again, which is most of the work.
        return {**before, **changed}, {key for key, new in changed.items() if _went_down(before[key], new)}
    rows: dict[RealServerKey, Counters] = {}
    anew: set[RealServerKey] = set()
    for key, new in after.items():
        old = before.get(key)
        if old is None or _went_down(old, new):
            anew.add(key)
        rows[key] = old if old is not None and old == new else new
    return rows, anew


def _went_down(before: Counters, after: Counters) -> bool:
    return (
        after.connections < before.connections
        or after.in_packets < before.in_packets
        or after.out_packets < before.out_packets
        or after.in_bytes < before.in_bytes
        or after.out_bytes < before.out_bytes
    )
