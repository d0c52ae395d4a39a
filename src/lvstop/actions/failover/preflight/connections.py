"""Checks of connection synchronisation: do established connections know their way on the target."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.preflight.verdicts import passed, warned
from lvstop.actions.failover.situation import Side, Situation, oldest
from lvstop.analysis.words import count, listing
from lvstop.model.address import VirtualServerKey
from lvstop.model.ipvs import SyncDaemon, SyncRole
from lvstop.model.sounding import ConnectionCount

ENOUGH_COVERED = 0.95
"""With less of the source's connections on the target, the sync daemon does not keep up, or has not run for long."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Active connections of what moves.

    Attributes:
        source: on the source.
        target: of those, how many the target has as well, at most: counted for each virtual server.
    """

    source: int
    target: int

    @property
    def part(self) -> float:
        """0 to 1; 1 where there is nothing to cover."""
        return self.target / self.source if self.source else 1.0


def coverage(situation: Situation) -> Coverage | None:
    """How many of the source's connections are on the target as well; None where some of them were not counted."""
    own = None if situation.source.sounding is None else situation.source.sounding.connections
    peer = None if situation.target.sounding is None else situation.target.sounding.connections
    if own is None or peer is None or situation.servers is None:
        return None
    total = shared = 0
    for server in situation.servers:
        here, there = _counted(own, server.key), _counted(peer, server.key)
        if here is None or there is None:
            if any(row.active_connections for row in server.real_servers):
                return None
            continue
        active = here.local + here.synced
        total += active
        shared += min(active, there.local + there.synced)
    return Coverage(total, shared)


def _counted(table: Mapping[VirtualServerKey, ConnectionCount], key: VirtualServerKey) -> ConnectionCount | None:
    """A firewall mark is counted with its family, which the kernel's table does not tell everywhere."""
    if key in table or key.fwmark is None:
        return table.get(key)
    same = [count for counted, count in table.items() if counted.fwmark == key.fwmark]
    return same[0] if len(same) == 1 else None


def is_synchronised(situation: Situation) -> bool | None:
    """The source sends its connections and the target takes them; None where nobody can tell."""
    own, peer = situation.source.director.sync_daemons, situation.target.director.sync_daemons
    if own is None or peer is None:
        return None
    return any(_fit(sender, receiver) for sender in own for receiver in peer)


def _fit(sender: SyncDaemon, receiver: SyncDaemon) -> bool:
    if sender.role is not SyncRole.MASTER or receiver.role is not SyncRole.BACKUP:
        return False
    return None in (sender.sync_id, receiver.sync_id) or sender.sync_id == receiver.sync_id


def sync_daemons(situation: Situation) -> Check:
    """The sending daemon runs on the source and the receiving one on the target, with the same id."""
    code = CheckCode.SYNC_DAEMONS
    evidence = oldest(*map(situation.look.table_age, situation.both))
    unknown = [side.name for side in situation.both if side.director.sync_daemons is None]
    connections = situation.connections
    if connections == 0:
        return passed(code, "No connection is established that could break.", evidence)
    broken = "established connections" if connections is None else count(connections, "established connection")
    if unknown:
        sentence = f"Whether connections are synchronised is not known on {listing(unknown)}: {broken} may break."
        return warned(code, sentence, evidence)
    remedy = "`lvs_sync_daemon INTERFACE INSTANCE` in global_defs of keepalived.conf on both directors"
    if not any(side.director.sync_daemons for side in situation.both):
        return warned(code, f"No sync daemon runs: {broken} will be reset.", evidence, remedy)
    if not is_synchronised(situation):
        told = listing(f"{side.name} has {_daemons(side)}" for side in situation.both)
        sentence = f"Synchronisation does not go from {situation.source.name} to {situation.target.name}: {told}."
        return warned(code, sentence, evidence, remedy)
    told = f"{situation.source.name} sends its connections and {situation.target.name} takes them"
    return passed(code, f"{told}.", evidence)


def _daemons(side: Side) -> str:
    said = [
        f"a {daemon.role} daemon{'' if daemon.sync_id is None else f' with id {daemon.sync_id}'}"
        for daemon in side.director.sync_daemons or ()
    ]
    return listing(said) or "none"


def sync_coverage(situation: Situation) -> Check | None:
    """What part of the connections is on the target already. Nothing where none is synchronised: that is said."""
    code = CheckCode.SYNC_COVERAGE
    if is_synchronised(situation) is not True:
        return None
    evidence = oldest(*map(situation.look.sounding_age, situation.both))
    found = coverage(situation)
    if found is None:
        lacking = listing(_uncounted(situation))
        why = f"{lacking} did not count" if lacking else "not every virtual server could be counted"
        return warned(code, f"How many connections are synchronised is not known: {why}.", evidence)
    if found.source == 0:
        return passed(code, "No connection is established that would have to be synchronised.", evidence)
    told = (
        f"{found.target:,} of {count(found.source, 'active connection')} are on {situation.target.name} "
        f"({100 * found.part:.0f} %)"
    )
    if found.part < ENOUGH_COVERED:
        sentence = f"Only {told}: the others will be reset."
        remedy = "connections that were there before the sync daemon are sent with their 50th packet at the latest"
        return warned(code, sentence, evidence, remedy)
    return passed(code, f"{told}.", evidence)


def _uncounted(situation: Situation) -> Iterator[str]:
    for side in situation.both:
        if side.sounding is None or side.sounding.connections is None:
            yield f"{side.name}{side.why_not('connection')}"
