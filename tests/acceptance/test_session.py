"""A session over time, on real directors: cadence, footprint, events, and what is left behind."""

import asyncio
import re
from itertools import groupby

import pytest

from lab.director import Director
from lab.lab import Lab
from lvstop.model.director import DirectorStatus
from lvstop.model.event import EventKind
from lvstop.model.vrrp import VrrpState
from support.watch import Watch, everybody_lives, watching

pytestmark = pytest.mark.lab

VIP = "172.26.127.20"
MINUTE = 60.0
HEARTBEAT = 60.0
TICKS = 60


def only_on(lab: Lab, suite: str) -> None:
    """What depends on no version of keepalived is shown on one suite, to save time."""
    if lab.suite != suite:
        pytest.skip(f"depends on no version of keepalived: shown on {suite}")


async def test_a_hung_director_delays_nobody(mended_seed_lab: Lab) -> None:
    """For a minute no packet of keepalived2 passes: it is stale, then unreachable; keepalived1 keeps its second."""
    lab = mended_seed_lab
    only_on(lab, "bookworm")
    hung = lab.directors["keepalived2"]
    async with watching(lab, lab.cluster_file()) as watch:
        await watch.until(everybody_lives, "both directors live")
        start = len(watch.seen)
        await asyncio.to_thread(hung.hang, "ens3")
        began = watch.seen[-1][0]
        await watch.until(lambda _: watch.director("keepalived2").status is DirectorStatus.STALE, "stale")
        await watch.until(lambda _: watch.director("keepalived2").status is DirectorStatus.UNREACHABLE, "gone")
        await watch.until(lambda _: watch.seen[-1][0] - began > MINUTE, "a minute", 70)
        during = watch.seen[start:]
        await asyncio.to_thread(hung.unhang, "ens3")
        await watch.until(everybody_lives, "both directors live again", 90)
    reads = [next(each for each in seen.directors if each.name == "keepalived1").read_at for _, seen in during]
    # a wait for the hung one would repeat one reading for as long as a connection attempt lasts
    assert len(set(reads)) > len(reads) / 2
    assert max(len(list(same)) for _, same in groupby(reads)) < 15
    # what was known of the hung one is not taken for the present, and not for nothing either
    last = next(each for each in during[-1][1].directors if each.name == "keepalived2")
    assert not last.answers
    assert last.virtual_servers
    assert last.age_seconds is not None
    assert last.age_seconds > 45


LOGIN = re.compile(r"\b(?:sshd|sudo|su|systemd-logind)\b")
DUMP = re.compile(r"Keepalived\w*\[\d+\]: .*Printing .* on signal")


async def forked(director: Director) -> int:
    """How many processes the director has started since its boot."""
    told = await asyncio.to_thread(director.output, "grep '^processes ' /proc/stat")
    return int(told.split()[1])


def readings(watch: Watch, name: str) -> int:
    """How often a director's table was read."""
    return len({each.read_at for _, seen in watch.seen for each in seen.directors if each.name == name})


@pytest.mark.parametrize("user", ["ops", "noc"])
async def test_no_footprint(seed_lab: Lab, user: str) -> None:
    """A minute's readings leave no line and next to no process per tick; only the heartbeat's dump."""
    director, privileged = seed_lab.directors["keepalived1"], user == "ops"
    seed_lab.await_ready()
    async with watching(seed_lab, seed_lab.cluster_file(user)) as watch:
        await watch.until(everybody_lives, "both directors live")
        # the checks are what a connection asks for last
        await watch.until(
            lambda _: not privileged or watch.director("keepalived1").checks is not None, "all that is read once"
        )
        settled = readings(watch, "keepalived1") + 5
        began = await watch.until(lambda _: readings(watch, "keepalived1") >= settled, "five more readings")
        cursor = (await asyncio.to_thread(director.journal)).cursor
        before = await forked(director)
        asking = await forked(director) - before
        enough = readings(watch, "keepalived1") + TICKS
        ended = await watch.until(lambda _: readings(watch, "keepalived1") >= enough, f"{TICKS} readings", 240)
        processes = await forked(director) - before - 2 * asking
        lines = (await asyncio.to_thread(director.journal, cursor)).lines
    assert not [line for line in lines if LOGIN.search(line)]
    # a heartbeat a minute, which may be told by the parent and by each child; without privilege nothing at all
    dumps = [line for line in lines if DUMP.search(line)]
    heartbeats = 1 + int((ended - began) / HEARTBEAT)
    # 2.3 tells of a data dump, and of JSON no more
    silent = seed_lab.suite == "trixie"
    assert (1 - silent <= len(dumps) <= 3 * heartbeats) if privileged else not dumps, dumps
    assert processes <= (TICKS if privileged else TICKS / 4)


