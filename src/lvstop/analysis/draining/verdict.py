"""Whether a row of a drain may be stopped, and why.

Only the director that balances a virtual server counts, which is the one that holds its VIP: the connections that
another one has are copies by synchronisation. What has to end is, by net/netfilter/ipvs of the Linux kernel:

- TCP and SCTP: the established and half-open connections (ActiveConn). What is closing (InActConn) does not count: with
  Route and Tunnel the director sees the client's side only and lets it run out by timeout; with Masq the rest of a
  half-closed connection still passes the director, which is said.
- UDP: all connections are inactive, and end by timeout.
- A firewall mark may carry both, so both have to end.
- One-packet scheduling leaves no connections: with weight 0 nothing comes any more.
- Persistence sends clients that it has bound to a drained real server all the same, until their templates run out,
  unless the sysctl expire_quiescent_template is 1.

A row that left the table, because keepalived or somebody took it out, counts as safe: the kernel drops the packets of a
destination that is not there (`ip_vs_in`, IP_VS_DEST_F_AVAILABLE), so that stopping it takes nothing from anybody that
he still has. That nobody can count its connections does not keep it open, since nothing could ever close it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lvstop.analysis.draining.past import KnownPoint, first_known, seconds_left
from lvstop.analysis.draining.rows import Copy, DrainedRow
from lvstop.analysis.presence import persistence_keeps
from lvstop.analysis.series import Field
from lvstop.analysis.words import count, is_are, listing, row_subject
from lvstop.model.address import Protocol, RealServerKey, VirtualServerKey
from lvstop.model.director import Privilege
from lvstop.model.ipvs import ForwardingMethod


class Safety(StrEnum):
    """Whether a real server may be stopped.

    `safe`: nothing is left that stopping it would break. `gone`: the row is not in the table any more, which counts as
    safe. `not-yet`: connections or bound clients are left. `unknown`: nobody can tell. `reverted`: its weight is above
    0 on a director, so that it gets new connections there, or will after a failover.
    """

    SAFE = "safe"
    GONE = "gone"
    NOT_YET = "not-yet"
    UNKNOWN = "unknown"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class RowProgress:
    """One row of a drain. Connections are those of the directors that count; None where unknown, and where it is gone.

    Attributes:
        directors: whose connections count; several where no single one holds the VIP.
        active, inactive, persistent: ActiveConn, InActConn, and the templates of persistence.
        closing: of `inactive` those whose rest still passes the director (TCP and SCTP with Masq).
        bound: clients that persistence keeps sending, or may.
        left: connections that have to end first, which is 0 also where only bound clients keep it.
        start: what `left` was when the drain was made, or when it was first seen after that.
        done: how much of `start` has ended, 0 to 1.
        seconds: until `left` will be 0 if it falls on as it did over the last minute; None where it does not fall.
        words: the verdict's reasons, without a full stop.
    """

    virtual_server: VirtualServerKey
    real_server: RealServerKey
    directors: tuple[str, ...]
    active: int | None
    inactive: int | None
    persistent: int | None
    closing: int | None
    bound: int | None
    left: int | None
    start: int | None
    done: float | None
    seconds: float | None
    safety: Safety
    words: str

    @property
    def subject(self) -> str:
        """`10.0.0.7:80 of TCP:10.0.0.1:80`."""
        return row_subject(self.virtual_server, self.real_server)


@dataclass(frozen=True, slots=True)
class _Counts:
    active: int | None = None
    inactive: int | None = None
    persistent: int | None = None
    closing: int | None = None
    bound: int | None = None
    left: int | None = None


_COUNTED = {Protocol.UDP: (Field.INACTIVE,), Protocol.FWM: (Field.ACTIVE, Field.INACTIVE)}


def counted_fields(key: VirtualServerKey) -> tuple[Field, ...]:
    """What has to become 0 before a real server of a virtual server may be stopped."""
    return _COUNTED.get(key.protocol, (Field.ACTIVE,))


def row_progress(
    row: DrainedRow, past: Sequence[KnownPoint], recorded: int | None, *, since: float, now: float
) -> RowProgress:
    """How far one row is.

    Args:
        past: what `left` was.
        recorded: ActiveConn when the drain was made; None where that is not known of this row.
        since: when the drain was made; this and `now` are POSIX timestamps.
    """
    counts = _counts(row)
    safety, words = _verdict(row, counts)
    if row.one_packet:
        start: int | None = 0
    elif recorded is not None and counted_fields(row.virtual_server) == (Field.ACTIVE,):
        start = recorded
    else:
        start = first_known(past, since)
    seconds = 0.0 if safety is Safety.SAFE else None
    if safety is Safety.NOT_YET and counts.bound == 0:
        seconds = seconds_left(past, now)
    return RowProgress(
        virtual_server=row.virtual_server,
        real_server=row.real_server,
        directors=tuple(copy.director.name for copy in row.counting),
        active=counts.active,
        inactive=counts.inactive,
        persistent=counts.persistent,
        closing=counts.closing,
        bound=counts.bound,
        left=counts.left,
        start=start,
        done=None if safety is Safety.REVERTED else done(counts.left, start),
        seconds=seconds,
        safety=safety,
        words=words + (f"; all directors count, since {row.why_all}" if row.why_all else ""),
    )


def done(left: int | None, start: int | None) -> float | None:
    """How much of `start` has ended, 0 to 1; None where nobody knows."""
    if left is None or start is None:
        return None
    return max(0.0, 1 - left / start) if start else float(left == 0)


def known_sum(values: Sequence[int | None]) -> int | None:
    """The sum; None where a part of it is unknown."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _counts(row: DrainedRow) -> _Counts:
    rows = [copy.row for copy in row.present if copy.row is not None]
    if not rows or not row.known:
        return _Counts()
    templates = {copy: None if copy.detail is None else copy.detail.persistent_connections for copy in row.present}
    keeping = [copy for copy in row.present if copy.persistent and copy.expires_templates is not True]
    active = sum(each.active_connections for each in rows)
    inactive = sum(each.inactive_connections for each in rows)
    fields = counted_fields(row.virtual_server)
    masq = sum(each.inactive_connections for each in rows if each.forwarding is ForwardingMethod.MASQ)
    return _Counts(
        active=active,
        inactive=inactive,
        persistent=known_sum([*templates.values()]),
        closing=masq if fields == (Field.ACTIVE,) else 0,
        bound=known_sum([templates[copy] for copy in keeping]),
        left=0 if row.one_packet else active * (Field.ACTIVE in fields) + inactive * (Field.INACTIVE in fields),
    )


