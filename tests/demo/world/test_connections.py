"""Connections of one destination: none is lost, none is made up, and each ends at its time."""

from hypothesis import given
from hypothesis import strategies as st

from lvstop.demo.world.connections import ESTABLISHED_SECONDS, WAITING_SECONDS, Connections

BUCKETS = 4
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("begin", "refuse", "pass", "close", "age", "lose", "give up", "copy", "adopt", "hand over")),
        st.integers(0, 30),
    ),
    max_size=40,
)


def step(connections: Connections, what: str, count: int, now: float) -> None:
    match what:
        case "begin":
            connections.begin(count)
        case "refuse":
            connections.begin(count, answered=False)
        case "pass":
            connections.pass_by(count)
        case "close":
            connections.close(min(count, connections.live))
        case "age":
            connections.turn(count % 7)
            connections.expire(now)
            connections.expire_copies(now)
        case "lose":
            connections.lose_sight(min(count, connections.live), now)
        case "give up":
            connections.give_up(min(count, connections.half_open))
        case "copy":
            other = Connections(BUCKETS, udp=False)
            other.begin(count)
            connections.copy(other, now)
        case "adopt":
            connections.adopt(count, now)
        case "hand over":
            connections.hand_over(min(count, connections.live), now, known=count % 2 == 0)


@given(STEPS, st.booleans())
def test_connections_are_conserved(steps: list[tuple[str, int]], udp: bool) -> None:
    connections = Connections(BUCKETS, udp=udp)
    for moment, (what, count) in enumerate(steps):
        step(connections, what, count, moment * 60.0)
        assert connections.made + connections.adopted == connections.own + connections.finished
        assert connections.active + connections.inactive == connections.total
        parts = (connections.live, connections.half_open, connections.lingering, connections.waiting)
        assert all(part >= 0 for part in (*parts, connections.copied_active, connections.copied_inactive))


@given(STEPS)
def test_all_that_nobody_uses_is_over_at_last(steps: list[tuple[str, int]]) -> None:
    connections = Connections(BUCKETS, udp=False)
    for moment, (what, count) in enumerate(steps):
        step(connections, what, count, moment * 60.0)
    end = len(steps) * 60.0
    connections.lose_sight(connections.live, end)
    connections.give_up(connections.half_open)
    connections.turn(BUCKETS + 1)
    connections.expire(end + ESTABLISHED_SECONDS)
    connections.expire_copies(end + 2 * ESTABLISHED_SECONDS)
    assert connections.total == 0


def test_what_was_closed_waits_for_its_whole_timeout() -> None:
    connections = Connections(BUCKETS, udp=False)
    connections.begin(5)
    connections.close(5)
    connections.turn(BUCKETS)
    assert (connections.active, connections.inactive) == (0, 5)
    connections.turn(1)
    assert connections.inactive == 0


def test_udp_is_always_inactive() -> None:
    connections = Connections(BUCKETS, udp=True)
    connections.begin(5)
    connections.close(2)
    assert (connections.active, connections.inactive) == (0, 5)


def test_copies_that_nobody_refreshes_time_out() -> None:
    connections = Connections(BUCKETS, udp=False)
    other = Connections(BUCKETS, udp=False)
    other.begin(9)
    other.close(4)
    connections.copy(other, now=0)
    connections.expire_copies(WAITING_SECONDS + 1)
    assert (connections.active, connections.inactive) == (5, 0)
    connections.expire_copies(ESTABLISHED_SECONDS + 1)
    assert connections.total == 0
