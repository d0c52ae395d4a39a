"""The `lvstop` command, run in a lab's network as an operator runs it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.lab import Lab

LOOKS = 8
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
    """Run the command in the lab's network, with the patience that emulated directors on a busy machine need."""
    command, *rest = arguments
    patience = ["--timeout", "60"] if command in ("status", "check") else []
    return lab.run_inside([LVSTOP, command, *patience, *rest], check=False, timeout=timeout)


def status(lab: Lab, cluster_file: Path, *, live: Sequence[str] = ()) -> Status:
    """`lvstop status --json -c FILE`; again while a director that shall be `live` is anything else.

    A guest that gets no processor for seconds is degraded for a while, as keepalived there writes no dump in time.
    """
    errors: list[object] = []
    for _ in range(LOOKS):
        result = lvstop(lab, "status", "--json", "-c", str(cluster_file))
        assert result.stdout, result.stderr
        document = json.loads(result.stdout)
        assert document["schema"] == 1
        looked = Status(result.returncode, document["clusters"][0], result.stderr)
        if all(looked.director(name)["status"] == "live" for name in live):
            return looked
        errors = [each["error"] for each in looked.cluster["directors"]]
    raise AssertionError(f"{live} did not become live: {errors}")
