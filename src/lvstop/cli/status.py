"""`lvstop status`: one look, one answer, one exit status."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from lvstop.actions.store import Loaded
from lvstop.analysis.records import LocalRecords
from lvstop.cli import json_report, text_report
from lvstop.cli.clusters import load_clusters
from lvstop.cli.prompt import terminal_prompt
from lvstop.clock import SystemClock
from lvstop.config.paths import state_folder
from lvstop.config.schema import ClusterConfig
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.engine.patience import Patience
from lvstop.engine.records import store_in
from lvstop.model.cluster import WORST_FIRST, Health

EXIT_STATUS = {Health.OK: 0, Health.WARNING: 1, Health.CRITICAL: 2, Health.UNKNOWN: 3}


def run_status(files: Sequence[Path], *, as_json: bool, timeout: float) -> int:
    """Look at the clusters of `files` (or of the configuration folder) and print what there is.

    Raises:
        ConfigError: a cluster file cannot be used; nothing was looked at.
    """
    clock, patience = SystemClock(), Patience()
    configs = load_clusters(files)
    local = _on_record(configs)
    make_probe = ssh_probes(clock, patience.around(terminal_prompt()))
    looking = look(
        configs,
        make_probe,
        clock,
        timeout=timeout,
        local_records=lambda: LocalRecords(local.changes, local.failovers),
        patience=patience,
    )
    clusters = asyncio.run(looking)
    if as_json:
        document = json_report.report(clusters, generated_at=clock.now())
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(text_report.report(cluster) for cluster in clusters))
    healths = {cluster.health for cluster in clusters}
    return EXIT_STATUS[next(health for health in WORST_FIRST if health in healths)]


def _on_record(configs: Sequence[ClusterConfig]) -> Loaded:
    """What this machine has on record of the clusters; what cannot be read is complained of."""
    store = store_in(state_folder())
    all_of_them = [store.load(config.name) for config in configs]
    for loaded in all_of_them:
        for complaint in loaded.complaints:
            sys.stderr.write(f"lvstop: {complaint}\n")
    return Loaded(
        tuple(change for loaded in all_of_them for change in loaded.changes),
        tuple(failover for loaded in all_of_them for failover in loaded.failovers),
        (),
    )
