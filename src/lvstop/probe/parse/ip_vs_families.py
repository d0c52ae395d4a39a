"""Address families of firewall-mark virtual servers, which /proc/net/ip_vs does not tell, and masks, which need them.

The kernel has one firewall-mark service per mark and family. Only Tunnel may lead to a real server of the other
family, so a destination with another forwarding method proves the family, and so does most persistence masks' form.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from lvstop.model.address import Family, Protocol, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod, RealServer, TableDetails, VirtualServer, VirtualServerDetail


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a firewall-mark row tells about its family; `certain` where nothing else is possible."""

    family: Family | None
    certain: bool


def ipv4_prefix(mask: int) -> int | None:
    """Leading bits of an IPv4 netmask; None where its ones are not contiguous."""
    inverted = ~mask & 0xFFFFFFFF
    return 32 - inverted.bit_length() if inverted & (inverted + 1) == 0 else None


def ipv6_prefix(mask: int) -> int | None:
    """The prefix length behind an IPv6 "mask": the kernel runs the number through ntohl (80000000 is 128).

    On big-endian directors the number stands as it is. None where it is no prefix length either way.
    """
    swapped = int.from_bytes(mask.to_bytes(4, "big"), "little")
    return next((length for length in (mask, swapped) if 1 <= length <= 128), None)


def persistence_prefix(mask: int, family: Family | None) -> int | None:
    """How many leading bits of a client's address count as one client; None where the family or the mask is unclear."""
    if family is None:
        return None
    return ipv4_prefix(mask) if family is Family.INET else ipv6_prefix(mask)


def evidence(mask: int | None, real_servers: Iterable[RealServer]) -> Evidence:
    """What the persistence mask (None where not persistent) and the real servers of a firewall-mark row tell."""
    if mask is not None and (ipv4_prefix(mask) is None) is not (ipv6_prefix(mask) is None):
        return Evidence(Family.INET if ipv6_prefix(mask) is None else Family.INET6, certain=True)
    proven: set[Family] = set()
    tunnelled: set[Family] = set()
    for server in real_servers:
        family = Family.of(server.key.address)
        (tunnelled if server.forwarding is ForwardingMethod.TUNNEL else proven).add(family)
    if len(proven) == 1:
        return Evidence(proven.pop(), certain=True)
    if not proven and len(tunnelled) == 1:
        return Evidence(tunnelled.pop(), certain=False)
    return Evidence(None, certain=False)


def opposite(family: Family) -> Family:
    """The other family."""
    return Family.INET6 if family is Family.INET else Family.INET


def settle(rows: Sequence[Evidence]) -> list[Family | None]:
    """The families of all rows with one mark. Two of them are of different families, whatever each tells alone."""
    families = [row.family for row in rows]
    if len(rows) != 2:
        return families
    first, second = rows
    if first.family is not None and first.family is second.family:
        if first.certain is second.certain:
            # Two proofs contradict the kernel: the rows keep what they say. Two guesses are worth nothing.
            return families if first.certain else [None, None]
        other = opposite(first.family)
        return [first.family, other] if first.certain else [other, first.family]
    if first.family is None and second.family is not None:
        return [opposite(second.family), second.family]
    if second.family is None and first.family is not None:
        return [first.family, opposite(first.family)]
    return families


def resolve_families(virtual_servers: tuple[VirtualServer, ...], details: TableDetails) -> tuple[VirtualServer, ...]:
    """Give firewall-mark rows of /proc/net/ip_vs the keys that ipvsadm, which is told the family, has for them.

    Rows are matched by mark and, where a mark has both families, by persistence and real servers. A row that details
    do not know, or for which they leave a choice, stays as it is. The very same tuple comes back where nothing changes.
    """
    known: dict[int | None, list[VirtualServerKey]] = {}
    for key in details:
        if key.protocol is Protocol.FWM:
            known.setdefault(key.fwmark, []).append(key)
    rows: dict[int | None, list[int]] = {}
    for index, server in enumerate(virtual_servers):
        if server.key.protocol is Protocol.FWM:
            rows.setdefault(server.key.fwmark, []).append(index)
    resolved = list(virtual_servers)
    for fwmark, indices in rows.items():
        candidates = known.get(fwmark, [])
        if candidates and len(candidates) <= 2 and len(indices) <= 2:
            _assign(resolved, indices, candidates, details)
    if all(new is old for new, old in zip(resolved, virtual_servers, strict=True)):
        return virtual_servers
    return tuple(sorted(resolved, key=lambda server: server.key.sort_key))


def _assign(
    resolved: list[VirtualServer], indices: list[int], candidates: list[VirtualServerKey], details: TableDetails
) -> None:
    """Give the rows at `indices` of `resolved` the keys of `candidates` that fit best, if one way fits best."""
    slots: list[VirtualServerKey | None] = [*candidates, *[None] * (len(indices) - len(candidates))]
    ways = [
        (sum(_likeness(resolved[index], key, details) for index, key in zip(indices, way, strict=True)), way)
        for way in permutations(slots, len(indices))
    ]
    best = max(likeness for likeness, _ in ways)
    fitting = [way for likeness, way in ways if likeness == best]
    if len(fitting) > 1:
        return
    way = fitting[0]
    for index, key in zip(indices, way, strict=True):
        if key is not None and _possible(resolved[index], key):
            resolved[index] = _with_key(resolved[index], key, details[key])


def _likeness(server: VirtualServer, key: VirtualServerKey | None, details: TableDetails) -> int:
    """How well the row `server` fits details under `key`: real servers before persistence before what was inferred."""
    if key is None or not _possible(server, key):
        return 0
    detail = details[key]
    mine = {real_server.key for real_server in server.real_servers}
    theirs = set(detail.real_servers)
    same = 4 * (len(mine & theirs) - len(mine ^ theirs))
    persistence = 2 if server.persistent is (detail.persistence_seconds > 0) else 0
    return 1000 + same + persistence + (1 if server.key.family is key.family else 0)


def _possible(server: VirtualServer, key: VirtualServerKey) -> bool:
    """Details may be older than the table: a real server that proves the other family outweighs them."""
    return all(
        real_server.forwarding is ForwardingMethod.TUNNEL or Family.of(real_server.key.address) is key.family
        for real_server in server.real_servers
    )


def _with_key(server: VirtualServer, key: VirtualServerKey, detail: VirtualServerDetail) -> VirtualServer:
    if server.key == key:
        return server
    prefix = detail.persistence_prefix if server.persistent else None
    return replace(server, key=key, persistence_prefix=prefix)
