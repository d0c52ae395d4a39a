"""Answers of `sound.sh` that are short lists: connections by virtual server, settings of ARP, keepalived's service."""

import re
from collections.abc import Mapping
from typing import Final

from lvstop.model.address import VirtualServerKey
from lvstop.model.sounding import ConnectionCount, ServiceStatus
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_unsigned
from lvstop.probe.parse.proc_words import read_server

_SETTING: Final = re.compile(r"/proc/sys/net/ipv4/conf/(?P<interface>[^/]+)/(?P<name>arp_\w+):(?P<value>[0-9]{1,10})")
_TEMPLATE: Final = "default"
"""What new interfaces begin with; it decides nothing."""

_ENABLED: Final = {
    "enabled": True,
    "enabled-runtime": True,
    "linked": True,
    "linked-runtime": True,
    "disabled": False,
    "masked": False,
    "masked-runtime": False,
}


def parse_connections(text: str) -> Parsed[Mapping[VirtualServerKey, ConnectionCount]]:
    """`PROTOCOL ADDRESS PORT LOCAL SYNCED TEMPLATES`, address and port as /proc writes them, or `FWM MARK FAMILY …`."""
    issues = IssueLog("/proc/net/ip_vs_conn_sync")
    found: dict[VirtualServerKey, ConnectionCount] = {}
    for line_number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words:
            continue
        key = read_server(words[:3])
        counts = [number for word in words[3:] if (number := read_unsigned(word)) is not None]
        if key is None or len(words) != 6 or len(counts) != 3:
            issues.add(line_number, line, "expected a virtual server and three counts")
        else:
            found[key] = ConnectionCount(*counts)
    return Parsed(found, issues.result())


def parse_arp_settings(text: str) -> Parsed[Mapping[str, int]]:
    """By sysctl name; of interfaces and of `all`, not of `default`."""
    issues = IssueLog("net.ipv4.conf")
    found: dict[str, int] = {}
    for line_number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        match = _SETTING.fullmatch(line.strip())
        if match is None:
            issues.add(line_number, line, "expected a setting and its value")
        elif match["interface"] != _TEMPLATE:
            found[f"net.ipv4.conf.{match['interface']}.{match['name']}"] = int(match["value"])
    return Parsed(found, issues.result())


def parse_service(text: str) -> ServiceStatus:
    """`pid=` of the process that runs, then properties of systemd's unit (org.freedesktop.systemd1(5))."""
    properties = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    pid, unit = properties.get("pid", ""), properties.get("Id", "")
    elsewhere = pid != "" and properties.get("MainPID") != pid
    if not unit or properties.get("LoadState") != "loaded" or elsewhere:
        return ServiceStatus(unit=None, active=False, enabled=None)
    active = properties.get("ActiveState") in ("active", "reloading")
    return ServiceStatus(unit, active, _ENABLED.get(properties.get("UnitFileState", "")))
