"""Checks of configuration files, kernel settings and load."""

from collections.abc import Iterable, Iterator, Mapping

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.preflight.verdicts import blocked, passed, warned
from lvstop.actions.failover.situation import Side, Situation, oldest
from lvstop.analysis.words import listing
from lvstop.model.failover import FailoverLever
from lvstop.model.ipvs import ForwardingMethod
from lvstop.model.sounding import ConfigCheck

IDLE_LOAD = 2.0
"""A load of less than this is no reason to think twice, whatever the other director has."""

_BUSIER = 2.0
_NAMED = 3
_SAID = 2

_READS_CONFIGURATION = frozenset({FailoverLever.PRIORITY, FailoverLever.STOP})
"""Levers after which keepalived reads the source's configuration: at the reload, or when it is started again."""

_ARP = ("arp_ignore", "arp_announce", "arp_filter")

_NEVER_ANSWERS = 8
"""arp_ignore 8: no ARP request for a local address is answered (ip-sysctl.rst)."""


def configuration_valid(situation: Situation, lever: FailoverLever | None) -> Check:
    """keepalived -t on both directors. What runs may be older than the file: the next start would find out.

    Args:
        lever: the one that is to be pulled or released.
    """
    code = CheckCode.CONFIGURATION_VALID
    evidence = oldest(*map(situation.look.sounding_age, situation.both))
    invalid: list[str] = []
    unknown: list[str] = []
    must = {situation.target.name, situation.source.name} if lever in _READS_CONFIGURATION else {situation.target.name}
    grave = False
    for side in situation.both:
        found = None if side.sounding is None else side.sounding.configuration
        if found is None:
            unknown.append(f"{side.name}{side.why_not('configuration')}")
        elif not found.valid:
            said = "; ".join(found.said[:_SAID])
            invalid.append(f"{side.name}{f' ({said})' if said else ''}")
            grave = grave or (side.name in must and not _only_ignores(found))
    if invalid:
        sentence = f"keepalived -t finds faults in the configuration of {listing(invalid)}."
        return (blocked if grave else warned)(code, sentence, evidence, "mend the configuration first")
    if unknown:
        return warned(code, f"Whether the configuration is valid is not known on {listing(unknown)}.", evidence)
    return passed(code, "keepalived -t finds both configurations valid.", evidence)


def _only_ignores(found: ConfigCheck) -> bool:
    """keepalived runs with it and leaves a tracker out, e.g. `ignoring tracked file lever … due to SYNC group`.

    `Unexpected '{' - ignoring` is another matter: then a block is not what it was meant to be.
    """
    return bool(found.said) and all("ignoring tracked " in line for line in found.said)


def kernel_settings(situation: Situation) -> Check:
    """Forwarding and ARP: the target answers for the addresses and passes packets on as the source does."""
    code = CheckCode.KERNEL_SETTINGS
    evidence = oldest(*map(situation.look.sounding_age, situation.both))
    asks_arp = any(vip.version == 4 for vip in situation.move.vips)
    own, peer = (_arp(side, _interfaces(situation, side)) for side in situation.both)
    grave = list(_forwarding_off(situation))
    if asks_arp and peer is not None and peer.get("arp_ignore") == _NEVER_ANSWERS:
        grave.append(f"arp_ignore is {_NEVER_ANSWERS} on {situation.target.name}: nobody would find the addresses")
    if grave:
        return blocked(code, f"{listing(grave)}.", evidence)
    differing = [*_forwarding_differs(situation), *(_arp_differs(situation, own, peer) if asks_arp else ())]
    if differing:
        return warned(code, f"Kernel settings differ: {listing(differing, most=_NAMED)}.", evidence)
    unknown = [
        side.name
        for side, arp in zip(situation.both, (own, peer), strict=True)
        if _forward(side) is None or (asks_arp and arp is None)
    ]
    if unknown:
        return warned(code, f"Forwarding and ARP settings are not known on {listing(unknown)}.", evidence)
    return passed(
        code, f"{'ip_forward and ARP settings are' if asks_arp else 'ip_forward is'} alike on both.", evidence
    )


def _interfaces(situation: Situation, side: Side) -> frozenset[str]:
    """Where the addresses that move are on a director, or would be."""
    instances = [pair.source if side is situation.source else pair.target for pair in situation.pairs]
    return frozenset(
        vip.interface
        for instance in instances
        if instance is not None
        for vip in instance.vips
        if vip.interface is not None
    )


def _arp(side: Side, interfaces: Iterable[str]) -> Mapping[str, int] | None:
    """What counts of each setting: the greatest of `all` and of the interfaces (ip-sysctl.rst); None where unknown."""
    told = None if side.sounding is None else side.sounding.arp
    if told is None:
        return None
    found: dict[str, int] = {}
    for interface in ("all", *interfaces):
        for setting in _ARP:
            value = told.get(f"net.ipv4.conf.{interface}.{setting}")
            if value is not None:
                found[setting] = max(value, found.get(setting, 0))
    return found


def _arp_differs(situation: Situation, own: Mapping[str, int] | None, peer: Mapping[str, int] | None) -> Iterator[str]:
    for setting in _ARP:
        values = [None if side is None else side.get(setting) for side in (own, peer)]
        if None not in values and values[0] != values[1]:
            yield f"{setting} is {values[0]} on {situation.source.name} and {values[1]} on {situation.target.name}"


def _forward(side: Side) -> int | None:
    return None if side.director.sysctls is None else side.director.sysctls.ip_forward


def _forwarding_off(situation: Situation) -> Iterator[str]:
    """Replies of NAT real servers pass the director; they need ip_forward. Route and Tunnel do not."""
    masquerading = any(
        row.forwarding is ForwardingMethod.MASQ for server in situation.servers or () for row in server.real_servers
    )
    if masquerading and _forward(situation.target) == 0:
        yield f"ip_forward is 0 on {situation.target.name}, and real servers are reached by NAT (Masq)"


def _forwarding_differs(situation: Situation) -> Iterator[str]:
    values = {side.name: _forward(side) for side in situation.both}
    if None not in values.values() and len(set(values.values())) > 1:
        yield f"ip_forward is {listing(f'{value} on {name}' for name, value in values.items())}"


def peer_load(situation: Situation) -> Check:
    """The target is not busy with something else."""
    code, target = CheckCode.PEER_LOAD, situation.target
    evidence = situation.look.table_age(target)
    load = target.director.load
    if load is None:
        return warned(code, f"The load of {target.name} is not known.", evidence)
    own = situation.source.director.load
    told = f"{load.one:.1f} on {target.name}" + ("" if own is None else f", {own.one:.1f} on {situation.source.name}")
    if load.one > max(IDLE_LOAD, _BUSIER * own.one if own is not None else 0.0):
        return warned(code, f"{target.name} is busy: the load is {told}.", evidence)
    return passed(code, f"Load: {told}.", evidence)
