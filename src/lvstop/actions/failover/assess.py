"""Everything that is known before a deed, put together. Pure."""

from lvstop.actions.failover.consequences import consequences
from lvstop.actions.failover.levers import GENTLE, choose, options
from lvstop.actions.failover.plan import Assessment
from lvstop.actions.failover.preflight import of_cluster, of_move
from lvstop.actions.failover.situation import Look, Situation
from lvstop.actions.failover.suggest import suggestions
from lvstop.model.failover import FailoverLever


def assess(situation: Situation, named: FailoverLever | None) -> Assessment:
    """A lever that is to be pulled.

    Args:
        named: the only one that is wanted; None: the gentlest that works.
    """
    found = options(situation, named)
    chosen = choose(found, named)
    gentle = any(option.usable and option.lever in GENTLE for option in found)
    return Assessment(
        move=situation.move,
        checks=of_move(situation, found, chosen, named),
        options=found,
        chosen=chosen,
        suggestions=() if gentle else suggestions(situation),
        consequences=None if chosen is None else consequences(situation, chosen),
    )


def assess_cluster(look: Look) -> Assessment:
    """What can be said where it is not clear what would move."""
    return Assessment(None, of_cluster(look), (), None, (), None)
