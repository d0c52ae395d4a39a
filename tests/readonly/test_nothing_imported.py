"""A read-only lvstop has nothing to change with: what could do so is not even imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from lvstop.demo.process import DemoProcess

PROBE = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from lvstop.cli.terminal import Wall, make_app
from lvstop.config.load import load_cluster_files
from lvstop.model.cluster import Health

folder, mode, EXPECTED = Path(sys.argv[1]), sys.argv[2], set(sys.argv[3:])
wall = Wall(timedelta(seconds=15), "noc-wall") if mode == "noc" else None
clusters = load_cluster_files([folder / "smb.yaml"])
app = make_app(clusters, state=folder / "state", read_only=mode == "--read-only", wall=wall)

async def main():
    async with app.run_test(size=(140, 45)) as pilot:
        async with asyncio.timeout(60):
            while not app.feeds or app.feed.latest.health is Health.UNKNOWN:
                await pilot.pause()
        await pilot.press("enter", "end", "d", "D", "w", "R", "F", "f5", "b", "d", "ctrl+g")
        async with asyncio.timeout(60):
            while mode == "operator" and not EXPECTED <= set(sys.modules):
                await pilot.pause()

asyncio.run(main())
print(" ".join(sorted(name for name in sys.modules if name.startswith("lvstop."))))
"""

CHANGING = {
    "lvstop.actions.execute",
    "lvstop.actions.hands",
    "lvstop.actions.programs",
    "lvstop.actions.failover.run",
    "lvstop.engine.actors",
    "lvstop.engine.failovers",
    "lvstop.engine.operator_sessions",
    "lvstop.engine.reach",
}

EXPECTED = {"lvstop.engine.operator_sessions", "lvstop.engine.actors"}
"""Of these, what an operator's keys are known to bring."""


def imported(folder: Path, mode: str) -> set[str]:
    """Modules of lvstop after a session that has read a pair, and keys that change something."""
    with DemoProcess("smb", folder, seed=1, speed=1.0):
        words = [sys.executable, "-c", PROBE, str(folder), mode, *EXPECTED]
        result = subprocess.run(words, capture_output=True, text=True, check=True)
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("mode", ["noc", "--read-only"])
def test_what_changes_is_not_there(tmp_path: Path, mode: str) -> None:
    """No executor, no hands, and not the text of the program that changes directors."""
    found = imported(tmp_path, mode)
    assert "lvstop.probe.programs" in found
    assert found & CHANGING == set()


def test_an_operator_has_it(tmp_path: Path) -> None:
    """The control: the same keys, where they may."""
    assert imported(tmp_path, "operator") >= EXPECTED
