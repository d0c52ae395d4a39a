"""The catalogue of programs that can change a director: one. Only who may change anything gets a transport for it."""

from functools import cache
from importlib.resources import files

from lvstop.transport.base import Program


@cache
def act() -> Program:
    """Locks a director, edits one row or one track file at a time, and keeps records."""
    return Program("act", files(__package__).joinpath("act.sh").read_text(encoding="utf-8"))


def catalogue() -> frozenset[Program]:
    """All programs that change something."""
    return frozenset((act(),))
