"""Configuration that would add a gentle lever, and keep connections, for both directors. Pure.

The grammar is that of keepalived.conf(5): `track_file` at the top level is known from 2.1 on, and was called
`vrrp_track_file` before; global_defs may be written more than once. A file in the block of a sync group counts for all
of its members, with its weight; in the block of a member it would be ignored (vrrp.c, `sync_group_tracking_init`).
"""

from collections.abc import Iterator

from lvstop.actions.failover.plan import Suggestion
from lvstop.actions.failover.situation import Pair, Side, Situation
from lvstop.actions.levers import keepalived_version
from lvstop.model.vrrp import VrrpInstance

FILE_NAME = "lvstop_failover"
FILE_PATH = "/etc/keepalived/lvstop_failover"
"""It outlives a reboot, so that a lever that is held stays held."""

_GREATEST_WEIGHT = 253
"""−254 would be a FAULT."""

_TRACK_FILE_SINCE = (2, 1, 0)
_STEP = 10


def suggestions(situation: Situation) -> tuple[Suggestion, ...]:
    """Lines for each of the two directors; none where no weight would do, because an instance does not preempt."""
    weight = _weight(situation)
    if weight is None:
        return ()
    return tuple(_for(situation, side, weight) for side in situation.both)


def without_preemption(situation: Situation) -> tuple[str, ...]:
    """Names of instances that would have to lose their `nopreempt` on the target before a gentle lever can work."""
    return tuple(pair.name for pair in situation.pairs if pair.target is not None and pair.target.preempt is False)


def _weight(situation: Situation) -> int | None:
    """What lowers either director below the other one, by a round number."""
    differences: list[int] = []
    for pair in situation.pairs:
        if pair.target is None or not (pair.source.preempt and pair.target.preempt):
            return None
        own, rival = pair.source.priority, pair.target.priority
        if own is None or rival is None or min(own, rival) < 2 or max(own, rival) > _GREATEST_WEIGHT + 1:
            return None
        differences.append(abs(own - rival))
    if not differences:
        return None
    weight = (max(differences) // _STEP + 1) * _STEP
    return min(weight, _GREATEST_WEIGHT) if max(differences) < _GREATEST_WEIGHT else None


def _for(situation: Situation, side: Side, weight: int) -> Suggestion:
    version = keepalived_version(side.director)
    keyword = "track_file" if version is None or version >= _TRACK_FILE_SINCE else "vrrp_track_file"
    lines = (f"{keyword} {FILE_NAME} {{", f"    file {FILE_PATH}", "    init_file 0", "}")
    block = ("track_file {", f"    {FILE_NAME} weight -{weight}", "}")
    headings = dict.fromkeys(_heading(side, _own(side, situation, pair)) for pair in situation.pairs)
    return Suggestion(
        director=side.name,
        lines=(*lines, *_synchronisation(situation, side)),
        within=tuple((heading, block) for heading in headings),
    )


def _own(side: Side, situation: Situation, pair: Pair) -> VrrpInstance:
    return pair.source if side is situation.source or pair.target is None else pair.target


def _heading(side: Side, instance: VrrpInstance) -> str:
    """Where the file is to be tracked: by a sync group as a whole, or by the instance."""
    for group in side.director.sync_groups or ():
        if instance.name in group.instances:
            return f"vrrp_sync_group {group.name}"
    return f"vrrp_instance {instance.name or 'VRRP'}"


def _synchronisation(situation: Situation, side: Side) -> Iterator[str]:
    """Without it the gentlest lever still resets every connection. Nothing where a daemon runs on either director."""
    daemons = [each.director.sync_daemons for each in situation.both]
    if any(each is None or each for each in daemons) or not situation.pairs:
        return
    first = _own(side, situation, situation.pairs[0])
    if first.interface is not None and first.name is not None:
        yield from ("global_defs {", f"    lvs_sync_daemon {first.interface} inst {first.name}", "}")
