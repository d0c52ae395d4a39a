"""Failing over a real pair with each lever that works there: what was told before is what happens, also to clients."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lab.fixtures import THOROUGH
from lab.lab import Lab
from lab.topologies.everything import SECRET
from lab.topologies.failover import (
    BARE,
    GENTLE,
    GROUP,
    GROUP_WEIGHTED,
    NOPREEMPT,
    TWO,
    Configuration,
)
from lvstop.model.failover import FailoverLever
from support.failover import (
    ACCEPT_ALL,
    FIRST,
    HELD,
    SECOND,
    Seen,
    agrees,
    await_holder,
    configure,
    fail_over,
    reasons,
    traffic,
)
from support.lvstop import status
from support.maintenance import Answer

pytestmark = pytest.mark.lab

TRACK, FAULT = FailoverLever.TRACK_FILE, FailoverLever.FAULT
PRIORITY, STOP = FailoverLever.PRIORITY, FailoverLever.STOP
V4, V6, BOTH = ("V4",), ("V6",), ("V4", "V6")

NEARLY = 0.9
"""The part of the clients' connections that is foreseen at least: others are counted too, at another moment."""


@dataclass(frozen=True, slots=True)
class Case:
    """One failover.

    Attributes:
        asked: the words that say what is to move; all of it without.
        moved: the instances that move.
        lever: the one that is used; `named`: it has to be asked for.
        back: they come back by themselves when it is released.
    """

    configuration: Configuration
    lever: FailoverLever
    moved: tuple[str, ...]
    asked: tuple[str, ...] = ()
    named: bool = True
    back: bool = True

    def __str__(self) -> str:
        return f"{self.configuration.name}-{self.lever}"


CASES = (
    Case(GENTLE, TRACK, V4, named=False),
    Case(GENTLE, PRIORITY, V4),
    Case(GENTLE, FAULT, V4),
    Case(GENTLE, STOP, V4),
    Case(BARE, PRIORITY, V4),
    Case(BARE, STOP, V4, named=False),
    Case(NOPREEMPT, FAULT, V4, named=False, back=False),
    Case(NOPREEMPT, STOP, V4, back=False),
    Case(GROUP, TRACK, BOTH, ("--group", "ALL"), named=False),
    Case(GROUP, FAULT, BOTH, ("--group", "ALL")),
    Case(GROUP, STOP, BOTH, ("--group", "ALL")),
    Case(GROUP_WEIGHTED, TRACK, BOTH, ("--instance", "V6"), named=False),
    Case(TWO, TRACK, V4, ("--instance", "V4"), named=False),
    Case(TWO, PRIORITY, V6, ("--instance", "V6")),
    Case(TWO, FAULT, V6, ("--instance", "V6")),
    Case(TWO, STOP, BOTH),
)

EVERYWHERE = {(GENTLE, TRACK), (NOPREEMPT, FAULT)}
"""What is shown on every suite: the gentlest lever, and the one that nopreempt leaves."""

USUAL = {*EVERYWHERE, (GENTLE, PRIORITY), (GENTLE, FAULT)}
"""What is shown on bookworm. A failover takes a minute: the others are for who has the time."""


@pytest.fixture
def lab(failover_lab: Lab, request: pytest.FixtureRequest) -> Lab:
    """The pair, for the cases that are shown on its suite."""
    case = request.node.callspec.params["case"]
    shown = USUAL if failover_lab.suite == "bookworm" else EVERYWHERE
    if (case.configuration, case.lever) not in shown and not request.config.getoption(THOROUGH):
        pytest.skip(f"takes long: only with {THOROUGH}")
    return failover_lab


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_lever(lab: Lab, case: Case, record_property: Callable[[str, object], None]) -> None:
    """Chosen, pulled, verified, told as the clients saw it; shown while it is held; released again."""
    configure(lab, case.configuration)
    words = (*case.asked, *(("--lever", str(case.lever)) if case.named else ()))
    with traffic(lab, case.configuration.vips[case.moved[0]]) as flow:
        if case.configuration.synced:
            flow.await_copies(lab.directors[SECOND])
        began = time.time()
        there = fail_over(lab, "--to", SECOND, *words, *ACCEPT_ALL, "--yes", "--reason", "acceptance")
        assert (there.exit_status, there.outcome) == (0, "done"), reasons(there)
        seen = flow.seen(began)
        await_holder(lab, case.configuration, SECOND, case.moved)
        staying = tuple(name for name in case.configuration.vips if name not in case.moved)
        if staying:
            await_holder(lab, case.configuration, FIRST, staying)
        told_truly(case, there, seen)
        record_property("failover", json.dumps(row(case, lab.suite, there, seen)))
        held = status(lab, lab.cluster_file("ops"), live=(FIRST, SECOND))
        assert "failover-held" in held.codes
        assert [each["phase"] for each in held.cluster["failovers"]] == ["held"]

        began = time.time()
        back = fail_over(lab, "--release", *ACCEPT_ALL, "--yes")
        assert (back.exit_status, back.outcome) == (0, "done"), reasons(back)
        await_holder(lab, case.configuration, FIRST if case.back else SECOND, case.moved)
        if case.back and case.configuration.synced:
            assert flow.seen(began).survivors == seen.survivors
    released = status(lab, lab.cluster_file("ops"), live=(FIRST, SECOND))
    assert released.cluster["failovers"] == []
    assert "failover-held" not in released.codes
    for each in (there, back):
        assert SECRET not in json.dumps(each.document) + each.stderr


def told_truly(case: Case, told: Answer, seen: Seen) -> None:
    """The lever, the gap within its error, and who would survive."""
    plan, outcome = told.document["plan"], told.document["outcome"]
    assert plan["lever"] == case.lever
    assert set(plan["move"]["instances"]) == set(case.moved)
    connections = outcome["timeline"]["connections"]
    assert connections is not None, outcome["timeline"]
    assert agrees(connections, seen.gap), f"{connections}, {seen.gap}\n{seen.tries}"
    expected = told.document["assessment"]["consequences"]
    if not case.configuration.synced:
        assert expected["breaking"] >= NEARLY * HELD
        assert seen.survivors == 0, seen
    elif case.lever is STOP:
        # keepalived's table goes a moment before the addresses do
        assert expected["surviving"] is None
        assert set(seen.lost) <= {"reset"}, seen
    else:
        assert expected["surviving"] >= NEARLY * HELD
        assert seen.survivors == HELD, seen
    assert expected["failback"] == ("automatic" if case.back else "stays")


def row(case: Case, suite: str, told: Answer, seen: Seen) -> dict[str, Any]:
    """What the table of levers in the documentation says of this failover."""
    outcome = told.document["outcome"]
    return {
        "suite": suite,
        "configuration": case.configuration.name,
        "lever": str(case.lever),
        "gap": outcome["timeline"]["connections"],
        "addresses": [each["absent"] for each in outcome["timeline"]["addresses"]],
        "client_gap": [seen.gap.at_least, seen.gap.at_most],
        "survivors": seen.survivors,
        "held": HELD,
        "verdict": outcome["kind"],
    }
