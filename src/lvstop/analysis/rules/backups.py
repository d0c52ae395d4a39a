"""Rules about what a failover would find: a backup that can take over, and connections that survive."""

from collections.abc import Iterable, Iterator

from lvstop.analysis.rules.scene import Scene
from lvstop.analysis.vrrp import InstanceGroup, keepalived_is_down, told_instances
from lvstop.analysis.words import count, listing
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import SyncRole
from lvstop.model.vrrp import VrrpInstance, VrrpState

UNABLE = frozenset({VrrpState.FAULT, VrrpState.STOP, VrrpState.DELETED})


def backup_not_ready(scene: Scene) -> Iterable[Alert]:
    """A director could not take over what another one serves. One alert per director, with every reason.

    keepalived that does not run is said by `keepalived-down`; a director that cannot be asked by its own alert.
    """
    for director in scene.answering:
        if keepalived_is_down(director):
            continue
        reasons = [*_instance_reasons(scene, director), *_table_reasons(scene, director)]
        if reasons:
            summary = f"{director.name} could not take over as it should: {'; '.join(reasons)}."
            remedy = f"Mend this on {director.name} before a failover is needed."
            yield Alert(AlertCode.BACKUP_NOT_READY, Severity.WARNING, director.name, summary, remedy, len(reasons))


def _instance_reasons(scene: Scene, director: DirectorSnapshot) -> Iterator[str]:
    if told_instances(director) is None:
        return
    for group in scene.groups:
        masters = [member for member in group.masters if member.director.name != director.name]
        if not masters:
            continue
        instance = group.on(director)
        if instance is None:
            if len(group.members) == len(group.masters):
                yield f"it has no VRRP instance {group.label}"
        elif instance.state in UNABLE or (instance.state is VrrpState.INIT and _stuck(scene, director, instance)):
            yield f"{group.label} is {instance.state}"
        elif instance.state is not VrrpState.MASTER:
            yield from _address_reasons(group, instance, masters[0].instance)


def _stuck(scene: Scene, director: DirectorSnapshot, instance: VrrpInstance) -> bool:
    """INIT for longer than keepalived needs to start; False where nobody knows for how long."""
    seen = scene.memory.sightings.get(director.name)
    since = (seen.vrrp_changed if seen is not None else None) or instance.last_transition
    return since is not None and scene.cluster.generated_at - since > scene.thresholds.starting


def _address_reasons(group: InstanceGroup, instance: VrrpInstance, master: VrrpInstance) -> Iterator[str]:
    own = {vip.address for vip in instance.vips}
    wanted = {vip.address for vip in master.vips}
    if own and wanted:
        if wanted - own:
            yield f"{group.label} lacks {listing(sorted(wanted - own, key=str), most=3)} there"
        if own - wanted:
            yield f"{group.label} claims {listing(sorted(own - wanted, key=str), most=3)} only there"


def is_backup(scene: Scene, director: DirectorSnapshot) -> bool:
    """It serves nothing, and another director does."""
    masters = {member.director.name for group in scene.groups for member in group.masters}
    serving = masters | {holder for vip in scene.cluster.vips for holder in vip.holders}
    return director.name not in serving and bool(serving)


def _table_reasons(scene: Scene, director: DirectorSnapshot) -> Iterator[str]:
    if director.name in scene.bare:
        if is_backup(scene, director):
            full = max(scene.tables, key=lambda table: len(table.servers))
            module = "the ip_vs module is not loaded" if director.ipvs_loaded is False else "its IPVS table is empty"
            yield f"{module}, while {full.name} has {count(len(full.servers), 'virtual server')}"
        return
    mine = scene.findings.get(director.name)
    if mine is None:
        return
    for other in scene.findings.values():
        if other.director == director.name:
            continue
        fewer = [
            f"{alive} instead of {other.alive[server]} for {server}"
            for server, alive in mine.alive.items()
            if alive < other.alive.get(server, 0)
            and scene.stands_by(director.name, server)
            and not scene.stands_by(other.director, server)
        ]
        if fewer:
            yield f"it sees fewer real servers alive than {other.director}: {listing(fewer, most=2)}"


def sync_daemon_missing(scene: Scene) -> Iterable[Alert]:
    """Connection synchronisation is absent, one-sided or turned the wrong way.

    Without it the kernel of the new master knows none of the connections, and answers them with a reset unless
    `sloppy_tcp` is set. keepalived's `lvs_sync_daemon IF inst X` runs the sending side where X is MASTER and the
    receiving side elsewhere; without an instance it runs both everywhere.
    """
    known = [director for director in scene.answering if director.sync_daemons is not None]
    if len(known) < 2 or scene.cluster.moving or not any(table.servers for table in scene.tables):
        return
    known = [director for director in known if not keepalived_is_down(director)]
    having = [director for director in known if director.sync_daemons]
    lacking = [director.name for director in known if not director.sync_daemons]
    name = scene.cluster.name
    if not having:
        if len(known) == len(scene.cluster.directors):
            summary = "No director synchronises connections: a failover resets the established ones."
            remedy = "`lvs_sync_daemon INTERFACE INSTANCE` in global_defs of keepalived.conf, on both directors."
            yield Alert(AlertCode.SYNC_DAEMON_MISSING, Severity.INFO, name, summary, remedy)
        return
    faults = list(_sync_faults(scene, having))
    if lacking:
        faults.append(f"it runs on {listing(d.name for d in having)} and not on {listing(lacking)}")
    if faults:
        summary = f"Connection synchronisation does not work as it should: {'; '.join(faults)}."
        remedy = "Compare lvs_sync_daemon in keepalived.conf of both directors; `ipvsadm -L --daemon` shows what runs."
        yield Alert(AlertCode.SYNC_DAEMON_MISSING, Severity.WARNING, name, summary, remedy)


def _sync_faults(scene: Scene, having: list[DirectorSnapshot]) -> Iterator[str]:
    """Wrong roles are only told where one director is MASTER of everything: else they depend on the instance."""
    ids = {daemon.sync_id for director in having for daemon in director.sync_daemons or ()} - {None}
    if len(ids) > 1:
        yield f"the sync ids differ ({listing(sorted(map(str, ids)))})"
    masters = {member.director.name for group in scene.groups for member in group.masters}
    if len(masters) != 1 or not all(group.masters for group in scene.groups):
        return
    for director in having:
        wanted = SyncRole.MASTER if director.name in masters else SyncRole.BACKUP
        if wanted not in {daemon.role for daemon in director.sync_daemons or ()}:
            role = "MASTER" if director.name in masters else "not MASTER"
            yield f"{director.name} is {role}, but has no {wanted} daemon"
