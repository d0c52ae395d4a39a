"""One connection: what is read at first, what every second, what now and then, and what is left when it ends."""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from lvstop.model.director import DirectorStatus, Fault, FaultKind
from lvstop.model.vrrp import VrrpSource, VrrpState
from lvstop.probe.settings import ProbeSettings
from lvstop.transport.base import TransportError
from support.clocks import EagerClock
from support.fake_answers import TABLE
from support.fake_director import NO_ANSWER, FakeDirector, Ticker, settle


async def test_connecting_reads_the_table_and_asks_what_there_is(director: FakeDirector) -> None:
    """A connection that stands has read the table once, and nothing that would touch keepalived."""
    probe = director.probe()
    await probe.connect()
    snapshot = probe.snapshot()
    await probe.close()
    assert director.requests == ["t 1 0 1 1"]
    assert director.verbs == ["uid", "identity"]
    assert snapshot.host == "d1.example"
    assert snapshot.virtual_servers == TABLE
    assert snapshot.kernel == "6.1.0-40-amd64"
    assert snapshot.capabilities is not None
    assert snapshot.capabilities.table_reader == "mawk"


async def test_every_fact_is_read_once(director: FakeDirector, clock: EagerClock) -> None:
    """After the first facts nothing is unknown, each verb was asked once, and keepalived wrote each dump once."""
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    counts = Counter(request for request in director.verbs if not request.startswith("dump"))
    assert set(counts.values()) == {1}
    assert {"daemon", "addresses", "save", "thresholds", "persistent", "stats", "daemons", "sysctls"} <= set(counts)
    assert {"signal json", "signal data"} <= set(counts)
    assert (snapshot.status, snapshot.lacks, snapshot.issues) == (DirectorStatus.LIVE, (), ())
    unknown = [name for name in snapshot.__slots__ if getattr(snapshot, name) is None]
    assert unknown == ["fault", "rates", "interface_rates", "vitals_rates", "advert_rates", "effort"]
    assert [(each.name, each.state) for each in snapshot.vrrp or ()] == [
        ("WEB4", VrrpState.MASTER),
        ("WEB6", VrrpState.MASTER),
    ]


async def test_every_tick_reads_the_table(director: FakeDirector, clock: EagerClock) -> None:
    """Ten ticks, ten table answers, all of them differences, two with the machine's vitals, and one program for all."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.requests.clear()
    await ticker.tick(10)
    await ticker.probe.close()
    assert director.requests == [*["t 0 812 1"] * 4, "t 0 812 1 1"] * 2
    assert director.opened.count(("table", False)) == 1


async def test_the_table_is_sent_whole_now_and_then(director: FakeDirector, clock: EagerClock) -> None:
    """Differences do not go on for ever: after `resync_every` of them comes a whole answer."""
    ticker = Ticker(director, clock, ProbeSettings(resync_every=3))
    await ticker.connect()
    await ticker.tick(7)
    await ticker.probe.close()
    assert [request[:3] for request in director.requests] == ["t 1", *["t 0"] * 3, "t 1", *["t 0"] * 3, "t 1"]


async def test_the_same_table_is_the_same_object(director: FakeDirector, clock: EagerClock) -> None:
    """Where no row changed nothing is parsed again; a row that changed brings only its own virtual server anew."""
    ticker = Ticker(director, clock)
    before = (await ticker.connect()).virtual_servers
    quiet = (await ticker.tick()).virtual_servers
    await ticker.probe.close()
    assert before is not None
    assert quiet is not None
    assert [old is new for old, new in zip(before, quiet, strict=True)] == [True, True]


async def test_facts_take_turns_at_their_cadences(director: FakeDirector, clock: EagerClock) -> None:
    """Where nothing happens each lane keeps its own cadence, give or take the seconds that it waits for its turn."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(310)
    await ticker.probe.close()
    often = {"stats": 2, "persistent": 10, "save": 30, "thresholds": 30, "daemons": 30}
    seldom = {"addresses": 60, "daemon": 60, "signal json": 60, "signal data": 300, "sysctls": 300}
    for request, every in (often | seldom).items():
        gaps = [later - earlier for earlier, later in pairwise(director.moments(request))]
        assert len(gaps) >= 310 // (every + 3), request
        assert all(every <= gap <= every + 6 for gap in gaps), (request, gaps)


async def test_one_facts_command_at_a_time(director: FakeDirector, clock: EagerClock) -> None:
    """A slow command keeps every other one waiting, so that a director never runs two of them."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    slow = director.hold("stats")
    await ticker.tick(40)
    held = ticker.asked.copy()
    slow.release()
    await ticker.tick(10)
    await ticker.probe.close()
    assert held == ["stats"]
    assert len(ticker.asked) > 5
    assert director.busiest == 1


async def test_a_command_that_hangs_does_not_delay_the_table(director: FakeDirector, clock: EagerClock) -> None:
    """While a facts command hangs every tick still brings the table of now."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.hold("stats")
    for count in range(1, 4):
        director.files["loadavg"] = (0, f"{count}.00 0 0 1/1 1\n")
        snapshot = await ticker.tick()
        assert snapshot.load is not None
        assert snapshot.load.one == count
        assert snapshot.age_seconds == 0
    await ticker.probe.close()


