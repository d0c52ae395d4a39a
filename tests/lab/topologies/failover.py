"""A pair that is failed over: one wiring, and the configurations of keepalived that it is given one after the other.

To boot a pair for each configuration would take an hour; to hand a new keepalived.conf to a running one takes seconds.
The topology boots with the first of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.topologies.everything import SECRET, Real, virtual
from lab.topology import ClientSpec, DirectorSpec, Network, Nic, ReadyCheck, RealServerSpec, Topology

VIP4 = "172.26.131.100"
VIP6 = "fd00:131::100"
REAL4 = ("172.26.131.21", "172.26.131.22")
REAL6 = ("fd00:131::21", "fd00:131::22")
PORT = 445
PERSISTENT_PORT = 80
PERSISTENCE = 60
"""Seconds."""

LEVER4 = "/etc/keepalived/lever"
LEVER6 = "/etc/keepalived/lever6"
FAULT = "/etc/keepalived/fault"
TRACK_FILES = {"lever": LEVER4, "lever6": LEVER6, "fault": FAULT}
"""By the name that keepalived has for them. A configuration declares those that it tracks."""

NUMBERS = {"lvs1": 11, "lvs2": 12}
PRIORITIES = {"lvs1": 150, "lvs2": 100}


@dataclass(frozen=True, slots=True)
class Tracked:
    """A track file and the weight with which it counts; 0: a number in it is a FAULT."""

    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A VRRP instance: V4 speaks VRRPv2 for the IPv4 VIP, V6 VRRPv3 for the IPv6 VIP, by multicast unless told."""

    name: str
    tracks: tuple[Tracked, ...] = ()
    unicast: bool = False
    nopreempt: bool = False

    @property
    def vip(self) -> str:
        """The virtual address that moves with it."""
        return VIP6 if self.name == "V6" else VIP4

    def text(self, director: str) -> str:
        """Return its block in keepalived.conf."""
        ip6 = self.name == "V6"
        begins_as = "MASTER" if director == "lvs1" and not self.nopreempt else "BACKUP"
        # an IPv6 VIP with /128 is marked deprecated by keepalived: else it would be the source of its checks, which
        # real servers answer to themselves
        vips = [f"fe80::100/64 dev ens3\n    {VIP6}/128 dev ens3"] if ip6 else [f"{VIP4}/24 dev ens3"]
        lines = [
            *(["version 3", "native_ipv6", "virtual_router_id 61"] if ip6 else ["version 2", "virtual_router_id 51"]),
            f"state {begins_as}",
            "interface ens4",
            f"priority {PRIORITIES[director]}",
            "advert_int 1",
            *(["nopreempt"] if self.nopreempt else []),
            *([] if ip6 else [f"authentication {{\n    auth_type PASS\n    auth_pass {SECRET}\n  }}"]),
            *(_unicast(director) if self.unicast else []),
            *_tracking(self.tracks),
            *(f"virtual_ipaddress {{\n    {each}\n  }}" for each in vips),
        ]
        return _block(f"vrrp_instance {self.name}", lines)


@dataclass(frozen=True, slots=True)
class Group:
    """A sync group of all instances; `weighted`: weights of its track files count, which else are ignored."""

    name: str
    tracks: tuple[Tracked, ...] = ()
    weighted: bool = False

    def text(self, instances: Iterable[str]) -> str:
        """Return its block in keepalived.conf."""
        members = "".join(f"\n    {name}" for name in instances)
        lines = [f"group {{{members}\n  }}", *(["sync_group_tracking_weight"] if self.weighted else [])]
        return _block(f"vrrp_sync_group {self.name}", [*lines, *_tracking(self.tracks)])


@dataclass(frozen=True, slots=True)
class Configuration:
    """What keepalived is told on both directors.

    Attributes:
        synced: connections are copied to the other director.
    """

    name: str
    instances: tuple[Instance, ...]
    group: Group | None = None
    synced: bool = False

    def text(self, director: str) -> str:
        """Return keepalived.conf of a director."""
        names = [instance.name for instance in self.instances]
        globals_ = [f"router_id {director}", *([f"lvs_sync_daemon ens4 {names[0]} id 51"] if self.synced else [])]
        blocks = [
            _block("global_defs", globals_),
            *(_track_file(name) for name in self.track_files),
            *([self.group.text(names)] if self.group else []),
            *(instance.text(director) for instance in self.instances),
            *_virtual_servers(),
        ]
        return "".join(blocks)

    @property
    def track_files(self) -> Mapping[str, str]:
        """The track files that it has, with their paths, by name."""
        by_group = self.group.tracks if self.group else ()
        tracked = [*by_group, *(each for instance in self.instances for each in instance.tracks)]
        used = {each.name for each in tracked}
        return {name: path for name, path in TRACK_FILES.items() if name in used}

    @property
    def vips(self) -> Mapping[str, str]:
        """The virtual address of each instance, by its name."""
        return {instance.name: instance.vip for instance in self.instances}


