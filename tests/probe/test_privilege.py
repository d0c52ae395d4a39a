"""Which privilege a director is read with, and what is not even tried without it."""

import pytest

from lvstop.config.schema import PrivilegeChoice
from lvstop.model.director import DirectorStatus, Fault, FaultKind, LackCause, Privilege
from lvstop.model.vrrp import VrrpSource, VrrpState
from lvstop.probe import labels
from lvstop.probe.settings import ProbeSettings
from support.clocks import EagerClock
from support.fake_director import NO_ANSWER, SUDO_REFUSES, FakeDirector, Ticker

PRIVILEGED = {"stats", "rates", "save", "thresholds", "persistent", "daemons"}
BUS = """/org/keepalived/Vrrp1/Instance/eth0/51/IPv4
(s) "WEB4"
(us) 2 "Master"
/org/keepalived/Vrrp1/Instance/eth0/52/IPv6
(s) "WEB6"
(us) 1 "Backup"
"""


def without_privilege(director: FakeDirector) -> FakeDirector:
    """A login that is nobody special, where sudo says no."""
    director.root, director.sudo = False, SUDO_REFUSES
    return director


async def test_root_needs_no_sudo(director: FakeDirector, clock: EagerClock) -> None:
    """Where the login is root nothing is elevated, not even the log's follower."""
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.tick(5)
    await ticker.probe.close()
    assert snapshot.privilege is Privilege.ROOT
    assert not any(elevated for _, elevated in director.opened)


async def test_sudo_elevates_facts_and_log_but_not_the_table(director: FakeDirector, clock: EagerClock) -> None:
    """One sudo for the facts and one for the log a connection; the table is for everybody."""
    director.root = False
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.tick(60)
    await ticker.probe.close()
    assert (snapshot.privilege, snapshot.lacks) == (Privilege.SUDO, ())
    assert director.opened == [("table", False), ("facts", False), ("facts", True), ("journal", True)]
    assert director.channels == 0


async def test_who_may_read_the_log_needs_no_sudo_for_it(director: FakeDirector, clock: EagerClock) -> None:
    """A login of the group systemd-journal: one sudo a connection."""
    director.root, director.reads_journal = False, True
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.tick(5)
    await ticker.probe.close()
    assert snapshot.privilege is Privilege.SUDO
    assert director.opened == [("table", False), ("facts", False), ("facts", True), ("journal", False)]


async def test_without_privilege_nothing_privileged_is_asked(director: FakeDirector, clock: EagerClock) -> None:
    """No counters, no dumps, no ipvsadm: what would fail is not tried; what everybody may read is read."""
    ticker = Ticker(without_privilege(director), clock)
    await ticker.connect()
    snapshot = await ticker.tick(130)
    await ticker.probe.close()
    asked = set(director.verbs)
    assert asked & PRIVILEGED == set()
    assert {request for request in asked if " " in request} == set()
    assert {"daemon", "addresses", "threads", "sysctls"} <= asked
    assert snapshot.status is DirectorStatus.LIVE
    assert snapshot.privilege is Privilege.NONE
    assert snapshot.virtual_servers
    assert snapshot.addresses
    assert [each.role for each in snapshot.sync_daemons or ()] == ["master"]


