"""What has been read of a director so far: one slot per lane, each filled at its own pace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address

from lvstop.model.address import IPAddress, RealServerKey, VirtualServerKey
from lvstop.model.change import Change
from lvstop.model.checks import CheckedVirtualServer, TrackFile
from lvstop.model.director import Capabilities, Fault, Lack, ParseIssue, Privilege
from lvstop.model.failover import Failover
from lvstop.model.host import InterfaceAddress, InterfaceCounters, LoadAverage, Sysctls
from lvstop.model.ipvs import Counters, SyncDaemon, TableCounters, TableDetails, TableRates, VirtualServer
from lvstop.model.vitals import Vitals
from lvstop.model.vrrp import SyncGroup, VrrpInstance, VrrpTrackFile
from lvstop.probe.kept import Kept
from lvstop.probe.parse.ipvsadm import SavedTable


@dataclass(slots=True)
class Readings:
    """The latest value of everything that was read; None where it has not been, or could not be.

    Attributes:
        refusal: why there is no privilege; empty where there is some.
        unmet: the cluster file asks for a privilege that is not to be had.
        lacks: why something is None, by what it is; a successful reading takes its lack away.
        issues: lines that were not understood, by the text they stood in.
        children: keepalived's processes besides the main one, `vrrp` and `checkers`; empty where unknown.
        unicast_peers: of VRRP instances, by their names.
        checks_outdated: the table has changed since the checkers were asked; a verdict of before does not fit it.
        changes_table: `virtual_servers` as they were known when the records of changes were asked for.
        live_ipv4: addresses in the routing trie now; None where the trie is not read.
        live_ipv6: addresses in /proc/net/if_inet6 now.
        kept_vrrp, kept_addresses: what was last made of `vrrp` and of `addresses`, each with what completes it.
    """

    privilege: Privilege | None = None
    refusal: str = ""
    unmet: Fault | None = None
    kernel: str | None = None
    hostname: str | None = None
    machine: str | None = None
    hertz: int | None = None
    keepalived_version: str | None = None
    capabilities: Capabilities | None = None
    pid: int | None = None
    running: bool | None = None
    children: frozenset[str] = frozenset()
    uptime: float | None = None
    read_at: datetime | None = None
    read_monotonic: float | None = None
    ipvs_loaded: bool | None = None
    connection_buckets: int | None = None
    virtual_servers: tuple[VirtualServer, ...] | None = None
    totals: Counters | None = None
    load: LoadAverage | None = None
    interfaces: tuple[InterfaceCounters, ...] | None = None
    vitals: Vitals | None = None
    live_ipv4: frozenset[IPv4Address] | None = None
    live_ipv6: tuple[InterfaceAddress, ...] | None = None
    addresses: tuple[InterfaceAddress, ...] | None = None
    vrrp: tuple[VrrpInstance, ...] | None = None
    vrrp_read_at: datetime | None = None
    sync_groups: tuple[SyncGroup, ...] | None = None
    vrrp_track_files: tuple[VrrpTrackFile, ...] | None = None
    unicast_peers: Mapping[str, tuple[IPAddress, ...]] | None = None
    checks: tuple[CheckedVirtualServer, ...] | None = None
    track_files: tuple[TrackFile, ...] | None = None
    checks_outdated: bool = False
    changes: tuple[Change, ...] | None = None
    failovers: tuple[Failover, ...] | None = None
    changes_table: tuple[VirtualServer, ...] | None = None
    changes_asked_at: datetime | None = None
    saved: SavedTable | None = None
    thresholds: Mapping[VirtualServerKey, Mapping[RealServerKey, tuple[int, int]]] | None = None
    persistent: Mapping[VirtualServerKey, Mapping[RealServerKey, int]] | None = None
    details: TableDetails | None = None
    counters: TableCounters | None = None
    counters_uptime: float | None = None
    rates: TableRates | None = None
    sync_daemons: tuple[SyncDaemon, ...] | None = None
    sysctls: Sysctls | None = None
    lacks: dict[str, Lack] = field(default_factory=dict)
    issues: dict[str, tuple[ParseIssue, ...]] = field(default_factory=dict)
    kept_vrrp: Kept[tuple[VrrpInstance, ...] | None] = field(default_factory=Kept)
    kept_addresses: Kept[tuple[InterfaceAddress, ...] | None] = field(default_factory=Kept)

    def note_issues(self, source: str, issues: tuple[ParseIssue, ...]) -> None:
        """Replace what is known to be wrong with `source`."""
        if issues:
            self.issues[source] = issues
        else:
            self.issues.pop(source, None)
