"""Everything that can get lost at each step of a failover, before and after the step had its effect."""

import gc
from collections.abc import Mapping, Sequence

import pytest

from lvstop.actions.failover import watch
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress, FailoverStage
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.failover.timeline import Mark
from lvstop.actions.outcome import OutcomeKind
from lvstop.model.failover import FailoverLever
from support.failover_director import Loss, What
from support.failover_factories import SOURCE, TARGET
from support.failover_pair import LIMIT, FailoverPair, a_plan

DONE = {
    SOURCE: ("uid", "lock", "number", "record", "date", "date:7", "addresses", "put", "record:2", "note"),
    TARGET: ("uid", "lock", "record", "date", "date:7", "addresses", "record:2", "note"),
}
"""What each director is asked when all goes well: a verb, or its nth request."""

LOOKS = ("addresses:2", "addresses:3", "addresses:4", "addresses:5")
UNDONE = {
    SOURCE: (*DONE[SOURCE][:8], *LOOKS, "addresses:6", "number:2", "put:2", "forget", "note"),
    TARGET: (*DONE[TARGET][:6], *LOOKS, "forget", "note"),
}
"""The same where the target does not take over."""

LEVERS = {FailoverLever.STOP: ("active", "service"), FailoverLever.PRIORITY: ("place", "priority")}
"""What the source is asked only where another lever is pulled."""

REACHABLE = (What.PROGRAM, What.CONNECTION)
"""What is lost does not keep anybody from coming again."""


