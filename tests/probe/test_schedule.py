"""When each lane of facts is read."""

from lvstop.probe.schedule import Lane, Schedule


def test_everything_is_due_at_first_and_then_at_its_cadence() -> None:
    """A lane that was read waits for its cadence; the one that has waited longest goes first."""
    schedule = Schedule({Lane.COUNTERS: 2.0, Lane.VRRP: 60.0}, 100.0)
    assert schedule.next_due(100.0) is Lane.COUNTERS
    schedule.begin(Lane.COUNTERS, 100.0)
    schedule.done(Lane.COUNTERS, 100.0)
    assert schedule.next_due(100.0) is Lane.VRRP
    schedule.begin(Lane.VRRP, 100.5)
    schedule.done(Lane.VRRP, 100.5)
    assert schedule.next_due(101.9) is None
    assert schedule.next_due(102.0) is Lane.COUNTERS


def test_an_event_calls_a_lane_early_but_not_in_a_hail() -> None:
    """Two events within the gap cost one reading, after the gap."""
    schedule = Schedule({Lane.VRRP: 60.0}, 0.0)
    schedule.begin(Lane.VRRP, 0.0)
    schedule.done(Lane.VRRP, 0.0)
    schedule.call(Lane.VRRP, 1.0, gap=2.0)
    assert schedule.next_due(1.0) is None
    assert schedule.next_due(2.0) is Lane.VRRP
    schedule.begin(Lane.VRRP, 2.0)
    schedule.done(Lane.VRRP, 2.0)
    schedule.call(Lane.VRRP, 30.0, gap=2.0)
    assert schedule.next_due(30.0) is Lane.VRRP


def test_a_lane_that_may_not_be_read_is_passed_over() -> None:
    """Without privilege the counters are not even tried."""
    schedule = Schedule({Lane.COUNTERS: 2.0, Lane.VRRP: 60.0}, 0.0)
    assert schedule.next_due(5.0, allowed=lambda lane: lane is not Lane.COUNTERS) is Lane.VRRP


def test_a_shorter_cadence_takes_effect_at_once() -> None:
    """keepalived is gone: it is looked for every two seconds, not when the minute is over."""
    schedule = Schedule({Lane.DAEMON: 60.0}, 0.0)
    schedule.begin(Lane.DAEMON, 0.0)
    schedule.done(Lane.DAEMON, 0.0)
    schedule.cadence(Lane.DAEMON, 2.0, 1.0)
    assert schedule.next_due(1.9) is None
    assert schedule.next_due(2.0) is Lane.DAEMON


def test_a_call_during_a_reading_is_not_lost() -> None:
    """What happens while a lane is read may not be in its answer: it is read again, after the gap."""
    schedule = Schedule({Lane.VRRP: 60.0}, 0.0)
    schedule.begin(Lane.VRRP, 0.0)
    schedule.call(Lane.VRRP, 1.0, gap=2.0)
    schedule.done(Lane.VRRP, 1.5)
    assert schedule.next_due(1.9) is None
    assert schedule.next_due(2.0, called_only=True) is Lane.VRRP


def test_what_was_called_goes_first() -> None:
    """A transition does not wait behind heartbeats that have been due for longer."""
    schedule = Schedule({Lane.COUNTERS: 2.0, Lane.VRRP: 60.0}, 0.0)
    schedule.begin(Lane.VRRP, 0.0)
    schedule.done(Lane.VRRP, 0.0)
    schedule.call(Lane.VRRP, 5.0, gap=2.0)
    assert schedule.next_due(5.0) is Lane.VRRP


def test_a_lane_that_fails_is_tried_less_often() -> None:
    """A command that hangs must not be started every two seconds on an ailing director."""
    schedule, now, starts = Schedule({Lane.COUNTERS: 2.0}, 0.0), 0.0, 0
    while now < 300.0:
        if schedule.next_due(now) is Lane.COUNTERS:
            schedule.begin(Lane.COUNTERS, now)
            schedule.done(Lane.COUNTERS, now, failed=True)
            starts += 1
        now += 1.0
    assert starts <= 10
    schedule.begin(Lane.COUNTERS, now)
    schedule.done(Lane.COUNTERS, now)
    assert schedule.next_due(now + 2.0) is Lane.COUNTERS
