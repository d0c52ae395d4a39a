"""What concerns all VRRP instances of a cluster: an overview, sync groups, and what happened."""

from collections.abc import Sequence
from datetime import UTC

from lvstop.analysis.election import elect
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.vrrp_board import InstanceBoard, Side, Standing
from lvstop.analysis.words import count
from lvstop.model.director import DirectorSnapshot
from lvstop.model.event import Event
from lvstop.model.vrrp import SyncGroup
from lvstop.ui.vrrp.instance import UNKNOWN, state_part
from lvstop.ui.vrrp.matrix import BLANK, Line, Part, Row, Section, heading, lay_out, paragraph
from lvstop.ui.words import STATUS_SIGN, STATUS_STYLE

MOST_TRANSITIONS = 50


def overview_lines(boards: Sequence[InstanceBoard], directors: Sequence[DirectorSnapshot], room: int) -> list[Line]:
    """A line per instance where there are several: states, priorities, and who is next."""
    if not boards:
        return [heading("VRRP", _why_empty(directors), room), BLANK]
    if len(boards) < 2:
        return []
    heads = (*map(_head, directors), (Part("if it went", "$muted"),))
    rows = tuple(Row(Part(board.label, "bold"), (*map(_brief, board.sides), _next(board))) for board in boards)
    section = Section("instance", heads, rows)
    return [heading("VRRP", count(len(boards), "instance"), room), *_table(section, room), BLANK]


def _head(director: DirectorSnapshot) -> Line:
    """Name and sign; the block of each instance has the word."""
    return (Part(director.name, "bold"), Part(f" {STATUS_SIGN[director.status]}", STATUS_STYLE[director.status]))


def _table(section: Section, room: int) -> list[Line]:
    return lay_out([section], [section.widths()], room)


def _why_empty(directors: Sequence[DirectorSnapshot]) -> str:
    if any(not director.answers for director in directors):
        return "no director that answers tells of an instance"
    if any(director.vrrp is None and not keepalived_is_down(director) for director in directors):
        return "keepalived could not be asked, and no virtual address is known"
    return "keepalived has no VRRP instance"


def _brief(side: Side) -> Line:
    if side.standing is Standing.DOWN:
        return (Part("✖ down", "bold $vrrp-fault"),)
    if side.standing is Standing.ABSENT:
        return (Part("✖ absent", "$drift"),)
    if side.instance is None:
        return UNKNOWN
    state, priority = state_part(side.instance.state), side.instance.effective_priority
    line = (state, Part("" if priority is None else f" {priority}", "$muted"))
    if side.standing is Standing.PAST:
        return (*(Part(part.text, "italic $past") for part in line), Part(" once", "italic $past"))
    return line


def _next(board: InstanceBoard) -> Line:
    outcome = elect(board).next
    if outcome is None or not outcome.known:
        return UNKNOWN
    return (Part("✖ nobody", "bold $health-critical"),) if outcome.winner is None else (Part(outcome.winner),)


# sync groups


def sync_group_lines(boards: Sequence[InstanceBoard], directors: Sequence[DirectorSnapshot], room: int) -> list[Line]:
    """The groups with their members; whether the states of each agree on each director."""
    names = list(dict.fromkeys(group.name for director in directors for group in _groups(director) or ()))
    if not names:
        known = all(director.answers and director.sync_groups is not None for director in directors)
        said = "there is none" if known else "none is known; not every director told"
        return [heading("Sync groups", said, room), BLANK]
    rows = [row for name in names for row in _group_rows(name, boards, directors)]
    heads = tuple((Part(director.name, "bold"),) for director in directors)
    section = Section("group and members", heads, tuple(rows))
    return [heading("Sync groups", count(len(names), "group"), room), *_table(section, room), BLANK]


def _groups(director: DirectorSnapshot) -> tuple[SyncGroup, ...] | None:
    return None if keepalived_is_down(director) or not director.answers else director.sync_groups


def _group(director: DirectorSnapshot, name: str) -> SyncGroup | None:
    return next((group for group in _groups(director) or () if group.name == name), None)


def _group_rows(name: str, boards: Sequence[InstanceBoard], directors: Sequence[DirectorSnapshot]) -> list[Row]:
    groups = [_group(director, name) for director in directors]
    members = dict.fromkeys(member for group in groups if group is not None for member in group.instances)
    rows = [
        Row(Part(name, "bold"), tuple(_verdict(d, g, boards) for d, g in zip(directors, groups, strict=True))),
    ]
    for member in members:
        cells = tuple(_member(d, g, member, boards) for d, g in zip(directors, groups, strict=True))
        rows.append(Row(Part(f"  {member}", "$muted"), cells))
    return rows


def _side(director: DirectorSnapshot, member: str, boards: Sequence[InstanceBoard]) -> Side | None:
    """A member's name is the one that its own director uses."""
    sides = (side for board in boards for side in board.sides if side.director.name == director.name)
    return next((side for side in sides if side.told is not None and side.told.name == member), None)


def _verdict(director: DirectorSnapshot, group: SyncGroup | None, boards: Sequence[InstanceBoard]) -> Line:
    if group is None:
        known = _groups(director) is not None
        return (Part("✖ no such group", "$drift"),) if known else UNKNOWN
    sides = [_side(director, member, boards) for member in group.instances]
    states = [None if side is None or side.told is None else side.told.state for side in sides]
    if group.state is not None:
        states.append(group.state)
    shown = state_part(group.state)
    if len(set(states) - {None}) > 1:
        return (shown, Part(" ✖ disagree", "bold $health-critical"))
    return (
        (shown, Part(" ✔ agree", "$muted")) if None not in states else (shown, Part(f" {UNKNOWN[0].text}", "$unknown"))
    )


def _member(director: DirectorSnapshot, group: SyncGroup | None, member: str, boards: Sequence[InstanceBoard]) -> Line:
    if group is not None and member not in group.instances:
        return (Part("✖ no member", "$drift"),)
    side = _side(director, member, boards)
    if group is None or side is None or side.told is None:
        return UNKNOWN
    state = state_part(side.told.state)
    differs = None not in (state, group.state) and side.told.state is not group.state
    return (state, Part(" ≠", "bold $health-critical")) if differs else (state,)


# what happened


def transition_lines(events: Sequence[Event], room: int) -> list[Line]:
    """VRRP events, newest first. `events`: oldest first."""
    if not events:
        return [heading("Transitions", "none since lvstop watches", room)]
    shown = events[: -MOST_TRANSITIONS - 1 : -1]
    lines = [heading("Transitions", "newest first, UTC", room)]
    width = max(len(event.director or "") for event in shown)
    for event in shown:
        when = event.at.astimezone(UTC)
        label = (
            Part(f"{when:%Y-%m-%d} ", "$muted"),
            Part(f"{when:%H:%M:%S}  "),
            Part(f"{(event.director or '').ljust(width)}  ", "bold"),
        )
        lines += paragraph(label, event.summary, 23 + width, room)
    if len(events) > len(shown):
        lines.append((Part(f"and {count(len(events) - len(shown), 'older one')}: press e on the cluster", "$muted"),))
    return lines
