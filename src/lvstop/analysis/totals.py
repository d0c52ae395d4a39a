"""A cluster in two numbers: what it carries now, on the directors that hold its virtual addresses. Pure."""

from collections.abc import Iterator

from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot


def active_connections(snapshot: ClusterSnapshot) -> int | None:
    """Established connections; None where no holder's table is known."""
    tables = [each.virtual_servers for each in _holders(snapshot) if each.virtual_servers is not None]
    if not tables:
        return None
    return sum(row.active_connections for table in tables for server in table for row in server.real_servers)


def throughput(snapshot: ClusterSnapshot) -> float | None:
    """Bytes per second through IPVS, both ways; None where a part of it is unknown, as without privilege."""
    known = [each.rates for each in _holders(snapshot) if each.rates is not None]
    totals = [rates.total for table in known for rates in table.values()]
    if not known or any(total is None for total in totals):
        return None
    return sum(total.in_bytes + total.out_bytes for total in totals if total is not None)


def _holders(snapshot: ClusterSnapshot) -> Iterator[DirectorSnapshot]:
    names = {name for vip in snapshot.vips for name in vip.holders}
    return (each for each in snapshot.directors if each.name in names and each.answers)
