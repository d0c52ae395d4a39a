"""How long it takes until lvstop runs."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Effort, Sample, compile_all, interleaved, wall
from benchmarks.report import Row

_FLOOR = "python -c pass"


def start_rows(effort: Effort) -> list[Row]:
    """The command, and what its most used subcommand imports."""
    compile_all()
    version = (
        [str(script), "--version"] if (script := _script()).exists() else [sys.executable, "-m", "lvstop", "--version"]
    )
    costs = interleaved(
        {
            "floor": _started([sys.executable, "-c", "pass"]),
            "version": _started(version),
            "status": _started([sys.executable, "-c", "import lvstop.cli.status, lvstop.transport.ssh"]),
        },
        effort.starts,
    )
    floor = costs["floor"] * 1000
    return [
        Row(
            "start: lvstop --version",
            "ms",
            costs["version"] * 1000,
            floor,
            _FLOOR,
            budget=3,
            limit="the imports of lvstop.cli.main, argparse above all",
        ),
        Row(
            "start: what `lvstop status` imports",
            "ms",
            costs["status"] * 1000,
            floor,
            _FLOOR,
            note="asyncssh above all",
        ),
    ]


def _script() -> Path:
    return Path(sys.executable).parent / "lvstop"


def _started(command: Sequence[str]) -> Sample:
    return wall(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
