"""Answers to the verbs of `programs/facts.sh` → readings. One small function per verb, without input or output."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from lvstop.model.checks import TrackFile
from lvstop.model.director import Capabilities, Lack, LackCause, ParseIssue
from lvstop.model.vrrp import VrrpInstance
from lvstop.plain import plain
from lvstop.probe import labels
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.addresses import parse_ip_addr_json
from lvstop.probe.parse.dbus import parse_busctl_state
from lvstop.probe.parse.host import (
    parse_config_hz,
    parse_keepalived_version,
    parse_sync_threads,
    parse_sysctls,
    parse_uptime,
)
from lvstop.probe.parse.ip_vs import resolve_families
from lvstop.probe.parse.ipvsadm import (
    combine_details,
    parse_persistent_connections,
    parse_rates,
    parse_save,
    parse_stats,
    parse_sync_daemons,
    parse_thresholds,
)
from lvstop.probe.parse.keepalived_check import parse_keepalived_check
from lvstop.probe.parse.keepalived_data import KeepalivedData, parse_keepalived_data
from lvstop.probe.parse.keepalived_json import parse_keepalived_json
from lvstop.probe.parse.records import parse_records
from lvstop.probe.readings import Readings
from lvstop.probe.schedule import Lane
from lvstop.transport.base import Reply

T = TypeVar("T")


def section_text(reply: Reply, name: str) -> str | None:
    """The text of a section whose command succeeded, else None."""
    section = reply.section(name)
    if section is None or section.status != 0:
        return None
    return plain(section.body.decode("utf-8", "replace"))


def section_error(reply: Reply, name: str) -> str:
    """What a section that failed said, in one line."""
    section = reply.section(name)
    if section is None:
        return "no answer"
    first, _, _ = plain(section.body.decode("utf-8", "replace")).strip().partition("\n")
    return f"{first.strip()[:200] or 'no words'} (exit status {section.status})"


def _take(readings: Readings, reply: Reply, name: str, what: str, parse: Callable[[str], Parsed[T]]) -> T | None:
    """Parse one section, and note its issues or why it is lacking."""
    text = section_text(reply, name)
    if text is None:
        cause = LackCause.UNSUPPORTED if _not_found(reply, name) else LackCause.FAILED
        readings.lacks[what] = Lack(what, cause, section_error(reply, name))
        readings.note_issues(what, ())
        return None
    readings.lacks.pop(what, None)
    parsed = parse(text)
    readings.note_issues(what, parsed.issues)
    return parsed.value


def _not_found(reply: Reply, name: str) -> bool:
    section = reply.section(name)
    return section is not None and section.status == 127


def take_identity(readings: Readings, reply: Reply, *, table_reader: str) -> None:
    """`identity`: versions and what is installed."""
    kernel = section_text(reply, "kernel")
    readings.kernel = kernel.strip() or None if kernel is not None else None
    readings.hostname = (section_text(reply, "hostname") or "").strip() or None
    readings.machine = " ".join((section_text(reply, "machine") or "").split()) or None
    version_text = section_text(reply, "keepalived_version")
    readings.keepalived_version = parse_keepalived_version(version_text).value if version_text is not None else None
    hertz = section_text(reply, "hertz")
    readings.hertz = parse_config_hz(hertz).value if hertz is not None else None
    readings.capabilities = Capabilities(
        table_reader=table_reader,
        ipvsadm=section_text(reply, "ipvsadm") is not None,
        json_dump=section_text(reply, "signal_json") is not None if version_text is not None else None,
        dbus=section_text(reply, "dbus") is not None,
        journal=section_text(reply, "journal") is not None,
    )


def take_daemon(readings: Readings, reply: Reply) -> None:
    """`daemon`: keepalived's process; its absence is an answer, not a failure."""
    text = section_text(reply, "pid")
    pid = text.strip() if text is not None else ""
    readings.running = None if reply.section("pid") is None else pid.isdecimal()
    readings.pid = int(pid) if pid.isdecimal() else None
    readings.children = frozenset((section_text(reply, "children") or "").split())


def take_addresses(readings: Readings, reply: Reply) -> None:
    """`addresses`: every address with its interface."""
    addresses = _take(readings, reply, "ip_addr", labels.ADDRESSES, parse_ip_addr_json)
    # A host without any address does not answer: then it was the answer that was none.
    readings.addresses = addresses or None


