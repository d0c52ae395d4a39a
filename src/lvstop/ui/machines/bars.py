"""Bars of several parts. Each part has a character of its own, so that it shows without colours."""

from collections.abc import Sequence

from lvstop.analysis.thresholds import Mark
from lvstop.model.alert import Severity
from lvstop.model.vitals import CpuShares
from lvstop.ui.vrrp.matrix import Line, Part
from lvstop.ui.words import SEVERITY_SIGN, SEVERITY_STYLE

SOFTIRQ = Part("█", "$chart-2")
BUSY = Part("▓", "$share-bar")
STEAL = Part("▒", "$chart-4")
REST = Part("·", "$muted")


def parts_bar(parts: Sequence[tuple[float, Part]], width: int) -> Line:
    """A bar of `width` cells: parts of 1 one after the other, and what remains. No cell is promised to a part of less
    than half of one."""
    line: list[Part] = []
    used, reached = 0, 0.0
    for share, part in parts:
        reached += max(0.0, share)
        cells = max(0, min(width, round(reached * width)) - used)
        if cells:
            line.append(Part(part.text * cells, part.style))
        used += cells
    if used < width:
        line.append(Part(REST.text * (width - used), REST.style))
    return tuple(line)


def cpu_bar(shares: CpuShares, width: int) -> Line:
    """What a processor does: packets first, for that is what IPVS is."""
    other = shares.busy - shares.softirq - shares.steal
    return parts_bar([(shares.softirq, SOFTIRQ), (other, BUSY), (shares.steal, STEAL)], width)


def fill_bar(fill: float, mark: Mark | None, width: int) -> Line:
    """How full something is, in the colour of what that means."""
    severity = None if mark is None else reached(fill, mark)
    style = BUSY.style if severity is None else SEVERITY_STYLE[severity]
    return parts_bar([(fill, Part(BUSY.text, style))], width)


def reached(value: float, mark: Mark) -> Severity | None:
    """The mark that `value` has reached."""
    if mark.critical is not None and value >= mark.critical:
        return Severity.CRITICAL
    return Severity.WARNING if value >= mark.warning else None


def sign(value: float | None, mark: Mark) -> Part:
    """A sign in front of what has reached a mark; a blank in front of what has not."""
    severity = None if value is None else reached(value, mark)
    return Part("  ") if severity is None else Part(f"{SEVERITY_SIGN[severity]} ", f"bold {SEVERITY_STYLE[severity]}")
