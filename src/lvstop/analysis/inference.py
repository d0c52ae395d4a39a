"""VRRP where keepalived cannot be asked: what the kernel's addresses allow to say, and no more."""

from collections.abc import Sequence
from dataclasses import replace

from lvstop.analysis.vrrp import holds, keepalived_is_down, told_instances
from lvstop.model.address import IPAddress
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import VirtualAddress, VrrpInstance, VrrpSource, VrrpState


def infer_instances(
    director: DirectorSnapshot, peers: Sequence[DirectorSnapshot], vips: Sequence[IPAddress]
) -> tuple[VrrpInstance, ...] | None:
    """Instances of a director whose keepalived could not be asked; None where nothing can be inferred.

    One for each instance that a peer's keepalived tells of, else a nameless one for the cluster's addresses. With an
    address in the kernel it is MASTER; without one BACKUP and FAULT look alike, so the state stays None.
    """
    if director.vrrp is not None or not director.answers or director.addresses is None:
        return None
    if keepalived_is_down(director):
        return None
    claims = _peer_claims(director, peers) or _nameless(vips)
    return tuple(_inferred(director, name, addresses) for name, addresses in claims) or None


def with_inference(
    director: DirectorSnapshot, peers: Sequence[DirectorSnapshot], vips: Sequence[IPAddress]
) -> DirectorSnapshot:
    """The director with its inferred instances in place; the same object where there is nothing to add."""
    inferred = infer_instances(director, peers, vips)
    return director if inferred is None else replace(director, vrrp=inferred)


_Claim = tuple[str | None, tuple[VirtualAddress, ...]]


def _peer_claims(director: DirectorSnapshot, peers: Sequence[DirectorSnapshot]) -> list[_Claim]:
    claims: dict[str | None, tuple[VirtualAddress, ...]] = {}
    for peer in peers:
        if peer.name != director.name:
            for instance in told_instances(peer) or ():
                if instance.vips:
                    claims.setdefault(instance.name, instance.vips)
    return list(claims.items())


def _nameless(vips: Sequence[IPAddress]) -> list[_Claim]:
    return [(None, tuple(VirtualAddress(address, None, None) for address in vips))] if vips else []


def _inferred(director: DirectorSnapshot, name: str | None, addresses: tuple[VirtualAddress, ...]) -> VrrpInstance:
    held = any(holds(director, vip.address, on_loopback=vip.interface == "lo") for vip in addresses)
    own = tuple(VirtualAddress(vip.address, vip.prefix_length, None) for vip in addresses)
    return VrrpInstance(name, VrrpState.MASTER if held else None, VrrpSource.INFERRED, own)