def take_stats(readings: Readings, reply: Reply) -> None:
    """`stats`: counters, and the director's clock when they were read."""
    if _without_ipvs(readings):
        readings.counters, readings.counters_uptime = {}, readings.uptime
        return
    uptime = section_text(reply, "uptime")
    readings.counters = _take(readings, reply, "stats", labels.COUNTERS, parse_stats)
    readings.counters_uptime = parse_uptime(uptime).value if uptime is not None else None


def take_rates(readings: Readings, reply: Reply) -> None:
    """`rates`: the kernel's own estimators, for use where there is no time to take two readings."""
    readings.rates = {} if _without_ipvs(readings) else _take(readings, reply, "rates", labels.RATES, parse_rates)


def take_save(readings: Readings, reply: Reply) -> None:
    """`save`: the table as rules, with everything that /proc leaves out."""
    if not _without_ipvs(readings):
        readings.saved = _take(readings, reply, "save", labels.DETAILS, parse_save)
    _combine(readings)


def take_thresholds(readings: Readings, reply: Reply) -> None:
    """`thresholds`: connection limits, which `save` forgets."""
    if not _without_ipvs(readings):
        readings.thresholds = _take(readings, reply, "thresholds", labels.THRESHOLDS, parse_thresholds)
    _combine(readings)


def take_persistent(readings: Readings, reply: Reply) -> None:
    """`persistent`: persistence templates per real server."""
    if not _without_ipvs(readings):
        readings.persistent = _take(readings, reply, "persistent", labels.PERSISTENT, parse_persistent_connections)
    _combine(readings)


def _without_ipvs(readings: Readings) -> bool:
    return readings.ipvs_loaded is False


def _combine(readings: Readings) -> None:
    if _without_ipvs(readings):
        readings.details = {}
        return
    readings.details = (
        None if readings.saved is None else combine_details(readings.saved, readings.thresholds, readings.persistent)
    )
    if readings.details is not None and readings.virtual_servers is not None:
        readings.virtual_servers = resolve_families(readings.virtual_servers, readings.details)


def take_sync_daemons(readings: Readings, reply: Reply) -> None:
    """`daemons` (privileged) or `threads` (everybody)."""
    if reply.section("threads") is not None:
        readings.sync_daemons = _take(readings, reply, "threads", labels.SYNC_DAEMONS, parse_sync_threads)
    elif _without_ipvs(readings):
        readings.sync_daemons = ()
    else:
        readings.sync_daemons = _take(readings, reply, "daemons", labels.SYNC_DAEMONS, parse_sync_daemons)


def take_sysctls(readings: Readings, reply: Reply) -> None:
    """`sysctls`: settings that decide what a drain and a failover do."""
    readings.sysctls = _take(readings, reply, "sysctls", labels.SYSCTLS, parse_sysctls)


def take_dbus(readings: Readings, reply: Reply) -> bool:
    """`dbus`: states of instances, three lines each. False where keepalived is not on the bus."""
    text = section_text(reply, "dbus") or ""
    lines = text.splitlines()
    instances: list[VrrpInstance] = []
    issues: list[ParseIssue] = []
    for index in range(0, len(lines) - 2, 3):
        parsed = parse_busctl_state(*lines[index : index + 3])
        issues.extend(parsed.issues)
        if parsed.value is not None:
            instances.append(parsed.value)
    readings.note_issues(labels.VRRP, tuple(issues))
    if not instances:
        return False
    readings.vrrp = tuple(instances)
    return True


def take_vrrp_json(readings: Readings, text: str, *, now: datetime) -> None:
    """The dump that keepalived writes on its JSON signal."""
    parsed = parse_keepalived_json(text)
    readings.vrrp = None if parsed.issues and not parsed.value else parsed.value
    readings.vrrp_read_at = now
    readings.lacks.pop(labels.VRRP, None)
    readings.note_issues(labels.VRRP, parsed.issues)


def take_vrrp_data(readings: Readings, text: str, *, now: datetime) -> None:
    """The dump that every keepalived writes on SIGUSR1."""
    parsed = parse_keepalived_data(text)
    readings.vrrp, readings.vrrp_read_at = parsed.value.instances, now
    take_groups(readings, parsed.value)
    readings.lacks.pop(labels.VRRP, None)
    readings.note_issues(labels.VRRP, parsed.issues)


