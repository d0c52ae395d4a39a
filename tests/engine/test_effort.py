"""What reading a director costs: counted where it happens, over connections that come and go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.quantiles import quantile
from lvstop.engine.effort_meter import LOOKS, EffortMeter
from lvstop.engine.own_process import BEAT, LoopLag, PsutilProcess
from lvstop.probe import programs
from lvstop.transport.base import TransportError
from lvstop.transport.counted import CountedTransport, Traffic
from support.clocks import ManualClock
from support.fake_director import NO_ANSWER, FakeDirector


def test_what_is_counted() -> None:
    """Latencies of the last looks, bytes over their time, and what failed."""
    meter = EffortMeter()
    assert meter.effort().bytes_per_second is None
    meter.connected()
    for second in range(3):
        meter.looked(second, second + 0.25, 1000 + 500 * second)
    meter.failed()
    meter.connected()
    effort = meter.effort()
    assert (effort.looks, effort.failures, effort.connections) == (3, 1, 2)
    assert effort.latencies == (0.25, 0.25, 0.25)
    assert (effort.bytes_read, effort.bytes_per_second) == (2000, 500.0)
    for second in range(500):
        meter.looked(second, second, 0)
    assert len(meter.effort().latencies) == LOOKS


async def test_whatever_comes_through_is_counted() -> None:
    """Greetings, answers and followed lines of all connections; what fails is passed on."""
    director, traffic = FakeDirector(ManualClock()), Traffic()
    lines: list[bytes] = []
    for _ in range(2):
        transport = CountedTransport(director.transport(), traffic)
        await transport.connect()
        channel = await transport.open(programs.table(), elevated=False, timeout=1.0)
        await channel.ask("t 1 0 1", timeout=1.0)
        director.say("Keepalived_vrrp[1]: hello")
        director.journal.put_nowait(None)
        lines += [line async for line in transport.follow(programs.journal(), elevated=False)]
        await transport.close()
        assert transport.host == "d1.example"
    assert traffic.bytes_read == sum(1 + 1 + len(line) + 1 for line in lines)
    assert len(lines) == 2
    assert director.channels == 0
    director.refusal = NO_ANSWER
    with pytest.raises(TransportError) as caught:
        await CountedTransport(director.transport(), traffic).connect()
    assert caught.value.fault is NO_ANSWER


@given(st.lists(st.floats(0, 1e9), min_size=1), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values_and_bounds_that_part(values: list[float], part: float) -> None:
    """By nearest rank."""
    found = quantile(values, part)
    assert found in values
    assert found is not None
    assert sum(value <= found for value in values) >= part * len(values) - 1e-9


def test_quantiles() -> None:
    """Of nothing there is none."""
    assert quantile((), 0.5) is None
    assert quantile(range(1, 101), 0.95) == 95
    assert quantile((1.0, 2.0), 0.5) == 1.0


def test_the_own_process_is_looked_at() -> None:
    """Memory and threads at once, the processor's time from the second look on."""
    clock = ManualClock()
    process = PsutilProcess(clock)
    first = process.use()
    assert first.cpu is None
    assert first.rss_bytes > 1_000_000
    assert first.threads >= 1
    assert process.use().cpu is None
    clock.advance(1000.0)
    second = process.use()
    assert second.cpu is not None
    assert 0.0 <= second.cpu < 1.0


async def test_a_late_event_loop_shows() -> None:
    """What it takes longer than it was asked for."""

    class Late(ManualClock):
        async def sleep(self, seconds: float) -> None:
            if len(lag.late) == 2:
                raise TransportError(NO_ANSWER)
            self.advance(seconds + 0.03)

    clock = Late()
    lag = LoopLag(clock)
    with pytest.raises(TransportError):
        await lag.run()
    assert [round(each, 6) for each in lag.late] == [0.03, 0.03]
    assert BEAT > 0
