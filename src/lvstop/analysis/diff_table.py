"""Events of one director's IPVS table."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from lvstop.analysis.words import count, row_subject
from lvstop.model.director import DirectorSnapshot
from lvstop.model.event import Event, EventKind
from lvstop.model.ipvs import RealServer, VirtualServer

MOST_EVENTS = 50
"""More changes of one kind on one director at once are one event: after `ipvsadm -C`, a restart, a lost network."""


def table_events(old: DirectorSnapshot, new: DirectorSnapshot, now: datetime) -> Iterator[Event]:
    """Virtual servers and real servers that appeared or vanished, and weights that changed."""
    before, after = old.virtual_servers, new.virtual_servers
    if before is None or after is None or before is after:
        return
    changes: list[Event] = []
    for was, server in _pairs(before, after):
        if server is None and was is not None:
            changes.append(_server_event(was, new.name, now, "vanished from"))
        elif was is None and server is not None:
            changes.append(_server_event(server, new.name, now, "appeared on"))
        elif was is not None and server is not None and was.real_servers is not server.real_servers:
            changes.extend(_row_events(was, server, new.name, now))
    yield from _summed_up(changes, new.name, now)


def _same_keys(before: Sequence[VirtualServer | RealServer], after: Sequence[VirtualServer | RealServer]) -> bool:
    """The same rows in the same order. A plain loop: this runs over every row of a busy table each second."""
    if len(before) != len(after):
        return False
    for a, b in zip(before, after, strict=True):  # noqa: SIM110 - all() with a generator costs twice as much
        if a is not b and a.key is not b.key and a.key != b.key:
            return False
    return True


def _pairs(
    before: Sequence[VirtualServer], after: Sequence[VirtualServer]
) -> Iterator[tuple[VirtualServer | None, VirtualServer | None]]:
    """Virtual servers side by side. Readers keep their order, so that comparing in place mostly suffices."""
    if _same_keys(before, after):
        yield from ((a, b) for a, b in zip(before, after, strict=True) if a is not b)
        return
    olds = {server.key: server for server in before}
    for server in after:
        yield olds.pop(server.key, None), server
    yield from ((server, None) for server in olds.values())


def _server_event(server: VirtualServer, director: str, now: datetime, verb: str) -> Event:
    many = count(len(server.real_servers), "real server")
    summary = f"{server.key} {verb} {director} ({many})."
    return Event(now, director, EventKind.VIRTUAL_SERVER, str(server.key), summary)


def _row_events(old: VirtualServer, new: VirtualServer, director: str, now: datetime) -> Iterator[Event]:
    before, after = old.real_servers, new.real_servers
    if _same_keys(before, after):
        for was, row in zip(before, after, strict=True):
            if was.weight != row.weight:
                yield _weight_event(new, was, row, director, now)
        return
    olds = {row.key: row for row in before}
    for row in after:
        known = olds.pop(row.key, None)
        if known is None:
            yield _row_event(new, row, now, director, f"appeared on {director} with weight {row.weight}")
        elif known.weight != row.weight:
            yield _weight_event(new, known, row, director, now)
    for row in olds.values():
        yield _row_event(new, row, now, director, f"vanished from {director}")


def _row_event(server: VirtualServer, row: RealServer, now: datetime, director: str, what: str) -> Event:
    subject = row_subject(server.key, row.key)
    return Event(now, director, EventKind.REAL_SERVER, subject, f"{subject} {what}.")


def _weight_event(server: VirtualServer, was: RealServer, row: RealServer, director: str, now: datetime) -> Event:
    subject = row_subject(server.key, row.key)
    summary = f"{subject} changed its weight from {was.weight} to {row.weight} on {director}."
    return Event(now, director, EventKind.WEIGHT, subject, summary)


_WORDS = {
    EventKind.VIRTUAL_SERVER: "virtual servers appeared or vanished",
    EventKind.REAL_SERVER: "real servers appeared or vanished",
    EventKind.WEIGHT: "weights changed",
}


def _summed_up(changes: Sequence[Event], director: str, now: datetime) -> Iterator[Event]:
    for kind, words in _WORDS.items():
        found = [event for event in changes if event.kind is kind]
        if len(found) > MOST_EVENTS:
            summary = f"{len(found):,} {words} on {director}; the first: {found[0].summary}"
            yield Event(now, director, kind, director, summary)
        else:
            yield from found
