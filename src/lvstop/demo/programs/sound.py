"""`sound.sh`: what only a failover needs to know, one verb a request. A new verb is a function, and a line below."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.commands.conf_text import skeleton
from lvstop.demo.commands.config_test import config_test
from lvstop.demo.commands.systemctl import show
from lvstop.demo.director import CONF_FILE, Director
from lvstop.demo.logins import Login
from lvstop.demo.programs.asked import Answer, AskedProgram, Setting, Verb
from lvstop.demo.shell import Output
from lvstop.demo.world.table import Service
from lvstop.model.address import IPAddress, Protocol

_LOOK_BACK: Final = 600.0
_TOLD: Final = re.compile(r"Entering [A-Z]+ STATE|[Rr]eload")
_LOGGED: Final = frozenset({"Keepalived", "Keepalived_vrrp"})
_MOST_LINES: Final = 1000
_ARP: Final = ("arp_ignore", "arp_announce", "arp_filter")
_PROPERTIES: Final = ("Id", "LoadState", "ActiveState", "UnitFileState", "MainPID")


def conf_refused(setting: Setting) -> Said | None:
    """What `options` of common.sh says where the running process may not be looked at; None where it may."""
    pid = setting.director.keepalived_pid
    if pid is None or setting.login.uid == 0:
        return None
    return Said(f"keepalived (process {pid}) has a file system of its own, or may not be looked at\n", 4)


def conf_text(director: Director) -> str:
    """keepalived.conf."""
    file = director.files.get(CONF_FILE)
    return "" if file is None else file.text


def _time(setting: Setting, _argument: str) -> Answer:
    return (("time", Said(f"{setting.director.now:.9f}\n")),)


def _configtest(setting: Setting, _argument: str) -> Answer:
    refused = conf_refused(setting)
    if refused is not None:
        return (("configtest", refused),)
    said = config_test(conf_text(setting.director), CONF_FILE)
    return (("configtest", Said(f"exit {said.status}\n{said.text or chr(10)}")),)


def _priorities(setting: Setting, _argument: str) -> Answer:
    refused = conf_refused(setting)
    if refused is not None:
        return (("priorities", refused),)
    lines = (f"file {CONF_FILE}", *skeleton(conf_text(setting.director)), "end", "whole")
    return (("priorities", Said("".join(f"{line}\n" for line in lines))),)


def _arp(setting: Setting, _argument: str) -> Answer:
    director = setting.director
    names = ["all", "default", *(each.name for each in director.interfaces)]
    lines = [
        f"/proc/sys/net/ipv4/conf/{interface}/{name}:{director.sysctls.get(f'net.ipv4.conf.{interface}.{name}', 0)}\n"
        for name in _ARP
        for interface in sorted(names)
    ]
    return (("arp", Said("".join(lines))),)


def _connections(setting: Setting, _argument: str) -> Answer:
    director = setting.director
    if not director.ipvs_loaded:
        return (("connections", Said("ip_vs is not loaded\n", 3)),)
    return (("connections", Said("".join(_counts(director)))),)


def _counts(director: Director) -> Iterator[str]:
    """Established and half-open connections by virtual server: its own, copies of the other director's, templates."""
    ambiguous = sharing_marks(director.table.services)
    for service in director.table.services:
        rows = [each.connections for each in (*service.destinations, *service.trash.values())]
        counted = [] if service.key.protocol is Protocol.UDP else rows
        local = sum(each.live + each.half_open + each.lingering for each in counted)
        synced = sum(each.copied_active for each in counted)
        if service not in ambiguous:
            yield f"{service_words(service)} {local} {synced} {sum(each.templates for each in rows)}\n"


def sharing_marks(services: Sequence[Service]) -> Sequence[Service]:
    """Firewall marks that have a real server in common: whose an entry is cannot be told where there are any."""
    marks = [each for each in services if each.key.address is None]
    owners = Counter(key for each in marks for key in each.listed)
    sharing = [each for each in marks if any(owners[key] > 1 for key in each.listed)]
    return sharing if any(row.connections.total for each in sharing for row in each.destinations) else ()


def service_words(service: Service) -> str:
    """Protocol, address and port as /proc writes them, or `FWM`, mark and family."""
    key = service.key
    if key.address is None:
        return f"FWM {key.fwmark:08X} {'?' if key.family is None or not service.destinations else key.family}"
    return f"{key.protocol} {proc_address(key.address)} {key.port or 0:04X}"


def proc_address(address: IPAddress) -> str:
    """As /proc writes it."""
    return f"{int(address):08X}" if address.version == 4 else address.exploded


def _log(setting: Setting, _argument: str) -> Answer:
    director = setting.director
    if not setting.login.reads_journal:
        return (("log", Said("its log may not be read, or there is none\n", 6)),)
    lines = [
        director.journal_line(entry)
        for entry in director.journal_since(director.now - _LOOK_BACK)
        if entry.identifier in _LOGGED and _TOLD.search(entry.message)
    ]
    told = [f"now {int(director.now)}", *lines[-_MOST_LINES:]]
    return (("log", Said("".join(f"{line}\n" for line in told))),)


def _service(setting: Setting, _argument: str) -> Answer:
    pid = setting.director.keepalived_pid
    return (("service", Said(f"pid={'' if pid is None else pid}\n{show(setting.director, _PROPERTIES).text}")),)


VERBS: Final[Mapping[str, Verb]] = {
    "time": _time,
    "configtest": _configtest,
    "priorities": _priorities,
    "arp": _arp,
    "connections": _connections,
    "log": _log,
    "service": _service,
}


def sound_program(director: Director, login: Login, nonce: str, output: Output) -> AskedProgram:
    """Starts it: as whoever logged in, or as root where sudo let him."""
    return AskedProgram(Setting(director, login), nonce, output, VERBS)