def _verdict(row: DrainedRow, counts: _Counts) -> tuple[Safety, str]:
    reverted = [copy for copy in row.everywhere if copy.known and copy.row is not None and copy.row.weight > 0]
    if any(copy not in row.unread for copy in reverted):
        return Safety.REVERTED, listing([_weight(copy, row) for copy in reverted])
    if reverted:
        named = listing([_weight(copy, row) for copy in reverted])
        return Safety.UNKNOWN, f"{named}; whether somebody has restored it is being asked"
    silent = [copy.director.name for copy in row.counting if not copy.known]
    if silent:
        return Safety.UNKNOWN, f"nothing is known of it on {listing(silent)} now"
    if not row.present:
        return Safety.GONE, _gone(row)
    keeps = _keeps(row, counts.bound)
    if counts.left:
        return Safety.NOT_YET, "; ".join(part for part in (_left(row, counts), keeps) if part)
    if counts.bound is None:
        return Safety.UNKNOWN, f"{_nothing_left(row)}, but {keeps}{_why_unknown(row)}"
    if counts.bound:
        return Safety.NOT_YET, f"{_nothing_left(row)}, but {keeps}"
    return Safety.SAFE, _nothing_left(row) + _inactive(row, counts)


def _weight(copy: Copy, row: DrainedRow) -> str:
    weight = 0 if copy.row is None else copy.row.weight
    if copy in row.drained:
        return f"weight {weight} again on {copy.director.name}"
    return f"weight {weight} on {copy.director.name}, where it was not drained"


def _gone(row: DrainedRow) -> str:
    names = [copy.director.name for copy in row.counting]
    words = f"not in the table of {listing(names)} any more, so that whatever it had is cut off already"
    if any(copy.checked is not None and not copy.checked.alive for copy in row.counting):
        words += "; keepalived's checks fail, and bring it back with its configured weight when they pass"
    return words


def _left(row: DrainedRow, counts: _Counts) -> str:
    protocol = row.virtual_server.protocol
    if protocol is Protocol.UDP:
        return f"{count(counts.inactive or 0, 'connection')} left (UDP)"
    words = f"{count(counts.active or 0, 'established connection')} left"
    if protocol is Protocol.FWM and counts.inactive:
        words += f"; {count(counts.inactive, 'inactive one')}, which may be UDP"
    return words


def _nothing_left(row: DrainedRow) -> str:
    if row.one_packet:
        return "scheduled packet by packet, so that with weight 0 nothing comes any more and nothing can be counted"
    return (
        "no connection left (UDP)" if row.virtual_server.protocol is Protocol.UDP else "no established connection left"
    )


def _keeps(row: DrainedRow, bound: int | None) -> str:
    if bound == 0:
        return ""
    keeping = [copy for copy in row.present if copy.persistent and copy.expires_templates is not True]
    return persistence_keeps(bound, sure=all(copy.expires_templates is False for copy in keeping))


def _why_unknown(row: DrainedRow) -> str:
    powerless = [copy.director.name for copy in row.present if copy.director.privilege is Privilege.NONE]
    return f": only root can read that on {listing(powerless)}" if powerless else ""


def _inactive(row: DrainedRow, counts: _Counts) -> str:
    """Closing connections, which do not count: what they are depends on what the director sees of them."""
    if row.one_packet or counted_fields(row.virtual_server) != (Field.ACTIVE,):
        return ""
    closing, running_out = counts.closing or 0, (counts.inactive or 0) - (counts.closing or 0)
    words = ""
    if closing:
        verb = "passes" if closing == 1 else "pass"
        words += f"; {count(closing, 'closing connection')} still {verb} the director, and may carry a last answer"
    if running_out:
        verb = is_are([None] * running_out)
        words += f"; {count(running_out, 'inactive connection')} {verb} inferred from the clients' side and not counted"
    return words
