"""Changes that are interrupted: nothing is left that the next lvstop does not see and put right."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lab.lab import Lab
from lab.wait import wait_until
from lvstop.actions.intent import Drain
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Plan
from lvstop.actions.progress import Progress, Stage
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.engine.actors import ssh_actors
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from support import killed
from support.factories import rs_key, vs_key
from support.lvstop import status
from support.maintenance import PATIENCE, SECOND, STATE, change, everywhere, left_as_found, records, weights, words

pytestmark = pytest.mark.lab

REFUSED = 1
STEPS = 24
"""More than a drain has."""
MIDDLE = 15
"""Both directors have a record by then, and no weight is changed yet or one."""


@pytest.fixture
def lab(maintenance_lab: Lab) -> Iterator[Lab]:
    """The pair, put back afterwards; what is shown here depends on no version of keepalived."""
    if maintenance_lab.suite != "bookworm":
        pytest.skip("depends on no version of keepalived: shown on bookworm")
    with left_as_found(maintenance_lab) as found:
        yield found


def killed_at(lab: Lab, step: int) -> int:
    """Drain, and be killed at a step. Returns the exit status. A refusal (VRRP has moved) is waited out."""
    argv = [sys.executable, "-P", killed.__file__, str(step), *words(lab, "drain", f"{SECOND}:445", "--yes")[1:]]
    ended: list[CompletedProcess[str]] = []

    def was_begun() -> bool:
        ended.append(lab.run_inside(argv, check=False, timeout=120))
        return ended[-1].returncode != REFUSED

    what = f"a drain that comes to step {step}"
    wait_until(was_begun, PATIENCE, what, poll=1.0, explain=lambda: ended[-1].stdout + ended[-1].stderr)
    return ended[-1].returncode


def phases(lab: Lab) -> set[str]:
    """What an operator sees on record."""
    looked = status(lab, lab.cluster_file("ops"), live=("keepalived1", "keepalived2"))
    return {each["phase"] for each in looked.cluster["changes"]}


def put_right(lab: Lab, step: int) -> set[str]:
    """What whoever starts lvstop next sees, and does: finish it or undo it, in turn. Returns the phases he saw."""
    seen = phases(lab)
    if "pending" in seen:
        way = "--finish" if step % 2 else "--undo"
        mended = change(lab, "resume", way, "--yes")
        assert (mended.exit_status, mended.outcome) == (0, "done"), (step, mended)
        after = {weights(director, 445)[SECOND] for director in lab.directors.values()}
        assert after == {0 if step % 2 else 1}, (step, way)
    return seen


def test_killed_at_every_step(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever it was about to do: another operator's lvstop sees it, and puts everything back, or finishes it."""
    found = everywhere(lab, STATE)
    ended = []
    for step in range(1, STEPS):
        # a desk of her own for each step: what somebody else puts right is over at hers half a minute later
        anna = str(tmp_path / f"anna-{step}")
        monkeypatch.setenv("XDG_STATE_HOME", anna)
        ended.append(killed_at(lab, step))
        if ended[-1] == 0:
            break
        left = {name: weights(director, 445)[SECOND] for name, director in lab.directors.items()}
        kept = records(lab)
        # a colleague at another desk, with no record of his own
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "bert"))
        seen = put_right(lab, step)
        if set(left.values()) != {1}:
            assert seen, f"step {step} left {left}, and nobody sees it"
        assert bool(seen) == any(kept.values())
        # what was on her own machine only is seen there, for half a minute: nothing had been done
        monkeypatch.setenv("XDG_STATE_HOME", anna)
        if not seen:
            assert set(left.values()) == {1}
            assert phases(lab) <= {"pending"}
            mended = change(lab, "resume", "--undo", "--yes")
            over = mended.codes == {"nothing-to-do"}
            assert over or (mended.exit_status, mended.outcome) == (0, "done"), (step, mended)
            assert phases(lab) == set()
        if weights(lab.directors["keepalived1"], 445)[SECOND] == 0:
            restored = change(lab, "restore", f"{SECOND}:445", "--yes")
            assert (restored.exit_status, restored.outcome) == (0, "done"), (step, restored)
        assert everywhere(lab, STATE) == found, step
        assert not any(records(lab).values()), step
    assert ended[-1] == 0, "no step was the last one"
    assert set(ended[:-1]) == {-signal.SIGKILL}
    assert len(ended) > 12


def test_what_a_colleague_has_put_right_is_over_at_home(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """She was killed in the middle, he undid it from his own desk: her desk asks nothing of her any more."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "anna"))
    assert killed_at(lab, MIDDLE) == -signal.SIGKILL
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "bert"))
    assert change(lab, "resume", "--undo", "--yes").outcome == "done"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "anna"))

    def drains_again() -> bool:
        return change(lab, "drain", f"{SECOND}:445", "--yes").outcome == "done"

    wait_until(drains_again, PATIENCE, "a desk that knows of the end", poll=1.0)
    assert change(lab, "restore", f"{SECOND}:445", "--yes").outcome == "done"


async def plan_here(lab: Lab) -> Plan:
    """A drain of one real server, planned as the terminal plans it."""
    clock, config = SystemClock(), load_cluster_file(lab.cluster_file("ops"))
    (snapshot,) = await look([config], ssh_probes(clock, None), clock, timeout=60)
    actor = ssh_actors(clock, None, Path("/nonexistent"))(config)
    assert actor is not None
    plan = actor.plan(Drain(((vs_key("TCP:172.26.127.20:445"), rs_key(f"{SECOND}:445")),)), snapshot)
    assert isinstance(plan, Plan), plan
    return plan


async def test_cut_between_the_two_edits(lab: Lab, tmp_path: Path) -> None:
    """The second director is lost over its edit: the first one is put back, and what is unknown is said."""
    lost = lab.directors["keepalived1"]
    clock, config = SystemClock(), load_cluster_file(lab.cluster_file("ops"))

    def report(progress: Progress) -> None:
        if progress.stage is Stage.CHANGING and progress.director == lost.name:
            lost.cut("ens3")

    with lab.inside():
        plan = await plan_here(lab)
        actor = ssh_actors(clock, None, tmp_path)(config)
        assert actor is not None
        outcome = await actor.execute(plan, report)
    assert outcome.kind is OutcomeKind.INCOMPLETE
    assert {row.director: row.weight for row in outcome.rows} == {"keepalived2": 1, "keepalived1": None}
    assert weights(lab.directors["keepalived2"], 445)[SECOND] == 1
    await asyncio.to_thread(lost.mend_all)
    await asyncio.to_thread(lost.await_up)
    await asyncio.to_thread(lab.await_ready)
    mended = await asyncio.to_thread(change, lab, "resume", "--undo", "--yes")
    assert (mended.exit_status, mended.outcome) == (0, "done"), mended
    assert [weights(director, 445)[SECOND] for director in lab.directors.values()] == [1, 1]
    assert not any(records(lab).values())


def test_sudo_that_is_taken_away(lab: Lab) -> None:
    """Between looking and acting: refused, and nothing is touched."""
    found = everywhere(lab, STATE)
    second = lab.directors["keepalived2"]
    second.run("mv /etc/sudoers.d/ops /root/ops")
    try:
        refused = change(lab, "drain", f"{SECOND}:445", "--yes")
    finally:
        second.run("mv /root/ops /etc/sudoers.d/ops")
    assert (refused.exit_status, refused.codes) == (1, {"privilege-missing"})
    assert everywhere(lab, STATE) == found