WEIGHTED, FAULTY = Tracked("lever", 1), Tracked("fault", 0)

GENTLE = Configuration("gentle", (Instance("V4", (WEIGHTED, FAULTY), unicast=True),), synced=True)
"""Every lever works, and connections survive the gentle ones."""
BARE = Configuration("bare", (Instance("V4"),))
"""As the pair that the project started from: no track file, no sync daemon."""
NOPREEMPT = Configuration("nopreempt", (Instance("V4", (WEIGHTED, FAULTY), unicast=True, nopreempt=True),), synced=True)
"""Whoever is MASTER stays it, whatever his priority."""
GROUP = Configuration("group", (Instance("V4"), Instance("V6")), Group("ALL", (WEIGHTED, FAULTY)), synced=True)
"""Two instances that move together, by track files in the group's block."""
GROUP_WEIGHTED = Configuration(
    "group-weighted", (Instance("V4", (WEIGHTED,)), Instance("V6", (WEIGHTED,))), Group("ALL", weighted=True)
)
"""The same with a track file in the block of each member, which counts as the group is told so."""
GROUP_IGNORED = Configuration("group-ignored", (Instance("V4", (Tracked("lever", 2),)), Instance("V6")), Group("ALL"))
"""A mistake: keepalived does not track the file of a member of a group at all, because of its weight, and says so."""
TWO = Configuration(
    "two",
    (
        Instance("V4", (WEIGHTED,), unicast=True),
        Instance("V6", (Tracked("lever6", 1), FAULTY)),
    ),
)
"""Two instances that move one by one."""

CONFIGURATIONS = (GENTLE, BARE, NOPREEMPT, GROUP, GROUP_WEIGHTED, GROUP_IGNORED, TWO)


def _virtual_servers() -> list[str]:
    head = ("protocol TCP", "lvs_sched rr", "lvs_method DR")
    kinds = (
        (VIP4, PORT, REAL4, head),
        (VIP4, PERSISTENT_PORT, REAL4, (*head, f"persistence_timeout {PERSISTENCE}")),
        (VIP6, PORT, REAL6, head),
    )
    return [
        virtual(f"{vip} {port}", lines, [Real(address, port, check_port=PORT) for address in real_servers])
        for vip, port, real_servers, lines in kinds
    ]


def _unicast(director: str) -> list[str]:
    own = NUMBERS[director]
    (peer,) = (number for number in NUMBERS.values() if number != own)
    return [f"unicast_src_ip 192.168.68.{own}", f"unicast_peer {{\n    192.168.68.{peer}\n  }}"]


def _tracking(tracks: tuple[Tracked, ...]) -> list[str]:
    rows = "".join(f"\n    {tracked.name} weight {tracked.weight}" for tracked in tracks)
    return [f"track_file {{{rows}\n  }}"] if tracks else []


def _track_file(name: str) -> str:
    return _block(f"track_file {name}", [f"file {TRACK_FILES[name]}", "weight 0", "init_file 0"])


def _block(head: str, lines: Iterable[str]) -> str:
    return f"{head} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


FAILOVER = Topology(
    name="failover",
    networks=(
        Network("vip", ("172.26.131.1/24", "fd00:131::1/64"), ("172.26.131.250/24", "fd00:131::250/64")),
        Network("vrrp", ("192.168.68.1/24",)),
    ),
    directors=tuple(
        DirectorSpec(
            name=name,
            nics=(
                Nic("ens3", "vip", (f"172.26.131.{number}/24", f"fd00:131::{number}/64")),
                Nic("ens4", "vrrp", (f"192.168.68.{number}/24",)),
            ),
            gateway="172.26.131.1",
            keepalived_conf=GENTLE.text(name),
            files=dict.fromkeys(TRACK_FILES.values(), "0\n"),
        )
        for name, number in NUMBERS.items()
    ),
    real_servers=tuple(
        RealServerSpec(
            f"rs{place}", "vip", (f"{four}/24", f"{six}/64"), (VIP4, VIP6), tcp_ports=(PORT, PERSISTENT_PORT)
        )
        for place, (four, six) in enumerate(zip(REAL4, REAL6, strict=True), start=1)
    ),
    clients=(
        ClientSpec("client", "vip", ("172.26.131.31/24", "fd00:131::31/64")),
        ClientSpec("client2", "vip", ("172.26.131.32/24", "fd00:131::32/64")),
    ),
    ready=(
        ReadyCheck("lvs1", "ip addr show dev ens3", f"inet {VIP4}/"),
        ReadyCheck("lvs2", f"ip addr show | grep -c 'inet {VIP4}/'", "0\n"),
        *(ReadyCheck(name, "ipvsadm -Ln | grep -c Route", "6\n") for name in NUMBERS),
    ),
)
