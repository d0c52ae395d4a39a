"""`lvstop status`: one look, one answer, one exit status."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from lvstop.cli import json_report, text_report
from lvstop.cli.clusters import load_clusters
from lvstop.cli.prompt import terminal_prompt
from lvstop.clock import SystemClock
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.model.cluster import Health

EXIT_STATUS = {Health.OK: 0, Health.WARNING: 1, Health.CRITICAL: 2, Health.UNKNOWN: 3}
_WORST_FIRST = (Health.CRITICAL, Health.UNKNOWN, Health.WARNING, Health.OK)


def run_status(files: Sequence[Path], *, as_json: bool, timeout: float) -> int:
    """Look at the clusters of `files` (or of the configuration folder) and print what there is.

    Raises:
        ConfigError: a cluster file cannot be used; nothing was looked at.
    """
    clock = SystemClock()
    clusters = asyncio.run(look(load_clusters(files), ssh_probes(clock, terminal_prompt()), clock, timeout=timeout))
    if as_json:
        document = json_report.report(clusters, generated_at=clock.now())
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(text_report.report(cluster) for cluster in clusters))
    healths = {cluster.health for cluster in clusters}
    return EXIT_STATUS[next(health for health in _WORST_FIRST if health in healths)]
