"""keepalived's VRRP process: its instances, what they track, and sync groups.

Source: keepalived/vrrp/vrrp_scheduler.c, vrrp_sync.c, vrrp_track.c and trackers/track_file.c of keepalived 2.2.7.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lvstop.demo.world.conf import InstanceConf, KeepalivedConf, SyncGroupConf
from lvstop.demo.world.instance import Instance, Wish
from lvstop.demo.world.machine import Machine
from lvstop.demo.world.network import Advert
from lvstop.demo.world.tracking import Track, all_tracks, ignored_tracks
from lvstop.model.ipvs import SyncDaemon, SyncRole
from lvstop.model.vrrp import VrrpState

_LOWEST = -253


@dataclass(slots=True, eq=False)
class SyncGroup:
    """Instances that change state together."""

    conf: SyncGroupConf
    state: VrrpState
    instances: list[Instance]


class Vrrp:
    """The process.

    Attributes:
        instances: in the order of the configuration.
        groups: sync groups, likewise.
    """

    def __init__(self, machine: Machine, conf: KeepalivedConf, log: Callable[[str], None]) -> None:
        self._machine = machine
        self._conf = conf
        self._log = log
        self._running = False
        self._numbers: dict[str, int] = {}
        self.instances = [self._instance(each) for each in conf.instances]
        self.groups: list[SyncGroup] = []
        self._group_up()

    def start(self, numbers: dict[str, int]) -> None:
        """Begin, as backup or in fault. `numbers`: what is in each track file."""
        self._running = True
        self._numbers = dict(numbers)
        for instance in self.instances:
            self._complain_of_group(instance)
            self._track(instance, at_start=True)
            instance.release()
        self._daemon(SyncRole.BACKUP)
        for instance in self.instances:
            self._begin(instance)
        for group in self.groups:
            group.state = VrrpState.FAULT if any(each.faults for each in group.instances) else VrrpState.BACKUP

    def _begin(self, instance: Instance) -> None:
        group = self._group(instance)
        members = group.instances if group is not None else [instance]
        instance.leave_other(VrrpState.FAULT if any(each.faults for each in members) else VrrpState.BACKUP)

    def stop(self) -> None:
        """SIGTERM: masters say that they go."""
        for instance in self.instances:
            instance.stop()
        if self._conf.sync_daemon is not None:
            self._machine.table.daemons.clear()
        self._running = False

    def kill(self) -> None:
        """SIGKILL: everything stays as it is, and nobody looks after it."""
        for instance in self.instances:
            instance.rest()
        self._running = False

    def reload(self, conf: KeepalivedConf, numbers: dict[str, int]) -> None:
        """SIGHUP: instances of the same name keep their state and their counters.

        They are made anew (alloc_vrrp), and so their last transition is that moment, whether they had one or not.
        """
        old = {each.conf.name: each for each in self.instances}
        self._conf = conf
        self._numbers = dict(numbers)
        self.instances = [self._reloaded(old.pop(each.name, None), each) for each in conf.instances]
        for gone in old.values():
            gone.stop()
        self._group_up()
        for instance in self.instances:
            instance.additions.clear()
            instance.faults.clear()
            self._track(instance, at_start=True)
            self._settle(instance)
        for group in self.groups:
            states = {each.state for each in group.instances}
            group.state = states.pop() if len(states) == 1 else VrrpState.BACKUP

    def _reloaded(self, instance: Instance | None, conf: InstanceConf) -> Instance:
        if instance is None:
            fresh = self._instance(conf)
            fresh.release()
            return fresh
        was_set = instance.vips_set
        gone = [vip for vip in instance.conf.vips if vip not in conf.vips]
        for vip in gone if was_set else ():
            self._machine.host.remove_address(vip.interface, vip.address)
        instance.conf = conf
        instance.last_transition = self._machine.timeline.now
        if was_set:
            instance.log(f"({conf.name}) setting VIPs.")
            for vip in conf.vips:
                self._machine.host.set_address(vip.interface, vip.address, vip.prefix_length)
        return instance

    def hear(self, advert: Advert) -> None:
        """An advert has reached this director."""
        if not self._running:
            return
        for instance in self.instances:
            conf = instance.conf
            interface = self._machine.host.interface(conf.interface)
            if (conf.vrid, conf.version, conf.interface) != (advert.vrid, advert.version, advert.interface):
                continue
            if interface is None or not interface.up:
                continue
            interface.receive(1, 60)
            if instance.hear(advert) is Wish.BACKUP:
                self._to_backup(instance)

    def file_changed(self, name: str, number: int) -> None:
        """The number in a track file is another one."""
        self._numbers[name] = number
        for instance in self.instances:
            if any(each.file == name for each in self._tracks(instance)):
                self._track(instance, at_start=False)
                self._settle(instance)

    def interface_changed(self) -> None:
        """An interface has gone down or come up."""
        for instance in self.instances:
            self._track(instance, at_start=False)
            self._settle(instance)

    def _instance(self, conf: InstanceConf) -> Instance:
        return Instance(conf, self._machine, self._log, self._timed_out)

    def _group_up(self) -> None:
        known = {each.conf.name: each for each in self.instances}
        self.groups = [
            SyncGroup(conf, VrrpState.BACKUP, [known[name] for name in conf.instances if name in known])
            for conf in self._conf.sync_groups
        ]

    def _group(self, instance: Instance) -> SyncGroup | None:
        return next((group for group in self.groups if instance in group.instances), None)

    # what is tracked

    def _tracks(self, instance: Instance) -> tuple[Track, ...]:
        group = self._group(instance)
        return all_tracks(instance.conf, None if group is None else group.conf, self._conf.track_files)

    def _complain_of_group(self, instance: Instance) -> None:
        if self._group(instance) is None:
            return
        for each in ignored_tracks(instance.conf, self._conf.track_files):
            said = f"ignoring tracked file {each.file} with weight {each.weight} due to SYNC group"
            self._log(f"({instance.conf.name}) {said}")

    def _track(self, instance: Instance, *, at_start: bool) -> None:
        """Work out an instance's faults and priority; the first time without a word about files."""
        name = instance.conf.name
        for each in self._tracks(instance):
            number, weight = self._numbers.get(each.file, 0), each.weight
            failed = number * weight < _LOWEST if weight else number != 0
            reason = f"file {each.file}"
            if failed and reason not in instance.faults and not at_start:
                self._log(f"({name}): tracked file {each.file} now FAULT state")
            if not failed and reason in instance.faults:
                self._log(f"({name}): tracked file {each.file} leaving FAULT state")
            (instance.faults.add if failed else instance.faults.discard)(reason)
            instance.additions[each.file] = 0 if failed else max(_LOWEST, min(253, number * weight))
        for interface_name in (instance.conf.interface, *instance.conf.track_interfaces):
            interface = self._machine.host.interface(interface_name)
            reason = f"interface {interface_name}"
            if interface is None or not interface.up:
                instance.faults.add(reason)
            else:
                instance.faults.discard(reason)
        instance.reckon()

    def _settle(self, instance: Instance) -> None:
        """Make an instance and its group follow its faults."""
        group = self._group(instance)
        members = [instance] if group is None else group.instances
        if any(each.faults for each in members):
            if instance.faults and instance.state is not VrrpState.FAULT:
                self._to_fault(instance)
        elif instance.state in (VrrpState.FAULT, VrrpState.INIT):
            instance.leave_other(VrrpState.BACKUP)
            self._sync(instance, VrrpState.BACKUP)

    # changes of state

    def _timed_out(self, instance: Instance) -> None:
        if instance.state is not VrrpState.BACKUP:
            return
        self._log(f"({instance.conf.name}) Receive advertisement timeout")
        group = self._group(instance)
        if group is not None and group.state is not VrrpState.MASTER:
            instance.wanted_state = VrrpState.MASTER
            if any(each.wanted_state is not VrrpState.MASTER for each in group.instances):
                instance.watch()
                return
        instance.become_master()
        self._daemon_of(instance, SyncRole.MASTER)
        self._sync(instance, VrrpState.MASTER)

    def _to_backup(self, instance: Instance) -> None:
        self._daemon_of(instance, SyncRole.BACKUP)
        instance.leave_master(VrrpState.BACKUP)
        self._sync(instance, VrrpState.BACKUP)

    def _to_fault(self, instance: Instance) -> None:
        if instance.state is VrrpState.MASTER:
            self._daemon_of(instance, SyncRole.BACKUP)
            instance.leave_master(VrrpState.FAULT)
        else:
            instance.leave_other(VrrpState.FAULT)
        self._sync(instance, VrrpState.FAULT)

    def _sync(self, instance: Instance, state: VrrpState) -> None:
        """The other members of its group follow."""
        group = self._group(instance)
        if group is None or group.state is state:
            return
        self._log(f"VRRP_Group({group.conf.name}) Syncing instances to {state} state")
        group.state = state
        for other in group.instances:
            if other is instance or other.state is state:
                continue
            if state is VrrpState.MASTER:
                other.become_master()
            elif other.state is VrrpState.MASTER:
                other.leave_master(state)
            else:
                other.leave_other(state)
            self._daemon_of(other, SyncRole.MASTER if state is VrrpState.MASTER else SyncRole.BACKUP)

    # connection synchronisation

    def _daemon_of(self, instance: Instance, role: SyncRole) -> None:
        daemon = self._conf.sync_daemon
        if daemon is not None and daemon.instance == instance.conf.name:
            self._daemon(role)

    def _daemon(self, role: SyncRole) -> None:
        daemon = self._conf.sync_daemon
        if daemon is not None:
            self._machine.table.loaded = True
            self._machine.table.daemons[:] = [SyncDaemon(role, daemon.interface, daemon.sync_id)]
