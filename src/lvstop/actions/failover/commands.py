"""The commands of a failover, in the order in which they are run."""

from collections.abc import Sequence

from lvstop.actions.command import Command, back, forth
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.model.failover import LeverStep


def commands_of(plan: FailoverPlan) -> tuple[Command, ...]:
    """What a plan runs: a lever that is pulled, or one that is released."""
    return tuple(back(step) if plan.releases else forth(step) for step in plan.steps)


def pulling(steps: Sequence[LeverStep]) -> tuple[Command, ...]:
    """What pulls a lever."""
    return tuple(forth(step) for step in steps)