async def test_without_json_the_data_dump_tells(director: FakeDirector, clock: EagerClock) -> None:
    """A keepalived built without JSON is asked for its data dump: states, priorities and sync groups."""
    director.answers["identity"] = {**director.fact("identity"), "signal_json": (1, "")}
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert "signal json" not in director.verbs
    assert [(each.name, each.effective_priority, each.sync_group) for each in snapshot.vrrp or ()] == [
        ("WEB4", 150, "G"),
        ("WEB6", 150, "G"),
    ]
    assert {each.source for each in snapshot.vrrp or ()} == {VrrpSource.KEEPALIVED}


async def test_keepalived_without_vrrp_is_not_asked_for_it(director: FakeDirector, clock: EagerClock) -> None:
    """Where keepalived runs only its checkers there is no instance, which is known and not lacking."""
    director.children = ("checkers",)
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert (snapshot.vrrp, snapshot.lacks) == ((), ())
    assert "signal json" not in director.verbs
    assert "dump data" not in director.verbs
    assert snapshot.checks


async def test_keepalived_without_checkers_has_no_checks(director: FakeDirector, clock: EagerClock) -> None:
    """Where keepalived runs only VRRP nothing is checked, which is known and not lacking."""
    director.children = ("vrrp",)
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert (snapshot.checks, snapshot.lacks) == ((), ())
    assert "dump check" not in director.verbs
    assert snapshot.vrrp


async def test_closing_leaves_nothing(director: FakeDirector, clock: EagerClock) -> None:
    """After `close` no task runs here and no program there, even where a command was hanging."""
    before = asyncio.all_tasks()
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.hold("stats")
    await ticker.tick(3)
    assert len(asyncio.all_tasks()) > len(before)
    await ticker.probe.close()
    await ticker.probe.close()
    await settle()
    assert asyncio.all_tasks() == before
    assert director.channels == 0


@pytest.mark.parametrize("request_name", ["t", "uid", "identity", "table", "facts"])
async def test_a_connection_that_fails_leaves_nothing(director: FakeDirector, request_name: str) -> None:
    """Whatever fails while connecting, no program is left running; the next attempt may work."""
    director.breaks[request_name] = NO_ANSWER
    probe = director.probe()
    with pytest.raises(TransportError) as failure:
        await probe.connect()
    assert failure.value.fault is NO_ANSWER
    assert director.channels == 0
    director.breaks.clear()
    await probe.connect()
    assert probe.snapshot().virtual_servers == TABLE
    await probe.close()


async def test_a_director_that_cannot_be_reached_says_why(director: FakeDirector) -> None:
    """The fault of the transport comes out as it is, and nothing is known."""
    director.refusal = Fault(FaultKind.HOST_KEY_CHANGED, "its host key is another one")
    probe = director.probe()
    with pytest.raises(TransportError) as failure:
        await probe.connect()
    assert failure.value.fault is director.refusal
    assert probe.snapshot().virtual_servers is None
    assert probe.snapshot().read_at is None


async def test_a_probe_that_is_not_connected_cannot_be_asked(director: FakeDirector) -> None:
    """Asking without a connection is a fault, not a crash."""
    probe = director.probe()
    for ask in (probe.tick, probe.read_facts, probe.read_kernel_rates):
        with pytest.raises(TransportError, match="not connected"):
            await ask()


async def test_a_dead_connection_ends_the_tick(director: FakeDirector, clock: EagerClock) -> None:
    """Where the table cannot be read the director cannot be asked; a new connection begins from nothing."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.breaks["t"] = NO_ANSWER
    with pytest.raises(TransportError):
        await ticker.tick()
    director.breaks.clear()
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert director.connects == 2
    assert snapshot.status is DirectorStatus.LIVE


async def test_facts_that_fail_with_the_table_end_the_connection(director: FakeDirector) -> None:
    """While facts are read at first, a fact that fails is forgiven only as long as the table still answers."""
    probe = director.probe()
    await probe.connect()
    director.breaks["stats"] = director.breaks["t"] = NO_ANSWER
    with pytest.raises(TransportError):
        await probe.read_facts()
    await probe.close()
    assert director.channels == 0


async def test_kernel_rates_are_there_at_once(director: FakeDirector, clock: EagerClock) -> None:
    """For one look the kernel's own estimators tell rates."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.probe.read_kernel_rates()
    rates = ticker.probe.snapshot().rates
    await ticker.probe.close()
    assert rates is not None
    assert [(each.total.connections, each.total.out_bytes) for each in rates.values() if each.total] == [(1, 5), (1, 5)]
