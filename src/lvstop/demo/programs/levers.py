"""The verbs of `act.sh` for levers of a failover: keepalived's priority, service and configuration."""

import re
from collections.abc import Mapping
from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.commands.conf_text import Missing, priority_in, with_lines, with_priority
from lvstop.demo.commands.config_test import config_test
from lvstop.demo.commands.ip import ip_json_addr
from lvstop.demo.commands.systemctl import active_state, is_keepalived
from lvstop.demo.director import CONF_FILE
from lvstop.demo.programs.asked import Answer, Setting, Verb
from lvstop.demo.programs.roots_files import refused_file
from lvstop.demo.programs.sound import conf_refused, conf_text

_NUMBERS: Final = re.compile(r"[0-9]+,[0-9]+")
_UNIT: Final = re.compile(r"[0-9A-Za-z@_.:][0-9A-Za-z@_.:-]*")
_ESCAPE: Final = re.compile(r"\\(\\|n)")
_LONGEST: Final = 16_384


def _date(setting: Setting, _argument: str) -> Answer:
    return (("date", Said(f"{setting.director.now:.9f}\n")),)


def _addresses(setting: Setting, _argument: str) -> Answer:
    return (("addresses", ip_json_addr(setting.director)),)


def _words(argument: str, count: int) -> list[str]:
    """As the shell cuts them off with `${rest%% *}` and `${rest#* }`: where no blank is left, all that is left."""
    words: list[str] = []
    for _ in range(count - 1):
        words.append(argument.partition(" ")[0])
        argument = argument.partition(" ")[2] if " " in argument else argument
    return [*words, argument]


def _place(setting: Setting, argument: str) -> Answer:
    instance, path = _words(argument, 2)
    refused = refused_file(setting.director, path)
    if refused is not None:
        return (("place", refused),)
    file = setting.director.files.get(path)
    priority = None if file is None else priority_in(file.text, instance)
    if priority is None:
        missing = "" if file is not None else f"{_NO_FILE.format(path=path)}\n"
        said = f"{missing}vrrp_instance {instance} has not exactly one plain priority in {path}\n"
        return (("place", Said(said, 5)),)
    return (("place", Said(f"{priority}\n")),)


_NO_FILE: Final = "mawk: cannot open {path} (No such file or directory)"


def _priority(setting: Setting, argument: str) -> Answer:
    instance, before, after, path = _words(argument, 4)
    return (("priority", _set_priority(setting, instance, before, after, path)),)


def _set_priority(setting: Setting, instance: str, before: str, after: str, path: str) -> Said:
    director = setting.director
    if not _NUMBERS.fullmatch(f"{before},{after}"):
        return Said(f"these are no priorities: {before} {after}\n", 5)
    if not 1 <= int(after) <= 255:
        return Said(f"this is no priority: {after}\n", 5)
    refused = refused_file(director, path)
    if refused is not None:
        return refused
    file = director.files.get(path)
    if file is None:
        return Said(f"there is no {path}\n", 6)
    if director.keepalived_pid is None:
        return Said("keepalived is not running\n", 3)
    refused = conf_refused(setting)
    if refused is not None:
        return refused
    if priority_in(file.text, instance) != int(before):
        return Said(f"vrrp_instance {instance} has not exactly one line `priority {before}` in {path}\n", 5)
    check = config_test(with_priority(file.text, instance, int(after)), path)
    if check.status:
        return Said(f"keepalived -t does not accept it: {check.text}", 10)
    director.set_priority(instance, int(after))
    return Said()


def _try(setting: Setting, argument: str) -> Answer:
    director = setting.director
    if director.keepalived_pid is None:
        return (("try", Said("keepalived is not running\n", 3)),)
    refused = conf_refused(setting) or refused_file(director, CONF_FILE)
    if refused is not None:
        return (("try", refused),)
    lines = _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else "\\", argument).split("\n")
    made = with_lines(conf_text(director), lines)
    if isinstance(made, Missing):
        said = f"{CONF_FILE} has no block, or more than one, that begins with: {made.heading}\n"
        return (("try", Said(said, 6)),)
    check = config_test(made, CONF_FILE)
    return (("try", Said(f"exit {check.status}\n{check.text[:_LONGEST]}")),)


def _not_keepalived(unit: str) -> Said | None:
    """What `active` says of a unit that is not keepalived's."""
    if not _UNIT.fullmatch(unit):
        return Said(f"this names no service: {unit}\n", 5)
    return None if is_keepalived(unit) else Said(f"{unit} does not start keepalived\n", 7)


def _active(setting: Setting, argument: str) -> Answer:
    refused = _not_keepalived(argument)
    return (("active", refused or Said(f"{active_state(setting.director)}\n")),)


def _service(setting: Setting, argument: str) -> Answer:
    action, unit = _words(argument, 2)
    if action not in ("stop", "start"):
        return (("service", Said(f"this is nothing to do with a service: {action}\n", 5)),)
    refused = _not_keepalived(unit)
    if refused is None and setting.login.uid != 0:
        refused = Said(f"Failed to {action} {unit}: Interactive authentication required.\n", 4)
    if refused is not None:
        return (("service", refused),)
    if action == "stop":
        setting.director.stop_keepalived()
    else:
        setting.director.start_keepalived()
    return (("service", Said()),)


VERBS: Final[Mapping[str, Verb]] = {
    "date": _date,
    "addresses": _addresses,
    "place": _place,
    "priority": _priority,
    "try": _try,
    "active": _active,
    "service": _service,
}
