"""Sounding a director: what is asked with which privilege, what a lack says, and how well its clock is known."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime

import pytest

from lvstop.config.schema import PrivilegeChoice
from lvstop.model.director import Fault, FaultKind, LackCause
from lvstop.model.sounding import ClockReading, ConfigCheck, ConnectionCount, PriorityLine, ServiceStatus, Transition
from lvstop.model.vrrp import VrrpState
from lvstop.probe.sounding import ADVERTS, ARP, CONFIGURATION, CONNECTIONS, LOG, PRIORITIES, sound
from lvstop.transport.base import Channel, Program, Reply, Section, SectionMode, Transport, TransportError
from support.clocks import EagerClock
from support.factories import vs_key
from support.fake_answers import Answer
from support.fake_director import EVENING, NO_ANSWER, SUDO_REFUSES, FakeDirector

ANSWERS: dict[str, Answer] = {
    "time": {"time": (0, f"{EVENING.timestamp() + 7:.6f}\n")},
    "configtest": {"configtest": (0, "exit 0\nthe first\n")},
    "priorities": {"priorities": (0, "file /etc/k.conf\n1 vrrp_instance A {\n2 priority 50\n3 }\nend\nwhole\n")},
    "arp": {"arp": (0, "/proc/sys/net/ipv4/conf/eth0/arp_ignore:1\n")},
    "connections": {"connections": (0, "TCP AC1A7F14 01BD 3 2 1\n")},
    "log": {"log": (0, "now 1795371010\n1795371000.5 d Keepalived_vrrp[1]: (A) Entering BACKUP STATE\n")},
    "service": {
        "service": (
            0,
            "pid=812\nMainPID=812\nId=keepalived.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n",
        )
    },
}


class Listener(EagerClock):
    """While somebody sleeps for seconds, the backup hears adverts."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.hears: Callable[[float], None] = lambda _seconds: None
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if seconds > 1:
            self.slept.append(seconds)
            self.hears(seconds)
        await super().sleep(seconds)


@pytest.fixture
def clock() -> Listener:
    """keepalived's dumps and adverts are awaited without waiting."""
    return Listener(EVENING)


@pytest.fixture
def backup(clock: Listener) -> FakeDirector:
    """A healthy backup, where the login is root, that hears two adverts of each instance."""
    found = FakeDirector(clock, "d2")
    found.answers.update(ANSWERS)
    clock.hears = lambda _seconds: heard(found, 2)
    return found


def heard(director: FakeDirector, more: int) -> None:
    """Its counters of adverts grow."""
    document = json.loads(director.dumps["json"])
    for entry in document:
        entry["stats"]["advert_rcvd"] += more
    director.dumps["json"] = json.dumps(document)


async def test_a_backup(backup: FakeDirector, clock: Listener) -> None:
    """All of it, and nothing is left open."""
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert sounding.lacks == ()
    assert sounding.director == "d2"
    assert sounding.asked_at == EVENING
    assert sounding.clock == ClockReading(7.0, 0.0)
    assert sounding.configuration == ConfigCheck(True, ("the first",))
    assert sounding.adverts_received == {"WEB4": 2, "WEB6": 2}
    assert clock.slept == [2.2]
    assert sounding.adverts_seconds == pytest.approx(2.2, abs=0.1)
    assert sounding.arp == {"net.ipv4.conf.eth0.arp_ignore": 1}
    assert sounding.connections == {vs_key("TCP:172.26.127.20:445"): ConnectionCount(3, 2, 1)}
    assert sounding.priority_lines == (PriorityLine("A", "/etc/k.conf", 2, 50),)
    at = datetime.fromtimestamp(1795371000.5, UTC)
    assert sounding.transitions == (Transition("A", VrrpState.BACKUP, at),)
    assert sounding.reloading is False
    assert sounding.service == ServiceStatus("keepalived.service", active=True, enabled=True)
    assert sounding.took == pytest.approx(2.2, abs=0.2)
    assert backup.channels == 0
    assert ("sound", False) in backup.opened


