"""A director as its programs see it: the simulated machine, and the files that are the front's own."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from lvstop.demo.files import FileTree
from lvstop.demo.formats.addresses import fib_trie_lines, if_inet6_lines, ip_monitor_line
from lvstop.demo.formats.host import loadavg_line, net_dev_lines, uptime_line
from lvstop.demo.formats.ip_vs import ip_vs_lines, ip_vs_stats_lines, ip_vs_stats_percpu_lines
from lvstop.demo.formats.ip_vs_conn import ConnectionEntry, connection_entries
from lvstop.demo.formats.journal import short_unix
from lvstop.demo.formats.keepalived_check import keepalived_check
from lvstop.demo.formats.keepalived_conf import keepalived_conf
from lvstop.demo.formats.keepalived_data import keepalived_data
from lvstop.demo.formats.keepalived_json import keepalived_json
from lvstop.demo.formats.vitals import meminfo_lines, softnet_lines, stat_lines
from lvstop.demo.timescale import Timescale
from lvstop.demo.world.address_log import AddressChange
from lvstop.demo.world.burden import CONNTRACK_MAX
from lvstop.demo.world.conf import KeepalivedConf
from lvstop.demo.world.director import Director as Machine
from lvstop.demo.world.host import Interface
from lvstop.demo.world.journal import Entry
from lvstop.demo.world.table import Setting, Table
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import SyncDaemon
from lvstop.model.vrrp import VrrpState

_DUMP_MODE: Final = 0o600
CONF_FILE: Final = "/etc/keepalived/keepalived.conf"
"""What keepalived was started with."""

_NO_WORD: Final = re.compile(r"[^0-9A-Za-z]")
_TMP: Final = "/tmp"  # noqa: S108 - the director's


class Director:
    """One embedded director.

    Attributes:
        machine: the simulated one.
    """

    def __init__(
        self,
        machine: Machine,
        now: Callable[[], float],
        timescale: Timescale,
        *,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        """`now`: the world's seconds. `watch` is called whenever somebody counts connections."""
        self.machine = machine
        self._watch = watch
        self._world_now = now
        self._timescale = timescale
        self._tree = FileTree(self.now)
        self._lock_holder: object | None = None
        self._lock_owner = ""
        self._followers: list[Callable[[Entry | AddressChange], None]] = []
        self._told = machine.journal.last_number
        self._told_addresses = machine.address_log.last_number
        self._watched = frozenset(file.path for file in machine.conf.keepalived.track_files)
        self._written_conf: KeepalivedConf | None = None
        self._make_folders()

    # the machine

    @property
    def hostname(self) -> str:
        """As `hostname` tells."""
        return self.machine.name

    @property
    def boot_id(self) -> str:
        """As /proc/sys/kernel/random/boot_id tells: another one after each boot."""
        booted_at = self._timescale.to_epoch(self.machine.booted_at)
        return str(uuid5(NAMESPACE_OID, f"{self.hostname} {booted_at:.6f}"))

    @property
    def now(self) -> float:
        """Seconds since 1970, by its own clock."""
        return self._timescale.to_epoch(self._world_now())

    @property
    def uptime(self) -> float:
        """Seconds since boot."""
        return self.now - self._timescale.to_epoch(self.machine.booted_at)

    @property
    def kernel_release(self) -> str:
        """As `uname -r` tells."""
        return self.machine.conf.kernel

    @property
    def hertz(self) -> int:
        """The kernel's CONFIG_HZ."""
        return self.machine.conf.hertz

    @property
    def interfaces(self) -> Sequence[Interface]:
        """With their addresses, VIPs among them."""
        return self.machine.host.interfaces

    @property
    def sysctls(self) -> Mapping[str, int]:
        """Settings of the kernel, by name."""
        return self.machine.sysctls

    def proc(self, path: str) -> list[str] | None:
        """The lines of a file below /proc; None where there is no such file."""
        host = self.machine.host
        match path:
            case "/proc/uptime":
                return [uptime_line(self.uptime)]
            case "/proc/loadavg":
                return [loadavg_line(host.load, host.tasks, 20_000 + int(self._world_now()) % 12_000)]
            case "/proc/net/dev":
                return net_dev_lines(host.interfaces)
            case "/proc/net/fib_trie":
                return fib_trie_lines(host.interfaces)
            case "/proc/net/if_inet6":
                return if_inet6_lines(host.interfaces)
            case "/proc/net/ip_vs" if self.ipvs_loaded:
                return ip_vs_lines(self.table, self.hertz)
            case "/proc/net/ip_vs_stats" if self.ipvs_loaded:
                return ip_vs_stats_lines(self.table)
            case "/proc/net/ip_vs_stats_percpu" if self.ipvs_loaded:
                self._watch()
                return ip_vs_stats_percpu_lines(self.table)
            case "/proc/stat":
                return stat_lines(host.burden)
            case "/proc/meminfo":
                return meminfo_lines(host.burden)
            case "/proc/net/softnet_stat":
                return softnet_lines(host.burden)
            case "/proc/sys/net/netfilter/nf_conntrack_count":
                tracks = bool(self.sysctls.get("net.ipv4.vs.conntrack"))
                return [str(host.burden.conntrack_entries(tracks_ipvs=tracks))]
            case "/proc/sys/net/netfilter/nf_conntrack_max":
                return [str(CONNTRACK_MAX)]
            case _:
                return ["keepalived"] if path == f"/proc/{self.keepalived_pid}/comm" else None

    # IPVS

    @property
    def ipvs_loaded(self) -> bool:
        """The module is in the kernel."""
        return self.table.loaded

    @property
    def table(self) -> Table:
        """The kernel's table."""
        return self.machine.table

    @property
    def sync_daemons(self) -> Sequence[SyncDaemon]:
        """Those that run."""
        return self.table.daemons

    def edit(self, service: VirtualServerKey, real_server: RealServerKey, setting: Setting) -> None:
        """As the kernel does for `ipvsadm -e`.

        Raises:
            NoSuchServiceError, NoSuchDestinationError: in ipvsadm's words.
        """
        self.machine.edit_destination(service, real_server, setting)

    def connection_entries(self) -> Iterator[ConnectionEntry]:
        """The connection table, as it is while it is read."""
        return connection_entries(self.table, self._world_now())

    # keepalived

    @property
    def keepalived_version(self) -> str:
        """Of the installed program."""
        return self.machine.conf.keepalived_version

    @property
    def keepalived_pid(self) -> int | None:
        """Its main process; None where it does not run."""
        return self.machine.keepalived.pid if self.machine.keepalived.running else None

    @property
    def keepalived_children(self) -> Sequence[str]:
        """Its other processes, by the names of their pid files: those that its configuration needs."""
        conf = self._running_conf
        if conf is None:
            return ()
        return [name for name, needed in (("vrrp", conf.instances), ("checkers", conf.virtual_servers)) if needed]

    @property
    def _running_conf(self) -> KeepalivedConf | None:
        """What keepalived runs with; None where it does not run."""
        return self.machine.keepalived.conf if self.machine.keepalived.running else None

    def start_keepalived(self) -> None:
        """By the service manager."""
        self.machine.start_keepalived()
        self.tell_followers()

    def stop_keepalived(self) -> None:
        """Likewise; it has ended when this returns."""
        self.machine.stop_keepalived()
        self.tell_followers()

    def set_priority(self, instance: str, priority: int) -> None:
        """One number in keepalived.conf, and SIGHUP."""
        self.machine.set_priority(instance, priority)
        self.machine.reload_keepalived()
        self.tell_followers()

    def write_dumps(self, kind: str) -> None:
        """What keepalived does on its signal for `json` or `data`: a line in its log and a file for each process."""
        keepalived, conf, epoch = self.machine.keepalived, self._running_conf, self._timescale.to_epoch
        if conf is None:
            return
        if kind == "json":
            if conf.instances:
                self._say("Keepalived_vrrp", keepalived.vrrp_pid, "VRRP as json")
                self._write_dump("keepalived.json", keepalived_json(keepalived.instances, epoch))
            return
        self._say("Keepalived", keepalived.pid, "parent data")
        if conf.instances:
            self._say("Keepalived_vrrp", keepalived.vrrp_pid, "VRRP data")
            text = keepalived_data(conf, keepalived, self.interfaces, epoch, self._world_now())
            self._write_dump("keepalived.data", text)
        if conf.virtual_servers:
            self._say("Keepalived_healthcheckers", keepalived.checkers_pid, "checker data")
            self._write_dump("keepalived_check.data", keepalived_check(conf, keepalived))

    def _say(self, identifier: str, pid: int, what: str) -> None:
        self.log(identifier, pid, f"Printing {what} for process({pid}) on signal")

    def _write_dump(self, name: str, text: str) -> None:
        self._tree.replace(f"{_TMP}/{name}", text, self.now, mode=_DUMP_MODE)

    def dbus_instances(self) -> Sequence[tuple[str, str, VrrpState]]:
        """Object path, name and state of each instance on the bus, where keepalived is told to be there."""
        conf = self._running_conf
        if conf is None or not conf.enable_dbus:
            return ()
        return [
            (
                f"/org/keepalived/Vrrp1/Instance/{_NO_WORD.sub('_', each.conf.interface)}/{each.conf.vrid}/"
                f"{'IPv6' if each.conf.vips and each.conf.vips[0].address.version == 6 else 'IPv4'}",
                each.conf.name,
                each.state,
            )
            for each in self.machine.keepalived.instances
        ]

    # files

    @property
    def files(self) -> FileTree:
        """Its files; keepalived.conf and what keepalived watches as the machine has them."""
        for path in self._watched:
            self._mirror(path, self.machine.read_file(path))
        if self.machine.conf.keepalived is not self._written_conf:
            self._written_conf = self.machine.conf.keepalived
            self._mirror(CONF_FILE, keepalived_conf(self._written_conf))
        return self._tree

    def _mirror(self, path: str, text: str | None) -> None:
        file = self._tree.get(path)
        if text is None:
            self._tree.remove(path)
        elif file is None or file.text != text:
            self._tree.write(path, text, self.now)

    def write_file(self, path: str, text: str) -> None:
        """Write in place; keepalived notices where it watches the file."""
        self._tree.write(path, text, self.now)
        self.machine.set_file(path, text)
        self.tell_followers()

    def reboot(self) -> None:
        """What lies in memory is gone, and so are the programs that ran."""
        self._tree.wipe("/run")
        self._tree.wipe(_TMP)
        self._make_folders()
        self._lock_holder = None

    def _make_folders(self) -> None:
        """Those of the watched files, as tmpfiles.d makes them at each boot."""
        for path in self._watched:
            self._tree.folder(path.rpartition("/")[0] or "/", self.now)

    # the lock of lvstop's changes (flock on /run/lvstop/lock)

    def lock(self, holder: object, owner: str) -> str | None:
        """Take the lock for `holder`. None where it has it, else who does."""
        if self._lock_holder is not None and self._lock_holder is not holder:
            return self._lock_owner
        self._lock_holder, self._lock_owner = holder, owner
        return None

    def unlock(self, holder: object) -> None:
        """Let it go, if `holder` has it."""
        if self._lock_holder is holder:
            self._lock_holder = None

    # what it tells as it happens

    def log(self, identifier: str, pid: int, message: str) -> None:
        """A line for the journal; followers have it at once."""
        self.machine.log(identifier, pid, message)
        self.tell_followers()

    def follow(self, take: Callable[[Entry | AddressChange], None]) -> Callable[[], None]:
        """Give every line and every address to `take` from now on, until what is returned is called."""
        self.tell_followers()
        self._followers.append(take)
        return lambda: self._followers.remove(take)

    def tell_followers(self) -> None:
        """Give them what has happened since the last time, in the order of its moments."""
        addresses = self.machine.address_log.after(self._told_addresses)
        entries = self.machine.journal.after(self._told)
        self._told, self._told_addresses = self.machine.journal.last_number, self.machine.address_log.last_number
        told: list[Entry | AddressChange] = sorted((*addresses, *entries), key=lambda each: each.at)
        for news in told:
            for take in tuple(self._followers):
                take(news)

    def journal_since(self, epoch: float) -> Sequence[Entry]:
        """The lines of that moment and later."""
        return self.machine.journal.since(self._timescale.to_world(epoch))

    def address_line(self, change: AddressChange) -> str:
        """As `ip -o -ts monitor address` prints it, in UTC."""
        return ip_monitor_line(self._timescale.to_epoch(change.at), change)

    def journal_line(self, entry: Entry) -> str:
        """As `journalctl --output=short-unix` prints it."""
        epoch = self._timescale.to_epoch(entry.at)
        return short_unix(epoch, self.hostname, entry.identifier, entry.pid, entry.message)
