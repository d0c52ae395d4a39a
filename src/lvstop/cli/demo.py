"""`lvstop demo`: a simulated pair to look at, to change and to break."""

import sys
import tempfile
from pathlib import Path

from lvstop.cli.table import lay_out
from lvstop.cli.terminal import Wall, require_terminal, show
from lvstop.demo.process import DemoProcess

DEFAULT = "smb"
"""The scenario where none is named."""


def list_scenarios() -> int:
    """Print what there is to choose from."""
    from lvstop.demo.scenario import shipped_scenarios

    rows = [(scenario.name, scenario.title) for scenario in shipped_scenarios()]
    sys.stdout.write("".join(f"{line}\n" for line in lay_out(rows)))
    return 0


def run_demo(scenario: str, *, seed: int, speed: float, read_only: bool, wall: Wall | None = None) -> int:
    """Put a scenario up, and the terminal on it until the operator leaves.

    Keys, configuration and records lie in a temporary folder: nothing of a demo is found on this machine afterwards,
    and nothing of the operator's own is touched by it.

    Args:
        scenario: the name of one that comes with lvstop, or a file.
        seed: the same seed makes the same clients.
        speed: how many times faster than the clock the simulated time passes.
        wall: shown as on a wall, where nothing can be broken either.

    Raises:
        SimulationError: there is no such scenario, its file cannot be used, or the simulation broke down.
        NoTerminalError: input or output is no terminal.
    """
    require_terminal()
    with tempfile.TemporaryDirectory(prefix="lvstop-demo-") as name:
        folder = Path(name)
        with DemoProcess(scenario, folder, seed=seed, speed=speed) as demo:
            return show(demo.clusters, state=folder / "state", read_only=read_only, wall=wall, workbench=demo)
