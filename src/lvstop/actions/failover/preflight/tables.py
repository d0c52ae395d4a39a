"""Checks of the IPVS tables: the target balances the same, to real servers that it finds alive."""

from collections.abc import Sequence

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.preflight.verdicts import blocked, passed, warned
from lvstop.actions.failover.situation import Situation, oldest
from lvstop.analysis.rules.comparison import Comparison, Difference, Lone, Weights, compare, tables_of
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.words import count, listing, row_subject
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.checks import CheckedRealServer
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import FailoverLever
from lvstop.model.ipvs import ForwardingMethod

_NAMED = 3
_ALIKE = frozenset({str(ForwardingMethod.LOCAL), str(ForwardingMethod.ROUTE)})
"""A director that is a real server itself shows Local for what is Route elsewhere."""

_GRAVE = frozenset({"forwarding", "scheduler", "persistence", "tunnel", "one-packet scheduling"})


def tables_equal(situation: Situation) -> Check:
    """What moves stands in the target's kernel as it does in the source's. Connections differ by nature."""
    code = CheckCode.TABLES_EQUAL
    evidence = oldest(*map(situation.look.table_age, situation.both))
    tables = tables_of([side.director for side in situation.both])
    if len(tables) < 2:
        lacking = [side.name for side in situation.both if side.name not in {table.name for table in tables}]
        return blocked(code, f"The table of {listing(lacking)} is not known.", evidence)
    if _will_be_filled(situation):
        return passed(code, f"keepalived on {situation.target.name} fills its table when it is started.", evidence)
    found = _moving(situation, compare(tables))
    grave = [*_missing(situation, found.lone), *_grave(found.differences)]
    if grave:
        remedy = (
            "`systemctl reload keepalived` does not mend a table that was changed by hand; compare the configurations"
        )
        return blocked(code, f"The tables differ: {listing(grave, most=_NAMED)}.", evidence, remedy)
    slight = [*_extra(situation, found.lone), *_slight(found.differences), *map(_weights, found.weights)]
    if slight:
        return warned(code, f"The tables differ: {listing(slight, most=_NAMED)}.", evidence)
    servers = situation.servers or ()
    rows = sum(len(server.real_servers) for server in servers)
    if not servers:
        return passed(code, "No virtual server is on the addresses that move.", evidence)
    told = f"{count(len(servers), 'virtual server')}, {count(rows, 'real server')}"
    return passed(code, f"The tables are equal: {told}.", evidence)


def _will_be_filled(situation: Situation) -> bool:
    """The table is empty because the lever that is to be released is the stopped service."""
    record = situation.releasing
    stopped = record is not None and record.lever is FailoverLever.STOP and record.source == situation.target.name
    return stopped and keepalived_is_down(situation.target.director)


def _moving(situation: Situation, found: Comparison) -> Comparison:
    return Comparison(
        tuple(each for each in found.lone if situation.moves_server(each.virtual_server)),
        tuple(each for each in found.differences if situation.moves_server(each.virtual_server)),
        tuple(
            each
            for each in found.weights
            if situation.moves_server(each.virtual_server) and not _is_of_health(situation, each)
        ),
    )


def _is_of_health(situation: Situation, weights: Weights) -> bool:
    """A failed real server that stays in the table with weight 0 (inhibit_on_failure)."""
    return any(
        weights.values.get(side.name) == 0 and _fails(side.director, weights.virtual_server, weights.real_server)
        for side in situation.both
    )


def _missing(situation: Situation, lone: Sequence[Lone]) -> list[str]:
    """What the target lacks, unless its own checks have taken it out: then it is a matter of health."""
    target = situation.target
    return [
        f"{_subject(each.virtual_server, each.real_server)} is not on {target.name}"
        for each in lone
        if target.name in each.absent and not _fails(target.director, each.virtual_server, each.real_server)
    ]


