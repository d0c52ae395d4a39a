"""Who had an address when, as bars one below the other: what is not known exactly is drawn as not known exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from lvstop.actions.failover.timeline import AddressGap, Mark, Moment, Timeline
from lvstop.ui.words import muted

MOST_ADDRESSES = 3
"""Addresses with bars of their own; they move together, and all of them are told in words."""

_LEAST_ROOM = 10
_HAS, _PERHAPS, _HAS_NOT, _TO_COME = "█", "▒", "·", " "
_STYLES = {_HAS: "$vrrp-master", _PERHAPS: "$unknown", _HAS_NOT: "$muted", _TO_COME: ""}
_MARGIN = 0.25
_NARROWEST = 0.02


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the time that is drawn, in seconds since the lever.

    Attributes:
        now: what is later has not happened yet; None when everything has.
    """

    begin: float
    end: float
    now: float | None = None


def window_of(timeline: Timeline) -> Window | None:
    """The part in which addresses and connections moved, with a margin; None where nothing of it was seen."""
    gaps = timeline.addresses
    seen = [moment for gap in gaps for moment in (gap.removed, gap.added) if moment is not None]
    seen += [each for each in timeline.moments if each.mark in (Mark.LAST_CONNECTION, Mark.FIRST_CONNECTION)]
    if not seen:
        return None
    begin = min(moment.at - moment.error for moment in seen)
    end = max(moment.at + moment.error for moment in seen)
    margin = max(_NARROWEST, (end - begin) * _MARGIN)
    return Window(begin - margin, end + margin)


def bar_lines(
    gaps: Sequence[AddressGap], moments: Sequence[Moment], names: tuple[str, str], window: Window, width: int
) -> Iterator[Content]:
    """For each address two bars, its source's and its target's; below them when new connections were answered.

    Args:
        names: source and target.
    """
    label = max(len(name) for name in (*names, "answered"))
    room = max(_LEAST_ROOM, width - label - 5)
    for gap in gaps[:MOST_ADDRESSES]:
        yield _ruler(str(gap.vip), window, label, room)
        for name, cells in zip(names, pair_cells(gap, names[0], window, room), strict=True):
            yield _bar(name, cells, label)
    if gaps[MOST_ADDRESSES:]:
        yield muted(f"   and {len(gaps) - MOST_ADDRESSES} more, which moved with them")
    answered = _answered(moments, window, room)
    if answered:
        yield _bar("answered", answered, label)


def _ruler(title: str, window: Window, label: int, room: int) -> Content:
    """The address, and where the bars below begin and end."""
    begin, end = f"{window.begin:.3f} s", f"{window.end:.3f} s"
    head = f"   {title}"
    gap = max(2, label + 5 - len(head))
    left = room + label + 5 - len(head) - gap - len(begin) - len(end)
    if left < 2:
        return Content.assemble(head, muted(f"  {begin} to {end}"))
    return Content.assemble(head, muted(f"{' ' * gap}{begin}{' ' * left}{end}"))


def _bar(name: str, cells: str, label: int) -> Content:
    parts: list[Content] = [Content(f"   {name:<{label}}  ")]
    begin = 0
    for place in range(1, len(cells) + 1):
        if place == len(cells) or cells[place] != cells[begin]:
            parts.append(Content.styled(cells[begin:place], _STYLES[cells[begin]]))
            begin = place
    return Content.assemble(*parts)


def pair_cells(gap: AddressGap, source: str, window: Window, room: int) -> tuple[str, str]:
    """A cell for each piece of time, of the source and of the target. An address may come back to where it was."""
    gives = _cells(gap.removed, window, room, gives=True)
    takes = _cells(gap.added, window, room, gives=False)
    if gap.added is None or gap.added.director != source:
        return gives, takes
    nothing = "".join(_TO_COME if cell == _TO_COME else _HAS_NOT for cell in takes)
    return _either(gives, takes), nothing


def _cells(moment: Moment | None, window: Window, room: int, *, gives: bool) -> str:
    """A cell for each piece of time: it has the address, perhaps, or not.

    A moment that has not been seen yet lies ahead while time goes on, and is unknown when it is over.
    """
    cells = []
    for begin, end in _pieces(window, room):
        if window.now is not None and begin > window.now:
            cells.append(_TO_COME)
        elif moment is None:
            cells.append(_PERHAPS if window.now is None else _HAS if gives else _HAS_NOT)
        else:
            past = _past(moment, begin, end)
            cells.append(_PERHAPS if past is None else _HAS_NOT if past is gives else _HAS)
    return "".join(cells)


def _pieces(window: Window, room: int) -> Iterator[tuple[float, float]]:
    size = (window.end - window.begin) / room
    return ((window.begin + place * size, window.begin + (place + 1) * size) for place in range(room))


def _past(moment: Moment, begin: float, end: float) -> bool | None:
    """Whether this piece of time lies behind the moment; None where the stopwatch is not exact enough to tell."""
    if end <= moment.at - moment.error:
        return False
    if begin >= moment.at + moment.error:
        return True
    return None if 2 * moment.error >= end - begin else (begin + end) / 2 >= moment.at


def _answered(moments: Sequence[Moment], window: Window, room: int) -> str:
    """When new connections were answered, by either; empty where that was not seen."""
    last = next((each for each in moments if each.mark is Mark.LAST_CONNECTION), None)
    first = next((each for each in moments if each.mark is Mark.FIRST_CONNECTION), None)
    if last is None or first is None:
        return ""
    return _either(_cells(last, window, room, gives=True), _cells(first, window, room, gives=False))


def _either(one: str, other: str) -> str:
    """Where one of them has it."""
    order = (_HAS, _PERHAPS, _HAS_NOT, _TO_COME)
    return "".join(min(pair, key=order.index) for pair in zip(one, other, strict=True))
