"""What lvstop costs, on its screen: its own process, and how directors are read."""

from dataclasses import replace

from lvstop.engine.own_process import OwnUse
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.effort import Effort
from lvstop.ui.diagnostics.lines import own_lines, reading_lines
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.diagnostics import DiagnosticsScreen
from lvstop.ui.vrrp.matrix import Line
from support.factories import backup, cluster, master, silent
from support.pilots import painted
from support.terminal import make_app

EFFORT = Effort(100, 3, 2, (*([0.002] * 95), *([0.04] * 5)), 90_000, 1536.0)


def said(lines: list[Line]) -> list[str]:
    return ["".join(part.text for part in line).rstrip() for line in lines]


def pair() -> ClusterSnapshot:
    return cluster(master(effort=EFFORT), silent())


def test_a_director_says_how_it_is_read() -> None:
    """Median and 95 % of the last looks, bytes, looks, failures, and connections after the first one."""
    (line,) = [each for each in said(reading_lines([pair()], 100)) if "keepalived1" in each]
    assert line.split()[1:] == ["●", "live", "2.0", "ms", "2.0", "ms", "1.5", "KiB", "100", "3", "1"]


def test_what_is_not_known_is_no_zero() -> None:
    """A director that was never read, and a process that was looked at once."""
    (line,) = [each for each in said(reading_lines([pair()], 100)) if "keepalived2" in each]
    assert line.split()[3:] == ["–"] * 6
    first = said(own_lines(OwnUse(None, 50 * 1024**2, 4), (), 80))
    assert [each.split()[-3:] for each in first if "processor" in each] == [["of", "one,", "lately"]]
    assert "–" in first[1]
    assert "50.0 MiB" in first[2]
    assert all("–" in each for each in first[4:7])


def test_every_line_fits() -> None:
    """From a narrow terminal to a wall, whatever a cluster is called."""
    long = cluster(master(name="director-with-a-name-that-does-not-end-anywhere", effort=EFFORT), backup())
    for room in (77, 100, 197):
        lines = said([*own_lines(OwnUse(0.012, 1, 4), (0.0, 0.2), room), *reading_lines([long], room)])
        assert max(map(len, lines)) <= room


async def test_it_is_opened_from_anywhere_once() -> None:
    """`L` on the cluster and on a screen over it; there it leads back. The process is really looked at."""
    app = make_app(pair())
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.press("v", "L")
        await pilot.pause()
        assert isinstance(app.screen, DiagnosticsScreen)
        assert "MiB" in painted(app)
        await pilot.press("L")
        await pilot.pause()
        assert not isinstance(app.screen, DiagnosticsScreen | ClusterScreen)


async def test_it_follows_what_is_read() -> None:
    """The table shows the newest snapshots, with each look at the process."""
    app = make_app(pair())
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.press("L")
        await pilot.pause()
        app.feed.take(cluster(master(effort=replace(EFFORT, looks=4711)), silent()))
        assert isinstance(app.screen, DiagnosticsScreen)
        app.screen.look()
        await pilot.pause()
        assert "4,711" in painted(app)
