"""`lvstop demo`: a simulated pair to look at, to change and to break."""

import sys
import tempfile
from pathlib import Path

from lvstop.cli.table import lay_out
from lvstop.cli.terminal import require_terminal, show
from lvstop.clock import SystemClock
from lvstop.demo.scenario import find_scenario, shipped_scenarios

DEFAULT = "smb"
"""The scenario where none is named."""


def list_scenarios() -> int:
    """Print what there is to choose from."""
    rows = [(scenario.name, scenario.title) for scenario in shipped_scenarios()]
    sys.stdout.write("".join(f"{line}\n" for line in lay_out(rows)))
    return 0


def run_demo(scenario: str, *, seed: int, speed: float, read_only: bool) -> int:
    """Put a scenario up, and the terminal on it until the operator leaves.

    Keys, configuration and records lie in a temporary folder: nothing of a demo is found on this machine afterwards,
    and nothing of the operator's own is touched by it.

    Args:
        scenario: the name of one that comes with lvstop, or a file.
        seed: the same seed makes the same clients.
        speed: how many times faster than the clock the simulated time passes.

    Raises:
        ConfigError: there is no such scenario, or its file cannot be used.
        NoTerminalError: input or output is no terminal.
    """
    require_terminal()
    found = find_scenario(scenario)
    from lvstop.demo.launch import Demo
    from lvstop.demo.thread import DemoThread

    with tempfile.TemporaryDirectory(prefix="lvstop-demo-") as folder:
        demo = Demo(found.clusters, Path(folder), SystemClock(), seed=seed, speed=speed)
        with DemoThread(demo) as running:
            return show(running.clusters, state=Path(folder) / "state", read_only=read_only, workbench=running)
