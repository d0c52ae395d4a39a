"""Small files of /proc about the host: uptime, loadavg, net/dev (proc(5), net/core/net-procfs.c of Linux)."""

from collections.abc import Sequence
from typing import Final

from lvstop.demo.world.burden import PROCESSORS
from lvstop.demo.world.host import Interface

_NET_DEV_HEADINGS: Final = (
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
    "compressed",
)


def uptime_line(seconds: float) -> str:
    """Seconds since boot, and those that all processors together were idle."""
    return f"{seconds:.2f} {seconds * PROCESSORS * 0.97:.2f}"


def loadavg_line(load: Sequence[float], tasks: Sequence[int], last_pid: int) -> str:
    """Averages of 1, 5 and 15 minutes, running and all tasks, and the newest pid."""
    averages = " ".join(f"{value:.2f}" for value in load)
    return f"{averages} {tasks[0]}/{tasks[1]} {last_pid}"


def net_dev_lines(interfaces: Sequence[Interface]) -> list[str]:
    """Totals of every interface."""
    return [*_NET_DEV_HEADINGS, *(_interface(each) for each in interfaces)]


def _interface(each: Interface) -> str:
    received = (
        f"{int(each.rx_bytes):7} {int(each.rx_packets):7} {0:4} {int(each.rx_dropped):4} {0:4} {0:5} {0:10} {0:9}"
    )
    sent = f"{int(each.tx_bytes):8} {int(each.tx_packets):7} {0:4} {0:4} {0:4} {0:5} {0:7} {0:10}"
    return f"{each.name:>6}: {received} {sent}"
