"""Clusters to plan changes on: a healthy pair with the same table on both directors, unless told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lvstop.actions.intent import Drain, Intent, Restore, Row
from lvstop.actions.plan import Plan, Refusal
from lvstop.actions.planning import build_plan
from lvstop.model.change import Author, Change, Lever
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer, FileCheck, TrackFile
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import RealServerDetail, VirtualServer, VirtualServerDetail
from support.factories import (
    FIRST,
    NOW,
    SECOND,
    SERVICE,
    backup,
    checked,
    checked_server,
    cluster,
    detail,
    master,
    real_server,
    row_detail,
    rs_key,
    virtual_server,
    vs_key,
)

AUTHOR = Author("ops", "desk")
ROW: Row = (vs_key(SERVICE), rs_key(SECOND))
"""The real server that is usually drained."""
OTHER: Row = (vs_key(SERVICE), rs_key(FIRST))

TWO = (virtual_server(SERVICE, real_server(FIRST, 5, active=40), real_server(SECOND, 5, active=30)),)
"""Two real servers of weight 5."""


def row(service: str, real: str) -> Row:
    """A row by what stands on screens."""
    return (vs_key(service), rs_key(real))


def details_of(
    table: Sequence[VirtualServer], rows: Mapping[str, RealServerDetail] | None = None, *, flags: Sequence[str] = ()
) -> dict[object, VirtualServerDetail]:
    """What a privileged login reads of a table: no thresholds, unless `rows` tells them by real server."""
    told = rows or {}
    return {
        server.key: detail(
            {str(each.key): told.get(str(each.key), row_detail()) for each in server.real_servers},
            flags=flags,
            persistence_seconds=server.persistence_seconds or 0,
        )
        for server in table
    }


def checks_of(
    table: Sequence[VirtualServer],
    file_checks: Mapping[str, Sequence[FileCheck]] | None = None,
) -> tuple[CheckedVirtualServer, ...]:
    """keepalived's belief: what is in the kernel is what it has set."""
    told = file_checks or {}
    return tuple(
        checked_server(
            str(server.key),
            *(
                replace(checked(str(each.key), weight=each.weight), file_checks=tuple(told.get(str(each.key), ())))
                for each in server.real_servers
            ),
        )
        for server in table
    )


def lead(table: Sequence[VirtualServer] = TWO, **more: object) -> DirectorSnapshot:
    """keepalived1, which holds the VIP."""
    return _told(master(virtual_servers=tuple(table)), table, more)


def stand_by(table: Sequence[VirtualServer] = TWO, **more: object) -> DirectorSnapshot:
    """keepalived2, which does not."""
    return _told(backup(virtual_servers=tuple(table)), table, more)


def _told(director: DirectorSnapshot, table: Sequence[VirtualServer], more: Mapping[str, object]) -> DirectorSnapshot:
    values: dict[str, Any] = {"details": details_of(table), "checks": checks_of(table), "track_files": (), **more}
    return replace(director, **values)


def pair(table: Sequence[VirtualServer] = TWO, *, changes: Sequence[Change] = (), **more: object) -> ClusterSnapshot:
    """Both, alike; `more` are fields of both directors."""
    return of(lead(table, **more), stand_by(table, **more), changes=changes)


def of(*directors: DirectorSnapshot, changes: Sequence[Change] = (), now: datetime = NOW) -> ClusterSnapshot:
    """A cluster of these directors, with changes on record."""
    return replace(cluster(*directors, now=now), changes=tuple(changes))


def file_checked(real: str = SECOND, *checks: FileCheck, effective: int = 5) -> CheckedVirtualServer:
    """The virtual server of `TWO`, with FILE_CHECKs at one real server: weight -254 of `drain` unless others."""
    told = checks or (FileCheck("drain", -254, reverse=False),)
    (server,) = checks_of(TWO, {real: told})
    return with_checked(server, real, lambda each: replace(each, effective_weight=effective))


def track_file(
    number: int = 0,
    *,
    name: str = "drain",
    path: str = "/etc/keepalived/drain",
    vrrp: tuple[str, ...] | None = (),
) -> TrackFile:
    """A track file and the number in it; `vrrp` are instances that it decides the priority of."""
    return TrackFile(name, path, number, -254, reverse=False, vrrp_instances=vrrp)


def watched(number: int = 0, **more: object) -> dict[str, Any]:
    """Fields of a director where a FILE_CHECK of the usual real server watches a track file."""
    checks = file_checked(effective=0 if number else 5)
    return {"checks": (checks,), "track_files": (track_file(number),)} | more


def with_checked(
    server: CheckedVirtualServer, real: str, change: Callable[[CheckedRealServer], CheckedRealServer]
) -> CheckedVirtualServer:
    """A virtual server of which one real server is changed."""
    rows = tuple(change(each) if each.key == rs_key(real) else each for each in server.real_servers)
    return replace(server, real_servers=rows)


def weighing(first: int, second: int, *, scheduler: str = "rr", **more: object) -> tuple[VirtualServer, ...]:
    """`TWO` with other weights; `more` are fields of the virtual server."""
    rows = (real_server(FIRST, first, active=40), real_server(SECOND, second, active=30))
    return (virtual_server(SERVICE, *rows, scheduler=scheduler, **more),)


def plan_for(intent: Intent, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
    """What planning answers."""
    return build_plan(intent, snapshot, author=AUTHOR, now=NOW, change_id="c1", insist=insist)


def planned(intent: Intent, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan:
    """A plan; a refusal is a failure that tells why."""
    answer = plan_for(intent, snapshot, insist=insist)
    assert isinstance(answer, Plan), [each.sentence for each in answer.objections]
    return answer


def refused(intent: Intent, snapshot: ClusterSnapshot, *, insist: str | None = None) -> dict[str, str]:
    """The sentences of a refusal, by code."""
    answer = plan_for(intent, snapshot, insist=insist)
    assert isinstance(answer, Refusal), answer.commands
    return {str(each.code): each.sentence for each in answer.objections}


def said(intent: Intent, snapshot: ClusterSnapshot, code: str) -> str:
    """The sentence of one objection; empty where nothing of the kind is said."""
    answer = plan_for(intent, snapshot, insist="asked for by a test")
    found = answer.overridden if isinstance(answer, Plan) else answer.objections
    return " ".join(each.sentence for each in found if each.code == code)


def commands(plan: Plan) -> list[str]:
    """What would be typed, and where."""
    return [f"{command.director}: {command}" for command in plan.commands]


def drain(*rows: Row, lever: Lever | None = None, reason: str = "", until: datetime | None = None) -> Drain:
    """A drain, of the usual real server unless others are given."""
    return Drain(rows or (ROW,), lever, reason, until)


def restore(*rows: Row) -> Restore:
    """A restore, of the usual real server unless others are given."""
    return Restore(rows or (ROW,))
