"""Drains by hand, followed over time, so that one that was undone by keepalived does not go unnoticed.

keepalived never reads the kernel's table back. It overwrites a manual weight when the real server fails and returns,
when the quorum changes, when its configuration changes, and when it is restarted (keepalived check_daemon, ipwrapper).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lvstop.analysis.thresholds import Thresholds
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.checks import CheckedRealServer
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import RealServer

MOST_DRAINS = 1000
LEFT_TABLE = "it left the table and came back"
FAILED_CHECKS = "its checks failed and pass again"
RESTARTED = "keepalived was restarted"
FORGOTTEN_AFTER = timedelta(days=1)
"""A drained row that is gone for so long was taken out of the configuration."""
DRAINED_AGAIN_AFTER = timedelta(minutes=2)
"""A weight that is 0 by hand so long after it should have been overwritten was set again."""


@dataclass(frozen=True, slots=True)
class DrainKey:
    """A row of one director's table."""

    director: str
    virtual_server: VirtualServerKey
    real_server: RealServerKey


@dataclass(frozen=True, slots=True)
class Drain:
    """A weight 0 that keepalived did not set.

    Attributes:
        seen: when it was first seen.
        present: when the row was last seen in the table.
        undone_by: what has happened since that makes keepalived overwrite the weight; None where nothing did.
        undone_at: when that was last seen.
        lifted: since when the weight is above 0 again; None while drained.
        weight: the weight that came back.
    """

    seen: datetime
    present: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    lifted: datetime | None = None
    weight: int | None = None


def follow_drains(
    drains: Mapping[DrainKey, Drain],
    director: DirectorSnapshot,
    restarted: bool,
    now: datetime,
) -> Mapping[DrainKey, Drain]:
    """The drains after one more look at a director whose table is known."""
    manual = set(_manual_drains(director))
    mine = [key for key in drains if key.director == director.name]
    if not mine and not manual:
        return drains
    followed = dict(drains)
    rows, checked = _rows(director, mine), _checked(director, mine)
    for key in mine:
        drain = drains[key]
        if restarted and drain.lifted is None:
            drain = replace(drain, undone_by=RESTARTED, undone_at=now)
        after = _followed(drain, rows.get(key), checked.get(key), key in manual, now)
        if after is None:
            del followed[key]
        else:
            followed[key] = after
    for key in manual:
        followed.setdefault(key, Drain(seen=now, present=now))
    return followed


def _followed(
    drain: Drain, row: RealServer | None, checked: CheckedRealServer | None, manual: bool, now: datetime
) -> Drain | None:
    if row is None:
        if now - drain.present > FORGOTTEN_AFTER:
            return None
        why = drain.undone_by or LEFT_TABLE
        return replace(drain, undone_by=why, undone_at=now, lifted=None, weight=None)
    if row.weight > 0:
        return replace(drain, present=now, lifted=drain.lifted or now, weight=row.weight)
    if drain.lifted is not None:
        return Drain(seen=now, present=now) if manual else None
    if checked is not None and not checked.alive:
        return replace(drain, present=now, undone_by=drain.undone_by or FAILED_CHECKS, undone_at=now)
    if checked is not None and checked.effective_weight == 0:
        return None
    if manual and drain.undone_at is not None and now - drain.undone_at > DRAINED_AGAIN_AFTER:
        return Drain(seen=drain.seen, present=now)
    return replace(drain, present=now)


def forget(drains: Mapping[DrainKey, Drain], now: datetime, thresholds: Thresholds) -> Mapping[DrainKey, Drain]:
    """Without those that were restored or reported long enough, and never more than `MOST_DRAINS`."""
    if not drains:
        return drains
    drained = _still_drained(drains)
    kept = {key: drain for key, drain in drains.items() if not _is_over(key, drain, drained, now, thresholds)}
    if len(kept) > MOST_DRAINS:
        newest = sorted(kept.items(), key=lambda item: item[1].seen, reverse=True)[:MOST_DRAINS]
        kept = dict(newest)
    return kept if len(kept) != len(drains) else drains


