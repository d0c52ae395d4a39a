"""What happens on a director calls the lanes that tell about it, at once and not in a hail."""

import json
from itertools import pairwise

import pytest

from lvstop.model.director import LackCause
from lvstop.probe import labels
from support.clocks import EagerClock
from support.factories import real_server, virtual_server
from support.fake_answers import MASTER_ADDRESSES, TABLE
from support.fake_director import NO_ANSWER, FakeDirector, Ticker, settle

ROUTINE = {"stats", "persistent"}


@pytest.fixture
async def ticker(director: FakeDirector, clock: EagerClock) -> Ticker:
    """A connection some seconds after its first readings, so that no gap keeps anything back."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(5)
    ticker.mark()
    return ticker


BOTH = {"signal json", "signal data"}
"""What VRRP is, and what its track files say, which the JSON leaves out."""


def called(ticker: Ticker) -> set[str]:
    """Lanes that were asked beyond the usual."""
    return {request for request in ticker.asked if not request.startswith(("stat ", "dump "))} - ROUTINE


async def test_an_address_that_comes_calls_addresses_vrrp_and_sync(director: FakeDirector, ticker: Ticker) -> None:
    """A VIP that appears is seen with the next tick; keepalived is asked, and the records of who did it."""
    director.addresses = (*MASTER_ADDRESSES, "10.9.0.222")
    snapshot = await ticker.tick()
    assert "10.9.0.222" in {str(each.address) for each in snapshot.addresses or ()}
    snapshot = await ticker.tick(5)
    assert called(ticker) == {"addresses", "daemons", "changes", *BOTH}
    assert {each.interface for each in snapshot.addresses or ()} == {"eth0"}
    await ticker.probe.close()


@pytest.mark.parametrize("gone", ["10.9.0.200", "2001:db8:9::200"])
async def test_an_address_that_goes_is_gone_at_once(director: FakeDirector, ticker: Ticker, gone: str) -> None:
    """A VIP that vanishes is not shown any more with the next tick, before the interfaces are asked."""
    director.addresses = tuple(each for each in MASTER_ADDRESSES if each != gone)
    director.hold("addresses")
    snapshot = await ticker.tick()
    assert gone not in {str(each.address) for each in snapshot.addresses or ()}
    await ticker.tick()
    assert called(ticker) <= {"addresses", "signal json", "daemons"}
    assert called(ticker)
    await ticker.probe.close()


@pytest.mark.parametrize(
    "table",
    [
        (virtual_server("TCP:10.9.0.200:80", "10.9.0.11:80", scheduler="wlc"), TABLE[1]),
        (TABLE[0], virtual_server("FWM:5", real_server("10.9.0.12:80", 0, forwarding="Masq"))),
        (TABLE[0], virtual_server("FWM:5", real_server("10.9.0.12:80", 2, forwarding="Masq"), scheduler="wrr")),
        TABLE[:1],
        (),
    ],
    ids=["real server removed", "weight", "scheduler", "virtual server removed", "emptied"],
)
async def test_a_table_of_another_shape_calls_what_ipvsadm_tells(
    director: FakeDirector, ticker: Ticker, table: tuple[object, ...]
) -> None:
    """A row that comes, goes or changes its weight: rules, thresholds, counters, checks and records are read anew."""
    director.table = table  # type: ignore[assignment]
    await ticker.tick(6)
    await ticker.probe.close()
    assert called(ticker) == {"save", "thresholds", "signal data", "changes"}
    assert ticker.asked.count("signal data") == 1


async def test_a_row_that_goes_is_asked_about_at_once_whatever_weights_did(
    director: FakeDirector, ticker: Ticker
) -> None:
    """A weight that changes all the time is asked about less and less; that a real server is gone is no such news."""
    for weight in range(2, 42):
        row = real_server("10.9.0.12:80", weight, forwarding="Masq")
        director.table = (TABLE[0], virtual_server("FWM:5", row))
        await ticker.tick()
    ticker.mark()
    await ticker.tick(5)
    assert "signal data" not in ticker.asked
    director.table = (virtual_server("TCP:10.9.0.200:80", "10.9.0.11:80", scheduler="wlc"), director.table[1])
    await ticker.tick(3)
    await ticker.probe.close()
    assert "signal data" in ticker.asked


async def test_connections_call_nothing(director: FakeDirector, ticker: Ticker) -> None:
    """Connections come and go all the time: that is the table's own business."""
    for count in range(6):
        row = real_server("10.9.0.12:80", 2, forwarding="Masq", active=count, inactive=2 * count)
        director.table = (TABLE[0], virtual_server("FWM:5", row))
        snapshot = await ticker.tick()
        assert snapshot.virtual_servers is not None
        assert snapshot.virtual_servers[1].real_servers[0].active_connections == count
    await ticker.probe.close()
    assert called(ticker) == set()


