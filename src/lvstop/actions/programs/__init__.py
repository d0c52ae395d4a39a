"""The catalogue of programs that can change a director: one, and those that watch what becomes of it.

Only who may change anything gets a transport for it.
"""

from functools import cache
from importlib.resources import files

from lvstop.probe.programs import common, moves, pulse
from lvstop.transport.base import Program

__all__ = ["act", "catalogue", "moves", "pulse"]


@cache
def act() -> Program:
    """Locks a director, edits one row or one file at a time, stops and starts keepalived, and keeps records."""
    return Program("act", common() + files(__package__).joinpath("act.sh").read_text(encoding="utf-8"))


def catalogue() -> frozenset[Program]:
    """All programs that changing something takes."""
    return frozenset((act(), moves(), pulse()))
