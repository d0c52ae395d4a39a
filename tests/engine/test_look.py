"""One look: everything once, all directors at the same time, and what was read is not thrown away."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from lvstop.config.schema import PrivilegeChoice
from lvstop.engine.look import look
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorStatus, Fault, FaultKind, Privilege
from support.clocks import EagerClock
from support.fake_answers import TABLE, VIPS
from support.fake_director import EVENING, NO_ANSWER, FakeDirector, cluster_of, probes_of, settle

UNKNOWN_KEY = Fault(FaultKind.HOST_KEY_UNKNOWN, "the host key of d2.example is not known", "ssh-keyscan d2.example")


@pytest.fixture
def clock() -> EagerClock:
    """keepalived's dumps are awaited without waiting."""
    return EagerClock(EVENING)


@pytest.fixture
def first(clock: EagerClock) -> FakeDirector:
    """The master."""
    return FakeDirector(clock)


@pytest.fixture
def second(clock: EagerClock) -> FakeDirector:
    """The backup."""
    return FakeDirector(clock, "d2")


@pytest.fixture
def end_of_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets all time limits end now, instead of waiting for them."""
    limits: list[asyncio.Timeout] = []
    real = asyncio.timeout

    def limit(seconds: float | None) -> asyncio.Timeout:
        limits.append(real(seconds))
        return limits[-1]

    monkeypatch.setattr("lvstop.engine.look.asyncio.timeout", limit)

    def end() -> None:
        now = asyncio.get_running_loop().time()
        for each in limits:
            if each.when() is not None:
                each.reschedule(now)

    return end


async def look_at(*directors: FakeDirector, privilege: PrivilegeChoice = PrivilegeChoice.AUTO) -> ClusterSnapshot:
    """One look at these directors."""
    config = cluster_of(*directors, privilege=privilege)
    (cluster,) = await look([config], probes_of(*directors), directors[0].clock, timeout=20)
    return cluster


async def test_a_mistake_with_one_director_hides_no_other_one(
    first: FakeDirector, second: FakeDirector, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever lvstop does wrong with one: the other is told."""
    second.answers["stats"] = None  # type: ignore[assignment]
    snapshot = await look_at(first, second)
    good, wrong = snapshot.directors
    assert (good.status, wrong.status) == (DirectorStatus.LIVE, DirectorStatus.UNREACHABLE)
    assert wrong.fault is not None
    assert wrong.fault.kind is FaultKind.INTERNAL
    assert "Traceback" in caplog.text
    assert second.channels == 0


async def test_a_healthy_pair(first: FakeDirector, second: FakeDirector) -> None:
    """Both directors live, everything known, rates from the kernel, and nothing left running."""
    cluster = await look_at(first, second)
    assert (cluster.name, cluster.health, cluster.alerts) == ("web", Health.OK, ())
    assert {(str(vip.address), vip.holders, vip.unknown_on) for vip in cluster.vips} == {
        (each, ("d1",), ()) for each in VIPS
    }
    for director in cluster.directors:
        assert (director.status, director.lacks, director.issues) == (DirectorStatus.LIVE, (), ())
        assert director.rates
    assert (first.channels, second.channels) == (0, 0)
    assert (first.connects, second.connects) == (1, 1)


async def test_the_privilege_of_the_cluster_file_counts(first: FakeDirector) -> None:
    """`privilege: none` of the file reaches every director."""
    cluster = await look_at(first, privilege=PrivilegeChoice.NONE)
    assert cluster.directors[0].privilege is Privilege.NONE
    assert cluster.directors[0].counters is None


async def test_several_clusters_are_looked_at_together(first: FakeDirector, second: FakeDirector) -> None:
    """One snapshot each, in the order of the files."""
    configs = [replace(cluster_of(first), name="one"), replace(cluster_of(second), name="two")]
    clusters = await look(configs, probes_of(first, second), first.clock, timeout=20)
    assert [(cluster.name, cluster.directors[0].name) for cluster in clusters] == [("one", "d1"), ("two", "d2")]


async def test_directors_are_looked_at_at_the_same_time(
    first: FakeDirector, second: FakeDirector, clock: EagerClock
) -> None:
    """While one director is slow the other one is read; in the end its table is read again, to be no older."""
    slow = first.hold("connect")
    task = asyncio.create_task(look_at(first, second))
    await slow.reached.wait()
    for _ in range(10):
        await settle()
    assert second.verbs[-1] == "rates"
    assert not task.done()
    tables = len(second.requests)
    clock.advance(60)
    slow.release()
    cluster = await task
    assert cluster.health is Health.OK
    assert [director.age_seconds for director in cluster.directors] == [pytest.approx(0, abs=1)] * 2
    assert len(second.requests) == tables + 1
    assert first.channels == second.channels == 0


