"""The preflight: one function for each check, each on its own. Pure; what cannot be known is said and never passed."""

from lvstop.actions.failover.checks import Check
from lvstop.actions.failover.plan import LeverOption
from lvstop.actions.failover.preflight.connections import sync_coverage, sync_daemons
from lvstop.actions.failover.preflight.directors import clocks, directors_live, privilege
from lvstop.actions.failover.preflight.hosts import configuration_valid, kernel_settings, peer_load
from lvstop.actions.failover.preflight.lever import lever
from lvstop.actions.failover.preflight.moments import not_flapping, nothing_under_way
from lvstop.actions.failover.preflight.tables import peer_health, tables_equal
from lvstop.actions.failover.preflight.vrrp import (
    adverts_arrive,
    one_holder,
    one_master,
    peer_backup,
    same_configuration,
)
from lvstop.actions.failover.situation import Look, Situation
from lvstop.model.failover import FailoverLever


def of_cluster(look: Look) -> tuple[Check, ...]:
    """What can be said even where it is not clear who would give what to whom."""
    return (
        directors_live(look),
        one_master(look),
        one_holder(look),
        nothing_under_way(look),
        privilege(look),
        clocks(look),
    )


def of_move(
    situation: Situation,
    options: tuple[LeverOption, ...],
    chosen: LeverOption | None,
    named: FailoverLever | None,
) -> tuple[Check, ...]:
    """Every check of a move, in the order in which an operator asks."""
    return (
        *of_directors(situation, None if chosen is None else chosen.lever),
        lever(situation, options, chosen, named),
    )


def of_directors(situation: Situation, pulled: FailoverLever | None) -> tuple[Check, ...]:
    """Every check but that of the lever.

    Args:
        pulled: the lever that is to be pulled or released.
    """
    look = situation.look
    found = (
        directors_live(look),
        one_master(look),
        one_holder(look),
        peer_backup(situation),
        adverts_arrive(situation),
        same_configuration(situation),
        configuration_valid(situation, pulled),
        tables_equal(situation),
        peer_health(situation),
        sync_daemons(situation),
        sync_coverage(situation),
        kernel_settings(situation),
        peer_load(situation),
        not_flapping(situation),
        nothing_under_way(look),
        clocks(look),
        privilege(look),
    )
    return tuple(check for check in found if check is not None)