async def test_a_master_waits_for_no_advert(clock: Listener) -> None:
    """It sends them."""
    master = FakeDirector(clock, "d1")
    master.answers.update(ANSWERS)
    sounding = await sound("d1", master.transport(), clock, PrivilegeChoice.AUTO)
    assert sounding.adverts_received == {}
    assert clock.slept == []


async def test_a_backup_that_hears_nothing(backup: FakeDirector, clock: Listener) -> None:
    """0 is an answer."""
    clock.hears = lambda _seconds: None
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert sounding.adverts_received == {"WEB4": 0, "WEB6": 0}


async def test_counters_that_begin_anew(backup: FakeDirector, clock: Listener) -> None:
    """keepalived was restarted in between: how many it has heard is unknown."""
    clock.hears = lambda _seconds: heard(backup, -5)
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert sounding.adverts_received == {}


async def test_an_interval_that_is_long(backup: FakeDirector, clock: Listener) -> None:
    """Nobody waits for it longer than a few seconds."""
    backup.dumps["json"] = backup.dumps["json"].replace('"adver_int":1', '"adver_int":40')
    await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert clock.slept == [6.0]


async def test_through_sudo(backup: FakeDirector, clock: Listener) -> None:
    """As root there."""
    backup.root = False
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert ("sound", True) in backup.opened
    assert sounding.lacks == ()


async def test_without_privilege(backup: FakeDirector, clock: Listener) -> None:
    """What everybody may read is read; what nobody but root may is not tried."""
    backup.root, backup.sudo = False, SUDO_REFUSES
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert {(lack.what, lack.cause) for lack in sounding.lacks} == {
        (CONFIGURATION, LackCause.UNPRIVILEGED),
        (ADVERTS, LackCause.UNPRIVILEGED),
    }
    assert {lack.detail for lack in sounding.lacks} == {"needs root or sudo: sudo refused: a password is required"}
    assert (sounding.configuration, sounding.adverts_received) == (None, None)
    assert sounding.connections is not None
    assert "configtest" not in backup.requests


@pytest.mark.parametrize("verb", sorted(ANSWERS))
async def test_what_fails_is_unknown_and_said(backup: FakeDirector, clock: Listener, verb: str) -> None:
    """One by one; everything else is known."""
    backup.answers[verb] = {verb: (6, "the disk is on fire\n")}
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert {lack.detail for lack in sounding.lacks} == {"the disk is on fire (exit status 6)"}
    assert len(sounding.lacks) == 1
    fields = (sounding.clock, sounding.configuration, sounding.priority_lines, sounding.arp, sounding.connections)
    assert sum(each is None for each in (*fields, sounding.transitions, sounding.service)) == 1


@pytest.mark.parametrize(
    ("verb", "text", "detail"),
    [
        ("configtest", "", "keepalived -t: expected the exit status"),
        ("priorities", "whole\nfile /x\n", "keepalived.conf: the files are too many, too long, or could not be read"),
        ("connections", "TCP x 01BD 1 2 3\n", "expected a virtual server and three counts: TCP x 01BD 1 2 3"),
        ("arp", "sysctl: cannot\n", "net.ipv4.conf: expected a setting and its value: sysctl: cannot"),
        ("time", "1795371010.%N\n", "date tells no fractions of a second"),
    ],
)
async def test_what_is_not_wholly_understood_is_unknown(
    backup: FakeDirector, clock: Listener, verb: str, text: str, detail: str
) -> None:
    """Half an answer could be a wrong one."""
    backup.answers[verb] = {verb: (0, text)}
    (lack,) = (await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)).lacks
    assert lack.detail.endswith(detail)


async def test_without_a_service_manager(backup: FakeDirector, clock: Listener) -> None:
    """keepalived is no service of one: that is known."""
    backup.answers["service"] = {"service": (127, "")}
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert sounding.service == ServiceStatus(None, active=False, enabled=None)
    assert sounding.lacks == ()


