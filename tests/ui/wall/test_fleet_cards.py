"""Many clusters at once: whatever the room, what is wrong is seen."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.ui.wall.fleet_cards import fleet
from lvstop.ui.wall.giant import giant
from lvstop.ui.wall.words import OnWall
from support import scenes
from support.walls import named, on_wall, several

CLUSTERS = [on_wall(each) for each in several(120)]


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
    clusters = [*CLUSTERS[:100], on_wall(named(scenes.split_brain(), "split"))]
    lines = [line.plain for line in fleet(clusters, 30, 10)]
    assert "split" in lines[0]
    assert "and 92 more" in lines[-1]


def places(clusters: Sequence[OnWall], size: tuple[int, int]) -> dict[str, tuple[int, int]]:
    """Where each cluster's name stands, by line and cell."""
    lines = [line.plain for line in fleet(clusters, *size)]
    names = [cluster.snapshot.name for cluster in clusters]
    return {name: next((y, line.index(name)) for y, line in enumerate(lines) if name in line) for name in names}


@pytest.mark.parametrize("size", [(60, 37), (117, 37), (197, 57)])
@pytest.mark.parametrize("count", [2, 6])
def test_clusters_keep_their_places(count: int, size: tuple[int, int]) -> None:
    """Whoever looks up knows where his is, whatever its state and however large its card."""
    before = places(CLUSTERS[:count], size)
    changed = [on_wall(named(scenes.split_brain(), "site-1")), *CLUSTERS[1:count]]
    assert places(changed, size) == before
    assert len(set(before.values())) == count


@pytest.mark.parametrize(
    ("count", "size", "letters"),
    [
        (2, (77, 21), 4),
        (6, (117, 37), 4),
        (2, (117, 37), 8),
        (6, (197, 57), 7),
        (2, (197, 57), 16),
        (4, (77, 21), 4),
        (6, (77, 21), 0),
    ],
)
def test_few_clusters_are_large(count: int, size: tuple[int, int], letters: int) -> None:
    """The holder's name in letters of so many lines, where there is room for them."""
    healthy = [on_wall(named(scenes.steady(), f"site-{number}")) for number in range(count)]
    text = "\n".join(line.plain for line in fleet(healthy, *size))
    if not letters:
        assert "keepalived1" in text
        return
    drawn = giant("keepalived1", size[0], letters)
    assert len(drawn) == letters
    assert text.count(max(drawn, key=len)) == count
