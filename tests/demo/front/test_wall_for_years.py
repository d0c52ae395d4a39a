"""`lvstop noc` on a terminal that is resized, left and taken up again, and hung up at last."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lvstop.demo.process import DemoProcess
from support.pty_program import PtyProgram, on_a_terminal

_ALTERNATE, _CURSOR = 1049, 25


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[PtyProgram]:
    """The real program on a simulated pair, once it says that all is well."""
    with DemoProcess("smb", tmp_path, seed=1, speed=1) as demo:
        (cluster,) = demo.clusters
        argv = [sys.executable, "-m", "lvstop", "noc", "-c", str(tmp_path / f"{cluster.name}.yaml")]
        # a fixed size (pytest-xdist sets one for its workers) would hide the terminal's own
        inherited = {key: text for key, text in os.environ.items() if key not in ("COLUMNS", "LINES")}
        with on_a_terminal(argv, inherited) as program:
            program.until(lambda: says(program, "███ OK"), "that all is well")
            yield program


def says(program: PtyProgram, words: str, rows: int = 24) -> bool:
    """Whether they stand on the terminal."""
    return any(words in program.screen.row(y) for y in range(rows))


def resize(program: PtyProgram, width: int, height: int) -> None:
    """As a terminal does. The kernel signals those whose controlling terminal it is, and this one is nobody's."""
    program.screen.blank()
    program.size(width, height)
    program.process.send_signal(signal.SIGWINCH)


def top(program: PtyProgram, width: int) -> str:
    """The first row of a terminal of this width, which ends with the clock; what a wider one had is not there."""
    row = program.screen.row(0)[:width]
    return row.rstrip() if len(row) >= width - 2 else ""


def descendants(pid: int) -> list[int]:
    """Processes of the same session: it was made for the program."""
    found: list[int] = []
    for each in Path("/proc").iterdir():
        try:
            if each.name.isdecimal() and os.getsid(int(each.name)) == pid:
                found.append(int(each.name))
        except ProcessLookupError:
            continue  # ended while the folder was listed
    return found


def test_a_terminal_of_another_size(wall: PtyProgram) -> None:
    """SIGWINCH: the picture follows, to the last line and the last column, and back."""
    resize(wall, 120, 40)
    wall.until(lambda: top(wall, 120).endswith("UTC"), "the whole width")
    wall.until(lambda: says(wall, "established connections", 40), "charts, for which there is room now")
    resize(wall, 60, 15)
    wall.until(lambda: top(wall, 60).endswith("UTC"), "the width of now")
    wall.until(lambda: says(wall, "███ OK"), "the state")


def test_left_and_taken_up_again(wall: PtyProgram) -> None:
    """SIGTSTP gives the terminal back, SIGCONT paints all of it anew; what is read goes on."""
    wall.process.send_signal(signal.SIGTSTP)
    os.waitid(os.P_PID, wall.process.pid, os.WSTOPPED | os.WNOWAIT)
    wall.until(lambda: not wall.screen.modes[_ALTERNATE] and wall.screen.modes[_CURSOR], "the shell's screen")
    wall.process.send_signal(signal.SIGCONT)
    wall.until(lambda: wall.screen.modes[_ALTERNATE] and says(wall, "READ-ONLY"), "the wall")
    wall.until(lambda: says(wall, "███ OK"), "that all is well")


def test_hung_up(wall: PtyProgram) -> None:
    """The terminal goes away: the program ends by itself, at once, and none of its processes is left."""
    pid = wall.process.pid
    assert descendants(pid)
    wall.hang_up()
    assert wall.ends() != 0
    assert descendants(pid) == []
