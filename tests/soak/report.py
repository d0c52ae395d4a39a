"""What a soak has shown, as tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from soak.breaker import Entry
from soak.footprint import Sample, cpu_percent, slope
from soak.judge import PATIENCE, Judge

WARM_UP = 900.0
"""Seconds until the past that is kept is as long as it ever gets; of a shorter soak the first half."""
FLAT = 20.0
"""kB per minute: 28 MB in a day.

The log of events fills meanwhile, a third of a kB each (malloc's own not counted), up to 10,000 of them: a soak of an
hour ends long before it is full. What a slope above this is made of has to be looked into, not guessed.
"""
_SHOWN = 12


def report(judge: Judge, log: Sequence[Entry], samples: Sequence[Sample]) -> str:
    """Everything."""
    parts = [_faults(log), _alarms(judge.told_after), _states(judge), _footprint(samples), _findings(judge, samples)]
    return "\n\n".join(parts)


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[place]) for line in (head, *lines)) for place in range(len(head))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, rule, *lines)
    )


def _faults(log: Sequence[Entry]) -> str:
    made = Counter(entry.kind for entry in log if entry.what == "made")
    failed = [entry for entry in log if entry.what not in ("made", "mended")]
    lines = [(kind, str(count)) for kind, count in sorted(made.items())]
    said = [f"{entry.kind} {entry.where}: {entry.what.splitlines()[0]}" for entry in failed]
    return "\n".join([_table(("fault", "times"), [*lines, ("all", str(made.total()))]), *said])


def _alarms(told_after: Mapping[str, Sequence[float]]) -> str:
    lines = [
        (kind, str(len(spans)), f"{median(spans):.1f} s", f"{max(spans):.1f} s")
        for kind, spans in sorted(told_after.items())
    ]
    head = ("what the wall told", "times", "after, median", f"worst (limit {PATIENCE:.0f} s)")
    return _table(head, lines)


def _states(judge: Judge) -> str:
    whole = sum(judge.states.values()) or 1.0
    lines = [(name or "nothing", f"{100 * span / whole:.1f} %") for name, span in sorted(judge.states.items())]
    lines.append(("not judged: a director's machine got no processor", f"{100 * judge.unjudged / whole:.1f} %"))
    return _table(("the wall said", "of the time"), lines)


def _footprint(samples: Sequence[Sample]) -> str:
    begin, end = samples[0].at, samples[-1].at
    warm = begin + min(WARM_UP, (end - begin) / 2)
    rest = [each for each in samples if each.at >= warm]
    found = slope(rest)
    verdict = "flat" if found.per_minute - 2 * found.error <= FLAT else "GROWS"
    lines = [
        ("resident after the start", f"{samples[min(len(samples) - 1, 6)].resident / 1024:.1f} MB"),
        ("resident after the warm-up", f"{rest[0].resident / 1024:.1f} MB"),
        ("resident at the end", f"{rest[-1].resident / 1024:.1f} MB"),
        (
            f"slope over the last {(end - rest[0].at) / 60:.0f} min",
            f"{found.per_minute:+.1f} ± {found.error:.1f} kB/min",
        ),
        (f"verdict (limit {FLAT:.0f} kB/min)", verdict),
        ("CPU, of one core", f"{cpu_percent(samples):.1f} %"),
    ]
    return _table(("the program", ""), lines)


def _findings(judge: Judge, samples: Sequence[Sample]) -> str:
    kinds = ("missed alarm", "false all-clear", "wrong holder", "stands still", "outlived")
    count = Counter(finding.kind for finding in judge.findings)
    summary = _table(("found", "times"), [(kind, str(count[kind])) for kind in kinds])
    told = [
        f"{finding.at - samples[0].at:.0f} s: {finding.kind}: {finding.what}; the wall: {finding.wall.state} "
        f"{finding.wall.holder!r} {dict(finding.wall.directors)}; the truth: {finding.truth.reachable} "
        f"{finding.truth.heard}\n{finding.wall.text}"
        for finding in judge.findings[:_SHOWN]
    ]
    return "\n\n".join([summary, *told])