def each(steps: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Director and step."""
    return [(name, step) for name, of in steps.items() for step in of]


def asked(pair: FailoverPair) -> dict[str, set[str]]:
    """What they were asked, by the names that are used here."""
    found: dict[str, set[str]] = {}
    for director in pair.directors:
        counted: dict[str, int] = {}
        for request in director.requests:
            verb = request.partition(" ")[0]
            counted[verb] = counted.get(verb, 0) + 1
            found.setdefault(director.name, set()).add(verb if counted[verb] == 1 else f"{verb}:{counted[verb]}")
    return found


def deaf(pair: FailoverPair) -> None:
    """keepalived on the target hangs as soon as the lever is pulled."""

    def die(progress: FailoverProgress) -> None:
        if progress.stage is FailoverStage.PULLING:
            pair.target.router.die()

    pair.watch = die


def lost(pair: FailoverPair, plan: FailoverPlan, name: str, step: str, effective: bool, what: What) -> FailoverOutcome:
    """A failover with one loss."""
    verb, _, nth = step.partition(":")
    director = pair.director(name)
    director.lose = Loss(verb, effective, what, int(nth or 1))
    # slower ways: fewer counts, and all the time in between
    pair.source.trip = pair.target.trip = 0.06
    outcome = pair.carry_out(plan)
    assert director.lose is None, "nothing was lost"
    pair.judge(plan, outcome)
    return outcome


def test_every_step_is_among_these(pair: FailoverPair) -> None:
    """But for those of which there are many alike."""
    pair.carry_out(a_plan())
    for name, steps in asked(pair).items():
        assert {step for step in steps if not step.startswith("date:")} <= set(DONE[name])


def test_every_step_of_an_undoing_is_among_these(pair: FailoverPair) -> None:
    """The same."""
    deaf(pair)
    pair.carry_out(a_plan())
    for name, steps in asked(pair).items():
        assert {step for step in steps if not step.startswith("date:")} <= set(UNDONE[name])


@pytest.mark.parametrize("what", What, ids=lambda what: what.value)
@pytest.mark.parametrize("effective", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("name", "step"), each(DONE))
def test_lost(pair: FailoverPair, name: str, step: str, effective: bool, what: What) -> None:
    """The address ends on one director, or it is said plainly that nobody can tell."""
    outcome = lost(pair, a_plan(), name, step, effective, what)
    if what in REACHABLE:
        assert outcome.kind is not OutcomeKind.INCOMPLETE, "it could have been reached again"


@pytest.mark.parametrize("what", What, ids=lambda what: what.value)
@pytest.mark.parametrize("effective", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("lever", "step"), [(lever, step) for lever, steps in LEVERS.items() for step in steps])
def test_lost_over_another_lever(
    pair: FailoverPair, lever: FailoverLever, step: str, effective: bool, what: What
) -> None:
    """A service that was told to stop, a configuration that was edited: the same."""
    outcome = lost(pair, a_plan(lever), SOURCE, step, effective, what)
    if what in REACHABLE:
        assert outcome.kind is not OutcomeKind.INCOMPLETE, "it could have been reached again"


@pytest.mark.parametrize("what", [each for each in What if each is not What.MACHINE], ids=lambda what: what.value)
@pytest.mark.parametrize("effective", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("name", "step"), [(name, step) for name, step in each(UNDONE) if step not in DONE[name] and name == SOURCE]
)
def test_lost_while_undoing(pair: FailoverPair, name: str, step: str, effective: bool, what: What) -> None:
    """The target does not take over, and the source is lost while it is put back. It lives: else both would be dead."""
    deaf(pair)
    outcome = lost(pair, a_plan(), name, step, effective, what)
    assert outcome.kind in (OutcomeKind.UNDONE, OutcomeKind.INCOMPLETE)
    if what in REACHABLE:
        assert outcome.kind is OutcomeKind.UNDONE, "it could have been reached again"


@pytest.mark.parametrize("what", What, ids=lambda what: what.value)
@pytest.mark.parametrize("name", [SOURCE, TARGET])
def test_the_lock_lingers(pair: FailoverPair, name: str, what: What) -> None:
    """A cut connection may keep its lock for minutes: it is lvstop's own, and does not stop it from undoing."""
    deaf(pair)
    pair.director(name).lingers = True
    verb = "put" if name == SOURCE else "addresses"
    outcome = lost(pair, a_plan(), name, verb if name == SOURCE else f"{verb}:2", True, what)
    if what in REACHABLE:
        assert outcome.kind is OutcomeKind.UNDONE, outcome


@pytest.mark.parametrize("name", [SOURCE, TARGET])
@pytest.mark.parametrize("lever", FailoverLever)
def test_only_the_watching_is_lost(pair: FailoverPair, name: str, lever: FailoverLever) -> None:
    """No events from one director: it is asked instead, and the failover is done; what is missing is said."""
    pair.director(name).tells = False
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    assert f"{name} tells no events any more." in outcome.notes
    assert outcome.seconds < LIMIT, "it was not waited for what nobody tells"
    pair.judge(plan, outcome)


@pytest.mark.parametrize("name", [SOURCE, TARGET])
def test_watching_that_never_begins(pair: FailoverPair, name: str) -> None:
    """It is not waited for beyond measure, and then addresses are asked for."""
    pair.director(name).mute = True
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    assert outcome.notes == ("Not everything could be watched: a director did not begin to tell within 10 s.",)
    assert outcome.timeline is not None
    assert outcome.timeline.moments[-1].mark is Mark.AGREED
    assert outcome.timeline.moments[-1].at < LIMIT
    pair.judge(plan, outcome)


def test_watching_that_fails_by_a_mistake(pair: FailoverPair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of lvstop's own: the failover is done all the same, and the mistake is not hidden."""

    def mistaken(_line: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(watch, "parse_move", mistaken)
    complaints = pair.complaints
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    assert outcome.seconds < LIMIT
    pair.judge(plan, outcome)
    gc.collect()
    assert {type(each["exception"]) for each in complaints} == {ZeroDivisionError}


@pytest.mark.parametrize("name", [SOURCE, TARGET])
def test_only_the_counting_is_lost(pair: FailoverPair, name: str) -> None:
    """Without counts nothing is said of connections."""
    pair.director(name).counts = False
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    assert outcome.notes == (f"New connections are not counted on {name}.",)
    assert outcome.timeline is not None
    assert outcome.timeline.connections is None
    assert outcome.timeline.addresses[0].absent is not None
    pair.judge(plan, outcome)
