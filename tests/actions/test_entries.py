"""What operators type: weights and lengths of time, or a sentence that says what is wrong."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.actions.entries import GREATEST, parse_span, parse_weight
from lvstop.actions.intent import AddWeight, ScaleWeight, SetWeight
from support.plans import BOTH_ROWS, SMB_ROW


@given(st.integers(0, GREATEST))
def test_a_number_is_a_weight(weight: int) -> None:
    """From 0 to the greatest that every ipvsadm takes."""
    assert parse_weight(f" {weight} ", BOTH_ROWS) == SetWeight(BOTH_ROWS, weight)


@given(st.integers(1, GREATEST))
def test_a_sign_makes_it_a_difference(delta: int) -> None:
    """Also with the minus sign of typesetters."""
    assert parse_weight(f"+{delta}", (SMB_ROW,)) == AddWeight((SMB_ROW,), delta)
    assert parse_weight(f"-{delta}", (SMB_ROW,)) == AddWeight((SMB_ROW,), -delta)
    assert parse_weight(f"−{delta}", (SMB_ROW,)) == AddWeight((SMB_ROW,), -delta)


@given(st.text(max_size=8))
def test_any_text_is_an_intent_or_a_sentence(text: str) -> None:
    """Nothing else is raised, and no intent is out of bounds."""
    try:
        intent = parse_weight(text, (SMB_ROW,))
    except ValueError:
        return
    if isinstance(intent, SetWeight):
        assert 0 <= intent.weight <= GREATEST
    elif isinstance(intent, AddWeight):
        assert 0 < abs(intent.delta) <= GREATEST
    else:
        assert isinstance(intent, ScaleWeight)
        assert intent.percent > 0


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)),
        (" 2 h ", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("", None),
        ("  ", None),
    ],
)
def test_lengths_of_time(text: str, span: timedelta | None) -> None:
    """Minutes, hours, days; nothing is no time."""
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["0m", "2", "h", "2x", "-2h", "1.5h", "99999d", "2h30m", "٣h"])
def test_what_is_no_length_of_time(text: str) -> None:
    """A sentence."""
    with pytest.raises(ValueError, match="is no length of time"):
        parse_span(text)


@given(st.text(max_size=8))
def test_any_text_is_a_time_or_a_sentence(text: str) -> None:
    """Nothing else is raised, and a time is some time."""
    try:
        span = parse_span(text)
    except ValueError:
        return
    assert span is None or span > timedelta(0)
