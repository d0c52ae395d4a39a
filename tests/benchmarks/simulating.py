"""What the simulated clusters of `lvstop demo` cost for each second of their time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.measure import Effort, cpu, interleaved
from benchmarks.report import Row
from lvstop.demo.scenario import find_scenario
from lvstop.demo.world.conf import ClusterConf
from lvstop.demo.world.world import World

_EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
_SECONDS = 4
_FLOOR = "counting up each real server of both tables once a second"

Work = Callable[[], object]


def simulating_rows(effort: Effort) -> list[Row]:
    """One second of a large cluster, and of a fleet of small ones."""
    large, fleet = _large(effort.rows), find_scenario("fleet").clusters
    rows: list[Row] = []
    for what, confs in (("one cluster", (large,)), (f"a fleet of {len(fleet)}", fleet)):
        worlds = [World(conf, seed=1, epoch=_EPOCH) for conf in confs]
        samples = {"floor": cpu(_count(worlds)), "step": cpu(_step(worlds))}
        costs = interleaved(samples, effort.parses)
        size = sum(len(each.real_servers) for conf in confs for each in conf.directors[0].keepalived.virtual_servers)
        rows.append(
            Row(
                f"simulate a second of {what}, {size:,} real servers",
                "ms",
                costs["step"] / _SECONDS * 1000,
                costs["floor"] * 1000,
                _FLOOR,
                budget=40 if len(confs) == 1 else None,
                limit="connections begin, end, expire, are copied to the backup and counted",
            )
        )
    return rows


def _large(rows: int) -> ClusterConf:
    """The shipped scenario, with so many real servers only."""
    (conf,) = find_scenario("large").clusters
    services = max(rows // 100, 1)
    directors = tuple(
        replace(each, keepalived=replace(each.keepalived, virtual_servers=each.keepalived.virtual_servers[:services]))
        for each in conf.directors
    )
    return replace(conf, directors=directors, traffic=conf.traffic[:services])


def _step(worlds: list[World]) -> Callable[[], Work]:
    def work() -> None:
        for world in worlds:
            world.step(world.now + _SECONDS)

    return lambda: work


def _count(worlds: list[World]) -> Callable[[], Work]:
    tallies = [
        each.estimated
        for world in worlds
        for director in world.directors
        for service in director.table.services
        for each in service.destinations
    ]

    def work() -> None:
        for tally in tallies:
            tally.out_bytes += 0

    return lambda: work
