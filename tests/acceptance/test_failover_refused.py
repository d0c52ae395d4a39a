"""Failovers that are refused, each for its reason, and nothing is touched."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.director import Director
from lab.lab import Lab
from lab.topologies.failover import BARE, FAULT, GENTLE, NOPREEMPT, PORT, REAL4, VIP4, Configuration
from lab.wait import wait_until
from lvstop.actions.failover.checks import CheckCode, Verdict, blocked
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import FailoverRefusal
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.engine.failovers import ssh_failover_actors
from lvstop.model.director import DirectorStatus
from support.failover import (
    ACCEPT_ALL,
    FIRST,
    PATIENCE,
    SECOND,
    configure,
    fail_over,
    holders,
    mend_machines,
    reasons,
)
from support.lvstop import status
from support.maintenance import FOOTPRINT, Answer
from support.watch import everybody_lives, watching

pytestmark = pytest.mark.lab

Trouble = Callable[[Lab], None]


@pytest.fixture
def lab(failover_lab: Lab) -> Iterator[Lab]:
    """The pair with every lever, mended afterwards; what is refused depends on no version of keepalived."""
    if failover_lab.suite != "bookworm":
        pytest.skip("depends on no version of keepalived: shown on bookworm")
    try:
        yield failover_lab
    finally:
        mend_machines(failover_lab)


def in_fault(lab: Lab) -> None:
    """The peer must not take over: a track file says so."""
    lab.directors[SECOND].run(f"echo 1 > {FAULT}")

    def says_so() -> bool:
        told = status(lab, lab.cluster_file("ops"), live=(SECOND,)).director(SECOND)["vrrp"]
        return [each["state"] for each in told or ()] == ["FAULT"]

    wait_until(says_so, PATIENCE, "FAULT")


def stopped(lab: Lab) -> None:
    """keepalived does not run on the peer."""
    lab.directors[SECOND].run("systemctl stop keepalived")


def split(lab: Lab) -> None:
    """Adverts do not pass: both are MASTER."""
    lab.directors[SECOND].cut("ens4")
    wait_until(lambda: holders(lab, GENTLE)[VIP4] == (FIRST, SECOND), PATIENCE, "two masters")


def drifted(lab: Lab) -> None:
    """The peer lacks a real server that the master has, and its health check does not know."""
    lab.directors[SECOND].run(f"ipvsadm -d -t {VIP4}:{PORT} -r {REAL4[1]}:{PORT}")


def unreachable(lab: Lab) -> None:
    """Nobody can ask the peer."""
    lab.directors[SECOND].stop_sshd()


def invalid(lab: Lab) -> None:
    """A configuration that keepalived would not take: whoever restarts it has none."""
    lab.directors[SECOND].run("echo 'vrrp_instance V4 {' >> /etc/keepalived/keepalived.conf")


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (in_fault, CheckCode.PEER_BACKUP),
        (stopped, CheckCode.PEER_BACKUP),
        (split, CheckCode.ONE_MASTER),
        (drifted, CheckCode.TABLES_EQUAL),
        (unreachable, CheckCode.DIRECTORS_LIVE),
        (invalid, CheckCode.CONFIGURATION_VALID),
    ],
)
def test_trouble_on_the_peer(lab: Lab, trouble: Trouble, code: CheckCode) -> None:
    """No warning that is accepted helps, no lever that is named: the check blocks, and says why."""
    configure(lab, GENTLE)
    trouble(lab)
    with untouched(lab):
        told = fail_over(lab, "--to", SECOND, *ACCEPT_ALL, "--yes")
        insisted = fail_over(lab, "--to", SECOND, "--lever", "stop", *ACCEPT_ALL, "--yes")
    for each in (told, insisted):
        assert (each.exit_status, each.outcome) == (1, None), reasons(each)
        assert code in blocked_codes(each), each.document["assessment"]["checks"]


@pytest.mark.parametrize(
    ("configuration", "lever"),
    [(NOPREEMPT, "track-file"), (NOPREEMPT, "priority"), (BARE, "track-file"), (BARE, "fault")],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_lever_that_would_do_nothing(lab: Lab, configuration: Configuration, lever: str) -> None:
    """With nopreempt, or without a track file: refused before anything is done, with the reason."""
    configure(lab, configuration)
    with untouched(lab):
        told = fail_over(lab, "--to", SECOND, "--lever", lever, *ACCEPT_ALL, "--yes")
    assert (told.exit_status, told.outcome) == (1, None), reasons(told)
    (option,) = (each for each in told.document["assessment"]["options"] if each["lever"] == lever)
    assert option["usable"] is False
    assert ("nopreempt" if configuration is NOPREEMPT else "track file") in option["why"]


def test_warnings_have_to_be_accepted(lab: Lab) -> None:
    """Without them a failover is not done, and a dry run leaves nothing either."""
    configure(lab, GENTLE)
    with untouched(lab):
        # keepalived was restarted a moment ago: that is a warning at least
        told = fail_over(lab, "--to", SECOND, "--yes")
        looked = fail_over(lab, "--to", SECOND, "--dry-run")
        planned = fail_over(lab, "--to", SECOND, *ACCEPT_ALL, "--dry-run")
    assert (told.exit_status, told.outcome) == (1, None), reasons(told)
    warned = {each["code"] for each in told.document["assessment"]["checks"] if each["verdict"] == Verdict.WARNED}
    assert "not-flapping" in warned
    assert warned == set(told.document["unaccepted"])
    assert (looked.exit_status, looked.outcome) == (1, None), reasons(looked)
    assert (planned.exit_status, planned.outcome) == (0, None), reasons(planned)
    assert planned.document["assessment"]["chosen"] == "track-file"


def test_who_may_not(lab: Lab) -> None:
    """A plain user is told what he lacks."""
    configure(lab, GENTLE)
    with untouched(lab):
        told = fail_over(lab, "--to", SECOND, *ACCEPT_ALL, "--yes", user="noc")
    assert (told.exit_status, told.outcome) == (1, None), reasons(told)
    assert CheckCode.PRIVILEGE in blocked_codes(told)


async def test_stale_data(lab: Lab, tmp_path: Path) -> None:
    """What a session knew a while ago is no ground to act on."""
    await asyncio.to_thread(configure, lab, GENTLE)
    actor = ssh_failover_actors(SystemClock(), None, tmp_path)(load_cluster_file(lab.cluster_file("ops")))
    assert actor is not None
    async with watching(lab, lab.cluster_file("ops")) as watch:
        await watch.until(everybody_lives, "both directors live")
        soundings = await actor.sound()
        await asyncio.to_thread(lab.directors[SECOND].hang, "ens3")
        await watch.until(lambda _: watch.director(SECOND).status is DirectorStatus.STALE, "a director that is stale")
        told = actor.plan(FailOver(target=SECOND), watch.last, soundings, accepted=frozenset(CheckCode))
    assert isinstance(told, FailoverRefusal), told
    assert CheckCode.DIRECTORS_LIVE in {check.code for check in blocked(told.assessment.checks)}


def blocked_codes(answer: Answer) -> set[str]:
    """Codes of the checks that nothing overrides."""
    checks = answer.document["assessment"]["checks"]
    return {each["code"] for each in checks if each["verdict"] == Verdict.BLOCKED}


@contextmanager
def untouched(lab: Lab) -> Iterator[None]:
    """Nothing on any director is changed in this block, not even a file's time."""
    before = {each.name: left_by_lvstop(each) for each in lab.directors.values()}
    yield
    for director in lab.directors.values():
        assert left_by_lvstop(director) == before[director.name]


def left_by_lvstop(director: Director) -> str:
    """All that lvstop could leave there, over a connection that is older than any trouble."""
    return director.run(FOOTPRINT, check=False).stdout
