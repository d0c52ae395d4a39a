"""A yes holds for newer answers that are no worse, and for nothing else."""

from dataclasses import replace

import pytest

from lvstop.actions.failover.checks import Check, CheckCode, Verdict
from lvstop.actions.failover.consent import SLACK, still_as_read
from lvstop.actions.failover.plan import Assessment, Cost, Failback, FailoverPlan
from support import failover_scenes as told

READ = told.plan_of(told.good(told.NO_SYNC, told.LOADED))


def with_assessment(**changes: object) -> FailoverPlan:
    """As it was read but for this."""
    return replace(READ, assessment=replace(READ.assessment, **changes))  # type: ignore[arg-type]


def with_consequences(**changes: object) -> FailoverPlan:
    """As it was read but for this of the consequences."""
    found = READ.assessment.consequences
    assert found is not None
    return with_assessment(consequences=replace(found, **changes))  # type: ignore[arg-type]


def warning(sentence: str, code: CheckCode = CheckCode.NOT_FLAPPING) -> Check:
    """Something to be accepted."""
    return Check(code, Verdict.WARNED, sentence, 1.0)


def read_and_now(read: str, now: str) -> bool:
    """Whether a yes to the first sentence holds for the second."""
    plans = [replace(READ, assessment=told.good(warning(sentence))) for sentence in (now, read)]
    return still_as_read(*plans)


def test_what_has_not_changed() -> None:
    """But for the age of the evidence."""
    assert still_as_read(READ, READ)
    older = tuple(replace(check, age_seconds=99.0) for check in READ.assessment.checks)
    assert still_as_read(with_assessment(checks=older), READ)


def test_a_warning_less() -> None:
    """What was accepted is over."""
    fewer = tuple(check for check in READ.assessment.checks if check.code is not CheckCode.PEER_LOAD)
    assert still_as_read(with_assessment(checks=fewer), READ)
    assert not still_as_read(READ, with_assessment(checks=fewer))


def test_connections_that_would_break() -> None:
    """As many as were shown, and what traffic does meanwhile; not a count that nobody has seen."""
    found = READ.assessment.consequences
    assert found is not None
    assert found.breaking is not None
    most = found.breaking + max(SLACK, found.breaking // 10)
    assert still_as_read(with_consequences(breaking=0), READ)
    assert still_as_read(with_consequences(breaking=most), READ)
    assert not still_as_read(with_consequences(breaking=most + 1), READ)
    assert not still_as_read(with_consequences(breaking=None), READ)
    assert not still_as_read(READ, with_consequences(breaking=None))


def test_what_costs_more() -> None:
    """A longer gap, another persistence, another way back, nothing known of it."""
    chosen = READ.assessment.chosen
    assert chosen is not None
    assert chosen.cost is not None
    longer = replace(chosen, cost=Cost(chosen.cost.takeover, (0.0, chosen.cost.gap[1] + 1)))
    assert not still_as_read(with_assessment(chosen=longer), READ)
    assert still_as_read(READ, with_assessment(chosen=longer))
    assert not still_as_read(with_assessment(consequences=None), READ)
    assert not still_as_read(with_consequences(persistence="Clients are spread anew."), READ)
    others = [
        each for each in Failback if READ.assessment.consequences and each is not READ.assessment.consequences.failback
    ]
    assert not any(still_as_read(with_consequences(failback=each), READ) for each in others)


def test_other_steps() -> None:
    """What would be done is not what was read."""
    assert not still_as_read(replace(READ, steps=()), READ)
    assert not still_as_read(replace(READ, releases=not READ.releases), READ)


@pytest.mark.parametrize(
    ("read", "now", "holds"),
    [
        ("The last was 34 s ago.", "The last was 1 min 20 s ago.", True),
        ("The clock is 0.4 s ahead.", "The clock is 12.5 s ahead.", True),
        (
            "No sync daemon runs: 1,204 connections will be reset.",
            "No sync daemon runs: 1,209 connections will be reset.",
            True,
        ),
        ("3 changes of state within 10 min.", "4 changes of state within 10 min.", False),
        ("10.0.0.1 is on lvs1.", "10.0.0.2 is on lvs1.", False),
        ("TCP:10.0.0.1:80 lacks 2 real servers.", "TCP:10.0.0.1:80 lacks 3 real servers.", False),
        ("lvs2 tells 5 s late.", "lvs1 tells 5 s late.", False),
    ],
)
def test_what_a_warning_says(read: str, now: str, holds: bool) -> None:
    """Spans, and connections that are counted elsewhere, may differ; what it is about may not."""
    assert read_and_now(read, now) is holds


def test_coverage_is_told_by_what_breaks() -> None:
    """Its counts differ with each asking; the consequences hold them to what was read."""
    sentences = ("Only 900 of 1,204 are on keepalived2 (75 %)", "Only 903 of 1,209 are on keepalived2 (75 %)")
    plans = [replace(READ, assessment=told.good(warning(each, CheckCode.SYNC_COVERAGE))) for each in sentences]
    assert still_as_read(*plans)
    worse: Assessment = replace(plans[0].assessment, consequences=None)
    assert not still_as_read(replace(plans[0], assessment=worse), plans[1])