_Row = tuple[VirtualServerKey, RealServerKey]


def _still_drained(drains: Mapping[DrainKey, Drain]) -> Mapping[_Row, tuple[str, ...]]:
    """Rows with a drain that holds, and the directors it holds on."""
    if all(drain.lifted is None for drain in drains.values()):
        return {}
    drained: dict[_Row, tuple[str, ...]] = {}
    for key, drain in drains.items():
        if drain.lifted is None and drain.undone_by is None:
            row = (key.virtual_server, key.real_server)
            drained[row] = (*drained.get(row, ()), key.director)
    return drained


def _is_over(
    key: DrainKey, drain: Drain, drained: Mapping[_Row, tuple[str, ...]], now: datetime, thresholds: Thresholds
) -> bool:
    if drain.lifted is None:
        return False
    if now - drain.lifted > thresholds.reverted_shown:
        return True
    restored = drain.undone_by is None and not drained.get((key.virtual_server, key.real_server))
    return restored and now - drain.lifted > thresholds.restore_grace


@dataclass(frozen=True, slots=True)
class Reversion:
    """A drain that was undone without anybody restoring the real server.

    Attributes:
        drained_on: other directors on which the drain still holds.
    """

    key: DrainKey
    drain: Drain
    drained_on: tuple[str, ...]


def reversions(drains: Mapping[DrainKey, Drain], now: datetime, thresholds: Thresholds) -> Iterator[Reversion]:
    """The reverted drains, for as long as they are reported.

    To say so is sound in two cases: something happened in between that makes keepalived overwrite the weight; or the
    weight came back on one director while another is still drained, for longer than restoring both would take.
    """
    drained = _still_drained(drains)
    for key, drain in drains.items():
        if drain.lifted is None or now - drain.lifted > thresholds.reverted_shown:
            continue
        others = drained.get((key.virtual_server, key.real_server), ())
        if drain.undone_by is not None or (others and now - drain.lifted > thresholds.restore_grace):
            yield Reversion(key, drain, others)


def _manual_drains(director: DirectorSnapshot) -> Iterable[DrainKey]:
    """Rows with weight 0 of which keepalived believes that it gave them more. Nothing where it was not asked."""
    if director.checks is None:
        return
    drained = {
        server.key: [row.key for row in server.real_servers if row.weight == 0]
        for server in director.virtual_servers or ()
        if any(row.weight == 0 for row in server.real_servers)
    }
    if not drained:
        return
    for server in director.checks:
        rows = drained.get(server.key)
        if rows:
            meant = {checked.key for checked in server.real_servers if checked.alive and checked.effective_weight > 0}
            yield from (DrainKey(director.name, server.key, row) for row in rows if row in meant)


def _wanted(keys: Iterable[DrainKey]) -> Mapping[VirtualServerKey, set[RealServerKey]]:
    wanted: dict[VirtualServerKey, set[RealServerKey]] = {}
    for key in keys:
        wanted.setdefault(key.virtual_server, set()).add(key.real_server)
    return wanted


def _rows(director: DirectorSnapshot, keys: Sequence[DrainKey]) -> dict[DrainKey, RealServer]:
    wanted = _wanted(keys)
    return {
        DrainKey(director.name, server.key, row.key): row
        for server in director.virtual_servers or ()
        if (rows := wanted.get(server.key))
        for row in server.real_servers
        if row.key in rows
    }


def _checked(director: DirectorSnapshot, keys: Sequence[DrainKey]) -> dict[DrainKey, CheckedRealServer]:
    wanted = _wanted(keys)
    return {
        DrainKey(director.name, server.key, checked.key): checked
        for server in director.checks or ()
        if (rows := wanted.get(server.key))
        for checked in server.real_servers
        if checked.key in rows
    }
