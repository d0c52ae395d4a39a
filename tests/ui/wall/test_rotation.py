"""Whose turn it is on the wall."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.ui.wall.rotation import STAY, Turn, next_turn

DWELL, STILL = timedelta(seconds=15), timedelta(0)
FINE = {"a": False, "b": False, "c": False}


def played(seconds: int, calling: dict[str, bool], turn: Turn | None = None, dwell: timedelta = DWELL) -> list[Turn]:
    """A second each, with these calling."""
    turns = [turn or Turn(None, 0.0)]
    for _ in range(seconds):
        now = turns[0].since + len(turns)
        turns.append(next_turn(turns[-1], calling, now, dwell))
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
    alarmed = played(600, {**FINE, "b": True}, dwell=STILL)
    assert order(alarmed) == [None, "b"]
    assert order(played(600, FINE, alarmed[-1], STILL)) == ["b", None]
    assert order(played(600, FINE, dwell=STILL)) == [None]


def test_without_dwell_several_that_alarm_are_seen() -> None:
    """Each when it begins, and then all of them side by side."""
    first = played(100, {**FINE, "a": True}, dwell=STILL)
    second = played(200, {**FINE, "a": True, "b": True}, first[-1], STILL)
    assert order(second) == ["a", "b", None]
    assert [turn.cluster for turn in second].count("b") == STAY.seconds


def test_without_dwell_what_a_key_has_shown_is_not_shown_for_ever() -> None:
    """Whoever pressed it has gone."""
    turns = played(600, FINE, Turn("b", 0.0, by_hand=True), STILL)
    assert order(turns) == ["b", None]


def test_one_that_alarms_is_shown_at_once_and_stays() -> None:
    """Whoever's turn it is; afterwards all are shown, to see that this was all."""
    (_, shown) = played(1, {**FINE, "c": True}, Turn("a", 0.0))
    assert shown.cluster == "c"
    stayed = played(500, {**FINE, "c": True}, shown)
    assert order(stayed) == ["c"]
    assert order(played(20, FINE, stayed[-1]))[:2] == ["c", None]


def test_several_that_alarm_take_turns() -> None:
    """And nobody else does, but all of them together: how many there are is news as well."""
    turns = played(80, {"a": True, "b": False, "c": True})
    assert order(turns) == [None, "a", "c", None, "a", "c"]


def test_one_more_that_alarms_is_shown_at_once() -> None:
    """However many alarm already, and whatever a key has shown."""
    names = [f"site-{number}" for number in range(40)]
    calling = {name: number > 0 for number, name in enumerate(names)}
    turn = played(33, calling)[-1]
    assert next_turn(turn, {**calling, "site-0": True}, turn.since + 1, DWELL).cluster == "site-0"
    by_hand = Turn("site-7", 0.0, frozenset(names[1:]), by_hand=True)
    assert next_turn(by_hand, calling, 1.0, DWELL).cluster == "site-7"
    assert next_turn(by_hand, {**calling, "site-0": True}, 1.0, DWELL).cluster == "site-0"


@pytest.mark.parametrize("gone", ["b", "c"])
def test_one_that_is_gone(gone: str) -> None:
    """Its turn is over."""
    rest = {name: health for name, health in FINE.items() if name != gone}
    assert next_turn(Turn(gone, 0.0), rest, 0.0, DWELL) == Turn(None, 0.0)


@given(
    st.dictionaries(st.sampled_from("abcd"), st.booleans(), min_size=1),
    st.sampled_from([None, *"abcde"]),
    st.frozensets(st.sampled_from("abcde")),
    st.integers(0, 100),
    st.sampled_from([STILL, DWELL]),
)
def test_whatever_is_shown_is_there(
    calling: dict[str, bool], cluster: str | None, called: frozenset[str], seconds: int, dwell: timedelta
) -> None:
    """And where something calls, that is what is shown, or all where several call."""
    turn = next_turn(Turn(cluster, 0.0, called), calling, float(seconds), dwell)
    assert turn.cluster is None or turn.cluster in calling
    critical = {name for name, calls in calling.items() if calls}
    assert not critical or turn.cluster in critical or len(calling) == 1 or (turn.cluster is None and len(critical) > 1)
    assert turn.calling == critical


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.booleans()), min_size=200, max_size=200),
    st.sampled_from([STILL, DWELL]),
)
def test_what_calls_for_long_enough_is_seen(looks: list[dict[str, bool]], dwell: timedelta) -> None:
    """By itself, or in the view of all, whatever else comes and goes."""
    turn = Turn(None, 0.0)
    unseen = dict.fromkeys("abc", 0)
    most = 4 * (dwell or STAY).seconds
    for second, look in enumerate(looks):
        calling = {
            **dict.fromkeys("abc", False),
            "a": True,
            **{name: calls for name, calls in look.items() if name != "a"},
        }
        turn = next_turn(turn, calling, float(second), dwell)
        unseen["a"] = 0 if turn.cluster in (None, "a") else unseen["a"] + 1
        assert unseen["a"] <= most
