"""Whether a plan that is made of newer answers is still the one that an operator has read and agreed to. Pure."""

import re

from lvstop.actions.failover.checks import CheckCode, warned
from lvstop.actions.failover.plan import Assessment, Consequences, Cost, FailoverPlan

SLACK = 10
"""Connections more than were shown, or a tenth of them, are what traffic does while somebody reads."""

_UNSTEADY = re.compile(r"(?:\d[\d,.]*\s?(?:ms|s|min|h|d|%|(?:active )?connections?)(?!\w)\s*)+")
"""What differs with every asking: ages and spans, percentages, and connections, which the consequences count."""


def still_as_read(plan: FailoverPlan, read: FailoverPlan) -> bool:
    """The same is done, it costs no more, and the warnings say what they said."""
    return (
        (plan.move, plan.steps, plan.releases, plan.moves) == (read.move, read.steps, read.releases, read.moves)
        and _costs_no_more(plan.assessment, read.assessment)
        and _warnings(plan.assessment) <= _warnings(read.assessment)
    )


def _costs_no_more(now: Assessment, read: Assessment) -> bool:
    chosen, before = now.chosen, read.chosen
    lever = chosen is None or before is None or _no_longer(chosen.cost, before.cost)
    return lever and _breaks_no_more(now.consequences, read.consequences)


def _no_longer(now: Cost | None, read: Cost | None) -> bool:
    if now is None or read is None:
        return now is read
    return now.takeover <= read.takeover and now.gap[1] <= read.gap[1]


def _breaks_no_more(now: Consequences | None, read: Consequences | None) -> bool:
    if now is None or read is None:
        return now is read
    if (now.failback, now.persistence) != (read.failback, read.persistence):
        return False
    if now.breaking is None or read.breaking is None:
        return now.breaking is read.breaking
    return now.breaking <= read.breaking + max(SLACK, read.breaking // 10)


def _warnings(assessment: Assessment) -> set[tuple[CheckCode, str]]:
    """What is warned of; how much of the connections is synchronised is in the consequences as well."""
    return {
        (each.code, "" if each.code is CheckCode.SYNC_COVERAGE else _UNSTEADY.sub("… ", each.sentence))
        for each in warned(assessment.checks)
    }