@pytest.mark.parametrize(("member", "calls"), [(False, 2), (True, 1)])
async def test_sudo_is_called_once_or_twice_a_connection(seed_lab: Lab, member: bool, calls: int) -> None:
    """For the facts, and for the log where the login may not read it: each is a line in the director's log."""
    only_on(seed_lab, "bookworm")
    director = seed_lab.directors["keepalived1"]
    follows = "until ps -eo args | grep -q '[j]ournalctl .*--follow'; do sleep 0.1; done"
    if member:
        director.run("gpasswd -a ops systemd-journal")
    try:
        cursor = director.journal().cursor
        async with watching(seed_lab, seed_lab.cluster_file("ops")) as watch:
            await watch.until(everybody_lives, "both directors live")
            await asyncio.to_thread(director.run, follows, timeout=60)
        lines = (await asyncio.to_thread(director.journal, cursor)).lines
    finally:
        if member:
            director.run("gpasswd -d ops systemd-journal")
    assert len([line for line in lines if "COMMAND=" in line]) == calls


async def test_nothing_is_left_running(seed_lab: Lab) -> None:
    """When the session ends, so do its programs on the director, the elevated ones included."""
    only_on(seed_lab, "bookworm")
    director = seed_lab.directors["keepalived1"]
    programs = ("[s]h -s -- lvstop-", "[n]once=lvstop-", "[j]ournalctl .*--follow")
    all_run = " && ".join(f"ps -eo args | grep -q '{each}'" for each in programs)
    one_runs = "ps -eo user,args | grep " + " ".join(f"-e '{each}'" for each in programs)
    async with watching(seed_lab, seed_lab.cluster_file("ops")) as watch:
        await watch.until(everybody_lives, "both directors live")
        await asyncio.to_thread(director.run, f"until {all_run}; do sleep 0.1; done", timeout=60)
    ended = await asyncio.to_thread(
        director.run, f"for i in $(seq 300); do {one_runs} || exit 0; sleep 0.1; done; exit 1", check=False, timeout=90
    )
    assert ended.returncode == 0, ended.stdout


async def test_a_failover_is_told(mended_seed_lab: Lab) -> None:
    """keepalived is stopped on the master: who holds the VIP changes on screen, with keepalived's own time."""
    lab = mended_seed_lab
    master = lab.directors["keepalived1"]

    def holder_is(name: str) -> bool:
        return bool(watch.last.vips) and watch.last.vips[0].holders == (name,)

    def told_master(name: str) -> bool:
        return any(each.state is VrrpState.MASTER for each in watch.director(name).vrrp or ())

    def running(name: str) -> bool:
        keepalived = watch.director(name).keepalived
        return keepalived is None or keepalived.running is not False

    async with watching(lab, lab.cluster_file()) as watch:
        await watch.until(everybody_lives, "both directors live")
        await watch.until(lambda _: holder_is("keepalived1"), "the VIP on keepalived1")
        try:
            await asyncio.to_thread(master.run, "systemctl stop keepalived")
            await watch.until(lambda _: holder_is("keepalived2"), "the VIP on keepalived2")
            await watch.until(lambda _: told_master("keepalived2"), "keepalived2 says MASTER")
            await watch.until(lambda _: not running("keepalived1"), "keepalived1 does not run")
            assert watch.director("keepalived1").vrrp is None
            codes = {str(alert.code) for alert in watch.last.alerts}
        finally:
            await asyncio.to_thread(master.run, "systemctl start keepalived")
        assert "keepalived-down" in codes
        assert "multiple-masters" not in codes
        await watch.until(lambda _: holder_is("keepalived1") and told_master("keepalived1"), "the VIP back", 120)
        kinds = {event.kind for _, seen in watch.seen for event in seen.events}
    assert {EventKind.VIP, EventKind.VRRP, EventKind.KEEPALIVED, EventKind.ALERT} <= kinds
