"""`lvstop check`: the doctor's report."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from lvstop.analysis.diagnosis import Finding, Verdict, diagnose
from lvstop.cli.clusters import load_clusters
from lvstop.cli.prompt import terminal_prompt
from lvstop.cli.table import lay_out
from lvstop.clock import SystemClock
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.engine.patience import Patience
from lvstop.model.cluster import ClusterSnapshot

_SIGN = {Verdict.OK: "✔", Verdict.ADVICE: "!", Verdict.FAILURE: "✖", Verdict.UNKNOWN: "?"}


def run_check(files: Sequence[Path], *, timeout: float) -> int:
    """Examine every director of the clusters and print what was found.

    Raises:
        ConfigError: a cluster file cannot be used; nothing was examined.
    """
    clock, patience = SystemClock(), Patience()
    make_probe = ssh_probes(clock, patience.around(terminal_prompt()))
    clusters = asyncio.run(look(load_clusters(files), make_probe, clock, timeout=timeout, patience=patience))
    return int(report(clusters, sys.stdout))


def report(clusters: Sequence[ClusterSnapshot], stream: TextIO) -> Verdict:
    """Print what was found; the worst of it."""
    worst = Verdict.OK
    for cluster in clusters:
        lines, verdict = examine(cluster)
        worst = max(worst, verdict)
        stream.write("\n".join(lines) + "\n")
    return worst


def examine(cluster: ClusterSnapshot) -> tuple[list[str], Verdict]:
    """The report of one cluster, and the worst that was found in it."""
    lines: list[str] = []
    worst = Verdict.OK
    for director in cluster.directors:
        findings = diagnose(director, [other for other in cluster.directors if other is not director])
        worst = max(worst, *(finding.verdict for finding in findings))
        lines += [f"{cluster.name}/{director.name} ({director.host})", *_rows(findings), ""]
    return lines, worst


def _rows(findings: Sequence[Finding]) -> list[str]:
    laid_out = lay_out([(f"  {_SIGN[finding.verdict]}", finding.item, finding.detail) for finding in findings])
    lines: list[str] = []
    for line, finding in zip(laid_out, findings, strict=True):
        lines.append(line)
        if finding.remedy:
            lines.append(f"      → {finding.remedy}")
    return lines
