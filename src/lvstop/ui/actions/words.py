"""Intents and changes in the operator's words."""

from collections.abc import Iterable, Mapping, Sequence

from lvstop.actions.intent import AddWeight, Drain, Intent, Restore, Row, ScaleWeight, SetWeight
from lvstop.analysis.words import count, listing
from lvstop.model.change import Change, ChangeKind, Lever
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.table.order import server_name

GROUP = "actions"
"""The group of workers that change something. No worker in it is exclusive: none may cancel another half-way."""

UNDER_WAY_SECONDS = 30.0
"""A pending change that is younger is probably being made right now, by whoever made it."""

VERB = {ChangeKind.DRAIN: "Drain", ChangeKind.RESTORE: "Restore", ChangeKind.WEIGHT: "Change the weight of"}
NOUN = {ChangeKind.DRAIN: "drain", ChangeKind.RESTORE: "restore", ChangeKind.WEIGHT: "change of weight"}
LEVER = {
    Lever.IPVSADM: "ipvsadm, in the kernel's table",
    Lever.TRACK_FILE: "a track file, in keepalived's own terms",
}


def row_name(row: Row) -> str:
    """`172.26.127.21:445 of TCP 172.26.127.20:445`."""
    return f"{row[1]} of {server_name(row[0])}"


def subject(rows: Sequence[Row]) -> str:
    """What is meant, by name and address, as short as it can be and still be only that."""
    if len(rows) == 1:
        return row_name(rows[0])
    addresses = list(dict.fromkeys(real.address for _, real in rows))
    servers = count(len({server for server, _ in rows}), "virtual server")
    if len(addresses) == 1:
        return f"{addresses[0]} in {servers}"
    return f"{listing(addresses, most=2)} in {servers}"


def asked(intent: Intent) -> str:
    """An intent as a heading."""
    whom = subject(intent.rows)
    match intent:
        case Drain():
            return f"Drain {whom}"
        case Restore():
            return f"Restore {whom}"
        case SetWeight():
            return f"Weight {intent.weight:,} for {whom}"
        case AddWeight():
            return f"Weight {intent.delta:+,} for {whom}"
        case ScaleWeight():
            return f"{intent.percent:g} % of the weight for {whom}"


def told(change: Change) -> str:
    """A change as a heading."""
    return f"{VERB[change.kind]} {subject(change.rows)}"


def of_change(change: Change) -> str:
    """A change within a sentence: `drain of 172.26.127.22 in 2 virtual servers`."""
    return f"{NOUN[change.kind]} of {subject(change.rows)}"


def directors_named(names: Iterable[str], snapshot: ClusterSnapshot) -> str:
    """`keepalived1 (10.0.0.2) and keepalived2 (10.0.0.3)`; the host only where it says more than the name."""
    hosts: Mapping[str, str] = {each.name: each.host for each in snapshot.directors}
    return listing(f"{name} ({hosts[name]})" if hosts.get(name, name) != name else name for name in names)
