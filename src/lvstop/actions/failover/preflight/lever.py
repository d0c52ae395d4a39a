"""The check of the lever: is there one, and is it a gentle one."""

from collections.abc import Sequence

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.levers import GENTLE
from lvstop.actions.failover.plan import LeverOption
from lvstop.actions.failover.preflight.verdicts import blocked, passed, warned
from lvstop.actions.failover.situation import Situation
from lvstop.actions.failover.suggest import suggestions, without_preemption
from lvstop.analysis.words import listing
from lvstop.model.failover import FailoverLever

_NAMED = 3


def lever(
    situation: Situation, options: Sequence[LeverOption], chosen: LeverOption | None, named: FailoverLever | None
) -> Check:
    """Whether something can be pulled that would really move everything here.

    Args:
        named: what was asked for, by the operator or by the cluster file.
    """
    code = CheckCode.LEVER
    remedy = _remedy(situation)
    if chosen is None:
        reasons = [each.why for each in options if named in (None, each.lever)]
        said = f"The lever {named} cannot be used: " if named is not None else "Nothing can move them: "
        return blocked(code, f"{said}{' '.join(reasons)}", None, remedy)
    gap = "" if chosen.cost is None else f"; nobody answers for {chosen.cost.gap[0]:.1f}–{chosen.cost.gap[1]:.1f} s"
    if chosen.lever not in GENTLE:
        return warned(code, f"{chosen.lever}: {chosen.why.rstrip('.')}{gap}.", None, remedy)
    return passed(code, f"{chosen.lever}: {chosen.why}")


def _remedy(situation: Situation) -> str:
    """How a gentle lever could be had; empty where lvstop does not know."""
    holding = without_preemption(situation)
    if holding:
        names = listing((f"vrrp_instance {name}" for name in holding), most=_NAMED)
        return f"a gentle lever needs `nopreempt` taken out of {names} on {situation.target.name}"
    if suggestions(situation):
        return "the lines that lvstop suggests for both keepalived.conf would add a gentle one"
    return ""
