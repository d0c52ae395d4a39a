"""`python -m benchmarks`: everything, as one table."""

import argparse
import signal
import sys

from benchmarks.connections import connection_rows
from benchmarks.demo import demo_rows
from benchmarks.director import director_rows
from benchmarks.drawing import drawing_rows
from benchmarks.first_frame import first_frame_rows
from benchmarks.fleet import fleet_rows
from benchmarks.measure import QUICK, Effort
from benchmarks.memory import memory_rows
from benchmarks.moving import moving_rows
from benchmarks.netlink import netlink_rows
from benchmarks.parsing import parsing_rows
from benchmarks.report import Row, table
from benchmarks.simulating import simulating_rows
from benchmarks.ssh_poll import ssh_rows
from benchmarks.start import start_rows
from benchmarks.whole import whole_rows
from benchmarks.wire import wire_rows

_ALL = (
    start_rows,
    first_frame_rows,
    parsing_rows,
    netlink_rows,
    moving_rows,
    director_rows,
    connection_rows,
    wire_rows,
    ssh_rows,
    drawing_rows,
    whole_rows,
    fleet_rows,
    memory_rows,
    simulating_rows,
    demo_rows,
)


def main() -> None:
    """Measure and print. A budget that is missed is no failure; a measurement that crashes is: status 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Benchmarks, as ratios to a floor.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a minute instead of three, and noisier")
    effort = QUICK if parser.parse_args().quick else Effort()
    # So that what was started is ended as well.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    rows: list[Row] = []
    try:
        for measure in _ALL:
            rows += measure(effort)
    finally:
        print(table(rows))


main()