async def test_what_privilege_hides_is_unknown_and_said(director: FakeDirector, clock: EagerClock) -> None:
    """Everything hidden is None, never 0 or empty, and each has its lack."""
    ticker = Ticker(without_privilege(director), clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert (snapshot.vrrp, snapshot.sync_groups, snapshot.checks) == (None, None, None)
    assert (snapshot.counters, snapshot.rates, snapshot.details) == (None, None, None)
    assert {lack.what for lack in snapshot.lacks} == set(labels.PRIVILEGED)
    assert {lack.cause for lack in snapshot.lacks} == {LackCause.UNPRIVILEGED}
    assert {lack.detail for lack in snapshot.lacks} == {
        "needs root or sudo: sudo refused: a password is required",
    }


async def test_a_refused_sudo_is_tried_once(director: FakeDirector, clock: EagerClock) -> None:
    """A refusal is written into the director's log: no reconnect repeats it."""
    ticker = Ticker(without_privilege(director), clock)
    for _ in range(3):
        assert (await ticker.connect()).privilege is Privilege.NONE
    await ticker.probe.close()
    assert director.connects == 3
    assert director.opened.count(("facts", True)) == 1


async def test_sudo_that_does_not_answer_is_no_refusal(director: FakeDirector, clock: EagerClock) -> None:
    """A sudo that hangs does not hide what everybody may read, and the next connection tries it again."""
    director.root, director.sudo = False, NO_ANSWER
    ticker = Ticker(director, clock)
    assert (await ticker.connect()).privilege is Privilege.NONE
    director.sudo = None
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert snapshot.privilege is Privilege.SUDO


async def test_privilege_none_is_not_even_asked_about(director: FakeDirector, clock: EagerClock) -> None:
    """`privilege: none` never tries sudo, nor asks who the login is; root is then not used either."""
    ticker = Ticker(director, clock, ProbeSettings(privilege=PrivilegeChoice.NONE))
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert (snapshot.privilege, snapshot.status) == (Privilege.NONE, DirectorStatus.LIVE)
    assert {lack.detail for lack in snapshot.lacks} == {
        "needs root or sudo: the cluster file says `privilege: none`",
    }
    assert "uid" not in director.verbs
    assert not any(elevated for _, elevated in director.opened)


async def test_privilege_root_does_not_use_sudo(director: FakeDirector, clock: EagerClock) -> None:
    """`privilege: root` takes a login that is not root for one without privilege."""
    director.root = False
    ticker = Ticker(director, clock, ProbeSettings(privilege=PrivilegeChoice.ROOT))
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert (snapshot.privilege, snapshot.status) == (Privilege.NONE, DirectorStatus.DEGRADED)
    assert snapshot.fault == Fault(
        FaultKind.FORBIDDEN,
        "the cluster file says `privilege: root`, but the login on d1.example is not root",
        "log in as root",
    )
    assert ("facts", True) not in director.opened


@pytest.mark.parametrize("refusal", [SUDO_REFUSES, NO_ANSWER])
async def test_privilege_sudo_must_work(director: FakeDirector, clock: EagerClock, refusal: Fault) -> None:
    """Where it does not, that is a fault and no silent degradation; what everybody may read is read all the same."""
    without_privilege(director).sudo = refusal
    ticker = Ticker(director, clock, ProbeSettings(privilege=PrivilegeChoice.SUDO))
    for _ in range(2):
        snapshot = await ticker.connect()
        assert (snapshot.privilege, snapshot.status) == (Privilege.NONE, DirectorStatus.DEGRADED)
        assert snapshot.fault is not None
        assert snapshot.fault.summary == f"the cluster file says `privilege: sudo`, but {refusal.summary}"
        assert snapshot.virtual_servers
    director.sudo = None
    await ticker.probe.close()


async def test_privilege_sudo_is_content_with_root(director: FakeDirector, clock: EagerClock) -> None:
    """What was asked for is to be had without sudo."""
    ticker = Ticker(director, clock, ProbeSettings(privilege=PrivilegeChoice.SUDO))
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert (snapshot.privilege, snapshot.status) == (Privilege.ROOT, DirectorStatus.LIVE)


async def test_the_bus_tells_states_to_everybody(director: FakeDirector, clock: EagerClock) -> None:
    """Without privilege D-Bus tells states, marked as such, and VRRP is not lacking then."""
    without_privilege(director).answers["dbus"] = {"dbus": (0, BUS)}
    ticker = Ticker(director, clock)
    snapshot = await ticker.connect()
    await ticker.probe.close()
    assert [(each.name, each.state, each.source) for each in snapshot.vrrp or ()] == [
        ("WEB4", VrrpState.MASTER, VrrpSource.DBUS),
        ("WEB6", VrrpState.BACKUP, VrrpSource.DBUS),
    ]
    assert labels.VRRP not in {lack.what for lack in snapshot.lacks}


async def test_the_bus_is_asked_more_often_than_dumps(director: FakeDirector, clock: EagerClock) -> None:
    """A question over D-Bus leaves no log line, so states come every ten seconds."""
    without_privilege(director).answers["dbus"] = {"dbus": (0, BUS)}
    ticker = Ticker(director, clock)
    await ticker.connect()
    await ticker.tick(45)
    await ticker.probe.close()
    assert ticker.asked.count("dbus") == 4


async def test_no_rates_of_the_kernel_without_privilege(director: FakeDirector, clock: EagerClock) -> None:
    """One look without privilege has no rates, and does not ask for them."""
    ticker = Ticker(without_privilege(director), clock)
    await ticker.connect()
    await ticker.probe.read_kernel_rates()
    assert ticker.probe.snapshot().rates is None
    await ticker.probe.close()
    assert ticker.asked == []
