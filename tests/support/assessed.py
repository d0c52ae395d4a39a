"""Pairs to plan failovers on: healthy, with a weighted track file and a sync daemon, unless told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from lvstop.actions.failover.checks import Check, CheckCode, Verdict
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal, LeverOption
from lvstop.actions.failover.planning import plan_failover
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover, FailoverLever
from lvstop.model.host import LoadAverage, Sysctls
from lvstop.model.sounding import (
    ClockReading,
    ConfigCheck,
    ConnectionCount,
    PriorityLine,
    ServiceStatus,
    Sounding,
)
from lvstop.model.vrrp import VrrpInstance, VrrpTrackFile
from support.change_factories import AUTHOR
from support.factories import (
    FIRST,
    NOW,
    SECOND,
    SERVICE,
    VIP,
    address,
    cluster,
    instance,
    later,
    real_server,
    sync_daemon,
    virtual_server,
    vs_key,
)
from support.factories import (
    director as bare_director,
)
from support.failover_factories import failover

SOURCE, TARGET = "keepalived1", "keepalived2"
ADDRESS = ip_address(VIP)
CONF = "/etc/keepalived/keepalived.conf"
MAINT = "/etc/keepalived/maint"
UNIT = "keepalived.service"
ID = "20261122-140211-ab12"

TABLE = (virtual_server(SERVICE, real_server(FIRST, 1, active=40), real_server(SECOND, 1, active=60)),)
"""A hundred connections."""

NFS = "172.26.127.30"
"""The address of a second instance."""


def vrrp(state: str, name: str = "SMB", *vips: str, priority: int = 150, **more: object) -> VrrpInstance:
    """An instance with everything that keepalived tells of it; VRRP 2, an advert a second."""
    values: dict[str, Any] = {
        "version": 2,
        "interface": "ens3",
        "priority": priority,
        "effective_priority": priority,
        "preempt": True,
        "preempt_delay": 0.0,
        "advert_interval": 1.0,
    }
    values.update(more)
    return instance(state, name, *vips, **values)


def track_file(
    weight: int | Mapping[str, int] = -60,
    *,
    name: str = "maint",
    path: str | None = MAINT,
    status: int | None = 0,
    groups: Mapping[str, int] | None = None,
) -> VrrpTrackFile:
    """A file that SMB tracks with this weight, unless instances or groups are told."""
    by_instance = {"SMB": weight} if isinstance(weight, int) else dict(weight)
    return VrrpTrackFile(name, path, status, tuple(by_instance.items()), tuple((groups or {}).items()))


def lead(name: str = SOURCE, **more: object) -> DirectorSnapshot:
    """The MASTER, which has the address and sends its connections."""
    values: dict[str, Any] = {
        "vrrp": (vrrp("MASTER"),),
        "addresses": (address("172.26.127.23"), address(VIP)),
        "sync_daemons": (sync_daemon("master"),),
        **_usual(),
    }
    values.update(more)
    return bare_director(name, **values)


def stand_by(name: str = TARGET, **more: object) -> DirectorSnapshot:
    """The BACKUP, with priority 100."""
    values: dict[str, Any] = {
        "vrrp": (vrrp("BACKUP", priority=100),),
        "addresses": (address("172.26.127.24"),),
        **_usual(),
    }
    values.update(more)
    return bare_director(name, **values)


def _usual() -> dict[str, Any]:
    return {
        "virtual_servers": TABLE,
        "vrrp_track_files": (track_file(),),
        "track_files": (),
        "changes": (),
        "failovers": (),
        "changes_asked_at": NOW,
        "load": LoadAverage(0.4, 0.3, 0.2),
        "sysctls": Sysctls(1, 1, 0, 1, 0, 0, 0, 1),
    }


def two_instances(state: str = "MASTER") -> dict[str, Any]:
    """Two instances on the first director, the second one in this state."""
    own = vrrp(state, "NFS", NFS, vrid=21, priority=150)
    return {"vrrp": (vrrp("MASTER"), own), "addresses": (address(VIP), address(NFS))}


def two_backups(state: str = "BACKUP", priority: int = 100) -> dict[str, Any]:
    """The same on the second one."""
    return {"vrrp": (vrrp("BACKUP", priority=100), vrrp(state, "NFS", NFS, vrid=21, priority=priority))}


def sounding(name: str, **more: object) -> Sounding:
    """What a healthy director answers; the first director counts its own connections, the other has them all."""
    own = ConnectionCount(100, 0, 0) if name == SOURCE else ConnectionCount(0, 100, 0)
    values: dict[str, Any] = {
        "asked_at": later(-2),
        "took": 3.0,
        "clock": ClockReading(0.0002, 0.0004),
        "configuration": ConfigCheck(valid=True, said=()),
        "adverts_received": dict.fromkeys(("SMB", "NFS"), 0 if name == SOURCE else 5),
        "adverts_seconds": 5.2,
        "arp": {"net.ipv4.conf.all.arp_ignore": 0, "net.ipv4.conf.ens3.arp_ignore": 0},
        "connections": {vs_key(SERVICE): own},
        "priority_lines": (PriorityLine("SMB", CONF, 12, 150 if name == SOURCE else 100),),
        "transitions": (),
        "reloading": False,
        "service": ServiceStatus(UNIT, active=True, enabled=True),
    }
    values.update(more)
    return Sounding(name, **values)


def soundings(source: Mapping[str, Any] | None = None, target: Mapping[str, Any] | None = None) -> dict[str, Sounding]:
    """What both answer, with other fields where they are told."""
    return {SOURCE: sounding(SOURCE, **(source or {})), TARGET: sounding(TARGET, **(target or {}))}


def pair(
    source: DirectorSnapshot | None = None,
    target: DirectorSnapshot | None = None,
    *,
    failovers: Sequence[Failover] = (),
    changes: Sequence[Change] = (),
) -> ClusterSnapshot:
    """Both directors, and what is on record on both."""
    kept: dict[str, Any] = {"failovers": tuple(failovers), "changes": tuple(changes)}
    return cluster(replace(source or lead(), **kept), replace(target or stand_by(), **kept))


def moved(**more: object) -> ClusterSnapshot:
    """After the failover: the second director holds everything, and the lever of the first is held."""
    lowered = vrrp("BACKUP", effective_priority=90)
    source: dict[str, Any] = {
        "vrrp": (lowered,),
        "addresses": (address("172.26.127.23"),),
        "vrrp_track_files": (track_file(status=1),),
        "sync_daemons": (sync_daemon("backup"),),
    }
    target: dict[str, Any] = {
        "vrrp": (vrrp("MASTER", priority=100),),
        "addresses": (address("172.26.127.24"), address(VIP)),
        "sync_daemons": (sync_daemon("master"),),
    }
    return pair(lead(**{**source, **more}), stand_by(**target), failovers=[failover()])


def moved_soundings() -> Mapping[str, Sounding]:
    """The answers of both after it."""
    return soundings({"adverts_received": {"SMB": 5}}, {"adverts_received": {"SMB": 0}})


def made(
    snapshot: ClusterSnapshot | None = None,
    asked_now: Mapping[str, Sounding] | None = None,
    *,
    intent: FailOver | None = None,
    configured: FailoverLever | None = None,
    accepted: frozenset[CheckCode] = frozenset(),
    now: datetime = NOW,
) -> FailoverPlan | FailoverRefusal:
    """What comes of asking for it."""
    return plan_failover(
        intent or FailOver(),
        snapshot or pair(),
        soundings() if asked_now is None else asked_now,
        author=AUTHOR,
        now=now,
        failover_id=ID,
        configured=configured,
        accepted=accepted,
    )


def of(
    source: Mapping[str, Any] | None = None, target: Mapping[str, Any] | None = None
) -> FailoverPlan | FailoverRefusal:
    """A pair of which some fields are different."""
    return made(pair(lead(**(source or {})), stand_by(**(target or {}))))


def asked(
    source: Mapping[str, Any] | None = None, target: Mapping[str, Any] | None = None
) -> FailoverPlan | FailoverRefusal:
    """A healthy pair that answers differently when it is asked for a failover."""
    return made(asked_now=soundings(source, target))


def planned(found: FailoverPlan | FailoverRefusal) -> FailoverPlan:
    """It is planned."""
    if isinstance(found, FailoverRefusal):
        raise AssertionError(f"refused: {troubles(found)} {found.objections}")
    return found


def refused(found: FailoverPlan | FailoverRefusal) -> FailoverRefusal:
    """It is refused."""
    assert isinstance(found, FailoverRefusal), "planned"
    return found


def objected(found: FailoverPlan | FailoverRefusal) -> dict[str, str]:
    """What is objected to, by code."""
    return {str(each.code): each.sentence for each in refused(found).objections}


def check(code: CheckCode, found: FailoverPlan | FailoverRefusal) -> Check:
    """The only line of the preflight with this code."""
    (only,) = [each for each in found.assessment.checks if each.code is code]
    return only


def option(lever: FailoverLever, found: FailoverPlan | FailoverRefusal) -> LeverOption:
    """What is said of a lever."""
    (only,) = [each for each in found.assessment.options if each.lever is lever]
    return only


def troubles(found: FailoverPlan | FailoverRefusal) -> dict[str, str]:
    """The verdicts of what is not passed, by code."""
    checks = found.assessment.checks
    return {str(each.code): str(each.verdict) for each in checks if each.verdict is not Verdict.PASSED}
