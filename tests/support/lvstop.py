"""The `lvstop` command, run in a lab's network as an operator runs it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.lab import Lab

LVSTOP = str(Path(sys.executable).parent / "lvstop")


@dataclass(frozen=True, slots=True)
class Status:
    """What `lvstop status --json` answered."""

    exit_status: int
    cluster: dict[str, Any]
    stderr: str

    def director(self, name: str) -> dict[str, Any]:
        """One director of the cluster."""
        return next(each for each in self.cluster["directors"] if each["name"] == name)

    @property
    def codes(self) -> set[str]:
        """The codes of all alerts."""
        return {alert["code"] for alert in self.cluster["alerts"]}

    def alert(self, code: str) -> dict[str, Any]:
        """The first alert with this code."""
        return next(alert for alert in self.cluster["alerts"] if alert["code"] == code)


def lvstop(lab: Lab, *arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run the command in the lab's network."""
    return lab.run_inside([LVSTOP, *arguments], check=False, timeout=timeout)


def status(lab: Lab, cluster_file: Path) -> Status:
    """`lvstop status --json -c FILE`, with the patience that emulated directors on a busy machine need."""
    result = lvstop(lab, "status", "--json", "--timeout", "60", "-c", str(cluster_file))
    assert result.stdout, result.stderr
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    return Status(result.returncode, document["clusters"][0], result.stderr)
