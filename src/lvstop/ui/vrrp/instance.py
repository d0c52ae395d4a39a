"""One VRRP instance on all directors: settings, counters, addresses, who would win, and what is refused."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from lvstop import format as fmt
from lvstop.analysis.advert_errors import RefusedAdverts, refused_adverts
from lvstop.analysis.election import Election, elect
from lvstop.analysis.vrrp import LOOPBACK, holds
from lvstop.analysis.vrrp_board import InstanceBoard, Side, Standing
from lvstop.analysis.vrrp_growth import VrrpGrowth
from lvstop.analysis.words import count, is_are, listing
from lvstop.model.address import IPAddress
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import VrrpCounters, VrrpInstance, VrrpSource, VrrpState
from lvstop.ui.vrrp.matrix import BLANK, Line, Part, Row, Section, heading, lay_out, paragraph
from lvstop.ui.words import STATUS_SIGN, STATUS_STYLE, VRRP_STYLE

UNKNOWN: Line = (Part(fmt.UNKNOWN, "$unknown"),)
_LABEL = "$muted"
_SAID = 18
"""Where sentences begin: beside the labels of the tables."""


def state_part(state: VrrpState | None) -> Part:
    """`MASTER`, or `–` where nobody could tell."""
    return UNKNOWN[0] if state is None else Part(str(state), VRRP_STYLE.get(state, "bold $vrrp-unknown"))


def director_head(director: DirectorSnapshot) -> Line:
    """A director's name, and how far what it says can be trusted."""
    status = Part(f" {STATUS_SIGN[director.status]} {director.status}", STATUS_STYLE[director.status])
    return (Part(director.name, "bold"), status)


def instance_sections(board: InstanceBoard, growth: VrrpGrowth, opened: datetime, now: datetime) -> list[Section]:
    """The tables of an instance. `opened`: since when counters are compared."""
    names = tuple((Part(side.director.name, "bold"),) for side in board.sides)
    sections = [
        Section("", tuple(director_head(side.director) for side in board.sides), _settings(board, now)),
        Section(f"+ since {opened.astimezone(UTC):%H:%M:%S}", names, _counters(board, growth)),
    ]
    if board.addresses:
        rows = tuple(_address_row(board, address) for address in board.addresses)
        sections.append(Section("virtual address", names, rows))
    return sections


def instance_lines(
    board: InstanceBoard, sections: Sequence[Section], widths: Sequence[tuple[int, int]], growth: VrrpGrowth, room: int
) -> list[Line]:
    """Everything about an instance, from the top."""
    election = elect(board)
    lines = [heading(board.label, _masters(board), room)]
    lines += _sentences(election, room)
    lines.append(BLANK)
    lines += lay_out(sections, widths[: len(sections)], room)
    refusals = list(_refusals(board, growth, room))
    if refusals:
        lines += [BLANK, *refusals]
    lines.append(BLANK)
    return lines


def _masters(board: InstanceBoard) -> str:
    masters = [side.director.name for side in board.sides if side.told and side.told.state is VrrpState.MASTER]
    if len(masters) > 1:
        return f"✖ {listing(masters)} are MASTER AT ONCE"
    if masters:
        return f"{masters[0]} is MASTER"
    inferred = [side.director.name for side in board.sides if _seems_master(side)]
    if inferred:
        return f"{listing(inferred)} {is_are(inferred)} MASTER by what the kernel holds; keepalived could not be asked"
    if all(side.standing in (Standing.TOLD, Standing.ABSENT, Standing.DOWN) for side in board.sides):
        return "✖ NOBODY IS MASTER"
    return "? nobody that can be asked is MASTER"


def _seems_master(side: Side) -> bool:
    inferred = side.instance if side.standing is Standing.INFERRED else None
    return inferred is not None and inferred.state is VrrpState.MASTER


def _sentences(election: Election, room: int) -> Iterator[Line]:
    for label, outcome in (("now", election.now), ("if it went", election.next)):
        if outcome is not None:
            style = "$unknown" if not outcome.known else "bold $health-critical" if outcome.winner is None else ""
            yield from paragraph((Part(label, _LABEL),), outcome.sentence, _SAID, room, style)


# settings

_Cell = Callable[[Side, VrrpInstance], Line]


