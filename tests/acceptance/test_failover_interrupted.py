"""Failovers that something goes wrong in: the addresses end up on one director, or lvstop says plainly what to type."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lab.fixtures import THOROUGH
from lab.lab import Lab
from lab.topologies.failover import GENTLE, LEVER4, TRACK_FILES, VIP4
from lab.wait import wait_until
from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress, FailoverStage
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.outcome import OutcomeKind
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.engine.connections import ssh_probes
from lvstop.engine.failover_actor import FailoverActor
from lvstop.engine.failovers import ssh_failover_actors
from lvstop.engine.look import look
from lvstop.model.failover import FailoverLever
from support import killed
from support.failover import (
    ACCEPT_ALL,
    FIRST,
    PATIENCE,
    SECOND,
    await_holder,
    configure,
    fail_over,
    holders,
    levers,
    mend_machines,
    reasons,
)
from support.lvstop import status
from support.maintenance import Answer, words

pytestmark = pytest.mark.lab

CONFIGURATION = GENTLE
BOTH = (FIRST, SECOND)
STAGES = tuple(stage for stage in FailoverStage if stage is not FailoverStage.UNDOING)
REFUSING = (FailoverStage.CONNECTING, FailoverStage.LOCKING, FailoverStage.CHECKING)
ACTING = (FailoverStage.PULLING, FailoverStage.WAITING)
FAULT, TRACK, STOP = FailoverLever.FAULT, FailoverLever.TRACK_FILE, FailoverLever.STOP
Blow = Callable[[Lab], None]

USUAL = {"test_the_peer_never_takes_over": FAULT, "test_killed_at_every_stage": FailoverStage.WAITING}
"""What is always shown, by its parameter: nobody takes the addresses, and lvstop dies when they are on their way."""


def is_usual(request: pytest.FixtureRequest) -> bool:
    """A test is among those that are always shown."""
    shown = USUAL.get(request.node.originalname)
    return shown is not None and shown in request.node.callspec.params.values()


@pytest.fixture
def lab(failover_lab: Lab, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The pair with every lever, mended afterwards; what is shown here depends on no version of keepalived."""
    if failover_lab.suite != "bookworm":
        pytest.skip("depends on no version of keepalived: shown on bookworm")
    if not (request.config.getoption(THOROUGH) or is_usual(request)):
        pytest.skip(f"takes long: only with {THOROUGH}")
    configure(failover_lab, CONFIGURATION)
    try:
        yield failover_lab
    finally:
        mend_machines(failover_lab)


@asynccontextmanager
async def planned(lab: Lab, folder: Path, lever: FailoverLever) -> AsyncIterator[tuple[FailoverActor, FailoverPlan]]:
    """A failover to the second director, planned as the terminal plans it."""
    clock, config = SystemClock(), load_cluster_file(lab.cluster_file("ops"))
    with lab.inside():
        actor = ssh_failover_actors(clock, None, folder)(config)
        assert actor is not None
        async with asyncio.timeout(PATIENCE):
            plan: object = None
            while not isinstance(plan, FailoverPlan):
                soundings = await actor.sound()
                (snapshot,) = await look([config], ssh_probes(clock, None), clock, timeout=60)
                intent = FailOver(target=SECOND, lever=lever)
                plan = actor.plan(intent, snapshot, soundings, accepted=frozenset(CheckCode))
        yield actor, plan


class Striker:
    """Strikes once, when a stage is told for the first time."""

    def __init__(self, lab: Lab, stage: FailoverStage, blow: Blow) -> None:
        self._lab, self._stage, self._blow = lab, stage, blow
        self.struck = False

    def report(self, progress: FailoverProgress) -> None:
        """As an execution reports."""
        if progress.stage is self._stage and progress.moment is None and not self.struck:
            self.struck = True
            self._blow(self._lab)


