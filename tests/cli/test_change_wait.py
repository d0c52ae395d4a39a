"""Following a drain over real sessions with a pair in memory."""

from collections.abc import Callable
from dataclasses import replace

from lvstop.analysis.draining import DrainProgress, Safety
from lvstop.cli.change_wait import TOLD_EVERY, follow
from lvstop.model.ipvs import VirtualServer
from support.change_factories import change, weights
from support.clocks import EagerClock
from support.fake_answers import TABLE
from support.fake_director import EVENING, NO_ANSWER, FakeDirector, cluster_of, probes_of

WEB = TABLE[0]
DRAIN = change(*weights(str(WEB.key), "10.9.0.11:80", before=3, directors=("d1", "d2")))


def web(active: int, weight: int = 0) -> tuple[VirtualServer, ...]:
    """The pair's table with so many connections on the drained real server."""
    first, *others = WEB.real_servers
    return (
        replace(WEB, real_servers=(replace(first, weight=weight, active_connections=active), *others)),
        *TABLE[1:],
    )


class Changing(FakeDirector):
    """A director whose table depends on the time."""

    def __init__(self, clock: EagerClock, name: str, connections: Callable[[float], int]) -> None:
        super().__init__(clock, name)
        self._began = clock.monotonic()
        self._connections = connections

    @property
    def table(self) -> tuple[VirtualServer, ...]:
        """So many connections now."""
        return web(self._connections(self.clock.monotonic() - self._began))

    @table.setter
    def table(self, value: object) -> None:
        """It follows from the time."""


async def followed(
    clock: EagerClock, *pair: FakeDirector, timeout: float = 600
) -> tuple[DrainProgress, list[DrainProgress]]:
    """How it ended, and what was told before."""
    told: list[DrainProgress] = []
    config = cluster_of(*pair)
    end = await follow(DRAIN, config, probes_of(*pair), clock, timeout=timeout, tell=told.append)
    return end, told


def pair_of(clock: EagerClock, connections: Callable[[float], int]) -> tuple[FakeDirector, FakeDirector]:
    """One that balances, and one that has no connections."""
    return Changing(clock, "d1", connections), Changing(clock, "d2", lambda _: 0)


async def test_until_the_last_connection_is_gone() -> None:
    """Told now and then with a forecast, and over at once when there is nothing left. All connections are closed."""
    clock = EagerClock(EVENING)
    first, second = pair_of(clock, lambda seconds: max(0, 100 - 2 * int(seconds)))
    end, told = await followed(clock, first, second)
    assert (end.safety, end.left) == (Safety.SAFE, 0)
    assert 50 <= clock.monotonic() - 1000 <= 60
    assert {each.safety for each in told} == {Safety.NOT_YET}
    assert 3 <= len(told) <= 60 / TOLD_EVERY + 1
    assert told[-1].seconds is not None
    assert (first.channels, second.channels) == (0, 0)


async def test_until_the_time_is_over() -> None:
    """What is left is left, and said once: nothing new happens."""
    clock = EagerClock(EVENING)
    end, told = await followed(clock, *pair_of(clock, lambda _: 7), timeout=120)
    assert (end.safety, end.left, len(told)) == (Safety.NOT_YET, 7, 1)
    assert clock.monotonic() - 1000 >= 120


async def test_until_somebody_undoes_it() -> None:
    """The weight is back."""
    clock = EagerClock(EVENING)
    first, second = FakeDirector(clock), FakeDirector(clock, "d2")
    first.table = web(7)
    second.table = web(0, weight=3)
    end, _ = await followed(clock, first, second)
    assert end.rows[0].words == "weight 3 again on d2"


async def test_a_silent_holder_is_waited_for() -> None:
    """It may come back; it is said when it has had its time, and nothing is concluded from its silence."""
    clock = EagerClock(EVENING)
    first, second = pair_of(clock, lambda _: 0)
    first.refusal = NO_ANSWER
    end, told = await followed(clock, first, second, timeout=60)
    assert end.safety is Safety.UNKNOWN
    assert [each.safety for each in told] == [Safety.UNKNOWN]
    assert clock.monotonic() - 1000 >= 60
