"""Whose turn it is on the wall."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.cluster import Health
from lvstop.ui.wall.rotation import Turn, next_turn
from support.factories import NOW

DWELL = timedelta(seconds=15)
OK, WARNING, CRITICAL, UNKNOWN = Health.OK, Health.WARNING, Health.CRITICAL, Health.UNKNOWN
FINE = {"a": OK, "b": WARNING, "c": UNKNOWN}


def played(seconds: int, healths: dict[str, Health], turn: Turn | None = None, dwell: timedelta = DWELL) -> list[Turn]:
    """A second each, with these healths."""
    turns = [turn or Turn(None, NOW)]
    for second in range(1, seconds + 1):
        turns.append(next_turn(turns[-1], healths, NOW + timedelta(seconds=second), dwell))
    return turns


def order(turns: list[Turn]) -> list[str | None]:
    """What was shown, without how long."""
    return [turn.cluster for at, turn in enumerate(turns) if not at or turn.cluster != turns[at - 1].cluster]


def test_all_of_them_and_then_each() -> None:
    """In their order, for as long as each other; a warning is no reason to be shown longer."""
    turns = played(75, FINE)
    assert order(turns) == [None, "a", "b", "c", None, "a"]
    assert [turn.cluster for turn in turns].count("b") == 15


def test_one_alone_is_always_shown() -> None:
    """Whatever its state."""
    assert order(played(60, {"a": OK})) == [None, "a"]
    assert order(played(60, {"a": CRITICAL})) == [None, "a"]


def test_without_dwell_they_stay_side_by_side() -> None:
    """But for one that alarms, and until it does not any more."""
    still = timedelta(0)
    assert order(played(600, FINE, dwell=still)) == [None]
    alarmed = played(600, {**FINE, "b": CRITICAL}, dwell=still)
    assert order(alarmed) == [None, "b"]
    assert order(played(600, FINE, alarmed[-1], still)) == ["b", None]


def test_one_that_alarms_is_shown_at_once_and_stays() -> None:
    """Whoever's turn it is; afterwards all are shown, to see that this was all."""
    turn = Turn("a", NOW)
    (_, shown) = played(1, {**FINE, "c": CRITICAL}, turn)
    assert (shown.cluster, shown.alarmed) == ("c", True)
    stayed = played(500, {**FINE, "c": CRITICAL}, shown)
    assert order(stayed) == ["c"]
    assert order(played(20, FINE, stayed[-1]))[:2] == ["c", None]


def test_several_that_alarm_take_turns() -> None:
    """And nobody else does."""
    turns = played(60, {"a": CRITICAL, "b": OK, "c": CRITICAL})
    assert order(turns) == [None, "a", "c", "a", "c"]


@pytest.mark.parametrize("gone", ["b", "c"])
def test_one_that_is_gone(gone: str) -> None:
    """Its turn is over."""
    rest = {name: health for name, health in FINE.items() if name != gone}
    assert next_turn(Turn(gone, NOW), rest, NOW, DWELL) == Turn(None, NOW)


@given(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(Health), min_size=1),
    st.sampled_from([None, *"abcde"]),
    st.booleans(),
    st.integers(0, 100),
    st.sampled_from([timedelta(0), DWELL]),
)
def test_whatever_is_shown_is_there(
    healths: dict[str, Health], cluster: str | None, alarmed: bool, seconds: int, dwell: timedelta
) -> None:
    """And where something is critical, that is what is shown."""
    turn = next_turn(Turn(cluster, NOW, alarmed), healths, NOW + timedelta(seconds=seconds), dwell)
    assert turn.cluster is None or turn.cluster in healths
    critical = {name for name, health in healths.items() if health is CRITICAL}
    assert not critical or turn.cluster in critical or len(healths) == 1
