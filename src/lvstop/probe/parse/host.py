"""Small files and answers about the director as a host."""

import re

from lvstop.model.host import InterfaceCounters, LoadAverage, Sysctls
from lvstop.model.ipvs import SyncDaemon, SyncRole
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_float, read_unsigned

_NET_DEV_FIELDS = 16
_VERSION = re.compile(r"\bKeepalived v(\d{1,4}(?:\.\d{1,4}){1,3})", re.ASCII)
_THREAD = re.compile(r"ipvs-([mb]):\d{1,9}:\d{1,9}", re.ASCII)
_SYSCTL_NAMES = {
    "net.ipv4.ip_forward": "ip_forward",
    **{
        f"net.ipv4.vs.{name}": name
        for name in (
            "conn_reuse_mode",
            "expire_nodest_conn",
            "expire_quiescent_template",
            "sloppy_tcp",
            "backup_only",
            "conntrack",
            "run_estimation",
        )
    },
}


def parse_uptime(text: str) -> Parsed[float | None]:
    """/proc/uptime: seconds since boot, two decimals."""
    log = IssueLog("/proc/uptime")
    words = text.split()
    value = read_float(words[0]) if words else None
    if value is None:
        log.add(1 if words else 0, text, "expected seconds since boot")
    return Parsed(value, log.result())


def parse_loadavg(text: str) -> Parsed[LoadAverage | None]:
    """/proc/loadavg (proc_loadavg(5)): the three averages; tasks and the last pid are not used."""
    log = IssueLog("/proc/loadavg")
    values = [read_float(word) for word in text.split()[:3]]
    known = [value for value in values if value is not None]
    if len(known) != 3:
        log.add(1 if text.strip() else 0, text, "expected three load averages")
        return Parsed(None, log.result())
    return Parsed(LoadAverage(*known))


def parse_net_dev(text: str) -> Parsed[tuple[InterfaceCounters, ...]]:
    """/proc/net/dev (net/core/net-procfs.c): two heading lines, then `NAME: 16 numbers` a line."""
    log = IssueLog("/proc/net/dev")
    found: list[InterfaceCounters] = []
    lines = text.split("\n")
    if len(lines) < 2 or "|" not in lines[0] or "|" not in lines[1]:
        log.add(0, lines[0], "expected two heading lines")
    for number, line in enumerate(lines, 1):
        if (number <= 2 and "|" in line) or not line.strip():
            continue
        # A name may hold a colon (an alias of old), so the last one counts.
        name, _, rest = line.rpartition(":")
        numbers = [read_unsigned(word) for word in rest.split()]
        values = [value for value in numbers if value is not None]
        if not name.strip() or len(numbers) != _NET_DEV_FIELDS or len(values) != _NET_DEV_FIELDS:
            log.add(number, line, "expected an interface and 16 totals")
            continue
        found.append(InterfaceCounters(name.strip(), *values[:4], *values[8:12]))
    return Parsed(tuple(found), log.result())


def parse_sysctls(text: str) -> Parsed[Sysctls]:
    """`sysctl NAME…`: `NAME = VALUE` a line. Names that were not asked for are issues; missing ones are None."""
    log = IssueLog("sysctl")
    values: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        name, _, value_text = line.partition("=")
        field, value = _SYSCTL_NAMES.get(name.strip()), read_unsigned(value_text.strip())
        if field is None or value is None:
            log.add(number, line, "expected one of the settings that were asked for, and its number")
            continue
        values[field] = value
    return Parsed(Sysctls(**values), log.result())


def parse_sync_threads(text: str) -> Parsed[tuple[SyncDaemon, ...]]:
    """Names of kernel threads, one a line: `ipvs-m:GENERATION:THREAD` (`start_sync_thread` in ip_vs_sync.c).

    The second number counts threads, one for each of sysctl sync_ports; the sync id is not among them. However many
    threads there are, a role is one daemon.
    """
    log = IssueLog("/proc/*/comm")
    found: dict[SyncDaemon, None] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        match = _THREAD.fullmatch(line.strip())
        if match is None:
            log.add(number, line, "expected ipvs-m:N:N or ipvs-b:N:N")
            continue
        role = SyncRole.MASTER if match[1] == "m" else SyncRole.BACKUP
        found[SyncDaemon(role, None, None)] = None
    return Parsed(tuple(found), log.result())


def parse_keepalived_version(text: str) -> Parsed[str | None]:
    """`keepalived -v`: `Keepalived v2.2.7 (01/16,2022)` in its first line."""
    log = IssueLog("keepalived -v")
    match = _VERSION.search(text)
    if match is None:
        log.add(1 if text.strip() else 0, text, "expected `Keepalived vX.Y.Z`")
        return Parsed(None, log.result())
    return Parsed(match[1])


def parse_config_hz(text: str) -> Parsed[int | None]:
    """`CONFIG_HZ=250` of the kernel's build configuration: jiffies per second."""
    log = IssueLog("kernel configuration")
    for line in text.split("\n"):
        name, _, value = line.strip().partition("=")
        hz = read_unsigned(value, 100_000)
        if name == "CONFIG_HZ" and hz:
            return Parsed(hz)
    log.add(0, text, "expected CONFIG_HZ=N")
    return Parsed(None, log.result())
