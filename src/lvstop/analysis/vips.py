"""The cluster's virtual IP addresses: which they are, and who holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lvstop.analysis.vrrp import LOOPBACK, holds, keepalived_is_down, told_instances
from lvstop.model.address import IPAddress
from lvstop.model.cluster import VipHolding
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import VrrpInstance, VrrpSource, VrrpState


@dataclass(frozen=True, slots=True)
class Claim:
    """An address that VRRP sets somewhere, and where it wants it."""

    address: IPAddress
    instance: str | None
    on_loopback: bool = False


def claims_of(instances: Sequence[VrrpInstance]) -> tuple[Claim, ...]:
    """What instances claim, as keepalived tells it. Inference claims nothing of its own."""
    return tuple(
        Claim(vip.address, instance.name, vip.interface == LOOPBACK)
        for instance in instances
        if instance.source is not VrrpSource.INFERRED
        for vip in instance.vips
    )


def cluster_claims(
    directors: Sequence[DirectorSnapshot],
    vips: Sequence[IPAddress],
    remembered: Mapping[str, tuple[Claim, ...]],
) -> tuple[Claim, ...]:
    """The cluster's addresses in order, one claim each.

    They are what the directors' VRRP claims, and what the cluster file names. What a director claimed when it was last
    asked counts on while it cannot be asked: it is what it is meant to hold, not what it holds. Only where keepalived
    told of no address anywhere, the virtual servers' addresses that are found on an interface stand in for them.
    """
    found: dict[IPAddress, Claim] = {}
    for director in directors:
        told = None if keepalived_is_down(director) else told_instances(director)
        if told is not None:
            claims = claims_of(told)
        else:
            claims = remembered.get(director.name) or claims_of(director.vrrp or ())
        for claim in claims:
            found.setdefault(claim.address, claim)
    for address in vips:
        found.setdefault(address, Claim(address, None))
    if not found and not all(_told_everything(director) for director in directors):
        found = {address: Claim(address, None) for address in _served_addresses(directors)}
    return tuple(sorted(found.values(), key=lambda claim: (claim.address.version, int(claim.address))))


def _told_everything(director: DirectorSnapshot) -> bool:
    """keepalived itself was asked. D-Bus tells states and no addresses."""
    told = told_instances(director)
    return told is not None and all(instance.source is VrrpSource.KEEPALIVED for instance in told)


def _served_addresses(directors: Sequence[DirectorSnapshot]) -> set[IPAddress]:
    """Addresses of virtual servers that are on an interface of some director."""
    served = {
        server.key.address
        for director in directors
        if director.answers
        for server in director.virtual_servers or ()
        if server.key.address is not None
    }
    return {address for address in served if any(holds(director, address) for director in directors)}


def vip_holdings(claims: Sequence[Claim], directors: Sequence[DirectorSnapshot]) -> tuple[VipHolding, ...]:
    """Who holds each address, by the kernels of the directors that answer."""
    return tuple(_holding(claim, directors) for claim in claims)


def _holding(claim: Claim, directors: Sequence[DirectorSnapshot]) -> VipHolding:
    answers = [(director, holds(director, claim.address, on_loopback=claim.on_loopback)) for director in directors]
    holders = [director for director, held in answers if held]
    return VipHolding(
        address=claim.address,
        instance=claim.instance,
        holders=tuple(director.name for director in holders),
        unknown_on=tuple(director.name for director, held in answers if held is None),
        since=_since(claim, holders[0]) if len(holders) == 1 else None,
    )


def _since(claim: Claim, holder: DirectorSnapshot) -> datetime | None:
    for instance in told_instances(holder) or ():
        if instance.state is VrrpState.MASTER and any(vip.address == claim.address for vip in instance.vips):
            return instance.last_transition
    return None
