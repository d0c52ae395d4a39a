"""Checks of configuration files, kernel settings and load."""

from collections.abc import Iterator, Mapping

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.preflight.verdicts import blocked, passed, warned
from lvstop.actions.failover.situation import Side, Situation, oldest
from lvstop.analysis.words import listing
from lvstop.model.failover import FailoverLever
from lvstop.model.ipvs import ForwardingMethod

IDLE_LOAD = 2.0
"""A load of less than this is no reason to think twice, whatever the other director has."""

_BUSIER = 2.0
_NAMED = 3
_SAID = 2

_READS_CONFIGURATION = frozenset({FailoverLever.PRIORITY, FailoverLever.STOP})
"""Levers after which keepalived reads the source's configuration: at the reload, or when it is started again."""

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
            grave = grave or side.name in must
    if invalid:
        sentence = f"keepalived -t finds faults in the configuration of {listing(invalid)}."
        return (blocked if grave else warned)(code, sentence, evidence, "mend the configuration first")
    if unknown:
        return warned(code, f"Whether the configuration is valid is not known on {listing(unknown)}.", evidence)
    return passed(code, "keepalived -t finds both configurations valid.", evidence)


def kernel_settings(situation: Situation) -> Check:
    """Forwarding and ARP: the target answers for the addresses and passes packets on as the source does."""
    code = CheckCode.KERNEL_SETTINGS
    evidence = oldest(*map(situation.look.sounding_age, situation.both))
    grave = [*_forwarding_off(situation), *_arp_off(situation.target)]
    if grave:
        return blocked(code, f"{listing(grave)}.", evidence)
    unknown = [side.name for side in situation.both if side.director.sysctls is None or _arp(side) is None]
    differing = [*_forwarding_differs(situation), *_arp_differs(situation)]
    if differing:
        return warned(code, f"Kernel settings differ: {listing(differing, most=_NAMED)}.", evidence)
    if unknown:
        return warned(code, f"Forwarding and ARP settings are not known on {listing(unknown)}.", evidence)
    return passed(code, "ip_forward and ARP settings are alike on both.", evidence)


def _arp(side: Side) -> Mapping[str, int] | None:
    return None if side.sounding is None else side.sounding.arp


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


def _arp_off(side: Side) -> Iterator[str]:
    for name, value in (_arp(side) or {}).items():
        if name.endswith(".arp_ignore") and value == _NEVER_ANSWERS:
            yield f"{name} is {value} on {side.name}: nobody would learn where the addresses are"


def _arp_differs(situation: Situation) -> Iterator[str]:
    """Settings of the same name on both; interfaces may be called differently."""
    own, peer = _arp(situation.source) or {}, _arp(situation.target) or {}
    for name in sorted(own.keys() & peer.keys()):
        if own[name] != peer[name]:
            yield f"{name} is {own[name]} on {situation.source.name} and {peer[name]} on {situation.target.name}"


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
