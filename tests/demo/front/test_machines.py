"""The machines of the embedded pair, through the whole program: from /proc over SSH to the screens of a wall."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from lvstop.cli.json_report import report
from lvstop.cli.terminal import Wall, make_app
from lvstop.clock import SystemClock
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.model.alert import AlertCode
from lvstop.model.director import Privilege
from lvstop.ui.screens.diagnostics import DiagnosticsScreen
from lvstop.ui.screens.machines import MachinesScreen
from lvstop.ui.wall.app import NocApp
from support.clocks import START
from support.demo_pair import pair, running
from support.pilots import painted


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until something is so: vitals are read every five seconds."""
    async with asyncio.timeout(40):
        while not condition():
            await pilot.pause()


async def told(folder: Path, login: Privilege) -> list[dict[str, Any]]:
    """`vitals` of both directors in the JSON of one look."""
    clock = SystemClock()
    async with running(folder, pair(login)) as demo:
        clusters = await look(demo.clusters, ssh_probes(clock, None), clock, timeout=20.0)
    document = json.loads(json.dumps(report(clusters, generated_at=START)))
    return [director["vitals"] for director in document["clusters"][0]["directors"]]


@pytest.mark.parametrize("login", [Privilege.ROOT, Privilege.NONE])
async def test_one_look_tells_of_the_machines(tmp_path: Path, login: Privilege) -> None:
    """Whoever logs in: everything but persistence templates is everybody's to read."""
    for vitals in await told(tmp_path, login):
        assert vitals["conntrack"] == {"entries": 23, "limit": 262_144}
        assert vitals["memory"]["total_bytes"] == 4_015_616 * 1024
        assert 0.8 < vitals["memory"]["available_bytes"] / vitals["memory"]["total_bytes"] < 1.0
        assert [each["name"] for each in vitals["interfaces"]] == ["lo", "ens3", "ens4"]
        assert vitals["softnet"]["dropped"] == 0
        assert vitals["ipvs_connections"]["buckets"] == 4096
        assert (vitals["ipvs_connections"]["templates"] is None) is (login is Privilege.NONE)
        assert vitals["cpus"] is None or [each["number"] for each in vitals["cpus"]] == [0, 1, 2, 3]


async def test_a_storm_shows_on_the_wall_and_its_screens(tmp_path: Path) -> None:
    """What nobody asked for fills a processor and connection tracking: the alert, the bar, and lvstop's own cost."""
    async with running(tmp_path, pair(interval=0.5), speed=10.0) as demo:
        app = make_app(
            demo.clusters, read_only=True, state=tmp_path / "state", wall=Wall(timedelta(seconds=15), "noc-wall")
        )
        assert isinstance(app, NocApp)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: bool(app.feeds) and app.feed.latest.directors[0].vitals is not None)
            await pilot.press("escape", "h")
            await until(pilot, lambda: isinstance(app.screen, MachinesScreen))
            await until(pilot, lambda: painted(app).count("nothing is near its end") == 2)
            await demo.act("smb", "storm keepalived1")
            await until(pilot, lambda: "keepalived1 tracks" in painted(app) and "softirq  98%" in painted(app))
            assert painted(app).count("nothing is near its end") == 1
            assert AlertCode.CONNTRACK_FILLING in {alert.code for alert in app.feed.latest.alerts}
            await pilot.press("L")
            await until(pilot, lambda: isinstance(app.screen, DiagnosticsScreen) and "MiB" in painted(app))
            first, second = app.feed.latest.directors
            for director in (first, second):
                assert director.effort is not None
                assert director.effort.looks > 5
                assert (director.effort.failures, director.effort.connections) == (0, 1)
                assert director.effort.bytes_per_second is not None
                assert min(director.effort.latencies) > 0.0
