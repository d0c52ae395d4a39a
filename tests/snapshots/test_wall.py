"""The wall, as it hangs there: sizes and states, by night."""

from collections.abc import Sequence

import pytest

from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.wall.app import NocApp
from support import scenes
from support.pictures import Size, SnapCompare, at
from support.walls import named, several, wall_of

STATES = {
    "ok": scenes.steady,
    "warning": scenes.real_server_down,
    "critical": scenes.split_brain,
    "unknown": scenes.nobody_answers,
}


@at("80x24", "120x40", "200x60")
@pytest.mark.parametrize("state", STATES)
def test_one_cluster(snap_compare: SnapCompare, state: str, size: Size) -> None:
    """The state by shape, word and colour; the holder in the largest letters that fit; what is wrong."""
    assert snap_compare(wall_of([STATES[state]()[-1]]), terminal_size=size)


@at("80x24", "120x40", "200x60")
@pytest.mark.parametrize("state", STATES)
def test_fleet(snap_compare: SnapCompare, state: str, size: Size) -> None:
    """Four clusters, one of them in that state, in large letters where there is room for them; all stay in sight."""
    assert snap_compare(quiet([*healthy(3), named(STATES[state](), "site-4")]), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_several(snap_compare: SnapCompare, size: Size) -> None:
    """A card each, in their places, whatever their state."""
    assert snap_compare(quiet(several()), terminal_size=size)


@at("120x40")
@pytest.mark.parametrize("count", [40, 100])
def test_many(snap_compare: SnapCompare, count: int, size: Size) -> None:
    """A line each where cards have no room."""
    assert snap_compare(quiet(several(count)), terminal_size=size)


@at("120x40")
def test_one_of_several_alarms(snap_compare: SnapCompare, size: Size) -> None:
    """It is shown at once, out of its turn."""
    assert snap_compare(wall_of([*healthy(6), named(scenes.split_brain(), "site-7")]), terminal_size=size)


@at("120x40")
def test_an_acknowledged_alarm(snap_compare: SnapCompare, size: Size) -> None:
    """It stays in sight, and is said to be known."""
    assert snap_compare(quiet([scenes.split_brain()[-1]]), terminal_size=size)


def healthy(count: int) -> list[ClusterSnapshot]:
    """Clusters with nothing to say."""
    return [named(scenes.steady(), f"site-{number + 1}") for number in range(count)]


def quiet(clusters: Sequence[ClusterSnapshot]) -> NocApp:
    """A wall whose alarms are acknowledged, so that none of them keeps it from showing all clusters."""
    app = wall_of(clusters)
    for feed in app.feeds.values():
        feed.alarms.acknowledge()
    return app
