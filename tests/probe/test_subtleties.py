"""What is easily lost: last lines, calls that cross, words of failures, processes nobody may see."""

import asyncio

import pytest

from lvstop.model.director import DirectorStatus, LackCause
from lvstop.probe import labels, lanes
from lvstop.probe.readings import Readings
from lvstop.probe.settings import ProbeSettings
from lvstop.transport.base import Reply
from support.clocks import EagerClock
from support.factories import real_server, virtual_server
from support.fake_answers import MASTER_ADDRESSES, TABLE
from support.fake_director import NO_ANSWER, SUDO_REFUSES, FakeDirector, Ticker, settle

TRANSITION = "Keepalived_vrrp[813]: (WEB4) Entering FAULT STATE"


@pytest.fixture
async def ticker(director: FakeDirector, clock: EagerClock) -> Ticker:
    """A connection some seconds after its first readings."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(5)
    ticker.mark()
    return ticker


@pytest.mark.parametrize("awk", [True, False], ids=["awk", "cat"])
async def test_the_last_address_of_the_file_goes_at_once(director: FakeDirector, clock: EagerClock, awk: bool) -> None:
    """An IPv6 VIP that stood in the last line of if_inet6 is gone with the next tick like any other."""
    director.awk = awk
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.addresses = MASTER_ADDRESSES[:-1]
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert MASTER_ADDRESSES[-1] not in {str(each.address) for each in snapshot.addresses or ()}


async def test_an_interface_that_goes_is_gone(director: FakeDirector, ticker: Ticker) -> None:
    """The last interface of /proc/net/dev goes with the next tick."""
    status, text = director.file("net_dev")
    director.files["net_dev"] = (status, f"{text}  vrrp.51: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n")
    await ticker.tick()
    director.files["net_dev"] = (status, text)
    snapshot = await ticker.tick()
    await ticker.probe.close()
    assert [each.interface for each in snapshot.interfaces or ()] == ["eth0"]


async def test_a_transition_while_a_dump_is_read_is_not_lost(director: FakeDirector, ticker: Ticker) -> None:
    """What happens after keepalived has written its dump, and before it was read, is asked about again."""
    reading = director.hold("dump json")
    director.say(TRANSITION)
    await settle()
    await ticker.tick()
    director.say(TRANSITION)
    await settle()
    reading.release()
    await ticker.tick(6)
    await ticker.probe.close()
    assert ticker.asked.count("signal json") == 2


async def test_a_weight_that_changes_while_rules_are_read_is_not_lost(director: FakeDirector, ticker: Ticker) -> None:
    """A table that changes shape while `ipvsadm -Sn` runs is read by it once more."""
    director.table = TABLE[:1]
    reading = director.hold("save")
    await ticker.tick(3)
    assert "save" in ticker.asked
    director.table = (*TABLE[:1], virtual_server("FWM:9", real_server("10.9.0.12:80", 1)))
    await ticker.tick()
    reading.release()
    await ticker.tick(8)
    await ticker.probe.close()
    assert ticker.asked.count("save") == 2


async def test_the_log_ends_and_cat_stays_cat(director: FakeDirector, clock: EagerClock) -> None:
    """That the log is not followed any more changes nothing about what reads the table."""
    ticker = Ticker(director, clock, ProbeSettings(cat_rows=8))
    await ticker.connect()
    await ticker.tick(2)
    director.journal.put_nowait(None)
    await settle()
    snapshot = await ticker.tick(2)
    await ticker.probe.close()
    assert snapshot.capabilities is not None
    assert (snapshot.capabilities.table_reader, snapshot.capabilities.journal) == ("cat", False)
    assert director.opened.count(("table_cat", False)) == 1


async def test_without_privilege_restarted_keepalived_is_not_said_to_be_down(
    director: FakeDirector, clock: EagerClock
) -> None:
    """It runs again: what is hidden now is hidden for want of privilege, not because it does not run."""
    director.root, director.sudo = False, SUDO_REFUSES
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.pid = None
    await ticker.tick(3)
    director.pid = 4242
    snapshot = await ticker.tick(6)
    await ticker.probe.close()
    assert {lack.cause for lack in snapshot.lacks} == {LackCause.UNPRIVILEGED}


@pytest.mark.parametrize("child", ["vrrp", "checkers"])
async def test_restarted_keepalived_with_one_child_lacks_nothing(
    director: FakeDirector, clock: EagerClock, child: str
) -> None:
    """It runs again without VRRP (or without checkers): empty is known, and nothing says that it does not run."""
    director.children = (child,)
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.pid = None
    await ticker.tick(3)
    director.pid = 4242
    snapshot = await ticker.tick(6)
    await ticker.probe.close()
    assert snapshot.lacks == ()


async def test_a_bad_uptime_is_forgiven(director: FakeDirector, ticker: Ticker) -> None:
    """One bad delta of /proc/uptime costs one tick."""
    director.spoiled.add("uptime")
    await ticker.tick()
    snapshot = await ticker.tick(3)
    await ticker.probe.close()
    assert snapshot.status is DirectorStatus.LIVE


async def test_addresses_that_all_went_are_no_issue(director: FakeDirector, ticker: Ticker) -> None:
    """A bad delta of a file that is empty in the next answer is forgiven too."""
    director.spoiled.add("if_inet6")
    director.addresses = ("10.9.0.101",)
    await ticker.tick()
    snapshot = await ticker.tick(2)
    await ticker.probe.close()
    assert snapshot.issues == ()
    assert [str(each.address) for each in snapshot.addresses or ()] == ["10.9.0.101"]


async def test_rules_that_fail_are_lacking_whatever_thresholds_say(director: FakeDirector, clock: EagerClock) -> None:
    """`ipvsadm -Sn` failed: details are None, and a good listing of thresholds does not hide why."""
    director.answers["save"] = {"save": (1, "no")}
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.details is None
    assert [lack.what for lack in snapshot.lacks] == [labels.DETAILS]


async def test_issues_of_rules_outlive_thresholds(director: FakeDirector, clock: EagerClock) -> None:
    """A line of `ipvsadm -Sn` that was not understood is reported, whatever was understood after it."""
    director.answers["save"] = {"save": (0, f"{director.fact('save')['save'][1]}nonsense\n")}
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert len(snapshot.issues) == 1


@pytest.mark.parametrize("answer", [(1, "no"), (0, "nonsense")], ids=["failed", "not understood"])
async def test_counters_that_fail_are_lacking_whatever_rates_say(
    director: FakeDirector, clock: EagerClock, answer: tuple[int, str]
) -> None:
    """`ipvsadm --stats` failed or was not understood: the kernel's own rates, read after it, do not hide that."""
    director.answers["stats"] = {"stats": answer}
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.probe.read_kernel_rates()
    snapshot = ticker.probe.snapshot()
    await ticker.probe.close()
    assert snapshot.status is DirectorStatus.DEGRADED


