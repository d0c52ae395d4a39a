"""What clients have seen, from the events that `traffic.py` writes. Pure: events in, values out."""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Events = Sequence[Mapping[str, Any]]

_NEXT = 0.2
"""Seconds before and after a gap that tell what led to it and what followed."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which nobody was served, as somebody sees it who knocks again and again.

    It lasted between `at_least` and `at_most` seconds: from the first failure to the last one, and from the start of
    the success before them to the answer of the one after, which may have been served as late as that. Without a
    failure it is no gap but a pause between two knocks. `at_most` is infinite where no success has followed.

    Attributes:
        after: when the last success before it began, seconds since the epoch.
        failures: how many knocks nobody answered.
    """

    after: float
    at_least: float
    at_most: float
    failures: int


@dataclass(frozen=True, slots=True)
class HoldReport:
    """What became of held connections: how many were wanted, are open, and were lost for which cause.

    Causes are `refused`, `reset`, `closed`, `timeout` and `unreachable`. `longest_gap` is the longest silence in
    seconds after which an answer still came. `heard` is when the open connection that has been silent for the longest
    time was last answered, seconds since the epoch; None where none is open.
    """

    wanted: int
    open: int
    lost: Mapping[str, int]
    longest_gap: float
    heard: float | None = None


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What became of new connections: tries, successes, failures by cause.

    `longest_gap` is the longest `at_most` in seconds of the gaps that have ended.
    `decided` is when the last try began before which all are decided, seconds since the epoch; None before the first.
    """

    attempts: int
    ok: int
    failed: Mapping[str, int]
    longest_gap: float
    decided: float | None = None


def hold_report(events: Events) -> HoldReport:
    """Return the counts as they were at the last event."""
    counts = [event for event in events if event["event"] == "counts"]
    last: Mapping[str, Any] = counts[-1] if counts else {"wanted": 0, "open": 0, "lost": {}, "heard": None}
    silences = [event["seconds"] for event in events if event["event"] == "gap"]
    return HoldReport(last["wanted"], last["open"], last["lost"], max(silences, default=0.0), last["heard"])


def probe_report(events: Events, timeout: float) -> ProbeReport:
    """Return the counts as they were at the last event; `timeout` is how long a try may take, in seconds."""
    tries = _tries(events)
    failed = Counter(event["cause"] for event in tries if not event["ok"])
    ended = (gap.at_most for gap in gaps(events) if gap.failures and gap.at_most < math.inf)
    # what began a timeout before the last event has ended by now
    last = max((event["t"] for event in tries), default=None)
    decided = None if last is None else last - timeout
    ok = sum(1 for event in tries if event["ok"])
    return ProbeReport(len(tries), ok, dict(failed), round(max(ended, default=0.0), 3), decided)


def gaps(events: Events) -> tuple[Gap, ...]:
    """Return the time between any two successes that follow each other, with or without failures, oldest first.

    The last one is open where failures follow the last success.
    """
    tries = _tries(events)
    good = [place for place, event in enumerate(tries) if event["ok"]]
    closed = tuple(_gap(tries[before : after + 1]) for before, after in itertools.pairwise(good))
    return (*closed, _open_gap(tries[good[-1] :])) if good and good[-1] < len(tries) - 1 else closed


def longest_gap(events: Events, since: float, until: float) -> Gap | None:
    """Return the longest gap of those that overlap a stretch of time; None where there is none.

    One with failures comes before any without, as a pause between two knocks is no gap.
    """
    overlapping = [gap for gap in gaps(events) if gap.after <= until and gap.after + gap.at_most >= since]
    return max(overlapping, key=lambda gap: (gap.failures > 0, gap.at_most), default=None)


def around(events: Events, gap: Gap) -> str:
    """Return the tries of a gap and those next to it, a line each, for whoever wonders at it.

    Each with its start in seconds after the last success before the gap, its end, and how it ended.
    """
    near = [each for each in _tries(events) if -_NEXT <= each["started"] - gap.after <= gap.at_most + _NEXT]
    times = [(each["started"] - gap.after, each["t"] - gap.after, each["cause"] or "ok") for each in near]
    return "\n".join(f"{started:8.4f} {ended:8.4f} {how}" for started, ended, how in times)


def _gap(tries: Sequence[Mapping[str, Any]]) -> Gap:
    before, *failures, _ = (float(event["started"]) for event in tries)
    return Gap(before, _length(failures), round(float(tries[-1]["t"]) - before, 4), len(failures))


def _open_gap(tries: Sequence[Mapping[str, Any]]) -> Gap:
    before, *failures = (float(event["started"]) for event in tries)
    return Gap(before, _length(failures), math.inf, len(failures))


def _length(moments: Sequence[float]) -> float:
    return round(moments[-1] - moments[0], 4) if moments else 0.0


def _tries(events: Events) -> list[Mapping[str, Any]]:
    return sorted((event for event in events if event["event"] == "probe"), key=lambda event: event["started"])
