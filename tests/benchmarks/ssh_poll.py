"""A poll over SSH: lvstop's client and OpenSSH's, at the same server, with the same program."""

import asyncio
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from benchmarks.asked import NONCE, Asked, Table
from benchmarks.frames import Frames
from benchmarks.measure import Effort, children_cpu, no_collections, process_cpu
from benchmarks.report import Row
from benchmarks.sshd import NoServerError, Server, sshd
from lvstop.clock import SystemClock
from lvstop.config.schema import DirectorConfig, SshConfig
from lvstop.probe import programs
from lvstop.transport.base import Channel, Program, TransportError
from lvstop.transport.ssh import SshTransport

_ROWS = 100
_CHANGING = 0.1
_REQUEST = "t 0 0 1"
_WHAT = f"SSH poll, {_ROWS} rows:"
_LATENCY, _CPU, _LOGIN = f"{_WHAT} latency p50", f"{_WHAT} client CPU", f"{_WHAT} client CPU, against logging in"
_LIMIT_LATENCY = "asyncssh sends an empty packet before each one; then an event loop, and sections to decode"
_LIMIT_LOGIN = "each packet passes through Python twice"


@dataclass(slots=True)
class _Costs:
    """Seconds."""

    ours: list[float] = field(default_factory=list)
    ours_cpu: list[float] = field(default_factory=list)
    openssh: list[float] = field(default_factory=list)
    openssh_cpu: list[float] = field(default_factory=list)
    login_cpu: list[float] = field(default_factory=list)


def ssh_rows(effort: Effort) -> list[Row]:
    """Latency and the client's CPU."""
    with tempfile.TemporaryDirectory(prefix="lvstop-bench-") as name:
        folder = Path(name)
        try:
            with sshd(folder) as server:
                costs = asyncio.run(_measure(server, Table(folder, Frames(_ROWS, _CHANGING)), effort))
        except (NoServerError, TransportError) as error:
            return _skipped(str(error))
    cpu = mean(costs.ours_cpu) * 1000
    return [
        Row(
            _LATENCY,
            "ms",
            median(costs.ours) * 1000,
            median(costs.openssh) * 1000,
            "OpenSSH held open",
            budget=1.3,
            limit=_LIMIT_LATENCY,
        ),
        Row(_CPU, "ms", cpu, mean(costs.openssh_cpu) * 1000, "OpenSSH held open"),
        Row(
            _LOGIN,
            "ms",
            cpu,
            median(costs.login_cpu) * 1000,
            "`ssh host cat` each time",
            budget=0.01,
            limit=_LIMIT_LOGIN,
        ),
    ]


def _skipped(reason: str) -> list[Row]:
    return [
        Row(_LATENCY, budget=1.3, skipped=reason),
        Row(_CPU, skipped=reason),
        Row(_LOGIN, budget=0.01, skipped=reason),
    ]


async def _measure(server: Server, table: Table, effort: Effort) -> _Costs:
    program = table.read_by(programs.table())
    if not _has_awk(program):
        program = table.read_by(programs.table_cat())
    director = DirectorConfig(name="bench", host=server.host, user=server.user, port=server.port)
    config = SshConfig(identity_files=(server.client_key,), known_hosts=server.known_hosts, config=server.ssh_config)
    transport = SshTransport(director, config, programs=frozenset((program,)), clock=SystemClock())
    try:
        await transport.connect()
        channel = await transport.open(program, elevated=False, timeout=10)
        with Asked(program, server.ssh(f"exec sh -s -- {NONCE}")) as openssh:
            return await _compare(channel, openssh, server, table, effort)
    finally:
        await transport.close()


def _has_awk(program: Program) -> bool:
    with Asked(program) as asked:
        return b" ] 0\n" in asked.greeting


async def _compare(channel: Channel, openssh: Asked, server: Server, table: Table, effort: Effort) -> _Costs:
    """In turns; the first turn warms up."""
    costs = _Costs()
    with no_collections():
        for turn in range(effort.blocks + 1):
            now = costs if turn else _Costs()
            await _ask_ours(channel, table, effort.asks, now)
            _ask_openssh(openssh, table, effort.asks, now)
            if turn * effort.logins // effort.blocks > len(costs.login_cpu):
                costs.login_cpu.append(_login_cpu(server, table))
    return costs


async def _ask_ours(channel: Channel, table: Table, asks: int, costs: _Costs) -> None:
    for _ in range(asks):
        table.step()
        cpu, started = time.process_time(), time.perf_counter()
        await channel.ask(_REQUEST, timeout=10)
        costs.ours.append(time.perf_counter() - started)
        await asyncio.sleep(0)  # what is left to do for this answer
        costs.ours_cpu.append(time.process_time() - cpu)


def _ask_openssh(openssh: Asked, table: Table, asks: int, costs: _Costs) -> None:
    before = process_cpu(openssh.pid)
    for _ in range(asks):
        table.step()
        started = time.perf_counter()
        openssh.ask(_REQUEST)
        costs.openssh.append(time.perf_counter() - started)
    costs.openssh_cpu.append((process_cpu(openssh.pid) - before) / asks)


def _login_cpu(server: Server, table: Table) -> float:
    before = children_cpu()
    subprocess.run(server.ssh(f"cat {' '.join(table.files())}"), check=True, capture_output=True, timeout=30)
    return children_cpu() - before