def take_groups(readings: Readings, data: KeepalivedData) -> None:
    """Sync groups, track files and unicast peers from the data dump: the JSON does not tell them."""
    readings.sync_groups, readings.vrrp_track_files = data.sync_groups, data.track_files
    readings.unicast_peers = {
        instance.name: instance.unicast_peers
        for instance in data.instances
        if instance.name is not None and instance.unicast_peers is not None
    }


def take_checks(readings: Readings, text: str, vrrp: KeepalivedData | None) -> None:
    """keepalived_check.data: configured and effective weights, who is alive, quorums, track files.

    Args:
        vrrp: what the dump of the other process says at the same time; None where it could not be read.
    """
    parsed = parse_keepalived_check(text)
    readings.checks = parsed.value.virtual_servers
    readings.track_files = tuple(
        replace(file, vrrp_instances=None if vrrp is None else _tracking(vrrp, file))
        for file in parsed.value.track_files
    )
    readings.lacks.pop(labels.CHECKS, None)
    readings.note_issues(labels.CHECKS, parsed.issues)


def _tracking(vrrp: KeepalivedData, file: TrackFile) -> tuple[str, ...]:
    members = {group.name: group.instances for group in vrrp.sync_groups}
    found: list[str] = []
    for tracked in vrrp.track_files:
        if tracked.path == file.path:
            found += [instance for instance, _ in tracked.instances]
            found += [instance for group, _ in tracked.groups for instance in members.get(group, ())]
    return tuple(dict.fromkeys(found))


def take_changes(readings: Readings, reply: Reply) -> None:
    """`changes`: what is on record there as begun or standing, changes and failovers."""
    records = _take(readings, reply, "changes", labels.CHANGES, parse_records)
    readings.changes = None if records is None else records.changes
    readings.failovers = None if records is None else records.failovers


LACKING = {
    Lane.DAEMON: labels.PROCESS,
    Lane.ADDRESSES: labels.ADDRESSES,
    Lane.VRRP: labels.VRRP,
    Lane.COUNTERS: labels.COUNTERS,
    Lane.SAVED: labels.DETAILS,
    Lane.THRESHOLDS: labels.THRESHOLDS,
    Lane.PERSISTENT: labels.PERSISTENT,
    Lane.SYNC_DAEMONS: labels.SYNC_DAEMONS,
    Lane.SYSCTLS: labels.SYSCTLS,
    Lane.CHECKS: labels.CHECKS,
    Lane.CHANGES: labels.CHANGES,
}
"""What is lacking where a lane could not be read."""


def forget(lane: Lane, readings: Readings, failure: str) -> Lack:
    """A reading of `lane` failed: what it told before is not known to be true any more. Returns what is noted of it."""
    _forget_values(lane, readings)
    what = LACKING[lane]
    lack = readings.lacks[what] = Lack(what, LackCause.FAILED, failure)
    return lack


def forget_privileged(readings: Readings) -> None:
    """This login may not read any more what it has read before: that is unknown now, for want of privilege."""
    for lane in (Lane.COUNTERS, Lane.SAVED, Lane.THRESHOLDS, Lane.PERSISTENT, Lane.CHECKS):
        _forget_values(lane, readings)
    readings.sync_groups = readings.vrrp_track_files = readings.unicast_peers = None


def _forget_values(lane: Lane, readings: Readings) -> None:
    match lane:
        case Lane.ADDRESSES:
            readings.addresses = None
        case Lane.VRRP:
            readings.vrrp = None
        case Lane.COUNTERS:
            readings.counters = readings.counters_uptime = readings.rates = None
        case Lane.SAVED:
            readings.saved = readings.details = None
        case Lane.THRESHOLDS:
            readings.thresholds = None
            _combine(readings)
        case Lane.PERSISTENT:
            readings.persistent = None
            _combine(readings)
        case Lane.SYNC_DAEMONS:
            readings.sync_daemons = None
        case Lane.SYSCTLS:
            readings.sysctls = None
        case Lane.CHECKS:
            readings.checks = readings.track_files = readings.vrrp_track_files = readings.unicast_peers = None
        case Lane.CHANGES:
            readings.changes = readings.failovers = None
        case Lane.DAEMON:
            readings.running = None
