"""Whose turn it is on the wall."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.ui.wall.rotation import Turn, next_turn
from support.factories import NOW

DWELL = timedelta(seconds=15)
FINE = {"a": False, "b": False, "c": False}


def played(seconds: int, calling: dict[str, bool], turn: Turn | None = None, dwell: timedelta = DWELL) -> list[Turn]:
    """A second each, with these calling."""
    turns = [turn or Turn(None, NOW)]
    for second in range(1, seconds + 1):
        turns.append(next_turn(turns[-1], calling, NOW + timedelta(seconds=second), dwell))
    return turns


def order(turns: list[Turn]) -> list[str | None]:
    """What was shown, without how long."""
    return [turn.cluster for at, turn in enumerate(turns) if not at or turn.cluster != turns[at - 1].cluster]


def test_all_of_them_and_then_each() -> None:
    """In their order, for as long as each other."""
    turns = played(75, FINE)
    assert order(turns) == [None, "a", "b", "c", None, "a"]
    assert [turn.cluster for turn in turns].count("b") == 15


def test_one_alone_is_always_shown() -> None:
    """Whatever its state."""
    assert order(played(60, {"a": False})) == [None, "a"]
    assert order(played(60, {"a": True})) == [None, "a"]


def test_without_dwell_they_stay_side_by_side() -> None:
    """But for one that alarms, and until it does not any more."""
    still = timedelta(0)
    assert order(played(600, FINE, dwell=still)) == [None]
    alarmed = played(600, {**FINE, "b": True}, dwell=still)
    assert order(alarmed) == [None, "b"]
    assert order(played(600, FINE, alarmed[-1], still)) == ["b", None]


def test_one_that_alarms_is_shown_at_once_and_stays() -> None:
    """Whoever's turn it is; afterwards all are shown, to see that this was all."""
    turn = Turn("a", NOW)
    (_, shown) = played(1, {**FINE, "c": True}, turn)
    assert (shown.cluster, shown.alarmed) == ("c", True)
    stayed = played(500, {**FINE, "c": True}, shown)
    assert order(stayed) == ["c"]
    assert order(played(20, FINE, stayed[-1]))[:2] == ["c", None]


def test_several_that_alarm_take_turns() -> None:
    """And nobody else does."""
    turns = played(60, {"a": True, "b": False, "c": True})
    assert order(turns) == [None, "a", "c", "a", "c"]


@pytest.mark.parametrize("gone", ["b", "c"])
def test_one_that_is_gone(gone: str) -> None:
    """Its turn is over."""
    rest = {name: health for name, health in FINE.items() if name != gone}
    assert next_turn(Turn(gone, NOW), rest, NOW, DWELL) == Turn(None, NOW)


@given(
    st.dictionaries(st.sampled_from("abcd"), st.booleans(), min_size=1),
    st.sampled_from([None, *"abcde"]),
    st.booleans(),
    st.integers(0, 100),
    st.sampled_from([timedelta(0), DWELL]),
)
def test_whatever_is_shown_is_there(
    calling: dict[str, bool], cluster: str | None, alarmed: bool, seconds: int, dwell: timedelta
) -> None:
    """And where something calls, that is what is shown."""
    turn = next_turn(Turn(cluster, NOW, alarmed), calling, NOW + timedelta(seconds=seconds), dwell)
    assert turn.cluster is None or turn.cluster in calling
    critical = {name for name, calls in calling.items() if calls}
    assert not critical or turn.cluster in critical or len(calling) == 1
