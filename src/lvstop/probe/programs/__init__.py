"""The catalogue of programs that read a director. They change nothing there.

Each is a file of POSIX sh beside this module, so that it can be read, linted and audited as what it is. The wire format
is described in `lvstop.transport.base`.
"""

from functools import cache
from importlib.resources import files

from lvstop.transport.base import Program


def _text(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8")


def _program(name: str) -> Program:
    return Program(name, _text(name))


def common() -> str:
    """What a program of sections begins with, also one that changes something: functions, and nothing that is run."""
    return _text("common")


@cache
def table() -> Program:
    """What changes every second, for everybody: the IPVS table, addresses, load. No process per request."""
    return _program("table")


@cache
def table_cat() -> Program:
    """As `table`, where the director has no fast awk or very many rows: one `cat` per request."""
    return _program("table_cat")


@cache
def facts() -> Program:
    """Everything else, one verb each; as root it also reads what needs privilege."""
    return Program("facts", common() + _text("facts"))


@cache
def sound() -> Program:
    """What only a failover needs to know, one verb each: see `lvstop.probe.sounding`."""
    return Program("sound", common() + _text("placing") + _text("sound"))


@cache
def conns() -> Program:
    """Entries of the connection table, counted on the director when somebody asks: see `lvstop.probe.counting`."""
    return Program("conns", _text("placing") + _text("conns"))


@cache
def journal() -> Program:
    """keepalived's journal lines as they happen."""
    return _program("journal")


@cache
def moves() -> Program:
    """Addresses as they come and go, and keepalived's journal lines, as they happen: see `parse.moves`."""
    return _program("moves")


@cache
def pulse() -> Program:
    """The kernel's count of connections, a hundred times a second: see `parse.moves`."""
    return _program("pulse")


def catalogue() -> frozenset[Program]:
    """All programs that only read."""
    return frozenset((table(), table_cat(), facts(), sound(), conns(), journal(), moves(), pulse()))
