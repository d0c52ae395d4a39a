"""What a move means before it is made: connections, persistence, and whether the addresses come back. Pure."""

from collections.abc import Iterator, Sequence

from lvstop.actions.failover.plan import Consequences, Failback, LeverOption
from lvstop.actions.failover.preflight.connections import coverage, is_synchronised
from lvstop.actions.failover.situation import Pair, Situation
from lvstop.actions.failover.timers import preemption
from lvstop.actions.lifetime import GONE_AT_BOOT, PERHAPS_GONE_AT_BOOT
from lvstop.analysis.words import age, count, listing
from lvstop.model.change import FileChange
from lvstop.model.failover import FailoverLever, PriorityChange
from lvstop.model.ipvs import VirtualServer
from lvstop.model.vrrp import VrrpInstance

_NAMED = 3


def consequences(situation: Situation, option: LeverOption) -> Consequences:
    """What follows when this lever is pulled."""
    total, brought = situation.connections, survivors(situation)
    surviving = None if brought and option.lever is FailoverLever.STOP else brought
    back, why = failback_of(situation.source.name, situation.target.name, situation.pairs)
    return Consequences(
        connections=total,
        surviving=surviving,
        breaking=None if total is None or surviving is None else total - surviving,
        persistence=_persistence(situation),
        failback=back,
        failback_why=why,
        sentences=tuple(_sentences(situation, option, brought)),
    )


def survivors(situation: Situation) -> int | None:
    """How many of the source's connections the target knows; None where nobody can tell."""
    total = situation.connections
    if total is None:
        return None
    synchronised = is_synchronised(situation)
    if synchronised is False or total == 0:
        return 0
    found = coverage(situation) if synchronised else None
    # counted at another moment than the table was read: the part is what holds
    return None if found is None else round(total * found.part)


def failback_of(source: str, target: str, pairs: Sequence[Pair]) -> tuple[Failback, str]:
    """What releasing the lever on the source will do, with the priorities that both have without it."""
    rivals = [(pair.name, pair.source, pair.target) for pair in pairs]
    found = [_returns(*each) for each in rivals]
    if not found or None in found:
        return Failback.UNKNOWN, f"Whether {source} takes them back when the lever is released is not known."
    if not any(found):
        return Failback.STAYS, f"{target} keeps them when the lever is released: {_why_stays(source, pairs)}."
    names = listing((name for (name, *_), back in zip(rivals, found, strict=True) if back), most=_NAMED)
    if not all(found):
        return Failback.UNKNOWN, f"Only {names} would go back to {source} when the lever is released."
    times = [preemption(pair.source) for pair in pairs]
    known = [each for each in times if each is not None]
    when = f" about {age(max(known))}" if known and len(known) == len(times) else ""
    return Failback.AUTOMATIC, f"{source} takes {names} back{when} after the lever is released: it preempts."


def _returns(_name: str, own: VrrpInstance, peer: VrrpInstance | None) -> bool | None:
    """A BACKUP takes over from a master of a lower priority, unless it is nopreempt; of equal ones the master stays."""
    if own.preempt is False:
        return False
    priority, rival = own.effective_priority, None if peer is None else peer.effective_priority
    if own.preempt is None or priority is None or rival is None:
        return None
    return priority > rival


def _why_stays(source: str, pairs: Sequence[Pair]) -> str:
    if any(pair.source.preempt is False for pair in pairs):
        return f"{source} is `nopreempt`"
    return f"the priority of {source} is not greater"


def _persistence(situation: Situation) -> str:
    servers = [server for server in situation.servers or () if server.persistent]
    if not servers:
        return ""
    names = listing((server.key for server in servers), most=_NAMED)
    is_are = "is" if len(servers) == 1 else "are"
    own, peer = _templates(situation, servers)
    if is_synchronised(situation) is False:
        return (
            f"{names} {is_are} persistent, and nothing is synchronised: clients are bound anew, perhaps to another "
            "real server."
        )
    if own is None or peer is None:
        return f"{names} {is_are} persistent; how many clients stay with their real server is not known."
    return (
        f"{names} {is_are} persistent: {min(own, peer):,} of {count(own, 'template')} are on {situation.target.name}, "
        "and those clients stay with their real server."
    )


def _templates(situation: Situation, servers: Sequence[VirtualServer]) -> tuple[int | None, int | None]:
    counted: list[int | None] = []
    for side in situation.both:
        table = None if side.sounding is None else side.sounding.connections
        if table is None:
            counted.append(None)
        else:
            keys = {server.key for server in servers}
            counted.append(sum(each.templates for key, each in table.items() if key in keys))
    return counted[0], counted[1]


def _sentences(situation: Situation, option: LeverOption, brought: int | None) -> Iterator[str]:
    source, target = situation.source.name, situation.target.name
    if option.lever is FailoverLever.STOP:
        yield f"While keepalived is stopped on {source}, nobody takes over if {target} fails."
        yield f"keepalived takes its virtual servers out of the table of {source} when it stops."
        if brought:
            # seen on real pairs: none of 50 in most failovers, 10 of 50 in one
            yield f"At most {brought:,} connections survive: it resets those that send just before the addresses go."
        service = None if situation.source.sounding is None else situation.source.sounding.service
        if service is not None and service.enabled:
            yield f"It is started again when {source} boots, and the lever is released by that."
    elif option.lever is FailoverLever.FAULT:
        yield f"While the FAULT lasts, {source} does not take over if {target} fails: with both in FAULT nobody would."
    else:
        yield f"{source} stays ready: it takes over again if {target} fails."
    files = [step.path for step in option.steps if isinstance(step, FileChange)]
    yield from _boots(source, files)
    if any(isinstance(step, PriorityChange) for step in option.steps):
        yield f"The reload takes over whatever else was edited in the configuration of {source} since the last one."
    if not situation.moves_everything:
        held = {vip.address for vip in situation.look.snapshot.vips if source in vip.holders} - set(situation.move.vips)
        addresses = sorted(held, key=lambda each: (each.version, int(each)))
        yield f"{listing(addresses, most=_NAMED)} {'stays' if len(held) == 1 else 'stay'} on {source}."


def _boots(director: str, paths: Sequence[str]) -> Iterator[str]:
    """A file that a reboot takes away counts as 0 then."""
    gone = [path for path in paths if path.startswith(GONE_AT_BOOT)]
    perhaps = [path for path in paths if path.startswith(PERHAPS_GONE_AT_BOOT)]
    if gone:
        yield f"A reboot of {director} releases the lever: {listing(gone)} is in memory."
    if perhaps:
        yield f"A reboot of {director} may release the lever: {listing(perhaps)} may be emptied then."
