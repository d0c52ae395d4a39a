"""Many clusters at once: whatever the room, what is wrong is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.ui.wall.fleet_cards import fleet
from support import scenes
from support.walls import named, several

CLUSTERS = several(120)


@given(st.integers(1, 120), st.integers(24, 300), st.integers(4, 90))
def test_it_fits(count: int, width: int, height: int) -> None:
    """No line is longer than there is room, and there are not more of them."""
    lines = fleet(CLUSTERS[:count], width, height)
    assert len(lines) <= height
    assert all(line.cell_length <= width for line in lines)


@pytest.mark.parametrize(("width", "height"), [(120, 37), (160, 43), (250, 60), (80, 60)])
def test_a_hundred_have_room(width: int, height: int) -> None:
    """Each of them by its name, on terminals of a wall."""
    said = "\n".join(line.plain for line in fleet(CLUSTERS[:100], width, height))
    assert all(f" site-{number + 1} " in said or f" site-{number + 1}\n" in said for number in range(100))


def test_the_worst_are_seen_where_not_all_can_be() -> None:
    """And how many are not."""
    clusters = [*CLUSTERS[:100], named(scenes.split_brain(), "split")]
    lines = [line.plain for line in fleet(clusters, 30, 10)]
    assert "split" in lines[0]
    assert "and 92 more" in lines[-1]


def test_clusters_keep_their_places() -> None:
    """Whoever looks up knows where his is, whatever its state."""
    before = fleet(CLUSTERS[:6], 120, 37)
    changed = [*CLUSTERS[:3], named(scenes.split_brain(), "site-4"), *CLUSTERS[4:6]]
    after = fleet(changed, 120, 37)
    assert [line.plain for line in before][::7] == [line.plain for line in after][::7]
