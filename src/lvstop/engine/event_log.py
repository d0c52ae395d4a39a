"""What happened to a cluster, for as long as it is watched, and how it is written to a file."""

import contextlib
import os
import re
import tempfile
from bisect import insort
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lvstop.analysis.event_search import as_jsonl, counts_by_kind, select
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.event import Event, EventKind

MOST_EVENTS = 10_000


class EventLog:
    """The last events of one cluster, in order of time."""

    def __init__(self, most: int = MOST_EVENTS) -> None:
        """`most`: how many are kept; the oldest go first."""
        self._most = most
        self._events: list[Event] = []
        self._latest: ClusterSnapshot | None = None
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every change: as long as it stays the log says what it said."""
        return self._version

    @property
    def events(self) -> Sequence[Event]:
        """All of them, oldest first."""
        return tuple(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def take(self, snapshot: ClusterSnapshot) -> None:
        """Add what happened before this look. The same look twice adds nothing.

        What keepalived dates earlier than something that is in the log already goes to its place in time.
        """
        if snapshot is self._latest:
            return
        self._latest = snapshot
        if not snapshot.events:
            return
        for event in snapshot.events:
            insort(self._events, event, key=_moment)
        del self._events[: -self._most]
        self._version += 1

    def select(
        self, text: str = "", kinds: Collection[EventKind] | None = None, director: str | None = None
    ) -> Sequence[Event]:
        """Events that fit, oldest first; see `analysis.event_search.select`."""
        return select(self._events, text, kinds, director)

    def counts_by_kind(self) -> Mapping[EventKind, int]:
        """How many there are of each kind, those included of which there are none."""
        return counts_by_kind(self._events)


def export_name(cluster: str, now: datetime) -> str:
    """`<cluster>-events-<now, UTC>.jsonl`, with nothing in it that means something to a file system."""
    name = re.sub(r"[^\w.-]", "_", cluster).lstrip(".") or "cluster"
    return f"{name}-events-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.jsonl"


def write_export(folder: Path, cluster: str, events: Sequence[Event], now: datetime) -> Path:
    """Write events as JSON lines to `<folder>/exports/<cluster>-events-<now, UTC>.jsonl`, for nobody else to read.

    The file is there as a whole or not at all; folders that are missing are made.

    Args:
        folder: lvstop's state folder (`config.paths.state_folder`).

    Raises:
        OSError: it could not be written; nothing is left of it.
    """
    exports = folder / "exports"
    exports.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = exports / export_name(cluster, now)
    # mkstemp makes it with mode 0600.
    handle, unfinished = tempfile.mkstemp(dir=exports, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(as_jsonl(events))
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    finally:
        with contextlib.suppress(OSError):
            Path(unfinished).unlink()
    return path


def _moment(event: Event) -> datetime:
    return event.at
