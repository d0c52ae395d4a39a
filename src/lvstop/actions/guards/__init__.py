"""Reasons not to make a change, each looked for on its own. Pure: a drafted change in, objections out.

A guard fires on evidence. Where it cannot know, it stays silent: that something is unknown is objected to by itself.
"""

from collections.abc import Callable, Iterable, Sequence

from lvstop.actions.draft import Draft
from lvstop.actions.guards.directors import director_missing, stale_data
from lvstop.actions.guards.moments import change_unfinished, failover_under_way, failover_unfinished
from lvstop.actions.guards.rows import files_in_doubt, held_by_drain, row_missing
from lvstop.actions.guards.services import capacity, clients_refused, last_real_server, quorum
from lvstop.actions.plan import Objection

Guard = Callable[[Draft], Iterable[Objection]]

CLUSTER_GUARDS: tuple[Guard, ...] = (director_missing, stale_data, failover_under_way, files_in_doubt)
"""What matters whatever is changed."""

GUARDS: tuple[Guard, ...] = (
    *CLUSTER_GUARDS,
    failover_unfinished,
    change_unfinished,
    row_missing,
    held_by_drain,
    last_real_server,
    capacity,
    quorum,
    clients_refused,
)
"""All of them."""


def objections(draft: Draft, guards: Sequence[Guard] = GUARDS) -> tuple[Objection, ...]:
    """What speaks against a change; those first that cannot be overridden."""
    found = [*draft.objections, *(objection for guard in guards for objection in guard(draft))]
    return tuple(sorted(dict.fromkeys(found), key=lambda objection: objection.overridable))
