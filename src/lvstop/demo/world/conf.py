"""What a simulated cluster is made of: the content of keepalived.conf, the machines and their clients. All frozen."""

from dataclasses import dataclass

from lvstop.model.address import IPAddress, RealServerKey, VirtualServerKey
from lvstop.model.director import Privilege
from lvstop.model.ipvs import ForwardingMethod, Tunnel
from lvstop.model.vrrp import VrrpState


@dataclass(frozen=True, slots=True)
class AddressConf:
    """An address on an interface."""

    address: IPAddress
    prefix_length: int


@dataclass(frozen=True, slots=True)
class VipConf:
    """A line of `virtual_ipaddress`."""

    address: IPAddress
    prefix_length: int
    interface: str


@dataclass(frozen=True, slots=True)
class TrackFileConf:
    """A `track_file` block.

    Attributes:
        weight: what the number is multiplied with; 0: any other number than 0 is a failure.
        initial: what keepalived writes at its start where the file is missing (`init_file`); None: nothing.
    """

    name: str
    path: str
    weight: int = 1
    initial: int | None = None


@dataclass(frozen=True, slots=True)
class TrackConf:
    """A line of `track_file` in an instance, or a FILE_CHECK. `weight` None is that of the file."""

    file: str
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class InstanceConf:
    """A `vrrp_instance`. Seconds; `password` is `auth_pass`, and shown by no program."""

    name: str
    vrid: int
    interface: str
    priority: int
    vips: tuple[VipConf, ...]
    initial_state: VrrpState = VrrpState.BACKUP
    version: int = 2
    advert_interval: float = 1.0
    preempt: bool = True
    preempt_delay: float = 0.0
    source: IPAddress | None = None
    peers: tuple[IPAddress, ...] = ()
    track_interfaces: tuple[str, ...] = ()
    track_files: tuple[TrackConf, ...] = ()
    garp_delay: float = 5.0
    garp_repeat: int = 5
    password: str | None = None


@dataclass(frozen=True, slots=True)
class SyncGroupConf:
    """A `vrrp_sync_group`."""

    name: str
    instances: tuple[str, ...]
    track_files: tuple[TrackConf, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncDaemonConf:
    """`lvs_sync_daemon INTERFACE INSTANCE id N`."""

    interface: str
    instance: str
    sync_id: int


@dataclass(frozen=True, slots=True)
class RealServerConf:
    """A `real_server`.

    Attributes:
        check_port: where TCP_CHECK connects to; None: there is no such check, and it always counts as well.
        file_checks: its FILE_CHECKs.
        inhibit_on_failure: a failed one stays in the table with weight 0.
    """

    key: RealServerKey
    forwarding: ForwardingMethod = ForwardingMethod.ROUTE
    weight: int = 1
    upper_threshold: int = 0
    lower_threshold: int = 0
    tunnel: Tunnel | None = None
    check_port: int | None = None
    file_checks: tuple[TrackConf, ...] = ()
    inhibit_on_failure: bool = False


@dataclass(frozen=True, slots=True)
class VirtualServerConf:
    """A `virtual_server`.

    Attributes:
        vip: the address that its clients connect to; a firewall mark does not tell it.
        scheduler_flags: e.g. `sh-port`, `mh-fallback`.
        persistence_prefix: leading bits of a client's address that count as one client; None: all of them.
        delay_loop: seconds between two checks of a real server.
        quorum: sum of the weights of live real servers below which the sorry server takes over.
    """

    key: VirtualServerKey
    vip: IPAddress
    real_servers: tuple[RealServerConf, ...]
    scheduler: str = "wlc"
    scheduler_flags: tuple[str, ...] = ()
    forwarding: ForwardingMethod = ForwardingMethod.ROUTE
    persistence_seconds: int | None = None
    persistence_prefix: int | None = None
    one_packet: bool = False
    delay_loop: float = 6.0
    connect_timeout: float = 1.0
    quorum: int = 1
    hysteresis: int = 0
    sorry_server: RealServerConf | None = None


@dataclass(frozen=True, slots=True)
class KeepalivedConf:
    """All of one director's keepalived.conf.

    Attributes:
        flush_on_start, flush_on_stop: `lvs_flush`, `lvs_flush_onstop`: rows of others go as well.
    """

    router_id: str
    instances: tuple[InstanceConf, ...] = ()
    sync_groups: tuple[SyncGroupConf, ...] = ()
    virtual_servers: tuple[VirtualServerConf, ...] = ()
    track_files: tuple[TrackFileConf, ...] = ()
    sync_daemon: SyncDaemonConf | None = None
    flush_on_start: bool = False
    flush_on_stop: bool = False
    enable_dbus: bool = False


@dataclass(frozen=True, slots=True)
class InterfaceConf:
    """A network interface, with the addresses it has from boot on."""

    name: str
    addresses: tuple[AddressConf, ...]


@dataclass(frozen=True, slots=True)
class DirectorConf:
    """One machine.

    Attributes:
        name: the director's name, and its host name.
        login: what the login that lvstop is given may do: root itself, through sudo, or nothing.
        keepalived_version: of the packaged program.
        kernel: as `uname -r` tells.
        hertz: CONFIG_HZ.
        sysctls: differing from the kernel's defaults, e.g. `net.ipv4.vs.expire_quiescent_template`.
    """

    name: str
    interfaces: tuple[InterfaceConf, ...]
    keepalived: KeepalivedConf
    login: Privilege = Privilege.ROOT
    keepalived_version: str = "2.2.7"
    kernel: str = "6.1.0-37-amd64"
    hertz: int = 250
    sysctls: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TrafficConf:
    """The clients of one virtual server, which come again and again.

    Attributes:
        clients: how many there are; each has one connection, or is about to make one.
        session: mean seconds that a connection lasts.
        pause: mean seconds until a client connects again.
        in_packets, in_bytes: per second and connection, from client to real server.
        out_packets, out_bytes: the other way; through the director with Masq only.
        swing: how much of the clients comes and goes over `period`; 0 to 1.
        period: seconds of one swing.
    """

    virtual_server: VirtualServerKey
    clients: int
    session: float
    pause: float
    in_packets: float = 10.0
    in_bytes: float = 1500.0
    out_packets: float = 15.0
    out_bytes: float = 15000.0
    swing: float = 0.2
    period: float = 600.0


@dataclass(frozen=True, slots=True)
class EventConf:
    """Something that happens by itself.

    Attributes:
        at: seconds after the beginning.
        action: the name of one of `breaking.ACTIONS`.
        target: what it happens to, as that action reads it; empty where it needs none.
        every: seconds until it happens again; None: once.
    """

    at: float
    action: str
    target: str = ""
    every: float | None = None


@dataclass(frozen=True, slots=True)
class ClusterConf:
    """One simulated cluster.

    Attributes:
        interval: seconds between two readings of its table, as in a cluster file.
    """

    name: str
    directors: tuple[DirectorConf, ...]
    traffic: tuple[TrafficConf, ...] = ()
    events: tuple[EventConf, ...] = ()
    interval: float = 1.0
    read_only: bool = False
