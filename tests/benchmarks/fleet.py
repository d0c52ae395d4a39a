"""A hundred clusters on the wall at one look a second: CPU, memory, and how late the event loop is."""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from benchmarks.bare_app import GREETING
from benchmarks.first_frame import BARE, home
from benchmarks.measure import Effort, process_cpu
from benchmarks.on_terminal import OnTerminal, on_terminal
from benchmarks.report import Row
from lvstop.demo.process import DemoProcess

_CLUSTERS = 100
_FEW = 4
_SETTLE = 20.0
"""Seconds in which all connect and read every fact once."""
_CORE = 1000.0
_CPU_BUDGET = 0.1
_MEGABYTES = 120.0
_OPEN_FILES = 4096

# as the shipped fleet, without its troubles: what is measured is the same in every second
_SCENARIO = """\
title: Clusters without troubles
description: A pair each, two virtual servers, five real servers, traffic on all of them.
copies: {copies}
clusters:
  - name: site-{{n}}
    directors:
      - {{name: lvs1, login: sudo, interfaces: {{ens3: ["10.{{n}}.0.11/24"], ens4: [192.168.66.11/24]}}}}
      - {{name: lvs2, login: sudo, interfaces: {{ens3: ["10.{{n}}.0.12/24"], ens4: [192.168.66.12/24]}}}}
    instances:
      - name: SITE
        vrid: 20
        interface: ens4
        priority: [150, 100]
        unicast: true
        vips: ["10.{{n}}.0.10/24 dev ens3"]
    sync_daemon: {{interface: ens4, instance: SITE, id: 20}}
    virtual_servers:
      - service: "TCP:10.{{n}}.0.10:445"
        scheduler: wlc
        real_servers: ["10.{{n}}.0.21:445", "10.{{n}}.0.22:445"]
        clients: {{count: 20, session: 8m, pause: 6s, in_packets: 20, in_bytes: 8000}}
      - service: "TCP:10.{{n}}.0.10:443"
        scheduler: rr
        real_servers: ["10.{{n}}.0.21:443", "10.{{n}}.0.22:443", "10.{{n}}.0.23:443"]
        clients: {{count: 30, session: 30s, pause: 15s}}
"""


def fleet_rows(effort: Effort) -> list[Row]:
    """The real program on a real wall; its directors live in a process of their own, behind real SSH servers.

    What they cost is not counted, nor is the terminal that shows it; of the connections it is this side.
    """
    clusters = _CLUSTERS if effort.turns > 1 else _FEW
    _allow_many_files()
    with on_terminal(BARE) as program:
        program.until(GREETING.encode())
        bare = _resident(program)
    with tempfile.TemporaryDirectory(prefix="lvstop-bench-") as name:
        folder = Path(name)
        scenario = folder / "many.yaml"
        scenario.write_text(_SCENARIO.format(copies=clusters))
        with DemoProcess(str(scenario), folder, seed=1, speed=1) as demo:
            files = [word for each in demo.clusters for word in ("-c", str(folder / f"{each.name}.yaml"))]
            command = [sys.executable, "-m", "benchmarks.punctual", "noc", "--dwell", "0s", *files]
            with on_terminal(command, home(folder)) as program:
                return _measured(program, clusters, bare, effort)


def _measured(program: OnTerminal, clusters: int, bare: float, effort: Effort) -> list[Row]:
    program.until(b"NOC")
    program.watch(_SETTLE if clusters > _FEW else effort.span)
    costs: list[float] = []
    late: list[float] = []
    program.ask("begin")
    for _ in range(effort.turns):
        before, began = process_cpu(program.process.pid), time.monotonic()
        program.watch(effort.span)
        costs.append((process_cpu(program.process.pid) - before) / (time.monotonic() - began))
        late += json.loads(program.ask("tell"))
    what = f"wall, {clusters} clusters of 2 directors over SSH, 1 Hz"
    middle, most = median(late), quantiles(late, n=20)[-1]
    told = f"p50 {middle:.1f}, p95 {most:.1f}, max {max(late):.0f} ms of {len(late):,} sleeps"
    return [
        Row(
            f"{what}: CPU",
            "ms/s",
            median(costs) * _CORE,
            _CORE,
            "one core",
            budget=_CPU_BUDGET,
            limit=_LIMIT,
            note=_INCLUDED,
        ),
        Row(f"{what}: RSS", "MB", _resident(program), _MEGABYTES, "goal", budget=1, note=f"bare Textual {bare:.0f} MB"),
        Row(f"{what}: event loop late, p95", "ms", most, _CORE, "a tick", note=told),
    ]


_LIMIT = "six tenths ask over SSH and parse what comes back, a quarter compares and judges, a tenth paints"
_INCLUDED = "with SSH, parsing, rules and painting; without the directors and the terminal"


def _allow_many_files() -> None:
    """Each director is a socket here and two there; both processes inherit this limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _OPEN_FILES <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, hard))


def _resident(program: OnTerminal) -> float:
    pages = int(Path(f"/proc/{program.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
