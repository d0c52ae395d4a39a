"""`facts.sh`: everything but the table, one verb a request. A new verb is a function and a line in `VERBS`."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.commands.ip import ip_json_addr
from lvstop.demo.commands.ipvsadm import run_ipvsadm
from lvstop.demo.commands.keepalived import DUMP_FILES, signum, version
from lvstop.demo.commands.sysctl import run_sysctl
from lvstop.demo.director import Director
from lvstop.demo.files import File, FileKind
from lvstop.demo.formats.keepalived_words import STATE_NUMBERS
from lvstop.demo.logins import Login
from lvstop.demo.programs.asked import Answer, AskedProgram, Setting, Verb
from lvstop.demo.shell import Output

RECORDS: Final = "/var/lib/lvstop/changes"
_MOST_RECORDS: Final = 200
_MOST_BYTES: Final = 16_777_216
_SYSCTLS: Final = (
    "conn_reuse_mode",
    "expire_nodest_conn",
    "expire_quiescent_template",
    "sloppy_tcp",
    "backup_only",
    "conntrack",
    "run_estimation",
)
_AUTH_DATA: Final = re.compile(r'("auth_data" *: *")(?:[^"\\]|\\.)*')
_PASSWORD: Final = re.compile(r"^( *Password = ).*", re.MULTILINE)


def _identity(setting: Setting, _argument: str) -> Answer:
    director = setting.director
    return (
        ("kernel", Said(f"{director.kernel_release}\n")),
        ("hostname", Said(f"{director.hostname}\n")),
        ("machine", Said(f"{director.boot_id}\nnet:[4026531840]\n")),
        ("keepalived_version", version(director)),
        ("signal_json", signum("JSON")),
        ("signal_data", signum("DATA")),
        ("hertz", Said(f"CONFIG_HZ={director.hertz}\n")),
        ("ipvsadm", Said("/usr/sbin/ipvsadm\n")),
        ("journal", Said(status=0 if setting.login.reads_journal else 1)),
        ("dbus", Said("/usr/bin/busctl\n")),
    )


def _daemon(setting: Setting, _argument: str) -> Answer:
    keepalived = setting.director.keepalived_pid
    return (
        ("pid", Said(status=1) if keepalived is None else Said(f"{keepalived}\n")),
        ("children", Said("".join(f"{name}\n" for name in setting.director.keepalived_children))),
    )


def _addresses(setting: Setting, _argument: str) -> Answer:
    return (("ip_addr", ip_json_addr(setting.director)),)


def _threads(setting: Setting, _argument: str) -> Answer:
    daemons = setting.director.sync_daemons
    return (("threads", Said("".join(f"ipvs-{daemon.role[0]}:0:0\n" for daemon in daemons))),)


def _sysctls(setting: Setting, _argument: str) -> Answer:
    names = ["net.ipv4.ip_forward"]
    if setting.director.ipvs_loaded:
        names += [f"net.ipv4.vs.{name}" for name in _SYSCTLS]
    return (("sysctls", run_sysctl(setting.director, names)),)


def _ipvs(setting: Setting, *words: str) -> Said:
    """As the shell function of this name: ipvsadm would load the module."""
    if not setting.director.ipvs_loaded:
        return Said("ip_vs is not loaded\n", 3)
    return run_ipvsadm(setting.director, setting.login, words)


def _stats(setting: Setting, _argument: str) -> Answer:
    uptime = f"{setting.director.uptime:.2f}\n"
    return ("uptime", Said(uptime)), ("stats", _ipvs(setting, "-Ln", "--stats", "--exact"))


def _listing(name: str, *words: str) -> Verb:
    def answer(setting: Setting, _argument: str) -> Answer:
        return ((name, _ipvs(setting, *words)),)

    return answer


def _uid(setting: Setting, _argument: str) -> Answer:
    login = setting.login
    return ("uid", Said(f"{login.uid}\n")), ("journal", Said(status=0 if login.reads_journal else 1))


# keepalived's dumps


def _dump_path(setting: Setting, name: str) -> "str | Said":
    """Where a dump lies, or what says why that cannot be told."""
    if name not in DUMP_FILES:
        return Said(f"no such dump: {name}\n", 5)
    pid = setting.director.keepalived_pid
    if pid is None:
        return Said("keepalived is not running\n", 3)
    if setting.login.uid != 0:
        return Said(f"process {pid} is not keepalived, or may not be looked at\n", 4)
    return f"/tmp/{DUMP_FILES[name]}"  # noqa: S108 - the director's


def _described(file: File) -> str:
    kind = "regular empty file" if file.kind is FileKind.FILE and not file.text else str(file.kind)
    return f"{file.uid} 1 {file.mode:o} {file.inode} {len(file.text.encode())} {int(file.modified)} {kind}"


def _stat_of(setting: Setting, name: str) -> Said:
    path = _dump_path(setting, name)
    if isinstance(path, Said):
        return path
    file = setting.director.files.get(path)
    if file is None:
        proc = f"/proc/{setting.director.keepalived_pid}/root{path}"
        return Said(f"stat: cannot statx '{proc}': No such file or directory\n", 1)
    return Said(f"{_described(file)}\n")


def _text_of(setting: Setting, name: str) -> Said:
    path = _dump_path(setting, name)
    if isinstance(path, Said):
        return path
    file = setting.director.files.get(path)
    if file is None:
        return Said(_stat_of(setting, name).text, 6)
    if file.kind is not FileKind.FILE or file.uid != 0:
        return Said(f"{PurePosixPath(path).name} is not a plain file of root's alone: {_described(file)}\n", 7)
    return Said(_masked(file.text))


def _masked(text: str) -> str:
    """Without passwords. Dumps of many real servers are long, and hold none."""
    if '"auth_data"' in text:
        text = _AUTH_DATA.sub(r"\1********", text)
    return _PASSWORD.sub(r"\1********", text) if "Password = " in text else text


def _stat(setting: Setting, argument: str) -> Answer:
    return (("stat", _stat_of(setting, argument)),)


def _dump(setting: Setting, argument: str) -> Answer:
    return ("stat", _stat_of(setting, argument)), ("dump", _text_of(setting, argument))


def _signal(setting: Setting, argument: str) -> Answer:
    if argument not in ("json", "data"):
        return (("signal", Said(f"no such signal: {argument}\n", 5)),)
    path = _dump_path(setting, "json")
    if isinstance(path, Said):
        return (("signal", path),)
    setting.director.write_dumps(argument)
    return (("signal", Said()),)


def _dbus(setting: Setting, _argument: str) -> Answer:
    """Object path, name and state of each instance, as busctl prints properties."""
    lines = [
        f'{path}\n(s) "{name}"\n(us) {STATE_NUMBERS[state]} "{state.capitalize()}"\n'
        for path, name, state in setting.director.dbus_instances()
    ]
    return (("dbus", Said("".join(lines))),)


# records of changes


def _changes(setting: Setting, _argument: str) -> Answer:
    return (("changes", _records(setting.director)),)


def _records(director: Director) -> Said:
    folder = director.files.get(RECORDS)
    if folder is None:
        return Said()
    if folder.kind is not FileKind.FOLDER or folder.may_be_written_by_others:
        return Said(f"{RECORDS} is not a folder that only root can write to: {folder.uid} {folder.mode:o}\n", 7)
    records = [(path, file) for path, file in director.files.below(RECORDS) if path.endswith(".json")]
    lines: list[str] = []
    if len(records) > _MOST_RECORDS:
        lines.append(f"of {len(records)} records only {_MOST_RECORDS} are read\n")
    size = 0
    for path, file in records[:_MOST_RECORDS]:
        size += len(file.text.encode())
        if file.kind is not FileKind.FILE or file.may_be_written_by_others:
            lines.append(f"{path} is not a plain file of root's alone: {_described(file)}\n")
        elif size > _MOST_BYTES:
            lines.append(f"{path} is not read: the records are too long\n")
        else:
            lines.append(f"{file.text}\n")
    return Said("".join(lines))


VERBS: Final[Mapping[str, Verb]] = {
    "identity": _identity,
    "daemon": _daemon,
    "addresses": _addresses,
    "threads": _threads,
    "sysctls": _sysctls,
    "stats": _stats,
    "rates": _listing("rates", "-Ln", "--rate", "--exact"),
    "thresholds": _listing("thresholds", "-Ln", "--thresholds"),
    "persistent": _listing("persistent", "-Ln", "--persistent-conn"),
    "save": _listing("save", "-Sn"),
    "daemons": _listing("daemons", "-Ln", "--daemon"),
    "uid": _uid,
    "stat": _stat,
    "signal": _signal,
    "dump": _dump,
    "dbus": _dbus,
    "changes": _changes,
}


def facts_program(director: Director, login: Login, nonce: str, output: Output) -> AskedProgram:
    """Starts it: as whoever logged in, or as root where sudo let him."""
    return AskedProgram(Setting(director, login), nonce, output, VERBS)
