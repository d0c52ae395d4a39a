"""Answers that fail, hang or make no sense: the lane is spoiled and says so, the director goes on being read."""

import pytest

from lvstop.model.director import DirectorStatus, Fault, FaultKind, LackCause
from lvstop.probe import labels
from lvstop.probe.settings import ProbeSettings
from support.clocks import EagerClock
from support.factories import virtual_server
from support.fake_answers import MASTER_ADDRESSES, TABLE
from support.fake_director import NO_ANSWER, FakeDirector, Ticker, settle


@pytest.fixture
async def ticker(director: FakeDirector, clock: EagerClock) -> Ticker:
    """A connection that has read everything once."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    return ticker


async def test_a_command_that_never_answers_is_a_lack(director: FakeDirector, ticker: Ticker) -> None:
    """When the channel gives up, the lane has a reason, and the director is degraded but not lost."""
    hanging = director.hold("stats")
    await ticker.tick(3)
    director.breaks["stats"] = NO_ANSWER
    hanging.fail(NO_ANSWER)
    await settle()
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert snapshot.status is DirectorStatus.DEGRADED
    assert [(lack.cause, lack.detail) for lack in snapshot.lacks] == [(LackCause.FAILED, "no answer within 10 s")]
    assert snapshot.virtual_servers == TABLE


async def test_the_facts_program_is_started_again(director: FakeDirector, ticker: Ticker) -> None:
    """After a channel has died the next fact opens another one, and what was lacking is known again."""
    director.hold("stats").fail(NO_ANSWER)
    snapshot = await ticker.tick(8)
    assert director.channels == 3
    await ticker.probe.close()
    assert (snapshot.status, snapshot.lacks) == (DirectorStatus.LIVE, ())
    assert director.opened.count(("facts", False)) == 2
    assert director.connects == 1


async def test_a_fact_that_fails_at_first_spoils_only_itself(director: FakeDirector, clock: EagerClock) -> None:
    """While everything is read once, a command that dies leaves the others their answers."""
    director.breaks["sysctls"] = NO_ANSWER
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.sysctls is None
    assert [(lack.what, lack.cause) for lack in snapshot.lacks] == [(labels.SYSCTLS, LackCause.FAILED)]
    assert snapshot.checks
    assert snapshot.counters


@pytest.mark.parametrize("verb", ["stats", "sysctls", "addresses", "thresholds", "persistent", "daemons"])
async def test_an_answer_without_sections_is_a_lack(director: FakeDirector, clock: EagerClock, verb: str) -> None:
    """Rubbish instead of an answer is never taken for emptiness."""
    director.answers[verb] = {"nonsense": (0, "x")}
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.status is DirectorStatus.DEGRADED
    assert [(lack.cause, lack.detail) for lack in snapshot.lacks] == [(LackCause.FAILED, "no answer")]
    assert snapshot.fault is not None
    assert snapshot.fault.kind is FaultKind.BAD_ANSWER


async def test_a_delta_that_cannot_be_is_repaired(director: FakeDirector, ticker: Ticker) -> None:
    """The table that was known stays, with an issue, and the next answer is asked for whole."""
    director.spoiled.add("ip_vs")
    spoiled = await ticker.tick()
    repaired = await ticker.tick()
    await ticker.probe.close()
    assert spoiled.status is DirectorStatus.DEGRADED
    assert [issue.source for issue in spoiled.issues] == ["ip_vs"]
    assert spoiled.virtual_servers == TABLE
    assert director.requests[-2:] == ["t 0 812 1", "t 1 812 1"]
    assert (repaired.status, repaired.issues) == (DirectorStatus.LIVE, ())
    assert repaired.virtual_servers == TABLE


@pytest.mark.parametrize("name", ["fib_trie", "if_inet6", "loadavg", "net_dev", "ip_vs_stats"])
async def test_every_section_recovers_from_a_bad_delta(director: FakeDirector, ticker: Ticker, name: str) -> None:
    """One bad answer costs one tick, whichever section it was."""
    director.spoiled.add(name)
    assert [issue.source for issue in (await ticker.tick()).issues] == [name]
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert snapshot.issues == ()
    assert len(snapshot.addresses or ()) == len(MASTER_ADDRESSES)


async def test_keepalived_is_not_declared_dead_by_a_bad_delta(director: FakeDirector, ticker: Ticker) -> None:
    """A section about its process that makes no sense is no news about the process."""
    director.spoiled.add("keepalived")
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert snapshot.keepalived is not None
    assert snapshot.keepalived.running is True


async def test_a_table_line_that_is_not_understood_is_an_issue(director: FakeDirector, ticker: Ticker) -> None:
    """The other rows are shown, the line is reported, and the director is degraded."""
    status, text = director.file("ip_vs")
    director.files["ip_vs"] = (status, f"{text}TCP  nonsense\n")
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert snapshot.status is DirectorStatus.DEGRADED
    assert len(snapshot.issues) == 1
    assert [server.key for server in snapshot.virtual_servers or ()] == [server.key for server in TABLE]


async def test_a_kernel_without_ip_vs_has_an_empty_table(director: FakeDirector, clock: EagerClock) -> None:
    """No /proc/net/ip_vs: the table is truly empty, nothing is lacking, and ipvsadm (which loads it) is not run."""
    director.files["ip_vs"] = director.files["ip_vs_stats"] = (1, "")
    for verb in ("stats", "save", "thresholds", "persistent", "daemons"):
        director.answers[verb] = {"x": (3, "ip_vs is not loaded")}
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.ipvs_loaded is False
    assert (snapshot.virtual_servers, snapshot.counters, snapshot.details) == ((), {}, {})
    assert (snapshot.sync_daemons, snapshot.totals) == ((), None)
    assert (snapshot.status, snapshot.lacks) == (DirectorStatus.LIVE, ())


async def test_ip_vs_that_is_loaded_later_is_read(director: FakeDirector, clock: EagerClock) -> None:
    """When keepalived loads the module its table is shown with the next tick, its details soon after."""
    director.files["ip_vs"] = (1, "")
    ticker = Ticker(director, clock)
    await ticker.connect()
    del director.files["ip_vs"]
    assert (await ticker.tick()).virtual_servers == TABLE
    snapshot = await ticker.tick(8)
    await ticker.probe.close()
    assert snapshot.ipvs_loaded is True
    assert snapshot.details
    assert snapshot.counters


async def test_a_table_too_long_is_unknown(director: FakeDirector, ticker: Ticker) -> None:
    """A table that the director cut short is no table: unknown, not partly shown."""
    director.files["ip_vs"] = (2, director.file("ip_vs")[1])
    snapshot = await ticker.tick()
    del director.files["ip_vs"]
    again = await ticker.tick()
    await ticker.probe.close()
    assert snapshot.virtual_servers is None
    assert [(lack.what, lack.cause) for lack in snapshot.lacks] == [(labels.TABLE, LackCause.FAILED)]
    assert (again.virtual_servers, again.lacks) == (TABLE, ())


async def test_routes_too_many_are_left_out(director: FakeDirector, clock: EagerClock) -> None:
    """A router's trie is not read every second: addresses come from `ip addr` then."""
    director.files["fib_trie"] = (2, director.file("fib_trie")[1])
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.tick(2)
    await ticker.probe.close()
    assert director.requests == ["t 1 0 1 1", "t 0 812 0 1", "t 0 812 0", "t 0 812 0"]
    assert {str(each.address) for each in snapshot.addresses or ()} == set(MASTER_ADDRESSES)
    assert {each.interface for each in snapshot.addresses or ()} == {"eth0"}
    assert snapshot.status is DirectorStatus.LIVE


