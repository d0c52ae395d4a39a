"""Things happen at their times, in order, and once."""

from hypothesis import given
from hypothesis import strategies as st

from lvstop.demo.world.timeline import Timeline


@given(st.lists(st.floats(0, 100), max_size=30), st.lists(st.floats(0, 30), max_size=12))
def test_what_is_due_happens_in_order_at_its_own_moment(delays: list[float], steps: list[float]) -> None:
    timeline = Timeline()
    seen: list[tuple[float, int]] = []
    for number, delay in enumerate(delays):
        timeline.after(delay, lambda number=number: seen.append((timeline.now, number)))  # type: ignore[misc]
    for step in steps:
        timeline.run(timeline.now + step)
    timeline.run(1000)
    assert seen == sorted((delay, number) for number, delay in enumerate(delays))


def test_a_cancelled_timer_does_not_happen_and_one_that_repeats_stops() -> None:
    timeline = Timeline()
    seen: list[float] = []
    timeline.after(1, lambda: seen.append(-1)).cancel()
    beat = timeline.every(2, lambda: seen.append(timeline.now))
    timeline.run(7)
    beat.cancel()
    timeline.run(20)
    assert seen == [2, 4, 6]


def test_a_leap_moves_what_is_due_and_lets_nothing_happen() -> None:
    timeline = Timeline()
    seen: list[float] = []
    timeline.every(2, lambda: seen.append(timeline.now))
    timeline.run(3)
    timeline.leap(100)
    assert seen == [2]
    timeline.run(107)
    assert seen == [2, 104, 106]


def test_time_never_goes_back() -> None:
    timeline = Timeline()
    timeline.run(5)
    timeline.run(3)
    assert timeline.now == 5
