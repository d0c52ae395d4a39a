"""The director as a host: addresses in the kernel, load, interfaces, settings that decide what IPVS does."""

from dataclasses import dataclass

from lvstop.model.address import IPAddress


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """An address in the kernel. `interface` is None where only /proc/net/fib_trie was read, which does not tell it."""

    address: IPAddress
    prefix_length: int | None
    interface: str | None


@dataclass(frozen=True, slots=True)
class InterfaceCounters:
    """Totals of one interface from /proc/net/dev: bytes, packets, errors and drops since it was made."""

    interface: str
    received_bytes: int
    received_packets: int
    received_errors: int
    received_dropped: int
    sent_bytes: int
    sent_packets: int
    sent_errors: int
    sent_dropped: int


@dataclass(frozen=True, slots=True)
class InterfaceRates:
    """`InterfaceCounters` per second."""

    received_bytes: float
    received_packets: float
    received_errors: float
    received_dropped: float
    sent_bytes: float
    sent_packets: float
    sent_errors: float
    sent_dropped: float


@dataclass(frozen=True, slots=True)
class LoadAverage:
    """Runnable and uninterruptible tasks, averaged over 1, 5 and 15 minutes (/proc/loadavg)."""

    one: float
    five: float
    fifteen: float


@dataclass(frozen=True, slots=True)
class Sysctls:
    """Settings that change what a drain or a failover does; None where the kernel does not have them or hides them.

    Source: Documentation/networking/ipvs-sysctl.rst and ip-sysctl.rst of the Linux kernel.
    """

    ip_forward: int | None = None
    conn_reuse_mode: int | None = None
    expire_nodest_conn: int | None = None
    expire_quiescent_template: int | None = None
    sloppy_tcp: int | None = None
    backup_only: int | None = None
    conntrack: int | None = None
    run_estimation: int | None = None
