"""How long it takes until the terminal shows something, and what that takes of memory."""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bare_app import GREETING
from benchmarks.measure import Effort, Sample, interleaved
from benchmarks.on_terminal import on_terminal
from benchmarks.report import Row

BARE = (sys.executable, "-m", "benchmarks.bare_app")
LVSTOP = (sys.executable, "-m", "lvstop")
_CLUSTER = """\
name: bench
directors:
  - {name: keepalived1, host: 127.0.0.1, port: 9}
  - {name: keepalived2, host: 127.0.0.1, port: 9}
"""
_LIMIT = "PyYAML and the settings, before there is anything to be shown"


def first_frame_rows(effort: Effort) -> list[Row]:
    """From the start of the process to the first frame with text in it, and to the cluster's screen."""
    with tempfile.TemporaryDirectory(prefix="lvstop-bench-") as name:
        folder = Path(name)
        (folder / "bench.yaml").write_text(_CLUSTER)
        command = [*LVSTOP, "-c", str(folder / "bench.yaml")]
        costs = interleaved(
            {
                "bare": _shown(BARE, GREETING, {}),
                "lvstop": _shown(command, "connecting to", home(folder)),
                "screen": _shown(command, "Filter", home(folder)),
            },
            effort.starts,
        )
    ours, whole, bare = (costs[name] * 1000 for name in ("lvstop", "screen", "bare"))
    return [
        Row("start: first frame", "ms", ours, bare, "bare Textual app", budget=1.25, limit=_LIMIT),
        Row("start: the cluster's screen", "ms", whole, bare, "bare Textual app"),
    ]


def home(folder: Path) -> Mapping[str, str]:
    """An environment without anything of this machine's operator."""
    return {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state")}


def _shown(argv: Sequence[str], text: str, environment: Mapping[str, str]) -> Sample:
    def sample() -> float:
        started = time.perf_counter()
        with on_terminal(argv, environment) as program:
            program.until(text.encode())
            return time.perf_counter() - started

    return sample
