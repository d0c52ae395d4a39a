"""The keepalived of one director: its processes, configuration, start, reload, stop and end."""

from lvstop.demo.world.checked import CheckedService
from lvstop.demo.world.checkers import Checkers
from lvstop.demo.world.conf import KeepalivedConf, TrackFileConf
from lvstop.demo.world.instance import Instance
from lvstop.demo.world.machine import Machine
from lvstop.demo.world.network import Advert
from lvstop.demo.world.vrrp import SyncGroup, Vrrp
from lvstop.model.address import IPAddress

PARENT, VRRP, CHECKERS = "Keepalived", "Keepalived_vrrp", "Keepalived_healthcheckers"
"""What the journal calls its processes."""


class TrackedFile:
    """A `track_file` block, and the number that keepalived last read in the file."""

    __slots__ = ("conf", "status")

    def __init__(self, conf: TrackFileConf, status: int) -> None:
        self.conf = conf
        self.status = status


class Keepalived:
    """The daemon.

    Attributes:
        conf: the configuration it runs with; that on disk may be a newer one.
        running: its processes exist.
        pid, vrrp_pid, checkers_pid: of the last start.
        started_at: seconds of the world.
        track_files: those of the configuration.
    """

    def __init__(self, machine: Machine, version: str) -> None:
        self._machine = machine
        self._version = version
        self._vrrp: Vrrp | None = None
        self._checkers: Checkers | None = None
        self.conf: KeepalivedConf | None = None
        self.running = False
        self.pid = self.vrrp_pid = self.checkers_pid = 0
        self.started_at = 0.0
        self.track_files: list[TrackedFile] = []

    @property
    def instances(self) -> list[Instance]:
        """VRRP instances; none where it does not run."""
        return self._vrrp.instances if self._vrrp is not None else []

    @property
    def groups(self) -> list[SyncGroup]:
        """Sync groups; none where it does not run."""
        return self._vrrp.groups if self._vrrp is not None else []

    @property
    def checks(self) -> list[CheckedService]:
        """Virtual servers as the checkers know them; none where it does not run."""
        return self._checkers.services if self._checkers is not None else []

    def start(self, conf: KeepalivedConf) -> None:
        """`systemctl start`; nothing happens where it runs already."""
        if self.running:
            return
        machine = self._machine
        self.conf, self.running, self.started_at = conf, True, machine.timeline.now
        self.pid, self.checkers_pid, self.vrrp_pid = machine.new_pid(), machine.new_pid(), machine.new_pid()
        self._say(f"Starting Keepalived v{self._version}")
        self._say("Configuration file /etc/keepalived/keepalived.conf")
        self._say(f"Starting Healthcheck child process, pid={self.checkers_pid}")
        self._say(f"Starting VRRP child process, pid={self.vrrp_pid}")
        for each in conf.track_files:
            if each.initial is not None:
                machine.files.setdefault(each.path, f"{each.initial}\n")
        self._vrrp = Vrrp(machine, conf, self._say_vrrp)
        self._checkers = Checkers(machine, conf, self._say_checkers, self._version)
        self._checkers.start(self._read_files(conf))
        self._vrrp.start(self._read_files(conf))
        self._say("Startup complete")

    def stop(self) -> None:
        """`systemctl stop`: gives up the addresses, and takes its rows out of the table."""
        if not self.running or self._vrrp is None or self._checkers is None:
            return
        self._say("Stopping")
        self._vrrp.stop()
        self._checkers.stop()
        self._say_checkers("Stopped - used 0.081290 user time, 0.203212 system time")
        self._say_vrrp("Stopped - used 0.120419 user time, 0.281203 system time")
        self._say(f"Stopped Keepalived v{self._version}")
        self._end()

    def reload(self, conf: KeepalivedConf) -> None:
        """`systemctl reload`: takes over what `conf` says otherwise; nothing happens where it does not run."""
        if not self.running or self._vrrp is None or self._checkers is None:
            return
        self._say("Reloading ...")
        self._say("Configuration file /etc/keepalived/keepalived.conf")
        self.conf = conf
        numbers = self._read_files(conf)
        self._say_vrrp("Reloading")
        self._vrrp.reload(conf, numbers)
        self._say_checkers("Reloading")
        self._checkers.reload(conf, numbers)
        self._say("Reload complete")

    def kill(self) -> None:
        """`kill -9` of all its processes: addresses and table stay as they are."""
        if self._vrrp is not None:
            self._vrrp.kill()
        if self._checkers is not None:
            self._checkers.kill()
        self._end()

    def hear(self, advert: Advert) -> None:
        """An advert of another director has come in."""
        if self._vrrp is not None:
            self._vrrp.hear(advert)

    def server_changed(self, address: IPAddress) -> None:
        """A real server answers otherwise than before."""
        if self._checkers is not None:
            self._checkers.server_changed(address)

    def interface_changed(self) -> None:
        """An interface has gone down or come up."""
        if self._vrrp is not None:
            self._vrrp.interface_changed()

    def file_changed(self, path: str) -> None:
        """A file was written or removed; keepalived watches its track files (inotify)."""
        if self._vrrp is None or self._checkers is None:
            return
        for tracked in self.track_files:
            if tracked.conf.path != path:
                continue
            number = self._number(path)
            if number != tracked.status:
                tracked.status = number
                self._vrrp.file_changed(tracked.conf.name, number)
                self._checkers.file_changed(tracked.conf.name, number)

    def _end(self) -> None:
        self.running = False
        self._vrrp = self._checkers = None
        self.track_files = []

    def _read_files(self, conf: KeepalivedConf) -> dict[str, int]:
        self.track_files = [TrackedFile(each, self._number(each.path)) for each in conf.track_files]
        return {each.conf.name: each.status for each in self.track_files}

    def _number(self, path: str) -> int:
        """What a track file says; 0 where it is missing or says nothing (trackers/track_file.c)."""
        words = self._machine.files.get(path, "").split()
        try:
            return int(words[0]) if words else 0
        except ValueError:
            return 0

    def _say(self, message: str) -> None:
        self._machine.journal.log(PARENT, self.pid, message)

    def _say_vrrp(self, message: str) -> None:
        self._machine.journal.log(VRRP, self.vrrp_pid, message)

    def _say_checkers(self, message: str) -> None:
        self._machine.journal.log(CHECKERS, self.checkers_pid, message)