async def test_a_director_that_is_lost_meanwhile_keeps_what_was_read(first: FakeDirector, second: FakeDirector) -> None:
    """It was read whole, and is gone when the other one is through."""
    slow = first.hold("connect")
    task = asyncio.create_task(look_at(first, second))
    await slow.reached.wait()
    for _ in range(10):
        await settle()
    second.breaks["t"] = NO_ANSWER
    slow.release()
    there, lost = (await task).directors
    assert there.status is DirectorStatus.LIVE
    assert (lost.status, lost.fault) == (DirectorStatus.DEGRADED, NO_ANSWER)
    assert lost.counters


async def test_a_director_that_cannot_be_reached(first: FakeDirector, second: FakeDirector) -> None:
    """Its fault stands in its snapshot, with the remedy; the other one is read as ever."""
    second.refusal = UNKNOWN_KEY
    cluster = await look_at(first, second)
    there, lost = cluster.directors
    assert there.status is DirectorStatus.LIVE
    assert (lost.name, lost.host) == ("d2", "d2.example")
    assert (lost.status, lost.fault) == (DirectorStatus.UNREACHABLE, UNKNOWN_KEY)
    assert (lost.virtual_servers, lost.read_at) == (None, None)
    assert cluster.health is Health.WARNING


async def test_nobody_can_be_reached(first: FakeDirector, second: FakeDirector) -> None:
    """Then nothing is known: not ok, not critical, unknown."""
    first.refusal = second.refusal = NO_ANSWER
    cluster = await look_at(first, second)
    assert cluster.health is Health.UNKNOWN
    assert {director.status for director in cluster.directors} == {DirectorStatus.UNREACHABLE}


async def test_time_that_runs_out_before_the_first_answer(first: FakeDirector, end_of_time: Callable[[], None]) -> None:
    """A director that hangs while connecting is unreachable, and the option that gives it more time is named."""
    hanging = first.hold("connect")
    task = asyncio.create_task(look_at(first))
    await hanging.reached.wait()
    end_of_time()
    (director,) = (await task).directors
    assert director.status is DirectorStatus.UNREACHABLE
    assert director.fault == Fault(
        FaultKind.TIMEOUT, "d1.example was not read within 20 s", "allow more with --timeout"
    )
    assert first.channels == 0


@pytest.mark.parametrize("request_name", ["daemon", "signal json", "stats", "dump check", "rates"])
async def test_time_that_runs_out_keeps_what_was_read(
    first: FakeDirector, end_of_time: Callable[[], None], request_name: str
) -> None:
    """A fact that hangs does not make the table untrue: degraded, with what is known."""
    hanging = first.hold(request_name)
    task = asyncio.create_task(look_at(first))
    await hanging.reached.wait()
    end_of_time()
    (director,) = (await task).directors
    assert director.status is DirectorStatus.DEGRADED
    assert director.fault is not None
    assert director.fault.kind is FaultKind.TIMEOUT
    assert director.virtual_servers is not None
    assert [server.key for server in director.virtual_servers] == [server.key for server in TABLE]
    assert director.kernel == "6.1.0-40-amd64"
    assert first.channels == 0


async def test_a_director_that_dies_keeps_what_was_read(first: FakeDirector) -> None:
    """The connection is lost in the middle: degraded, with the fault."""
    first.breaks["rates"] = NO_ANSWER
    (director,) = (await look_at(first)).directors
    assert (director.status, director.fault) == (DirectorStatus.DEGRADED, NO_ANSWER)
    assert director.counters
    assert first.channels == 0


async def test_cancelling_a_look_leaves_nothing(first: FakeDirector) -> None:
    """Ctrl-C in the middle closes the connection."""
    before = asyncio.all_tasks()
    hanging = first.hold("stats")
    task = asyncio.create_task(look_at(first))
    await hanging.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert first.channels == 0


async def test_one_look_reads_the_machines_twice(clock: EagerClock) -> None:
    """When it connects and at its end: what the processors did meanwhile is known, whoever logs in."""

    class Ageing(FakeDirector):
        def file(self, name: str) -> tuple[int, str]:
            if name == "uptime":
                clock.advance(0.5)
            return super().file(name)

    plain = Ageing(clock, "d2")
    plain.root, plain.sudo = False, NO_ANSWER
    for director in (await look_at(Ageing(clock), plain)).directors:
        assert director.vitals is not None
        assert director.vitals_rates is not None
        shares = director.vitals_rates.cpus
        assert shares is not None
        assert [round(cpu.softirq, 1) for cpu in shares] == [0.3, 0.3]
        assert director.effort is None
