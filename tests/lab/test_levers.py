"""What keepalived really does when somebody pulls a lever by hand: the ground that lvstop's choice stands on."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lab.fixtures import THOROUGH
from lab.lab import Lab
from lab.topologies.failover import (
    BARE,
    FAULT,
    GENTLE,
    GROUP,
    GROUP_IGNORED,
    GROUP_WEIGHTED,
    LEVER4,
    NOPREEMPT,
    TWO,
    Configuration,
)
from lab.wait import wait_until
from lvstop.model.failover import FailoverLever
from support.failover import FIRST, HELD, PATIENCE, SECOND, await_holder, configure, holders, pull, release, traffic
from support.lvstop import status

pytestmark = pytest.mark.lab

ADVERTS = 6
"""Twice as many as the backup would miss before it took over."""


@dataclass(frozen=True, slots=True)
class Case:
    """A lever of a configuration.

    Attributes:
        moved: the instances that change hands.
        back: they come back by themselves when it is released.
    """

    configuration: Configuration
    lever: FailoverLever
    moved: tuple[str, ...]
    back: bool = True
    file: str = LEVER4

    @property
    def survive(self) -> bool:
        """Long connections live on."""
        return self.configuration.synced

    def __str__(self) -> str:
        return f"{self.configuration.name}-{self.lever}"


TRACK, PRIORITY, STOP = FailoverLever.TRACK_FILE, FailoverLever.PRIORITY, FailoverLever.STOP
V4, BOTH = ("V4",), ("V4", "V6")
MOVING = (
    Case(GENTLE, TRACK, V4),
    Case(GENTLE, PRIORITY, V4),
    Case(GENTLE, FailoverLever.FAULT, V4, file=FAULT),
    Case(GENTLE, STOP, V4),
    Case(BARE, PRIORITY, V4),
    Case(BARE, STOP, V4),
    Case(NOPREEMPT, FailoverLever.FAULT, V4, back=False, file=FAULT),
    Case(NOPREEMPT, STOP, V4, back=False),
    Case(GROUP, TRACK, BOTH),
    Case(GROUP, FailoverLever.FAULT, BOTH, file=FAULT),
    Case(GROUP, STOP, BOTH),
    Case(GROUP_WEIGHTED, TRACK, BOTH),
    Case(TWO, TRACK, V4),
    Case(TWO, FailoverLever.FAULT, ("V6",), file=FAULT),
    Case(TWO, STOP, BOTH),
)
STAYING = (
    Case(NOPREEMPT, TRACK, ()),
    Case(NOPREEMPT, PRIORITY, ()),
    Case(GROUP_IGNORED, TRACK, ()),
)


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> None:
    """Only where there is time: failovers by lvstop show the same, and take as long."""
    if not request.config.getoption(THOROUGH):
        pytest.skip(f"shown by lvstop's own failovers; by hand with {THOROUGH}")


@pytest.mark.parametrize("case", MOVING, ids=str)
@pytest.mark.usefixtures("thorough")
def test_a_lever_that_moves(failover_lab: Lab, case: Case, record_property: Callable[[str, object], None]) -> None:
    """The addresses go to the peer, those that are meant and no others; back again if it preempts."""
    lab, first = failover_lab, failover_lab.directors[FIRST]
    configure(lab, case.configuration)
    with traffic(lab, case.configuration.vips[case.moved[0]]) as flow:
        if case.survive:
            flow.await_copies(lab.directors[SECOND])
        began = time.time()
        pull(first, case.lever, case.file)
        await_holder(lab, case.configuration, SECOND, case.moved)
        took = time.time() - began
        there = flow.seen(began)
        staying = tuple(name for name in case.configuration.vips if name not in case.moved)
        if staying:
            await_holder(lab, case.configuration, FIRST, staying)
        record_property("there", json.dumps([round(took, 1), there.gap.at_least, there.gap.at_most, there.survivors]))
        if case.lever is not STOP:
            # a stop takes the table away a moment before the addresses, and who sends just then is reset
            assert (there.survivors == HELD) if case.survive else (there.survivors == 0), there
        began = time.time()
        release(first, case.lever, case.file)
        if case.back:
            await_holder(lab, case.configuration, FIRST)
            back = flow.seen(began)
            record_property("back", json.dumps([back.gap.at_least, back.gap.at_most, back.survivors]))
        else:
            await_adverts(lab, SECOND, FIRST)
            await_holder(lab, case.configuration, SECOND)


@pytest.mark.parametrize("case", STAYING, ids=str)
def test_a_lever_that_does_nothing(failover_lab: Lab, case: Case) -> None:
    """Nobody takes over, however long one waits: lvstop must not offer it."""
    lab, first = failover_lab, failover_lab.directors[FIRST]
    configure(lab, case.configuration)
    pull(first, case.lever, case.file)
    await_adverts(lab, FIRST, SECOND)
    assert set(holders(lab, case.configuration).values()) == {(FIRST,)}


def await_adverts(lab: Lab, sender: str, receiver: str) -> None:
    """Wait until the receiver has heard so many adverts of the sender that it would have taken over without them."""

    def received() -> int:
        told = status(lab, lab.cluster_file(), live=(sender, receiver)).director(receiver)["vrrp"]
        return int(next(each["adverts_received"] for each in told if each["instance"] == "V4"))

    enough = received() + ADVERTS
    wait_until(lambda: received() >= enough, PATIENCE, f"{ADVERTS} adverts on {receiver}")