@pytest.mark.parametrize(
    ("message", "requests"),
    [
        ("Keepalived_vrrp[813]: (WEB4) Entering MASTER STATE", BOTH),
        ("Keepalived_vrrp[813]: (WEB4) Entering BACKUP STATE", BOTH),
        ("Keepalived_vrrp[813]: (WEB4) Entering FAULT STATE (no link)", BOTH),
        ("Keepalived_vrrp[813]: (WEB4) Changing effective priority from 150 to 100", BOTH),
        ("Keepalived_vrrp[813]: Reloading", BOTH),
        (
            "Keepalived_healthcheckers[814]: Removing service [10.9.0.11]:tcp:80 from VS [10.9.0.200]:tcp:80",
            {"signal data"},
        ),
        (
            "Keepalived_healthcheckers[814]: Adding service [10.9.0.11]:tcp:80 to VS [10.9.0.200]:tcp:80",
            {"signal data"},
        ),
        ("Keepalived_healthcheckers[814]: Lost quorum 1-0=1 > 0 for VS [10.9.0.200]:tcp:80", {"signal data"}),
        ("Keepalived_healthcheckers[814]: TCP connection to [10.9.0.11]:tcp:80 failed.", {"signal data"}),
    ],
)
async def test_keepaliveds_log_calls_its_dumps(
    director: FakeDirector, ticker: Ticker, message: str, requests: set[str]
) -> None:
    """A transition or a check that changes its mind is asked about with the next tick."""
    director.say(message)
    await settle()
    await ticker.tick()
    await ticker.probe.close()
    # Addresses with it: where a VIP stands on lo as well, only they tell that it moved.
    assert called(ticker) - {"addresses"} == requests


@pytest.mark.parametrize(
    "message",
    [
        "Keepalived_vrrp[813]: Printing VRRP data for process(813) on signal",
        "Keepalived_vrrp[813]: Printing VRRP as json for process(813) on signal",
        "Keepalived_healthcheckers[814]: Printing checkers data for process(814) on signal",
        "Keepalived_vrrp[813]: (WEB4) Received advert from 10.9.0.102 with lower priority 100, ours 150",
        "sshd[99]: Keepalived (WEB4) Entering MASTER STATE",
        "",
    ],
)
async def test_a_dumps_own_log_line_calls_nothing(director: FakeDirector, ticker: Ticker, message: str) -> None:
    """What keepalived writes because it was asked must not make it be asked again."""
    director.say(message)
    await settle()
    await ticker.tick(3)
    await ticker.probe.close()
    assert called(ticker) == set()


async def test_many_log_lines_cost_few_dumps(director: FakeDirector, ticker: Ticker) -> None:
    """While keepalived flaps its dump is asked for every `event_gap` seconds, not for every line."""
    for _ in range(10):
        director.say("Keepalived_vrrp[813]: (WEB4) Entering BACKUP STATE")
        director.say("Keepalived_vrrp[813]: (WEB4) Entering MASTER STATE")
        await settle()
        await ticker.tick()
    await ticker.probe.close()
    moments = director.moments("signal json")[1:]
    assert 3 <= len(moments) <= 5
    assert all(later - earlier >= 2.0 for earlier, later in pairwise(moments))


@pytest.mark.parametrize("ending", [None, NO_ANSWER], ids=["ended", "failed"])
async def test_without_its_log_keepalived_keeps_its_heartbeat(
    director: FakeDirector, ticker: Ticker, ending: None
) -> None:
    """A log that cannot be followed any more is said, and dumps come every minute all the same."""
    director.journal.put_nowait(ending)
    await settle()
    snapshot = await ticker.tick(61)
    await ticker.probe.close()
    assert snapshot.capabilities is not None
    assert not snapshot.capabilities.journal
    assert "signal json" in ticker.asked


