"""The kernel's rate estimators (net/netfilter/ipvs/ip_vs_est.c): every two seconds, smoothed by a quarter."""

from lvstop.demo.world.table import Destination, Service, Table

SECONDS = 2.0


def estimate(table: Table) -> None:
    """Take one sample of everything in a table."""
    _sample(table)
    for service in table.services:
        if _sample(service):
            for destination in service.destinations:
                _sample(destination)


def forget(row: Table | Service | Destination) -> None:
    """What was counted until now is no news."""
    total, seen = (row.totals if isinstance(row, Table) else row.counters), row.estimated
    seen.connections, seen.in_packets, seen.out_packets = total.connections, total.in_packets, total.out_packets
    seen.in_bytes, seen.out_bytes = total.in_bytes, total.out_bytes


def _sample(row: Table | Service | Destination) -> bool:
    """Whether anything moves, or has moved lately."""
    total, seen, rates = (row.totals if isinstance(row, Table) else row.counters), row.estimated, row.rates
    if total.in_packets == seen.in_packets and total.connections == seen.connections and rates.in_packets < 0.01:
        moved = bool(rates.in_packets or rates.connections)
        rates.connections = rates.in_packets = rates.out_packets = rates.in_bytes = rates.out_bytes = 0.0
        return moved
    rates.connections += ((total.connections - seen.connections) / SECONDS - rates.connections) / 4
    rates.in_packets += ((total.in_packets - seen.in_packets) / SECONDS - rates.in_packets) / 4
    rates.out_packets += ((total.out_packets - seen.out_packets) / SECONDS - rates.out_packets) / 4
    rates.in_bytes += ((total.in_bytes - seen.in_bytes) / SECONDS - rates.in_bytes) / 4
    rates.out_bytes += ((total.out_bytes - seen.out_bytes) / SECONDS - rates.out_bytes) / 4
    forget(row)
    return True
