"""`python -m soak`: status 0 where the wall said what was so and its memory is flat, 1 where not."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.errors import LabError
from lab.lab import Lab
from lab.topologies.seed import SEED_QUICK
from lab.wait import wait_until
from soak.breaker import EVERY, Breaker
from soak.faults import faults
from soak.footprint import Sample, sample
from soak.judge import Judge, Truth
from soak.reading import HEIGHT, WIDTH, Reading, read
from soak.report import report
from soak.witness import hear, with_witness
from support.pty_program import PtyProgram, on_a_terminal

_LOOK = 0.5
_SAMPLE = 5.0
_CALM = 300.0
"""Seconds between two pauses without faults, in which everything has to become well again."""
_PAUSE = 150.0
_READY = 60.0


def main() -> int:
    """Boot, break, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the faults' luck (default: %(default)s)")
    parser.add_argument("--suite", default="bookworm", help="the directors' Debian (default: %(default)s)")
    options = parser.parse_args()
    print(
        f"booting; then {options.minutes:g} minutes with a fault every {EVERY:.0f} s, seed {options.seed}", flush=True
    )
    try:
        with Lab.boot(with_witness(SEED_QUICK), options.suite) as lab, _wall(lab) as wall:
            soak = Soak(lab, wall, options.seed)
            soak.run(options.minutes * 60)
    except LabError as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1
    text = report(soak.judge, soak.breaker.log, soak.samples)
    print(text)
    return 1 if soak.judge.findings or "GROWS" in text else 0


@contextmanager
def _wall(lab: Lab) -> Iterator[PtyProgram]:
    """The program as an operator starts it, with nothing of his."""
    with TemporaryDirectory(prefix="lvstop-soak-") as home:
        environment = {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "XDG_STATE_HOME": f"{home}/state"}
        environment |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        lvstop = str(Path(sys.executable).parent / "lvstop")
        argv = ["ip", "netns", "exec", lab.netns, lvstop, "noc", "-c", str(lab.cluster_file("ops"))]
        with on_a_terminal(argv, environment) as program:
            program.size(WIDTH, HEIGHT)
            yield program


class Soak:
    """The soak: one look after the other at the wall and at the truth, and a fault now and then."""

    def __init__(self, lab: Lab, wall: PtyProgram, seed: int) -> None:
        self.judge = Judge()
        self.samples: list[Sample] = []
        self._lab = lab
        self._wall = wall
        switches = {name: (lambda each=director: each.is_on) for name, director in lab.directors.items()}
        self.breaker = Breaker(faults(lab), switches, seed)

    def run(self, seconds: float) -> None:
        """Look for so long; the end is without faults as well. Raises LabError where it cannot begin."""
        pause = min(_PAUSE, seconds / 6)
        self._await_all_well()
        begin = time.monotonic()
        fault_due, sample_due, pause_until, pause_due = begin + EVERY, begin, 0.0, begin + _CALM
        try:
            while (now := time.monotonic()) < begin + seconds:
                self._look(now)
                if now >= sample_due:
                    self.samples.append(sample(self._wall.process.pid, now))
                    sample_due += _SAMPLE
                if now >= pause_due:
                    pause_until, pause_due = now + pause, now + pause + _CALM
                if now >= fault_due:
                    fault_due += EVERY
                    if now >= pause_until and now < begin + seconds - pause:
                        self.breaker.break_one()
                time.sleep(max(0.0, now + _LOOK - time.monotonic()))
        finally:
            self.judge.end()
            self.breaker.end()

    def _look(self, now: float) -> None:
        """The truth first: it is older than the wall, never newer."""
        moment = datetime.now(UTC)
        second = moment.hour * 3600 + moment.minute * 60 + moment.second
        heard = {name: hear(self._lab, self._lab.key_path.parent, name) for name in self._lab.directors}
        truth = Truth(now, second, self.breaker.reachable(), heard, self.breaker.broken)
        self.judge.take(truth, self._read())

    def _read(self) -> Reading:
        code = self._wall.process.poll()
        if code is not None:
            raise LabError(f"lvstop noc ended with status {code}: {bytes(self._wall.output[-2000:])!r}")
        self._wall.read_rest()
        del self._wall.output[:-4000]
        return read([self._wall.screen.row(y) for y in range(HEIGHT)], list(self._lab.directors))

    def _await_all_well(self) -> None:
        wait_until(lambda: self._read().state == "OK", _READY, "a wall that is OK in the beginning", poll=_LOOK)


sys.exit(main())