async def test_a_log_that_may_not_be_read_is_not_followed(director: FakeDirector, clock: EagerClock) -> None:
    """Where the login may not read the log nobody tries."""
    director.answers["identity"] = {**director.fact("identity"), "journal": (1, "")}
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.probe.close()
    assert ("journal", False) not in director.opened


ON_LO = json.dumps(
    [
        {"ifname": "lo", "addr_info": [{"family": "inet", "local": "10.9.0.200", "prefixlen": 32}]},
        {"ifname": "eth0", "addr_info": [{"family": "inet", "local": "10.9.0.102", "prefixlen": 24}]},
    ]
)


@pytest.mark.parametrize(("followed", "times"), [(True, 1), (False, 12)])
async def test_a_vip_on_lo_is_looked_for_where_no_log_tells(
    director: FakeDirector, clock: EagerClock, followed: bool, times: int
) -> None:
    """The trie has it wherever it is, so that no change of it shows a move: the addresses are read in full instead."""
    director.answers["addresses"] = {"ip_addr": (0, ON_LO)}
    director.answers["identity"] = {**director.fact("identity"), "journal": (0 if followed else 1, "")}
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(61)
    await ticker.probe.close()
    assert ticker.asked.count("addresses") == pytest.approx(times, abs=2)


async def test_without_a_log_addresses_are_not_read_more_often(director: FakeDirector, clock: EagerClock) -> None:
    """Where no VIP is on lo, the trie tells of every move."""
    director.answers["identity"] = {**director.fact("identity"), "journal": (1, "")}
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(61)
    await ticker.probe.close()
    assert ticker.asked.count("addresses") <= 2


async def test_keepalived_that_ends_is_seen_with_the_next_tick(director: FakeDirector, ticker: Ticker) -> None:
    """Its process is gone: it does not run, and what it believed is nobody's belief any more, with the reason."""
    director.pid = None
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert snapshot.keepalived is not None
    assert (snapshot.keepalived.running, snapshot.keepalived.pid) == (False, None)
    assert (snapshot.vrrp, snapshot.sync_groups, snapshot.checks) == (None, None, None)
    lacks = {lack.what: (lack.cause, lack.detail) for lack in snapshot.lacks}
    not_running = (LackCause.UNSUPPORTED, "keepalived is not running")
    assert lacks == {labels.VRRP: not_running, labels.CHECKS: not_running}


async def test_lost_keepalived_is_looked_for(director: FakeDirector, ticker: Ticker) -> None:
    """While it does not run it is looked for every two seconds, and no signal is sent to anybody."""
    director.pid = None
    await ticker.tick(20)
    await ticker.probe.close()
    assert 8 <= ticker.asked.count("daemon") <= 10
    assert not [request for request in ticker.asked if request.startswith("signal")]


async def test_found_keepalived_is_asked_for_its_dumps(director: FakeDirector, ticker: Ticker) -> None:
    """When it is back, under another process id, VRRP and checks are known again within seconds."""
    director.pid = None
    await ticker.tick(5)
    director.pid = 4242
    ticker.mark()
    snapshot = await ticker.tick(6)
    await ticker.probe.close()
    assert {"signal json", "signal data"} <= set(ticker.asked)
    assert snapshot.keepalived is not None
    assert (snapshot.keepalived.running, snapshot.keepalived.pid) == (True, 4242)
    assert snapshot.vrrp
    assert snapshot.checks
    assert snapshot.lacks == ()
    assert director.requests[-1] == "t 0 4242 1"


async def test_keepalived_that_never_ran_is_found_later(director: FakeDirector, clock: EagerClock) -> None:
    """A director without keepalived is read all the same; when keepalived starts it is noticed."""
    director.pid = None
    ticker = Ticker(director, clock)
    before = await ticker.connect()
    director.pid = 812
    after = await ticker.tick(6)
    await ticker.probe.close()
    assert before.keepalived is not None
    assert before.keepalived.running is False
    assert before.vrrp is None
    assert before.virtual_servers == TABLE
    assert after.vrrp
    assert after.lacks == ()
