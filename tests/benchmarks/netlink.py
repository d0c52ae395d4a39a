"""Why a director that is this machine is read as text: what its table costs by netlink, in Python, beside that."""

import importlib
from types import ModuleType

from benchmarks.frames import Frames
from benchmarks.measure import Effort, cpu, interleaved
from benchmarks.report import Row
from lvstop.probe.parse.ip_vs import TableParser
from lvstop.probe.parse.ipvsadm import parse_stats

_MODULE = "pyroute2.netlink.generic.ipvs"
_FLOOR = "/proc/net/ip_vs, parsed as a whole"
_STATS = ("CONNS", "INPKTS", "OUTPKTS", "INBYTES", "OUTBYTES", "CPS", "INPPS", "OUTPPS", "INBPS", "OUTBPS")
_DEST: tuple[tuple[str, object], ...] = (
    ("ADDR", "10.8.1.1"),
    ("PORT", 80),
    ("FWD_METHOD", 2),
    ("WEIGHT", 3),
    ("U_THRESH", 100),
    ("L_THRESH", 50),
    ("ACTIVE_CONNS", 17),
    ("INACT_CONNS", 4),
    ("PERSIST_CONNS", 0),
    ("ADDR_FAMILY", 2),
)
_MOST_ROUNDS = 3


def netlink_rows(effort: Effort) -> list[Row]:
    """The decoding alone: what the kernel and the socket cost comes on top of it, as for the texts."""
    what = f"read {effort.rows:,} real servers"
    try:
        ipvs = importlib.import_module(_MODULE)
    except ImportError:
        return [Row(f"{what}: netlink, by pyroute2", skipped="pyroute2 is not installed")]
    lines, stats, message = Frames(effort.rows, 0).lines, _stats(effort.rows), _message(ipvs)
    costs = interleaved(
        {
            "floor": cpu(lambda: lambda: TableParser().update(lines, None, hz=250)),
            "ipvsadm --stats, parsed": cpu(lambda: lambda: parse_stats(stats)),
            "netlink, by pyroute2": cpu(lambda: lambda: [_decoded(ipvs, message) for _ in range(effort.rows)]),
        },
        min(effort.parses, _MOST_ROUNDS),
    )
    floor = costs.pop("floor")
    return [Row(f"{what}: {name}", "ms", cost * 1000, floor * 1000, _FLOOR) for name, cost in costs.items()]


def _stats(rows: int) -> str:
    """As `ipvsadm -Ln --stats --exact` writes it, a hundred real servers to a virtual one."""
    lines = [
        "IP Virtual Server version 1.2.1 (size=4096)",
        "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes",
        "  -> RemoteAddress:Port",
    ]
    for number in range(rows):
        if number % 100 == 0:
            lines.append(f"TCP  10.9.{number // 25000}.{number // 100 % 250 + 1}:80  600 1300 1100 125600 136800")
        lines.append(f"  -> 10.8.{number % 100}.{number // 100 % 250 + 1}:80  6 13 11 1256 1368")
    return "\n".join(lines) + "\n"


def _message(ipvs: ModuleType) -> bytes:
    """One real server with all that the kernel tells of it (ip_vs_genl_fill_dest in ip_vs_ctl.c)."""
    counters = {"attrs": [(f"IPVS_STATS_ATTR_{name}", 1256) for name in _STATS]}
    attributes = [(f"IPVS_DEST_ATTR_{name}", value) for name, value in _DEST]
    attributes += [(f"IPVS_DEST_ATTR_{name}", counters) for name in ("STATS", "STATS64")]
    message = ipvs.ipvsmsg()
    message["cmd"], message["version"] = ipvs.IPVS_CMD_NEW_DEST, 1
    message["attrs"] = [("IPVS_CMD_ATTR_DEST", {"attrs": attributes})]
    message.encode()
    return bytes(message.data)


def _decoded(ipvs: ModuleType, data: bytes) -> object:
    """What would be made a real server of: looking at the attributes is what decodes them."""
    message = ipvs.ipvsmsg(data)
    message.decode()
    destination = message.get_attr("IPVS_CMD_ATTR_DEST")
    counters = destination.get_attr("IPVS_DEST_ATTR_STATS64")
    told = [destination.get_attr(f"IPVS_DEST_ATTR_{name}") for name, _ in _DEST]
    return told, [counters.get_attr(f"IPVS_STATS_ATTR_{name}") for name in _STATS]
