"""The wall, as it hangs there: sizes and states, by night."""

import pytest

from lvstop.model.cluster import ClusterSnapshot
from support import scenes
from support.pictures import Size, SnapCompare, at
from support.walls import named, several, wall_of

STATES = {"ok": scenes.steady, "warning": scenes.real_server_down, "critical": scenes.split_brain}


@at("80x24", "120x40", "200x60")
@pytest.mark.parametrize("state", STATES)
def test_one_cluster(snap_compare: SnapCompare, state: str, size: Size) -> None:
    """The state by shape, word and colour; the holder in the largest letters that fit; what is wrong."""
    assert snap_compare(wall_of([STATES[state]()[-1]]), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_several(snap_compare: SnapCompare, size: Size) -> None:
    """A card each, in their places, whatever their state."""
    assert snap_compare(wall_of(several()), terminal_size=size)


@at("120x40")
@pytest.mark.parametrize("count", [40, 100])
def test_many(snap_compare: SnapCompare, count: int, size: Size) -> None:
    """A line each where cards have no room."""
    assert snap_compare(wall_of(several(count)), terminal_size=size)


@at("120x40")
def test_one_of_several_alarms(snap_compare: SnapCompare, size: Size) -> None:
    """It is shown at once, out of its turn."""
    clusters: list[ClusterSnapshot] = [*several(), named(scenes.split_brain(), "site-7")]
    assert snap_compare(wall_of(clusters), terminal_size=size)
