"""The simulation as a process of its own: how it begins, answers and ends."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from lvstop.demo.process import DemoProcess, SimulationError
from support.demo_pair import SCENARIO


def scenario(folder: Path, text: str = SCENARIO) -> str:
    """A scenario file."""
    path = folder / "pair.yaml"
    path.write_text(text.replace("LOGIN", "root"))
    return str(path)


def test_it_answers_until_it_is_left(tmp_path: Path) -> None:
    """Clusters at once, then parts; afterwards nobody listens, and the key lies only where it may."""
    folder = tmp_path / "demo"
    folder.mkdir()
    with DemoProcess(scenario(tmp_path), folder, seed=1, speed=1.0) as demo:
        (cluster,) = demo.clusters
        assert [each.host for each in cluster.directors] == ["172.26.127.23", "172.26.127.24"]
        assert "link" in {part.key for part in asyncio.run(demo.parts("smb"))}
        assert (folder / "client_key").stat().st_mode & 0o777 == 0o600
        with pytest.raises(SimulationError, match="there is no nonsense here"):
            asyncio.run(demo.act("smb", "nonsense"))
        with pytest.raises(SimulationError, match="there is no cluster web here"):
            asyncio.run(demo.parts("web"))
    with pytest.raises(SimulationError):
        asyncio.run(demo.parts("smb"))


@pytest.mark.parametrize(
    ("text", "said"), [("title: x\n", "clusters: is missing"), (SCENARIO.replace("vrid", "vird"), "vird")]
)
def test_a_scenario_that_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    """In the words of whatever read the file."""
    with pytest.raises(SimulationError, match=said), DemoProcess(scenario(tmp_path, text), tmp_path, seed=1, speed=1.0):
        pass


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "going"])
def test_a_simulation_that_dies_is_told(tmp_path: Path, gone: bool) -> None:
    """To whoever asks it, whether the request still finds a pipe or not, and when it is left."""
    demo = DemoProcess(scenario(tmp_path), tmp_path, seed=1, speed=1.0)
    with pytest.raises(SimulationError, match="the simulation has ended"):
        killed_inside(demo, gone=gone)


def killed_inside(demo: DemoProcess, *, gone: bool) -> None:
    """Kill the process, and ask it; `gone`: when it has ended for certain."""
    with demo:
        os.kill(demo.pid, signal.SIGKILL)
        if gone:
            os.waitid(os.P_PID, demo.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(SimulationError, match="the simulation has ended"):
            asyncio.run(demo.parts("smb"))