async def test_keepalived_that_does_not_run(backup: FakeDirector, clock: Listener) -> None:
    """It hears no adverts, and that it does not run is said."""
    backup.pid = None
    (lack,) = (await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)).lacks
    assert lack.what == ADVERTS
    assert "keepalived is not running" in lack.detail


async def test_a_connection_that_is_lost(backup: FakeDirector, clock: Listener) -> None:
    """What was answered stays; nothing more is asked, and each lack says why."""
    backup.breaks["log"] = NO_ANSWER
    sounding = await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert sounding.service is not None
    assert {lack.what for lack in sounding.lacks} == {LOG, CONFIGURATION, PRIORITIES, ARP, CONNECTIONS}
    assert {lack.detail for lack in sounding.lacks} == {NO_ANSWER.summary}
    assert "arp" not in backup.requests
    assert backup.channels == 0


async def test_a_director_that_cannot_be_asked(backup: FakeDirector, clock: Listener) -> None:
    """There is no sounding then."""
    backup.refusal = Fault(FaultKind.REFUSED, "d2 refuses the connection")
    with pytest.raises(TransportError, match="d2 refuses the connection"):
        await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    backup.refusal, backup.breaks["sound"] = None, NO_ANSWER
    with pytest.raises(TransportError):
        await sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO)
    assert backup.channels == 0


async def test_cancelling_leaves_nothing_open(backup: FakeDirector, clock: Listener) -> None:
    """Whoever waits may give up."""
    held = backup.hold("connections")
    task = asyncio.create_task(sound("d2", backup.transport(), clock, PrivilegeChoice.AUTO))
    await held.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert backup.channels == 0


class Distant:
    """A way to a director whose answers take their time, a given one for each reading of the clock."""

    def __init__(self, inner: Transport, clock: EagerClock, trips: list[tuple[float, float]]) -> None:
        self._inner = inner
        self._clock = clock
        self._trips: Iterator[tuple[float, float]] = iter(trips)
        self.host = inner.host

    async def connect(self) -> None:
        await self._inner.connect()

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        channel = await self._inner.open(program, elevated=elevated, timeout=timeout)
        return DistantChannel(channel, self._clock, self._trips) if program.name == "sound" else channel

    def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        return self._inner.follow(program, elevated=elevated)

    async def close(self) -> None:
        await self._inner.close()


class DistantChannel:
    """Each reading of the clock takes its time there and back, and the director's clock is 7 s ahead."""

    def __init__(self, inner: Channel, clock: EagerClock, trips: Iterator[tuple[float, float]]) -> None:
        self._inner = inner
        self._clock = clock
        self._trips = trips
        self.greeting = inner.greeting

    async def ask(self, request: str, *, timeout: float) -> Reply:
        if request != "time":
            return await self._inner.ask(request, timeout=timeout)
        there, back = next(self._trips)
        self._clock.advance(there)
        text = f"{self._clock.now().timestamp() + 7:.6f}\n"
        self._clock.advance(back)
        return Reply((Section("time", SectionMode.FULL, 0, text.encode()),), there + back, 1)

    async def close(self) -> None:
        await self._inner.close()


async def test_the_shortest_trip_tells_the_clock(backup: FakeDirector, clock: Listener) -> None:
    """However lopsided the trips are, what is told is within its error."""
    trips = [(0.5, 0.1), (0.03, 0.01), (0.001, 0.2), (0.05, 0.05), (0.02, 0.9), (0.1, 0.1), (0.3, 0.0)]
    sounding = await sound("d2", Distant(backup.transport(), clock, trips), clock, PrivilegeChoice.AUTO)
    assert sounding.clock is not None
    assert sounding.clock.error == pytest.approx(0.02)
    assert abs(sounding.clock.ahead - 7) <= sounding.clock.error + 1e-6
