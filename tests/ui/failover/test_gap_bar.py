"""Bars of who had an address when: what is not known exactly is not drawn as if it were."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.actions.failover.timeline import AddressGap, Mark, Moment
from lvstop.ui.failover.gap_bar import Window, bar_lines, pair_cells, window_of
from support.failover_scenes import ADDED, FIRST, LAST, REMOVED, course

VIP = ip_address("172.26.127.20")
NAMES = ("keepalived1", "keepalived2")


def moment(mark: Mark, at: float, error: float = 0.0, director: str = "keepalived1") -> Moment:
    """Something at so many seconds."""
    return Moment(mark, director, str(VIP), at, error)


def gap(removed: float | None, added: float | None, error: float = 0.0, by: str = "keepalived2") -> AddressGap:
    """An address on its way."""
    gone = None if removed is None else moment(Mark.VIP_REMOVED, removed, error)
    there = None if added is None else moment(Mark.VIP_ADDED, added, error, by)
    return AddressGap(VIP, gone, there, None)


@pytest.mark.parametrize(
    ("each", "window", "source", "target"),
    [
        (gap(3.0, 7.0), Window(0, 10), "███·······", "·······███"),
        (gap(7.0, 3.0), Window(0, 10), "███████···", "···███████"),
        (gap(3.0, 7.0, error=1.0), Window(0, 10), "██▒▒······", "······▒▒██"),
        (gap(None, None), Window(0, 10), "▒▒▒▒▒▒▒▒▒▒", "▒▒▒▒▒▒▒▒▒▒"),
        (gap(None, None), Window(0, 10, now=3.5), "████      ", "····      "),
        (gap(3.0, None), Window(0, 10, now=4.5), "███··     ", "·····     "),
        (gap(2.0, 5.0, by="keepalived1"), Window(0, 10), "██···█████", "··········"),
        (gap(3.4, 3.6), Window(0, 10), "███·······", "····██████"),
    ],
    ids=["absent", "overlap", "inexact", "unseen", "running", "half-way", "came-back", "within-a-cell"],
)
def test_cells(each: AddressGap, window: Window, source: str, target: str) -> None:
    """A cell a second: it has the address (█), perhaps (▒), not (·), or that is still to come."""
    assert pair_cells(each, NAMES[0], window, 10) == (source, target)


@given(
    at=st.floats(-5, 15), error=st.floats(0, 3), room=st.integers(1, 200), now=st.one_of(st.none(), st.floats(-1, 12))
)
def test_a_cell_is_sure_only_where_the_stopwatch_is(at: float, error: float, room: int, now: float | None) -> None:
    """As many cells as there is room for; a cell well before the moment has it, one well after has not."""
    cells, _ = pair_cells(gap(at, None, error), NAMES[0], Window(0, 10, now), room)
    assert len(cells) == room
    size = 10 / room
    for place, cell in enumerate(cells):
        begin, end = place * size, (place + 1) * size
        if now is not None and begin > now:
            assert cell == " "
        elif end <= at - error:
            assert cell == "█"
        elif begin >= at + error:
            assert cell == "·"
        elif 2 * error > size:
            assert cell == "▒"


def test_the_window_is_where_it_moved() -> None:
    """With errors and a margin; the seconds of waiting before are not in it. Nothing was seen: there is none."""
    window = window_of(course())
    assert window is not None
    assert window.begin < ADDED.at - ADDED.error
    assert window.end > REMOVED.at + REMOVED.error
    assert window.end - window.begin < 0.2
    assert window_of(course(moment(Mark.LEVER_PULLED, 0.0))) is None


def test_what_was_answered_is_drawn_where_both_were_counted() -> None:
    """Between the last new connection here and the first one there nobody knows, or nobody answered."""
    window = Window(0, 10)
    moments = (moment(Mark.LAST_CONNECTION, 4.0), moment(Mark.FIRST_CONNECTION, 6.0, director="keepalived2"))
    lines = [line.plain for line in bar_lines([gap(5.0, 5.0)], moments, NAMES, window, 26)]
    assert lines[-1] == "   answered     ████··████"
    assert not any("answered" in line.plain for line in bar_lines([gap(5.0, 5.0)], (LAST,), NAMES, window, 26))
    assert not any("answered" in line.plain for line in bar_lines([gap(5.0, 5.0)], (FIRST,), NAMES, window, 26))


def test_many_addresses_are_counted() -> None:
    """Three have bars; the others moved with them."""
    lines = [line.plain for line in bar_lines([gap(3.0, 7.0)] * 20, (), NAMES, Window(0, 10), 60)]
    assert lines[-1].strip() == "and 17 more, which moved with them"
    assert len(lines) == 10
