"""Readings → DirectorSnapshot. Pure, and it never fails: what is missing is None with its reason beside it."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from lvstop.model.director import (
    DirectorSnapshot,
    DirectorStatus,
    Fault,
    FaultKind,
    Keepalived,
    Lack,
    LackCause,
    Privilege,
)
from lvstop.model.host import InterfaceAddress
from lvstop.model.vrrp import VrrpInstance
from lvstop.probe import labels
from lvstop.probe.readings import Readings


def assemble(name: str, host: str, readings: Readings, *, monotonic: float) -> DirectorSnapshot:
    """The director as it is known now; `live`, or `degraded` where something it should tell could not be read."""
    lacks = _lacks(readings)
    issues = tuple(issue for source in readings.issues.values() for issue in source)
    fault = _spoiled(readings, lacks, len(issues))
    return DirectorSnapshot(
        name=name,
        host=host,
        status=DirectorStatus.LIVE if fault is None else DirectorStatus.DEGRADED,
        fault=fault,
        read_at=readings.read_at,
        age_seconds=None if readings.read_monotonic is None else max(0.0, monotonic - readings.read_monotonic),
        privilege=readings.privilege,
        capabilities=readings.capabilities,
        kernel=readings.kernel,
        hostname=readings.hostname,
        machine=readings.machine,
        uptime=readings.uptime,
        keepalived=Keepalived(readings.keepalived_version, readings.running, readings.pid),
        vrrp=readings.kept_vrrp.of(
            lambda: _vrrp(readings), readings.vrrp, readings.sync_groups, readings.unicast_peers
        ),
        vrrp_read_at=readings.vrrp_read_at,
        sync_groups=readings.sync_groups,
        vrrp_track_files=readings.vrrp_track_files,
        checks=None if readings.checks_outdated else readings.checks,
        track_files=None if readings.checks_outdated else readings.track_files,
        changes=readings.changes,
        failovers=readings.failovers,
        changes_table=readings.changes_table,
        changes_asked_at=readings.changes_asked_at,
        addresses=readings.kept_addresses.of(
            lambda: _addresses(readings), readings.addresses, readings.live_ipv4, readings.live_ipv6
        ),
        ipvs_loaded=readings.ipvs_loaded,
        connection_buckets=readings.connection_buckets,
        virtual_servers=readings.virtual_servers,
        totals=readings.totals,
        details=readings.details,
        counters=readings.counters,
        counters_uptime=readings.counters_uptime,
        rates=readings.rates,
        sync_daemons=readings.sync_daemons,
        sysctls=readings.sysctls,
        load=readings.load,
        interfaces=readings.interfaces,
        vitals=readings.vitals,
        lacks=lacks,
        issues=issues,
    )


def _vrrp(readings: Readings) -> tuple[VrrpInstance, ...] | None:
    """JSON does not tell sync groups and unicast peers; the data dump does."""
    if readings.vrrp is None or not (readings.sync_groups or readings.unicast_peers):
        return readings.vrrp
    group_of = {instance: group.name for group in readings.sync_groups or () for instance in group.instances}
    peers_of = readings.unicast_peers or {}
    return tuple(
        replace(
            instance,
            sync_group=instance.sync_group or group_of.get(instance.name or ""),
            unicast_peers=peers_of.get(instance.name or "", instance.unicast_peers),
        )
        for instance in readings.vrrp
    )


def _addresses(readings: Readings) -> tuple[InterfaceAddress, ...] | None:
    """Addresses now: the interfaces are known from the last full reading, presence from the last second."""
    known = readings.addresses
    if readings.live_ipv6 is None and readings.live_ipv4 is None:
        return known
    live_ipv6 = None if readings.live_ipv6 is None else {entry.address: entry for entry in readings.live_ipv6}
    result: list[InterfaceAddress] = []
    for entry in known or ():
        live = readings.live_ipv4 if isinstance(entry.address, IPv4Address) else live_ipv6
        if live is None or entry.address in live:
            result.append(entry)
    seen: set[IPv4Address | IPv6Address] = {entry.address for entry in result}
    unplaced = sorted((readings.live_ipv4 or frozenset()) - seen)
    result.extend(InterfaceAddress(address, None, None) for address in unplaced)
    result.extend(entry for address, entry in (live_ipv6 or {}).items() if address not in seen)
    return tuple(result)


def _lacks(readings: Readings) -> tuple[Lack, ...]:
    lacks = dict(readings.lacks)
    if readings.privilege is Privilege.NONE:
        for what in labels.PRIVILEGED:
            if what is labels.VRRP and readings.vrrp is not None:
                continue
            why = f": {readings.refusal}" if readings.refusal else ""
            lacks.setdefault(what, Lack(what, LackCause.UNPRIVILEGED, f"needs root or sudo{why}"))
    return tuple(lacks[what] for what in sorted(lacks))


def _spoiled(readings: Readings, lacks: tuple[Lack, ...], issues: int) -> Fault | None:
    if readings.unmet is not None:
        return readings.unmet
    failed = [lack for lack in lacks if lack.cause is LackCause.FAILED]
    if failed:
        parts = "; ".join(f"{lack.what}: {lack.detail}" for lack in failed)
        return Fault(FaultKind.BAD_ANSWER, f"some of it could not be read: {parts}")
    if issues:
        sources = ", ".join(sorted(readings.issues))
        return Fault(FaultKind.BAD_ANSWER, f"{issues} lines could not be understood ({sources})")
    return None