async def test_a_lane_that_died_is_unknown(director: FakeDirector, ticker: Ticker) -> None:
    """A lack says that its fields are None: counters of before the failure are not those of now."""
    director.breaks["stats"] = NO_ANSWER
    snapshot = await ticker.tick(4)
    await ticker.probe.close()
    assert snapshot.lacks
    assert snapshot.counters is None


async def test_lacks_are_in_the_operators_words(director: FakeDirector, ticker: Ticker) -> None:
    """Also where a command died: the words of `labels`, not the name of a lane."""
    director.breaks["stats"] = NO_ANSWER
    snapshot = await ticker.tick(4)
    await ticker.probe.close()
    assert [lack.what for lack in snapshot.lacks] == [labels.COUNTERS]


async def test_sudo_that_hangs_leaves_no_programs(director: FakeDirector, clock: EagerClock) -> None:
    """Each attempt to start the facts program again ends what it began: sessions of a connection are few."""
    director.root = False
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.sudo = NO_ANSWER
    director.breaks["stats"] = NO_ANSWER
    await ticker.tick(30)
    channels = director.channels
    await ticker.probe.close()
    assert channels <= 3


def test_an_answer_without_a_process_id_is_unknown() -> None:
    """No section about the process: nobody could tell whether keepalived runs, which is not that it does not."""
    readings = Readings()
    lanes.take_daemon(readings, Reply((), 0.0, 0))
    assert readings.running is None


async def test_keepalived_nobody_could_ask_about_is_not_down(director: FakeDirector, clock: EagerClock) -> None:
    """The command that looks for it died: unknown, and nothing says that keepalived does not run."""
    director.breaks["daemon"] = NO_ANSWER
    director.root, director.sudo = False, SUDO_REFUSES
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.keepalived is not None
    assert snapshot.keepalived.running is None
    assert not [lack for lack in snapshot.lacks if "not running" in lack.detail]


async def test_without_the_trie_a_vip_that_goes_is_seen_within_seconds(
    director: FakeDirector, clock: EagerClock
) -> None:
    """Where routes are too many, who holds an IPv4 VIP is not a minute old."""
    director.files["fib_trie"] = (2, director.file("fib_trie")[1])
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(5)
    director.addresses = ("10.9.0.101", *MASTER_ADDRESSES[3:])
    director.say("Keepalived_vrrp[813]: (WEB4) Entering BACKUP STATE")
    await settle()
    snapshot = await ticker.tick(10)
    await ticker.probe.close()
    assert "10.9.0.200" not in {str(each.address) for each in snapshot.addresses or ()}


async def test_closing_twice_at_once_is_safe(director: FakeDirector, clock: EagerClock) -> None:
    """A probe closed by two tasks at the same time leaves nothing."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    await asyncio.gather(ticker.probe.close(), ticker.probe.close())
    assert director.channels == 0


async def test_a_verdict_of_before_does_not_judge_a_table_of_now(director: FakeDirector, ticker: Ticker) -> None:
    """The table has changed: what the checkers believed before that is unknown until they were asked again."""
    assert (await ticker.tick()).checks is not None
    reading = director.hold("signal data")
    director.table = director.table[:-1]
    assert (await ticker.tick(3)).checks is None
    reading.release()
    snapshot = await ticker.tick(4)
    await ticker.probe.close()
    assert snapshot.checks is not None