async def struck(lab: Lab, folder: Path, lever: FailoverLever, stage: FailoverStage, blow: Blow) -> FailoverOutcome:
    """Fail over, and strike when a stage begins."""
    striker = Striker(lab, stage, blow)
    async with planned(lab, folder, lever) as (actor, plan):
        outcome = await actor.execute(plan, striker.report)
    assert striker.struck
    return outcome


def ends_well(lab: Lab, outcome: FailoverOutcome) -> None:
    """One director holds everything and it is the one that is told; or it is told that nobody knows, and what to type.

    Whatever is left on record can be undone by somebody else, and then everything is as in the beginning.
    """
    pending = {each["phase"] for each in status(lab, lab.cluster_file("ops"), live=BOTH).cluster["failovers"]}
    match outcome.kind:
        case OutcomeKind.DONE:
            await_holder(lab, CONFIGURATION, SECOND)
            assert pending == {"held"}
        case OutcomeKind.UNDONE | OutcomeKind.REFUSED:
            await_holder(lab, CONFIGURATION, FIRST)
            assert set(map(tuple, levers(lab).values())) == {("0",) * len(TRACK_FILES)}
        case OutcomeKind.INCOMPLETE:
            assert outcome.failure
            assert outcome.way_out
            assert pending == {"pending"}
    wait_until(lambda: len(holders(lab, CONFIGURATION)[VIP4]) == 1, PATIENCE, "one holder")
    if pending:
        undo(lab, "held" if outcome.kind is OutcomeKind.DONE else "pending")


def undo(lab: Lab, phase: str) -> None:
    """What the next operator does who sees what is left."""
    told = (
        fail_over(lab, "--release", *ACCEPT_ALL, "--yes")
        if phase == "held"
        else fail_over(lab, "--undo", "--yes", command="resume")
    )
    assert (told.exit_status, told.outcome) == (0, "done"), reasons(told)
    await_holder(lab, CONFIGURATION, FIRST)
    assert set(map(tuple, levers(lab).values())) == {("0",) * len(TRACK_FILES)}
    assert status(lab, lab.cluster_file("ops"), live=BOTH).cluster["failovers"] == []


# connections that are cut


@pytest.mark.parametrize("cut", BOTH)
@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage is not FailoverStage.AUDITING], ids=str)
async def test_ssh_is_cut(
    lab: Lab, tmp_path: Path, stage: FailoverStage, cut: str, pytestconfig: pytest.Config
) -> None:
    """At each step, to either side: no packet of SSH passes any more, for as long as it takes."""
    turn = cut == BOTH[STAGES.index(stage) % 2]
    if not (turn or stage in ACTING or pytestconfig.getoption(THOROUGH)):
        pytest.skip(f"the other side is cut at this step; both with {THOROUGH}")
    outcome = await struck(lab, tmp_path, TRACK, stage, lambda lab: lab.directors[cut].refuse_ssh())
    await asyncio.to_thread(mend_machines, lab)
    if stage in REFUSING:
        assert outcome.kind is OutcomeKind.REFUSED, outcome
    await asyncio.to_thread(ends_well, lab, outcome)


# directors that fail


async def test_the_peer_dies_after_the_lever_is_pulled(lab: Lab, tmp_path: Path) -> None:
    """Its power fails while it is waited for: the one that has the addresses keeps them."""
    outcome = await struck(lab, tmp_path, TRACK, FailoverStage.WAITING, lambda lab: lab.directors[SECOND].power_off())
    assert outcome.kind in (OutcomeKind.UNDONE, OutcomeKind.INCOMPLETE), outcome
    await asyncio.to_thread(mend_machines, lab)
    await asyncio.to_thread(ends_well, lab, outcome)