def _extra(situation: Situation, lone: Sequence[Lone]) -> list[str]:
    source = situation.source
    return [
        f"{_subject(each.virtual_server, each.real_server)} is only on {situation.target.name}"
        for each in lone
        if source.name in each.absent and not _fails(source.director, each.virtual_server, each.real_server)
    ]


def _subject(server: VirtualServerKey, real_server: RealServerKey | None) -> str:
    return str(server) if real_server is None else row_subject(server, real_server)


def _fails(director: DirectorSnapshot, server: VirtualServerKey, real_server: RealServerKey | None) -> bool:
    checked = _checked(director, server)
    if real_server is None:
        return bool(checked) and not any(each.alive for each in checked.values())
    row = checked.get(real_server)
    return row is not None and not row.alive


def _checked(director: DirectorSnapshot, server: VirtualServerKey) -> dict[RealServerKey, CheckedRealServer]:
    return {
        each.key: each
        for checked in director.checks or ()
        if checked.key == server or (server.fwmark is not None and checked.key.fwmark == server.fwmark)
        for each in checked.real_servers
    }


def _is_grave(difference: Difference) -> bool:
    return difference.what in _GRAVE and not set(difference.values.values()) <= _ALIKE


def _grave(differences: Sequence[Difference]) -> list[str]:
    return [_difference(each) for each in differences if _is_grave(each)]


def _slight(differences: Sequence[Difference]) -> list[str]:
    return [
        _difference(each) for each in differences if not _is_grave(each) and not set(each.values.values()) <= _ALIKE
    ]


def _difference(difference: Difference) -> str:
    values = listing(f"{value} on {name}" for name, value in difference.values.items())
    return f"{difference.what} of {_subject(difference.virtual_server, difference.real_server)} is {values}"


def _weights(weights: Weights) -> str:
    values = listing(f"{value} on {name}" for name, value in weights.values.items())
    return f"the weight of {row_subject(weights.virtual_server, weights.real_server)} is {values}"


def peer_health(situation: Situation) -> Check:
    """The target's own checks find as many real servers alive: after the move only its view counts."""
    code, target = CheckCode.PEER_HEALTH, situation.target
    if _will_be_filled(situation):
        sentence = (
            f"keepalived on {target.name} puts every real server to work when it starts, before its checks have run."
        )
        return passed(code, sentence)
    servers = situation.servers
    if servers is None:
        return blocked(code, f"The table of {situation.source.name} is not known.")
    unknown = [side.name for side in situation.both if side.director.checks is None]
    dead: list[str] = []
    fewer: list[str] = []
    for server in servers:
        usable, able = _usable(situation.source.director, server.key), _usable(target.director, server.key)
        if usable and not able:
            dead.append(str(server.key))
        elif len(able) < len(usable):
            fewer.append(f"{len(able)} instead of {len(usable)} of {server.key}")
    if dead:
        sentence = f"{target.name} has no usable real server of {listing(dead, most=_NAMED)}."
        return blocked(code, sentence, None, f"look at its checks: journalctl -u keepalived on {target.name}")
    if fewer:
        return warned(code, f"{target.name} has fewer usable real servers: {listing(fewer, most=_NAMED)}.")
    if unknown:
        sentence = (
            f"What keepalived's checks find is not known on {listing(unknown)}; by the tables, nothing is missing."
        )
        return warned(code, sentence)
    return passed(code, f"{target.name} finds no fewer real servers alive than {situation.source.name}.")


def _usable(director: DirectorSnapshot, key: VirtualServerKey) -> set[RealServerKey]:
    """Real servers with a weight above 0 in the kernel that keepalived does not know to be down."""
    checked = _checked(director, key)
    return {
        row.key
        for server in director.virtual_servers or ()
        if server.key == key or (key.fwmark is not None and server.key.fwmark == key.fwmark)
        for row in server.real_servers
        if row.weight > 0 and (row.key not in checked or checked[row.key].alive)
    }
