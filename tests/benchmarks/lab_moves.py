"""`python -m benchmarks.lab_moves`: how long the VIP of a real pair takes from keepalived's journal to lvstop's screen.

lvstop runs on one of the directors, as an operator starts it there: that one is read on the spot and its kernel tells
what moves, the other one is read over SSH once an interval. keepalived is stopped on the first and started again, so
that the VIP goes there and back. What is timed is the picture of the whole program, by the terminal's bytes, against
the line in which keepalived says that it becomes MASTER. The journal's clock is the director's, and the terminal's is
this machine's: their offset is asked for before each move, and what it is not known by is told.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.report import Row, table
from lab.director import Director
from lab.errors import LabError
from lab.lab import Lab
from lab.topologies.seed import SEED, VIP
from lab.wait import wait_until
from support.inside import Inside
from support.pty_program import PtyProgram

_INTERVAL = 1.0
_ON_THE_SPOT = 0.1
_OVER_SSH = 1.2
_ASKED = 15
_READY = 60.0
_HALF = 70
"""The column at which the second director's card begins, on a terminal of 140 columns."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of the VIP to a director, in seconds.

    Attributes:
        took: from keepalived's line until the screen shows that the director holds it.
        error: by which that may be wrong, because of the clocks.
    """

    took: float
    error: float


def main() -> int:
    """Boot, move, print. Status 1 where there is no lab to be had."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lab_moves", description=__doc__)
    parser.add_argument("--moves", type=int, default=10, help="there and back (default: %(default)s)")
    parser.add_argument("--suite", default="bookworm", help="the directors' Debian (default: %(default)s)")
    options = parser.parse_args()
    try:
        with Lab.boot(SEED, options.suite) as lab:
            there, back = measured(lab, options.moves)
    except LabError as error:
        print(f"lab_moves: {error}", file=sys.stderr)
        return 1
    print(
        table(
            [
                _row("a director that is this machine", back, _ON_THE_SPOT),
                _row("a director over SSH, read every second", there, _OVER_SSH),
            ]
        )
    )
    return 0


def measured(lab: Lab, moves: int) -> tuple[Sequence[Move], Sequence[Move]]:
    """Moves to the other director, seen over SSH, and back to the one on which lvstop runs."""
    here, peer = lab.directors.values()
    lab.await_ready()
    there: list[Move] = []
    back: list[Move] = []
    with Inside(lab, here, peer).terminal() as program:
        program.until(lambda: _holds(program) == (True, False), "the VIP on the first director")
        for _ in range(moves):
            there.append(_move(program, here, "stop", peer, 1))
            back.append(_move(program, here, "start", here, 0))
    return there, back


def _move(program: PtyProgram, lever: Director, verb: str, to: Director, place: int) -> Move:
    """When the new holder's card says so; the other one's may still show what was read of it before."""
    offset, error = _offset(to)
    began = time.time() + offset
    lever.run(f"systemctl {verb} --no-block keepalived")
    program.until(lambda: _holds(program)[place], f"the VIP on {to.name}")
    seen = time.time() + offset
    program.until(lambda: not _holds(program)[1 - place], f"the VIP on {to.name} alone")
    return Move(seen - _master_since(to, began), error)


def _holds(program: PtyProgram) -> tuple[bool, bool]:
    """Whether the card of each director says that it holds the VIP."""
    lines = [line for y in range(10) if "holds" in (line := program.screen.row(y)) and "│" in line]
    return any(VIP in line[:_HALF] for line in lines), any(VIP in line[_HALF:] for line in lines)


def _offset(director: Director) -> tuple[float, float]:
    """How much its clock is ahead of this machine's, and by how much that may be wrong: by the quickest answer."""
    answers: list[tuple[float, float]] = []
    for _ in range(_ASKED):
        before = time.time()
        there = float(director.output("date +%s.%N"))
        after = time.time()
        answers.append(((after - before) / 2, there - (before + after) / 2))
    error, offset = min(answers)
    return offset, error


def _master_since(director: Director, began: float) -> float:
    """The moment at which keepalived said that it becomes MASTER, by the director's clock."""
    words = ["journalctl", "--no-pager", "--quiet", "--boot", "--output=short-unix", "--identifier=Keepalived_vrrp"]

    def last() -> float | None:
        lines = [line for line in director.output(words).splitlines() if "Entering MASTER STATE" in line]
        moment = float(lines[-1].split()[0]) if lines else 0.0
        return moment if moment >= began else None

    moment = wait_until(last, _READY, f"the journal of {director.name}")
    assert moment is not None
    return moment


def _row(where: str, moves: Sequence[Move], budget: float) -> Row:
    took = [each.took for each in moves]
    error = max(each.error for each in moves) * 1000
    return Row(
        f"VIP moves to {where}: until it is on the screen",
        "ms",
        median(took) * 1000,
        _INTERVAL * 1000,
        "an interval",
        budget=budget,
        limit="a director in user-mode Linux has a fraction of a processor, and runs lvstop with its terminal as well",
        note=f"{len(took)} moves, longest {max(took) * 1000:.0f} ms, clocks ± {error:.0f} ms",
    )


if __name__ == "__main__":
    sys.exit(main())
