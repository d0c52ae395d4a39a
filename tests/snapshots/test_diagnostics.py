"""What lvstop itself costs, and how its directors answer."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from lvstop.engine.own_process import OwnUse
from lvstop.model.effort import Effort
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.diagnostics import DiagnosticsScreen
from support.factories import backup, cluster, master, silent
from support.pictures import SIZES, Size, SnapCompare
from support.terminal import make_app

QUICK = Effort(86_400, 2, 2, (*([0.0021] * 95), *([0.011] * 25)), 41_000_000, 1_240.0)
SLOW = Effort(8_111, 214, 37, (*([0.41] * 100), *([1.9] * 20)), 9_000_000, 210_000.0)
NEVER = Effort(0, 41, 0, (), 0, None)


class Process:
    """Always the same."""

    def use(self) -> OwnUse:
        """As `OwnProcess.use`."""
        return OwnUse(0.0123, 95_000_000, 6)


def app() -> LvstopApp:
    """Two clusters: one is read quickly, and one slowly or not at all."""
    near = cluster(master(effort=QUICK), backup(effort=QUICK))
    unread = replace(silent("far-away-2"), effort=NEVER)
    far = replace(cluster(master("far-away-1", effort=SLOW), unread), name="branch-office")
    return make_app(near, others=[far])


async def opened(pilot: Pilot[None]) -> None:
    """The screen, with a process and a clock that stand still."""
    shown = pilot.app
    assert isinstance(shown, LvstopApp)
    await shown.push_screen(DiagnosticsScreen(shown.feeds, shown.clock, Process()))
    await pilot.pause()


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(SIZES["80x24"], id="80x24"),
        pytest.param((140, 45), id="140x45"),
        pytest.param(SIZES["200x60"], id="200x60"),
    ],
)
def test_two_clusters(snap_compare: SnapCompare, size: Size) -> None:
    """Directors by cluster; one that was never read has no numbers but those of its failures."""
    assert snap_compare(app(), run_before=opened, terminal_size=size)