def _settings(board: InstanceBoard, now: datetime) -> tuple[Row, ...]:
    def row(label: str, cell: _Cell) -> Row:
        return Row(Part(label, _LABEL), tuple(_past(side, _cell(side, cell)) for side in board.sides))

    def same(label: str, value: Callable[[VrrpInstance], int | float | None], unit: str = "") -> Row:
        told = {value(side.told) for side in board.sides if side.told is not None} - {None}
        differs = len(told) > 1
        style = "bold $drift" if differs else ""
        cells = tuple(
            _past(side, _cell(side, lambda _, each: _value(value(each), unit, style))) for side in board.sides
        )
        return Row(Part(f"{label} ≠", style) if differs else Part(label, _LABEL), cells)

    return (
        Row(Part("state", _LABEL), tuple(_past(side, _state(side)) for side in board.sides)),
        row("told by", _source),
        row("priority", lambda _, each: _priority(each)),
        row("preemption", lambda _, each: _preemption(each)),
        same("VRID", lambda each: each.vrid),
        row("interface", lambda _, each: UNKNOWN if each.interface is None else (Part(each.interface),)),
        same("VRRP version", lambda each: each.version),
        same("advert every", lambda each: each.advert_interval, " s"),
        row("last transition", lambda _, each: _moment(each.last_transition)),
        Row(Part(""), tuple(_past(side, _ago(side.instance, now)) for side in board.sides)),
    )


def _cell(side: Side, cell: _Cell) -> Line:
    return UNKNOWN if side.instance is None else cell(side, side.instance)


def _past(side: Side, line: Line) -> Line:
    """What is past looks past."""
    return tuple(Part(part.text, "italic $past") for part in line) if side.standing is Standing.PAST else line


def _value(value: float | None, unit: str, style: str) -> Line:
    return UNKNOWN if value is None else (Part(f"{value:g}{unit}", style),)


def _state(side: Side) -> Line:
    if side.standing is Standing.DOWN:
        return (Part("✖ keepalived is down", "bold $vrrp-fault"),)
    if side.standing is Standing.ABSENT:
        return (Part("✖ no such instance", "$drift"),)
    state = state_part(None if side.instance is None else side.instance.state)
    if side.standing is Standing.INFERRED:
        return (state, Part(" inferred", "$muted"))
    return (state, Part(" once")) if side.standing is Standing.PAST else (state,)


def _source(side: Side, instance: VrrpInstance) -> Line:
    if instance.source is VrrpSource.INFERRED:
        return (Part("its addresses only", "$muted"),)
    read = side.director.vrrp_read_at
    when = "" if read is None else f" {read.astimezone(UTC):%H:%M:%S}"
    return (Part("D-Bus" if instance.source is VrrpSource.DBUS else "keepalived"), Part(when, "$muted"))


def _priority(instance: VrrpInstance) -> Line:
    effective, base = instance.effective_priority, instance.priority
    if effective is None and base is None:
        return UNKNOWN
    lowered = effective is not None and base is not None and effective != base
    style = "bold $health-warning" if lowered else "bold"
    return (Part(f"{fmt.number(effective):<4}", style), Part(f" base {fmt.number(base)}", "$muted"))


def _preemption(instance: VrrpInstance) -> Line:
    if instance.preempt is None:
        return UNKNOWN
    if not instance.preempt:
        return (Part("nopreempt"),)
    return (Part(f"preempt after {instance.preempt_delay:g} s" if instance.preempt_delay else "preempt"),)


def _moment(when: datetime | None) -> Line:
    return UNKNOWN if when is None else (Part(f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),)


def _ago(instance: VrrpInstance | None, now: datetime) -> Line:
    if instance is None or instance.last_transition is None:
        return BLANK
    return (Part(f"{fmt.duration(now - instance.last_transition)} ago", "$muted"),)


# counters

_COUNTERS: tuple[tuple[str, Callable[[VrrpCounters], int], bool], ...] = (
    ("adverts sent", lambda counters: counters.adverts_sent, False),
    ("adverts received", lambda counters: counters.adverts_received, False),
    ("became MASTER", lambda counters: counters.became_master, True),
    ("released MASTER", lambda counters: counters.released_master, True),
    ("prio 0 sent", lambda counters: counters.priority_zero_sent, True),
    ("prio 0 received", lambda counters: counters.priority_zero_received, True),
    ("adverts refused", lambda counters: _refused(counters), True),
)
"""Label, value, and whether growth is news."""


def _refused(counters: VrrpCounters) -> int:
    return sum(refused.total for refused in refused_adverts(counters, None))


