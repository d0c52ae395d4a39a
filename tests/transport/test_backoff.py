"""Delays between attempts to connect."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.transport.backoff import Backoff


def test_delays_double_up_to_the_cap_and_begin_anew_after_a_success() -> None:
    backoff = Backoff(base=1.0, cap=10.0, jitter=0.0)
    assert [backoff.next_delay() for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    backoff.reset()
    assert backoff.next_delay() == 1.0


def test_jitter_only_shortens() -> None:
    assert Backoff(base=2.0, jitter=0.5, random=lambda: 1.0).next_delay() == 1.0
    assert Backoff(base=2.0, jitter=0.5, random=lambda: 0.0).next_delay() == 2.0


@settings(deadline=None)
@given(
    st.floats(0.01, 10), st.floats(0, 100), st.floats(0, 1), st.lists(st.floats(0, 1, exclude_max=True), max_size=40)
)
def test_every_delay_is_within_its_bounds(base: float, more: float, jitter: float, chances: list[float]) -> None:
    rolls = iter(chances)
    backoff = Backoff(base, base + more, jitter, lambda: next(rolls))
    for number in range(len(chances)):
        longest = min(base + more, base * 2**number)
        assert longest * (1 - jitter) * 0.999 <= backoff.next_delay() <= longest * 1.001


@pytest.mark.parametrize(("base", "cap", "jitter"), [(0.0, 1.0, 0.5), (2.0, 1.0, 0.5), (1.0, 2.0, 1.1), (1.0, 2.0, -1)])
def test_nonsense_is_refused(base: float, cap: float, jitter: float) -> None:
    with pytest.raises(ValueError, match="not a back-off"):
        Backoff(base, cap, jitter)


def test_chance_is_taken_from_the_system_where_none_is_given() -> None:
    assert 0.2 <= Backoff().next_delay() <= 1.0
