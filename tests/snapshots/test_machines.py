"""The machines under the directors: bars, tables, interfaces, and what is near its end."""

import pytest

from support.pictures import SIZES, Size, SnapCompare, app_of

SIZED = pytest.mark.parametrize(
    "size",
    [
        pytest.param(SIZES["80x24"], id="80x24"),
        pytest.param((140, 45), id="140x45"),
        pytest.param(SIZES["200x60"], id="200x60"),
    ],
)
MIDDLE = (140, 45)


@SIZED
def test_calm(snap_compare: SnapCompare, size: Size) -> None:
    """Two machines with little to do: side by side where there is room, and nothing is near its end."""
    assert snap_compare(app_of("machines-calm"), press=["h"], terminal_size=size)


@SIZED
def test_one_processor_all_softirq(snap_compare: SnapCompare, size: Size) -> None:
    """A packet storm through one queue: one processor is full of softirq, packets are dropped, and that is said."""
    assert snap_compare(app_of("machines-storm"), press=["h"], terminal_size=size)


@SIZED
def test_nearly_full(snap_compare: SnapCompare, size: Size) -> None:
    """Connection tracking is nearly full on the director that holds the VIP, and its memory is short."""
    assert snap_compare(app_of("machines-full"), press=["h"], terminal_size=size)


@SIZED
def test_unreachable(snap_compare: SnapCompare, size: Size) -> None:
    """One director does not answer: its machine is shown as it was, and says so."""
    assert snap_compare(app_of("machines-unreachable"), press=["h"], terminal_size=size)


@SIZED
def test_plain_user(snap_compare: SnapCompare, size: Size) -> None:
    """A plain user sees the machines as root does; one of them tracks no connections."""
    assert snap_compare(app_of("machines-plain"), press=["h"], terminal_size=size)


def test_many_processors(snap_compare: SnapCompare) -> None:
    """Sixty-four of them stand in a grid; the one that is full has a sign."""
    assert snap_compare(app_of("machines-many"), press=["h"], terminal_size=MIDDLE)


def test_first_reading(snap_compare: SnapCompare) -> None:
    """Before the second reading shares are not known, and nobody says that all is well."""
    assert snap_compare(app_of("machines-first"), press=["h"], terminal_size=MIDDLE)