def _counters(board: InstanceBoard, growth: VrrpGrowth) -> tuple[Row, ...]:
    read = [None if side.instance is None else side.instance.counters for side in board.sides]
    grown = [None if side.told is None else growth.of(side.director.name, side.told) for side in board.sides]
    texts = [fmt.number(value(counters)) for counters in read if counters for _, value, _ in _COUNTERS]
    if not texts:
        return (Row(Part("counters", _LABEL), tuple(UNKNOWN for _ in board.sides)),)
    width = max(len(text) for text in texts)
    rows: list[Row] = []
    for label, value, news in _COUNTERS:
        cells = tuple(
            _past(side, _counter(counters, growth, value, width, news=news))
            for side, counters, growth in zip(board.sides, read, grown, strict=True)
        )
        rows.append(Row(Part(label, _LABEL), cells))
    rates = Row(Part("per second", _LABEL), tuple(_rate(side) for side in board.sides))
    return (*rows[:2], rates, *rows[2:])


def _counter(
    counters: VrrpCounters | None,
    grown: VrrpCounters | None,
    value: Callable[[VrrpCounters], int],
    width: int,
    *,
    news: bool,
) -> Line:
    if counters is None:
        return (Part(fmt.UNKNOWN.rjust(width), "$unknown"),)
    total = Part(fmt.number(value(counters)).rjust(width))
    if grown is None:
        return (total, Part(f" {fmt.UNKNOWN}", "$unknown"))
    difference = value(grown)
    if not difference:
        return (total,)
    return (total, Part(f" +{difference:,}", "bold $health-warning" if news else "$muted"))


def _rate(side: Side) -> Line:
    rates = side.director.advert_rates
    rate = None if rates is None or side.told is None else rates.get(side.told.name or "")
    return UNKNOWN if rate is None else (Part(f"↑{fmt.per_second(rate.sent)} ↓{fmt.per_second(rate.received)}"),)


# addresses


def _address_row(board: InstanceBoard, address: IPAddress) -> Row:
    return Row(Part(str(address)), tuple(_address(board, side, address) for side in board.sides))


def _address(board: InstanceBoard, side: Side, address: IPAddress) -> Line:
    """Claimed by VRRP, and held by the kernel. A MASTER without it and another with it are the news."""
    claim = board.claim(side, address)
    held = holds(side.director, address, on_loopback=claim is not None and claim.interface == LOOPBACK)
    return (_claimed(side, claimed=claim is not None), Part(" "), _held(side, held))


def _claimed(side: Side, *, claimed: bool) -> Part:
    if side.told is None or (side.told.source is VrrpSource.DBUS and not side.told.vips):
        return Part(f"{fmt.UNKNOWN} claimed", "$unknown")
    return Part("✔ claimed") if claimed else Part("✖ claimed", "bold $drift")


def _held(side: Side, held: bool | None) -> Part:
    if held is None:
        return Part(f"{fmt.UNKNOWN} held", "$unknown")
    state = None if side.told is None else side.told.state
    if held:
        wrong = side.standing is Standing.DOWN or state not in (None, VrrpState.MASTER)
        return Part("✔ held ≠", "bold $health-critical") if wrong else Part("✔ held", "$vrrp-master")
    missing = state is VrrpState.MASTER
    return Part("✖ held ≠", "bold $health-critical") if missing else Part("not held", "$muted")


# adverts that were refused


def _refusals(board: InstanceBoard, growth: VrrpGrowth, room: int) -> Iterator[Line]:
    for side in board.sides:
        if side.told is None or side.told.counters is None:
            continue
        for refused in refused_adverts(side.told.counters, growth.of(side.director.name, side.told)):
            yield from _refusal(side.director.name, refused, room)


def _refusal(director: str, refused: RefusedAdverts, room: int) -> Iterator[Line]:
    """What is growing is wrong now; what does not grow was wrong once."""
    kind, grown = refused.kind, refused.grown
    total = count(refused.total, "advert")
    if not grown:
        yield from paragraph(
            (Part("·", "$muted"),), f"{director} has refused {total} before: {kind.title}.", 2, room, "$muted"
        )
        return
    summary = f"{director} refuses adverts: {kind.title}, +{grown:,} since you watch, {refused.total:,} in all."
    yield from paragraph((Part("▲", "bold $health-warning"),), summary, 2, room, "bold $health-warning")
    yield from paragraph((Part(""),), f"{kind.meaning} {kind.compare}", 2, room)
