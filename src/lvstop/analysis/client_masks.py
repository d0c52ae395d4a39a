"""Clients whose addresses are not for everybody's eyes: of each only the network is left."""

from dataclasses import replace
from typing import Final

from lvstop.model.connections import ClientCount, ConnectionCounts, Network, Talkers

_KEPT: Final = {4: 24, 6: 48}
"""Bits of an address that are left: all but the last octet of IPv4, the site's part of IPv6 (RFC 6177)."""


def masked(counts: ConnectionCounts) -> ConnectionCounts:
    """The same numbers, with nothing in them that tells one client from its neighbours."""
    clients, networks = _talkers(counts.clients), _talkers(counts.networks)
    return replace(counts, clients=clients, networks=networks)


def _talkers(talkers: Talkers) -> Talkers:
    return replace(talkers, greatest=tuple(_masked(each) for each in talkers.greatest))


def _masked(count: ClientCount) -> ClientCount:
    kept = _KEPT[count.network.version]
    if count.network.prefixlen <= kept:
        return count
    wider: Network = count.network.supernet(new_prefix=kept)
    return replace(count, network=wider, concealed=True)
