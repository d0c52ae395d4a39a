"""The machines of a cluster: beside each other where there is room, section by section, else one below another."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from lvstop.analysis.vitals_past import VitalsPast
from lvstop.model.alert import Alert, AlertCode
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.machines.interfaces import interface_lines
from lvstop.ui.machines.sections import cpu_lines, head_lines, memory_lines, table_lines
from lvstop.ui.table.cells import sparkline
from lvstop.ui.vrrp.matrix import BLANK, Line, Part, fit, paragraph
from lvstop.ui.words import SEVERITY_SIGN, SEVERITY_STYLE, by_urgency

ABOUT_MACHINES = frozenset(
    {
        AlertCode.CONNTRACK_FILLING,
        AlertCode.SOFTIRQ_SATURATED,
        AlertCode.PACKETS_DROPPED,
        AlertCode.MEMORY_LOW,
    }
)
"""What is said below a machine."""

_GAP = 3
_LEAST = 52
"""Cells of a machine that stands beside another one."""
_SPARK = 20

Sections = Sequence[Sequence[Line]]


def machine_lines(snapshot: ClusterSnapshot, past: VitalsPast, room: int) -> list[Line]:
    """All machines of a cluster on `room` cells."""
    directors = snapshot.directors
    across = max(1, min(len(directors), (room + _GAP) // (_LEAST + _GAP)))
    width = (room - (across - 1) * _GAP) // across
    lines: list[Line] = []
    for start in range(0, len(directors), across):
        row = [_sections(snapshot, each, past, width) for each in directors[start : start + across]]
        lines += [*_beside(row, width), BLANK]
    return lines


def _sections(snapshot: ClusterSnapshot, director: DirectorSnapshot, past: VitalsPast, room: int) -> Sections:
    name = director.name
    sections: Sections = (
        cpu_lines(director, sparkline(past.processors(name)[-_SPARK:]), room),
        memory_lines(director, room),
        table_lines(director, room),
        interface_lines(director, lambda interface: past.interface(name, interface), room),
    )
    head = head_lines(director, room)
    if not director.answers:
        band, *rest = head
        sections = [[_past(line) for line in section] for section in sections]
        head = [band, *_why(director, room), *map(_past, rest)]
    return (head, _finding_lines(snapshot, director, room), *sections)


def _why(director: DirectorSnapshot, room: int) -> list[Line]:
    """What is shown is the past, and why."""
    if director.fault is None:
        return []
    lines = paragraph((Part("  "),), director.fault.summary, 2, room, "$director-unreachable")
    if director.vitals is not None:
        lines.append((Part("  below: its past", "$muted"),))
    return lines


def _past(line: Line) -> Line:
    return tuple(Part(part.text, "italic $past" if part.text.strip() else part.style) for part in line)


def _finding_lines(snapshot: ClusterSnapshot, director: DirectorSnapshot, room: int) -> list[Line]:
    """What is near its end; that nothing is, where that is known."""
    found = [each for each in snapshot.alerts if each.code in ABOUT_MACHINES and each.subject == director.name]
    if found:
        return [line for alert in by_urgency(found) for line in _finding(alert, room)]
    if not director.answers or director.vitals is None or director.vitals_rates is None:
        return [(Part("  whether anything is near its end is not known", "$muted"),)]
    return [(Part("  ● ", "$health-ok"), Part("nothing is near its end", "$muted"))]


def _finding(alert: Alert, room: int) -> Iterable[Line]:
    label = (Part(f"{SEVERITY_SIGN[alert.severity]} ", f"bold {SEVERITY_STYLE[alert.severity]}"),)
    yield from paragraph(label, alert.summary, 2, room)
    yield from paragraph((Part("  "),), f"→ {alert.remedy}", 2, room, "$muted")


def _beside(row: Sequence[Sections], width: int) -> list[Line]:
    lines: list[Line] = []
    for sections in zip_longest(*row, fillvalue=()):
        if lines and any(sections):
            lines.append(BLANK)
        for pieces in zip_longest(*sections, fillvalue=BLANK):
            parts: list[Part] = []
            for number, piece in enumerate(pieces):
                if number:
                    parts.append(Part(" " * _GAP))
                parts += fit(piece, width)
            lines.append(tuple(parts))
    return lines
