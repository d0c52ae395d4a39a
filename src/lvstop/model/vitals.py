"""What the machine under a director has to do, and how much room it has left: processors, memory, packets, tracking."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """How one processor has spent its time since boot, in clock ticks (USER_HZ) by kind: proc_stat(5).

    Time of guests is contained in `user` and `nice`. `iowait` is only an estimate, and may go down.

    Attributes:
        number: the processor's own; those that are offline are missing.
        softirq: handling packets, among others: what IPVS does is done there.
        steal: what the hypervisor gave to others while this machine had something to do.
    """

    number: int
    user: int
    nice: int
    system: int
    idle: int
    iowait: int
    irq: int
    softirq: int
    steal: int


@dataclass(frozen=True, slots=True)
class CpuShares:
    """What part of its time (0–1) a processor has spent lately. `softirq` and `steal` are parts of `busy`."""

    number: int
    busy: float
    softirq: float
    steal: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of the machine, in bytes: proc_meminfo(5).

    Attributes:
        available_bytes: what can be had without swapping, caches included; None on kernels before 3.14.
        swap_total_bytes: 0 where there is no swap.
    """

    total_bytes: int
    available_bytes: int | None
    swap_total_bytes: int
    swap_free_bytes: int


@dataclass(frozen=True, slots=True)
class SoftnetCounters:
    """What became of packets that one processor was given: /proc/net/softnet_stat (net/core/net-procfs.c).

    Counted in 32 bits, which may begin again at 0.

    Attributes:
        dropped: packets for which its backlog had no room (net.core.netdev_max_backlog).
        squeezed: how often it had to stop with packets left, for want of time or budget (net.core.netdev_budget).
    """

    number: int
    dropped: int
    squeezed: int


@dataclass(frozen=True, slots=True)
class SoftnetRates:
    """`SoftnetCounters` of all processors, per second."""

    dropped: float
    squeezed: float


@dataclass(frozen=True, slots=True)
class Conntrack:
    """Connections that netfilter tracks in this network namespace, and how many it will at most.

    At the limit the kernel drops packets of new connections (Documentation/networking/nf_conntrack-sysctl.rst).
    """

    entries: int
    limit: int


@dataclass(frozen=True, slots=True, eq=False)
class Vitals:
    """The machine at one moment; None is what could not be read.

    Attributes:
        uptime: seconds since boot, by the machine's own clock, when this was read.
        conntrack_loaded: False where this kernel tracks no connections, so that there is no `conntrack`.
    """

    uptime: float
    cpus: tuple[CpuTimes, ...] | None
    memory: Memory | None
    softnet: tuple[SoftnetCounters, ...] | None
    conntrack: Conntrack | None
    conntrack_loaded: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class VitalsRates:
    """What two readings of `Vitals` say of the time between them.

    Attributes:
        seconds: how long that was.
        cpus: processors that both readings know, by their numbers; None where a reading has none.
        softnet: None where a counter began anew, or a processor is new.
    """

    seconds: float
    cpus: tuple[CpuShares, ...] | None
    softnet: SoftnetRates | None
