"""A drain as a whole: the sums of its rows, the worst of their verdicts, and one sentence that says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lvstop.analysis.board import Board
from lvstop.analysis.draining.past import KnownPoint, past_of
from lvstop.analysis.draining.rows import DrainedRow, drained_rows
from lvstop.analysis.draining.verdict import RowProgress, Safety, counted_fields, done, known_sum, row_progress
from lvstop.analysis.history import History
from lvstop.analysis.series import Field, RowKey
from lvstop.analysis.words import count, is_are, listing
from lvstop.model.address import Protocol
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot

_WORST_FIRST = (Safety.REVERTED, Safety.NOT_YET, Safety.UNKNOWN, Safety.SAFE, Safety.GONE)


@dataclass(frozen=True, slots=True)
class DrainProgress:
    """How far a drain is.

    Attributes:
        left, start, done: as of its rows, without those that are gone; None where a part is unknown.
        seconds: until the last row may be stopped, as far as its connections decide; None where that does not follow.
        headline: one sentence that begins with the verdict in capitals.
    """

    change: Change
    rows: tuple[RowProgress, ...]
    left: int | None
    start: int | None
    done: float | None
    seconds: float | None
    safety: Safety
    headline: str

    @property
    def safe(self) -> bool:
        """Its real servers may be stopped now."""
        return self.safety in (Safety.SAFE, Safety.GONE)


def drain_progress(
    change: Change, snapshot: ClusterSnapshot, history: History | None, now: datetime, *, board: Board | None = None
) -> DrainProgress:
    """Follow a drain.

    Args:
        history: where forecasts come from, and what a row had at first; its rows should be watched.
        board: of the same snapshot, where there is one already.
    """
    found = drained_rows(change, snapshot, board or Board.of(snapshot))
    recorded = change.active_connections if len(found) == 1 else None
    at, since = now.timestamp(), change.at.timestamp()
    rows = tuple(row_progress(row, _past(row, history, at), recorded, since=since, now=at) for row in found)
    worst = next(safety for safety in _WORST_FIRST if any(row.safety is safety for row in rows))
    counted = [row for row in rows if row.safety is not Safety.GONE]
    left, start = known_sum([row.left for row in counted]), _start(change, counted)
    return DrainProgress(
        change=change,
        rows=rows,
        left=left,
        start=start,
        done=None if worst is Safety.REVERTED else done(left, start),
        seconds=_seconds(worst, rows),
        safety=worst,
        headline=_headline(worst, rows),
    )


def _past(row: DrainedRow, history: History | None, now: float) -> Sequence[KnownPoint]:
    if history is None or row.one_packet:
        return ()
    keys = [
        RowKey(copy.director.name, copy.server.key, row.real_server) for copy in row.present if copy.server is not None
    ]
    return past_of(history, keys, counted_fields(row.virtual_server), now) if keys else ()


def _start(change: Change, rows: Sequence[RowProgress]) -> int | None:
    """The record has the sum of ActiveConn over all rows, and no other one."""
    active_only = all(counted_fields(row.virtual_server) == (Field.ACTIVE,) for row in rows)
    if active_only and len(rows) == len(change.rows) and change.active_connections is not None:
        return change.active_connections
    return known_sum([row.start for row in rows])


def _seconds(worst: Safety, rows: Sequence[RowProgress]) -> float | None:
    if worst in (Safety.SAFE, Safety.GONE):
        return 0.0
    waiting = [row.seconds for row in rows if row.safety is Safety.NOT_YET]
    known = [seconds for seconds in waiting if seconds is not None]
    return max(known) if worst is Safety.NOT_YET and len(known) == len(waiting) else None


def _headline(worst: Safety, rows: Sequence[RowProgress]) -> str:
    concerned = [row for row in rows if row.safety is worst]
    if worst is Safety.REVERTED:
        return f"DRAIN REVERTED: {_first_of(concerned)}."
    if worst is Safety.UNKNOWN:
        return f"NOBODY CAN TELL WHETHER IT IS SAFE TO STOP: {_first_of(concerned)}."
    if worst is Safety.NOT_YET:
        unknown = [row for row in rows if row.safety is Safety.UNKNOWN]
        besides = f"; {len(unknown)} of {len(rows)} rows {is_are(unknown)} unknown" if unknown else ""
        return f"NOT YET SAFE TO STOP: {_waiting_for(concerned)}{besides}."
    if len(rows) == 1:
        return f"SAFE TO STOP NOW: {rows[0].words}."
    return f"SAFE TO STOP NOW: {_nothing_left(rows)}."


def _first_of(rows: Sequence[RowProgress]) -> str:
    more = f"; and {count(len(rows) - 1, 'more row')}" if len(rows) > 1 else ""
    return f"{rows[0].subject}: {rows[0].words}{more}"


def _waiting_for(rows: Sequence[RowProgress]) -> str:
    udp = [row for row in rows if row.virtual_server.protocol is Protocol.UDP]
    marks = [row for row in rows if row.virtual_server.protocol is Protocol.FWM]
    established = sum((row.active or 0) for row in rows if row not in udp)
    parts = [
        (established, count(established, "established connection")),
        (found := sum(row.left or 0 for row in udp), f"{count(found, 'connection')} (UDP)"),
        (found := sum(row.inactive or 0 for row in marks), f"{count(found, 'inactive connection')} of firewall marks"),
        (found := sum(row.bound or 0 for row in rows), f"{count(found, 'client')} bound by persistence"),
    ]
    return listing([words for number, words in parts if number])


def _nothing_left(rows: Sequence[RowProgress]) -> str:
    """The same for several rows."""
    gone = [row for row in rows if row.safety is Safety.GONE]
    if len(gone) == len(rows):
        return f"none of {len(rows)} rows is in the table any more"
    udp_only = all(row.virtual_server.protocol is Protocol.UDP for row in rows)
    what = "connection (UDP)" if udp_only else "established connection"
    words = f"no {what} left in {count(len(rows) - len(gone), 'row')}"
    closing = sum(row.closing or 0 for row in rows)
    if closing:
        words += f"; {count(closing, 'closing connection')} still {'passes' if closing == 1 else 'pass'} the director"
    if gone:
        words += f"; {len(gone)} of {len(rows)} rows {is_are(gone)} not in the table any more"
    return words
