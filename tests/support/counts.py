"""Countings of connection tables, made up."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from lvstop.config.schema import ClusterConfig
from lvstop.engine.counting import CountConnections, Report
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.connections import (
    ClientCount,
    ConnectionCounts,
    ConnectionScope,
    Counting,
    EntryCount,
    Reach,
    ServerCount,
    Talkers,
)
from support.factories import NOW


def talkers(numbers: dict[str, int], *, distinct: int | None = -1, too_low: int = 0) -> Talkers:
    """Clients or networks with their connections, those with most first."""
    greatest = tuple(ClientCount(ip_network(name), number) for name, number in numbers.items())
    return Talkers(greatest, len(greatest) if distinct == -1 else distinct, too_low)


def entries(number: int, *, synced: int | None = 0, longest: int | None = 893) -> EntryCount:
    """So many, ending over time."""
    ending = (number // 20, number // 8, number // 4, number - number // 20 - number // 8 - number // 4, 0)
    local = None if synced is None else number - synced
    return EntryCount(number, local, synced, ending, longest if number else None)


def place(server: VirtualServerKey | None, real: str, active: int, inactive: int, templates: int = 0) -> ServerCount:
    """Where entries lead; `real` with its port."""
    host, _, port = real.rpartition(":")
    return ServerCount(server, RealServerKey.of(ip_address(host.strip("[]")), int(port)), active, inactive, templates)


def done(
    director: str,
    *,
    states: dict[str, int],
    read: int,
    synced: int | None = 0,
    templates: int = 0,
    servers: Sequence[ServerCount] = (),
    clients: Talkers | None = None,
    networks: Talkers | None = None,
    reach: Reach = Reach.WHOLE,
    seconds: float = 0.4,
    unplaced: int = 0,
    odd: int = 0,
) -> Counting:
    """One that has ended."""
    counts = ConnectionCounts(
        read=read,
        reach=reach,
        connections=entries(sum(states.values()), synced=synced),
        templates=entries(templates, synced=0 if synced is not None else None, longest=300),
        states=states,
        clients=clients or talkers({}),
        networks=networks or talkers({}),
        servers=tuple(servers),
        unplaced=unplaced,
        odd=odd,
    )
    return Counting(director, read, seconds, NOW, counts)


def telling(countings: Sequence[Counting]) -> CountConnections:
    """What counts in a test: it tells these, and has ended."""

    async def count(_config: ClusterConfig, _scope: ConnectionScope, report: Report, _stopped: object) -> None:
        for each in countings:
            report(each)

    return count