async def test_without_awk_cat_reads(director: FakeDirector, clock: EagerClock) -> None:
    """A director without a fast awk is read with `cat`, every line each time, and nothing else differs."""
    director.awk = False
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.table = (virtual_server("TCP:10.9.0.200:80", "10.9.0.11:80", scheduler="wlc"),)
    snapshot = await ticker.tick()
    assert director.channels == 3
    await ticker.probe.close()
    assert director.opened[:2] == [("table", False), ("table_cat", False)]
    assert snapshot.capabilities is not None
    assert snapshot.capabilities.table_reader == "cat"
    assert snapshot.virtual_servers == director.table


async def test_a_long_table_is_read_with_cat(director: FakeDirector, clock: EagerClock) -> None:
    """From `cat_rows` lines on the program is exchanged, once, and the old one ended."""
    ticker = Ticker(director, clock, ProbeSettings(cat_rows=8))
    await ticker.connect()
    snapshot = await ticker.tick(4)
    assert director.channels == 3
    await ticker.probe.close()
    assert [name for name, _ in director.opened] == ["table", "facts", "journal", "table_cat"]
    assert snapshot.capabilities is not None
    assert snapshot.capabilities.table_reader == "cat"
    assert snapshot.virtual_servers == TABLE


async def test_without_a_session_for_cat_awk_reads_on(director: FakeDirector, clock: EagerClock) -> None:
    """The director opens no further session: what reads already is kept, and nobody tries again every second."""
    director.breaks["table_cat"] = Fault(FaultKind.FORBIDDEN, "d1.example opens no session for lvstop")
    ticker = Ticker(director, clock, ProbeSettings(cat_rows=8))
    await ticker.connect()
    snapshot = await ticker.tick(4)
    await ticker.probe.close()
    assert director.opened.count(("table_cat", False)) == 1
    assert (snapshot.status, snapshot.virtual_servers) == (DirectorStatus.LIVE, TABLE)
    assert snapshot.capabilities is not None
    assert snapshot.capabilities.table_reader == "mawk"


async def test_a_short_table_stays_with_awk(director: FakeDirector, clock: EagerClock) -> None:
    """One line below the limit nothing is exchanged."""
    ticker = Ticker(director, clock, ProbeSettings(cat_rows=9))
    await ticker.connect()
    await ticker.tick(4)
    await ticker.probe.close()
    assert ("table_cat", False) not in director.opened
