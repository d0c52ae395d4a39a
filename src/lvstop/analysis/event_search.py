"""Events found again: by words, kind and director; and written down for other programs and for people."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC

from lvstop.model.event import Event, EventKind


def select(
    events: Iterable[Event], text: str = "", kinds: Collection[EventKind] | None = None, director: str | None = None
) -> tuple[Event, ...]:
    """The events that fit, in the order in which they are given.

    Args:
        text: words that all stand somewhere in director, subject or summary, whatever their case; empty fits all.
        kinds: None for all of them.
        director: only what was seen on this director; None for all, and for what concerns the cluster as a whole.
    """
    words = text.casefold().split()
    return tuple(
        [
            event
            for event in events
            if (kinds is None or event.kind in kinds)
            and (director is None or event.director == director)
            and (not words or _has(event, words))
        ]
    )


def _has(event: Event, words: Iterable[str]) -> bool:
    # A line break is in no word, so that none can be found across two fields.
    heap = f"{event.director or ''}\n{event.subject}\n{event.summary}".casefold()
    return all(word in heap for word in words)


def counts_by_kind(events: Iterable[Event]) -> Mapping[EventKind, int]:
    """How many there are of each kind, those included of which there are none."""
    counted = Counter(event.kind for event in events)
    return {kind: counted[kind] for kind in EventKind}


def as_jsonl(events: Iterable[Event]) -> str:
    """One JSON object per line: `at` (ISO 8601, UTC), `director` (or null), `kind`, `subject`, `summary`; all ASCII."""
    return "".join([f"{json.dumps(_record(event))}\n" for event in events])


def as_text(events: Iterable[Event]) -> str:
    """One line per event with time (UTC), kind, director (`-` for the cluster as a whole) and summary, in columns."""
    rows = [(_moment(event), str(event.kind), event.director or "-", event.summary) for event in events]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [[row[column].ljust(widths[column]) for column in range(3)] + [row[3]] for row in rows]
    return "".join([f"{_printable('  '.join(line))}\n" for line in lines])


def _record(event: Event) -> dict[str, str | None]:
    return {
        "at": _moment(event),
        "director": event.director,
        "kind": str(event.kind),
        "subject": event.subject,
        "summary": event.summary,
    }


def _moment(event: Event) -> str:
    return event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _printable(text: str) -> str:
    """What a director said may be in a summary: no control character of it reaches a terminal or makes another line."""
    return "".join([character if character.isprintable() else " " for character in text])