@pytest.mark.parametrize("lever", [TRACK, FAULT, STOP])
async def test_the_peer_never_takes_over(lab: Lab, tmp_path: Path, lever: FailoverLever) -> None:
    """keepalived hangs there: the lever is released, and the way back is verified."""
    peer = lab.directors[SECOND]
    outcome = await struck(lab, tmp_path, lever, FailoverStage.PULLING, lambda lab: hang_keepalived(lab, SECOND))
    # not continued: with a sync daemon keepalived 2.2.7 then waits for ever for an answer of the kernel, and keeps the
    # address that it has taken for a moment
    await asyncio.to_thread(peer.run, "systemctl kill --signal=KILL keepalived; systemctl restart keepalived")
    assert outcome.kind in (OutcomeKind.UNDONE, OutcomeKind.INCOMPLETE), outcome
    assert outcome.failure
    assert outcome.timeline is not None
    await asyncio.to_thread(ends_well, lab, outcome)


def hang_keepalived(lab: Lab, name: str) -> None:
    """It neither sends nor hears."""
    lab.directors[name].run("pkill -STOP keepalived")


async def test_adverts_are_lost(lab: Lab, tmp_path: Path) -> None:
    """While it is waited for, both become MASTER: everything stops, and it is said what to do."""
    outcome = await struck(lab, tmp_path, TRACK, FailoverStage.PULLING, lambda lab: lab.directors[SECOND].cut("ens4"))
    assert outcome.kind is OutcomeKind.INCOMPLETE, outcome
    assert {each.director: each.holds for each in outcome.standings if each.holds}.keys() == {FIRST, SECOND}
    assert any("adverts" in line for line in outcome.way_out)
    await asyncio.to_thread(mend_machines, lab)
    await asyncio.to_thread(ends_well, lab, outcome)


async def test_a_track_file_that_cannot_be_written(lab: Lab, tmp_path: Path) -> None:
    """The file system has become read-only: nothing moves, and the reason is told."""
    first = lab.directors[FIRST]

    def protect(_lab: Lab) -> None:
        first.run("mount -o remount,ro /etc/keepalived")

    try:
        outcome = await struck(lab, tmp_path, TRACK, FailoverStage.PULLING, protect)
    finally:
        await asyncio.to_thread(first.run, "mount -o remount,rw /etc/keepalived")
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    assert LEVER4 in outcome.failure
    await asyncio.to_thread(ends_well, lab, outcome)


# lvstop that is killed


@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_killed_at_every_stage(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stage: FailoverStage) -> None:
    """Whoever starts lvstop next, elsewhere, sees what is pending, and finishes it or undoes it, in turn.

    At once: for two minutes it might still be under way, and is no alert.
    """
    way = ("--finish", "--undo")[STAGES.index(stage) % 2]
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "anna"))
    command = words(lab, "failover", "--to", SECOND, *ACCEPT_ALL, "--yes")[1:]
    argv = [sys.executable, "-P", killed.__file__, str(stage), *command]
    ended = lab.run_inside(argv, check=False, timeout=PATIENCE)
    assert ended.returncode == -signal.SIGKILL, ended
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "bert"))
    seen = status(lab, lab.cluster_file("ops"), live=BOTH)
    phases = [each["phase"] for each in seen.cluster["failovers"]]
    begun = STAGES.index(stage) > STAGES.index(FailoverStage.RECORDING)
    assert phases == (["pending"] if begun else []), json.dumps(seen.cluster["failovers"])
    if not begun:
        await_holder(lab, CONFIGURATION, FIRST)
        return
    told = resumed(lab, way)
    assert (told.exit_status, told.outcome) == (0, "done"), reasons(told)
    await_holder(lab, CONFIGURATION, SECOND if way == "--finish" else FIRST)
    if way == "--finish":
        undo(lab, "held")
    assert status(lab, lab.cluster_file("ops"), live=BOTH).cluster["failovers"] == []


def resumed(lab: Lab, way: str) -> Answer:
    """`lvstop resume`, accepting what is warned of."""
    return fail_over(lab, way, *(ACCEPT_ALL if way == "--finish" else ()), "--yes", command="resume")
