"""`act.sh`: changes, one verb a request, as root. A new verb is a function and a line in `VERBS`."""

import re
from collections.abc import Mapping
from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.commands.ipvsadm import run_ipvsadm
from lvstop.demo.director import Director
from lvstop.demo.logins import Login
from lvstop.demo.programs import levers
from lvstop.demo.programs.asked import Answer, AskedProgram, Setting, Verb
from lvstop.demo.programs.facts import RECORDS
from lvstop.demo.programs.roots_files import refused_file, refused_folder
from lvstop.demo.shell import Output

_EDIT_WORDS: Final = frozenset(
    (
        *("-t", "-u", "--sctp-service", "-f", "-6", "-r", "-g", "-i", "-m", "-w", "-x", "-y"),
        *("--tun-type", "--tun-port", "--tun-nocsum", "--tun-csum", "--tun-remcsum", "ipip", "gue", "gre"),
    )
)
_EDIT_VALUE: Final = re.compile(r"[0-9a-fA-F.:\[\]]+")
_RECORD_ID: Final = re.compile(r"[0-9A-Za-z-]+")
_NUMBER: Final = re.compile(r"-?[0-9]+")
_LOOK_BACK: Final = 30.0
_LOGGER_PID: Final = 4711


def _uid(setting: Setting, _argument: str) -> Answer:
    return (("uid", Said(f"{setting.login.uid}\n")),)


def _denied(setting: Setting, path: str) -> Said | None:
    """What the shell says to a user who is not root; None where he is."""
    return None if setting.login.uid == 0 else Said(f"sh: 1: cannot create {path}: Permission denied\n", 2)


def _lock(setting: Setting, argument: str) -> Answer:
    denied = _denied(setting, "/run/lvstop/lock")
    if denied is not None:
        return (("lock", denied),)
    owner = setting.director.lock(setting, " ".join(argument.split()))
    return (("lock", Said() if owner is None else Said(f"{owner}\n", 9)),)


def _ipvs(setting: Setting, *words: str) -> Said:
    if not setting.director.ipvs_loaded:
        return Said("ip_vs is not loaded\n", 3)
    return run_ipvsadm(setting.director, setting.login, words)


def _table(setting: Setting, _argument: str) -> Answer:
    return ("save", _ipvs(setting, "-Sn")), ("thresholds", _ipvs(setting, "-Ln", "--thresholds"))


def _edit(setting: Setting, argument: str) -> Answer:
    words = argument.split()
    wrong = next((word for word in words if word not in _EDIT_WORDS and not _EDIT_VALUE.fullmatch(word)), None)
    if wrong is not None:
        return (("edit", Said(f"this is no word of an edit: {wrong}\n", 5)),)
    return (("edit", _ipvs(setting, "-e", *words)),)


def _number(setting: Setting, argument: str) -> Answer:
    refused = refused_file(setting.director, argument)
    if refused is not None:
        return (("number", refused),)
    file = setting.director.files.get(argument)
    return (("number", Said("" if file is None else file.text[:64])),)


def _put(setting: Setting, argument: str) -> Answer:
    value, _, path = argument.partition(" ")
    if not _NUMBER.fullmatch(value):
        return (("put", Said(f"this is no number: {value}\n", 5)),)
    refused = refused_file(setting.director, path) or _denied(setting, path)
    if refused is not None:
        return (("put", refused),)
    setting.director.write_file(path, f"{value}\n")
    return (("put", Said()),)


def _record_path(change_id: str) -> "str | Said":
    if not _RECORD_ID.fullmatch(change_id):
        return Said(f"this names no record: {change_id}\n", 5)
    return f"{RECORDS}/{change_id}.json"


def _record(setting: Setting, argument: str) -> Answer:
    change_id, _, text = argument.partition(" ")
    path = _record_path(change_id)
    if isinstance(path, Said):
        return (("record", path),)
    director = setting.director
    denied = _denied(setting, f"{path}.new")
    if denied is None:
        director.files.folder(RECORDS, director.now)
        denied = refused_folder(director, RECORDS)
    if denied is not None:
        return (("record", denied),)
    director.files.replace(path, f"{text}\n", director.now)
    return (("record", Said()),)


def _forget(setting: Setting, argument: str) -> Answer:
    path = _record_path(argument)
    if isinstance(path, Said):
        return (("forget", path),)
    if setting.login.uid != 0 and setting.director.files.get(path) is not None:
        return (("forget", Said(f"rm: cannot remove '{path}': Permission denied\n", 1)),)
    setting.director.files.remove(path)
    return (("forget", Said()),)


def _reloads(setting: Setting, _argument: str) -> Answer:
    director = setting.director
    lines = [f"now {int(director.now)}"]
    if setting.login.reads_journal:
        lines += [
            director.journal_line(entry)
            for entry in director.journal_since(director.now - _LOOK_BACK)
            if entry.identifier == "Keepalived" and "reload" in entry.message.lower()
        ]
    return (("reloads", Said("".join(f"{line}\n" for line in lines))),)


def _note(setting: Setting, argument: str) -> Answer:
    setting.director.log("lvstop", _LOGGER_PID, argument)
    return (("note", Said()),)


def _unlock(setting: Setting) -> None:
    setting.director.unlock(setting)


VERBS: Final[Mapping[str, Verb]] = {
    "uid": _uid,
    "lock": _lock,
    "table": _table,
    "edit": _edit,
    "number": _number,
    "put": _put,
    "record": _record,
    "forget": _forget,
    "reloads": _reloads,
    "note": _note,
    **levers.VERBS,
}


def act_program(director: Director, login: Login, nonce: str, output: Output) -> AskedProgram:
    """Starts it. Its lock ends with it, whatever ends it."""
    return AskedProgram(Setting(director, login), nonce, output, VERBS, end=_unlock)
