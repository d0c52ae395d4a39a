"""Shares: what part of a virtual server's new connections each real server should get, and what it gets.

What follows from a scheduler, by its source in net/netfilter/ipvs of the Linux kernel:

- `rr` takes one after the other and `lc` the one with the fewest connections: equal shares, weights do not count as
  long as they are not 0.
- `wrr` deals in proportion to weights. `wlc`, `sed` and `nq` drive the numbers of connections, divided by the weights,
  towards each other, and `twos` does so for two that were drawn by weight: new connections go by weight as long as they
  last equally long everywhere. A server whose connections last longer gets fewer new ones, and rightly so.
- `sh` and `mh` fill their tables in proportion to weights. They place clients, not connections: shares come near the
  weights with many clients only.
- `fo` gives everything to the greatest weight; which of two equal ones it takes is not shown anywhere.
- `dh`, `lblc` and `lblcr` go by the destination address, of which most virtual servers have one, and `ovf` by how full
  a server is. No share follows from their weights.

A drained server (weight 0) is to get none, whatever the scheduler. Upper thresholds are not considered.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lvstop.model.address import RealServerKey
from lvstop.model.ipvs import RealServer, VirtualServer, VirtualServerRates

ENOUGH_PER_SECOND = 1.0
"""Below so many new connections per second a share of them is chance; those that are open say more."""

LEAST_COUNTED = 100.0
"""So many connections are the least from which a verdict follows."""

_RATE_SECONDS = 8.0
"""Seconds of traffic that rates are made from at least (`analysis.rates`), to know how many connections are behind."""

_NOTABLE = 0.25
"""A share that is off by a quarter of what was expected is notable, provided that it is not chance."""

_SIGMAS = 4.0
_EQUAL = frozenset({"rr", "lc"})
_BY_WEIGHT = frozenset({"wrr", "wlc", "sed", "nq", "twos", "sh", "mh"})
_BY_CONNECTIONS = frozenset({"lc", "wlc", "sed", "nq"})
_BY_CLIENT = frozenset({"sh", "mh"})


class Basis(StrEnum):
    """What an actual share is a share of."""

    CONNECTION_RATE = "connections/s"
    ACTIVE_CONNECTIONS = "active connections"


class Verdict(StrEnum):
    """How an actual share compares with the expected one."""

    AS_EXPECTED = "as expected"
    MORE = "more than its share"
    LESS = "less than its share"


@dataclass(frozen=True, slots=True)
class Share:
    """One real server's part of its virtual server, 0 to 1.

    Attributes:
        expected: what it should get of new connections; None where that does not follow from the scheduler.
        actual: what it gets; None where it is unknown and where nobody gets anything.
        basis: what `actual` is a part of; None where that is None.
        verdict: None where there is too little traffic to say, or where a difference would mean nothing: with
            persistence, or a scheduler that hashes, clients are placed and not connections.
    """

    expected: float | None
    actual: float | None
    basis: Basis | None
    verdict: Verdict | None


def shares(server: VirtualServer, rates: VirtualServerRates | None) -> Mapping[RealServerKey, Share]:
    """The shares of a virtual server's real servers.

    Args:
        rates: per second, None where they are unknown. Shares are of new connections where there are enough of them to
            speak of, else of those that are active.
    """
    rows = server.real_servers
    expected = expected_shares(server.scheduler, [row.weight for row in rows])
    basis, amounts = _amounts(rows, rates)
    total = sum(amount for amount in amounts if amount is not None)
    counted = total * _RATE_SECONDS if basis is Basis.CONNECTION_RATE else total
    found: dict[RealServerKey, Share] = {}
    for row, due, amount in zip(rows, expected, amounts, strict=True):
        actual = None if amount is None or basis is None else amount / total
        verdict = _verdict(server, row, due, actual, counted, basis)
        found[row.key] = Share(due, actual, None if actual is None else basis, verdict)
    return found


def expected_shares(scheduler: str, weights: Sequence[int]) -> list[float | None]:
    """What each of several real servers should get of new connections, 0 to 1, by their weights.

    None where that does not follow from the scheduler.
    """
    weights = [max(0, weight) for weight in weights]
    if scheduler in _EQUAL:
        parts: list[float | None] = [float(weight > 0) for weight in weights]
    elif scheduler in _BY_WEIGHT:
        parts = [float(weight) for weight in weights]
    elif scheduler == "fo":
        greatest = max(weights, default=0)
        tied = weights.count(greatest) > 1
        parts = [(None if tied else 1.0) if weight == greatest else 0.0 for weight in weights]
    else:
        parts = [None] * len(weights)
    total = sum(part for part in parts if part is not None) or 1.0
    return [
        0.0 if weight == 0 else None if part is None else part / total
        for weight, part in zip(weights, parts, strict=True)
    ]


def _amounts(
    rows: Sequence[RealServer], rates: VirtualServerRates | None
) -> tuple[Basis | None, Sequence[float | None]]:
    """What shares are of, and each row's amount of it; no basis where there is nothing to share."""
    active = [float(row.active_connections) for row in rows]
    if rates is not None:
        known = [rates.real_servers.get(row.key) for row in rows]
        arriving = [None if rate is None else rate.connections for rate in known]
        if None not in arriving and sum(rate for rate in arriving if rate is not None) >= ENOUGH_PER_SECOND:
            return Basis.CONNECTION_RATE, arriving
    return (Basis.ACTIVE_CONNECTIONS, active) if any(active) else (None, [None] * len(rows))


def _verdict(
    server: VirtualServer,
    row: RealServer,
    expected: float | None,
    actual: float | None,
    counted: float,
    basis: Basis | None,
) -> Verdict | None:
    if expected is None or actual is None or counted < LEAST_COUNTED:
        return None
    by_rate = basis is Basis.CONNECTION_RATE
    # Open connections of a drained server are those of before, and only some schedulers balance open ones at all.
    if row.weight == 0 and not by_rate:
        return None
    if not by_rate and server.scheduler not in _BY_CONNECTIONS:
        return None
    if row.weight > 0 and (server.persistent or server.scheduler in _BY_CLIENT):
        return None
    chance = _SIGMAS * math.sqrt(expected * (1.0 - expected) / counted) + 1.0 / counted
    if abs(actual - expected) <= max(chance, _NOTABLE * expected):
        return Verdict.AS_EXPECTED
    return Verdict.MORE if actual > expected else Verdict.LESS
