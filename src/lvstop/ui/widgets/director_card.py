"""A director in a few lines: can it be trusted, what does its VRRP say, does it hold the VIP, how does it fare."""

from collections.abc import Iterable
from itertools import islice

from textual.content import Content
from textual.reactive import reactive

from lvstop import format as fmt
from lvstop.analysis.vrrp import instance_label, keepalived_is_down
from lvstop.analysis.words import listing
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Privilege
from lvstop.model.vrrp import AdvertRates, VrrpInstance, VrrpSource, VrrpState
from lvstop.ui.fitting import fitted, wrapped
from lvstop.ui.widgets.room import SharingWidget, card_lines
from lvstop.ui.words import STATUS_SIGN, STATUS_STYLE, muted, unknown, vrrp_state

_FRAME = 6
"""Cells of a border's line that a title cannot have."""
_AROUND = 2
"""Lines below the VRRP instances."""


class DirectorCard(SharingWidget):
    """One director of the cluster."""

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._frame: tuple[Content, Content] | None = None

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """The frame says who it is and how far that can be trusted."""
        director = self._director(snapshot)
        if director is None:
            return
        self._tell_frame(director)
        self.set_class(not director.answers and director.status is not DirectorStatus.CONNECTING, "-silent")
        self.set_class(bool(_held(snapshot, director.name)), "-holder")
        self.say_news()

    def on_resize(self) -> None:
        """Another width: other words fit."""
        super().on_resize()
        director = self._director(self.snapshot)
        if director is not None:
            self._tell_frame(director)

    def _tell_frame(self, director: DirectorSnapshot) -> None:
        """Setting a title paints the card, whatever was there before."""
        room = self.outer_size.width - _FRAME
        after = (_title(director, room), fitted([muted(part) for part in _what(director)], room, " · "))
        before, self._frame = self._frame, after
        if before is None or not (after[0].is_same(before[0]) and after[1].is_same(before[1])):
            self.border_title, self.border_subtitle = after

    def say(self) -> Content:
        """As many lines as there is room for, the most important first. All cards have the same height."""
        director = self._director(self.snapshot)
        if director is None or self.snapshot is None:
            return Content("")
        width = self.content_size.width or self.app.size.width
        wanted, alerts = wanted_lines(self.snapshot, width), bool(self.snapshot.alerts)
        room = card_lines(self.app.size.height, self.free_lines, wanted, alerts=alerts)
        lines = list(islice(_lines(self.snapshot, director, room, width), room))
        return Content("\n").join([*lines, *([Content("")] * (room - len(lines)))])

    def _director(self, snapshot: ClusterSnapshot | None) -> DirectorSnapshot | None:
        directors = () if snapshot is None else snapshot.directors
        return next((director for director in directors if director.name == self._name), None)


def wanted_lines(snapshot: ClusterSnapshot, width: int) -> int:
    """Lines of the card that has most to say, so that they all have the same height."""
    return max((_wanted(director, width) for director in snapshot.directors), default=0)


def _wanted(director: DirectorSnapshot, width: int) -> int:
    """Instances are counted and not their states: rows below do not move when states change."""
    fault = len(_fault_lines(director, width))
    if director.read_at is None and not director.answers:
        return max(1 + _AROUND, fault)
    return fault + (fault > 0 and not director.answers) + max(1, len(director.vrrp or ())) + _AROUND


def _fault_lines(director: DirectorSnapshot, width: int) -> list[Content]:
    """Why it does not answer and what to do; of one that answers what it lacks, the remedy being an alert's."""
    fault = director.fault
    if fault is None:
        return []
    if director.answers:
        return [Content.styled(fault.summary, "$director-degraded")]
    remedy = wrapped(muted(f"→ {fault.remedy}"), width) if fault.remedy else []
    return [*wrapped(Content.styled(fault.summary, "$director-unreachable"), width), *remedy]


def _title(director: DirectorSnapshot, room: int) -> Content:
    """Name, status and age; the age goes first where there is no room."""
    style = STATUS_STYLE[director.status]
    name = Content.assemble((director.name, "bold"), "  ", (f"{STATUS_SIGN[director.status]} {director.status}", style))
    if director.age_seconds is None:
        return name
    age = Content.styled(fmt.age(director.age_seconds), "$muted" if director.answers else style)
    return fitted([name, age], room, " ")


_READ_AS = {Privilege.ROOT: "as root", Privilege.SUDO: "through sudo", Privilege.NONE: "as a plain user"}


def _what(director: DirectorSnapshot) -> list[str]:
    """What it is and how it is read: `keepalived 2.2.7 · as root · linux 6.1.0`."""
    keepalived = None if director.keepalived is None else director.keepalived.version
    parts = [f"keepalived {keepalived}"] if keepalived is not None else []
    parts += [_READ_AS[director.privilege]] if director.privilege is not None else []
    parts += [f"linux {director.kernel}"] if director.kernel is not None else []
    return parts


def _held(snapshot: ClusterSnapshot | None, name: str) -> list[str]:
    vips = () if snapshot is None else snapshot.vips
    return [str(vip.address) for vip in vips if name in vip.holders]


def _lines(snapshot: ClusterSnapshot, director: DirectorSnapshot, room: int, width: int) -> Iterable[Content]:
    if director.status is DirectorStatus.CONNECTING and director.read_at is None:
        yield muted(f"connecting to {director.host} …")
        return
    fault = _fault_lines(director, width)
    room -= len(fault)
    if fault and not director.answers:
        yield from fault
        # a heading needs something below it
        if director.read_at is None or room < 2:
            return
        yield muted(f"below: its past, {fmt.age(director.age_seconds)} old")
        room -= 1
    yield from _vrrp_lines(director, max(1, room - _AROUND), width)
    yield _holding(snapshot, director, width)
    if director.answers:
        yield from fault
    yield _host(director, width)


def _vrrp_lines(director: DirectorSnapshot, room: int, width: int) -> Iterable[Content]:
    """An instance a line, masters first; what does not fit is counted."""
    if keepalived_is_down(director):
        yield Content.styled("✖ keepalived is not running", "$vrrp-fault")
        return
    if director.vrrp is None:
        yield Content.assemble(("VRRP ", "$muted"), unknown())
        return
    if not director.vrrp:
        yield muted("no VRRP instance")
        return
    ordered = sorted(director.vrrp, key=lambda instance: instance.state is not VrrpState.MASTER)
    shown = ordered if len(ordered) <= room else ordered[: room - 1]
    for instance in shown:
        yield _instance(director, instance, width)
    if len(shown) < len(ordered):
        states = [instance.state for instance in ordered[len(shown) :]]
        counted = [f"{states.count(state)} {state or '–'}" for state in dict.fromkeys(states)]
        yield muted(f"and {listing(counted)}: press v")


def _instance(director: DirectorSnapshot, instance: VrrpInstance, width: int) -> Content:
    first = Content.assemble((f"{instance_label(instance)} ", "bold"), vrrp_state(instance.state))
    if instance.source is VrrpSource.INFERRED:
        if instance.state is None:
            return first
        words = next((each for each in _INFERRED if first.cell_length + 2 + len(each) <= width), _INFERRED[-1])
        return fitted([first, muted(words)], width)
    parts = [first]
    if instance.priority is not None or instance.effective_priority is not None:
        parts.append(_priority(instance))
    rates = None if director.advert_rates is None else director.advert_rates.get(instance.name or "")
    if rates is not None:
        parts.append(_adverts(rates, instance.state))
    if instance.vrid is not None:
        parts.append(Content.assemble(("vrid ", "$muted"), str(instance.vrid)))
    return fitted(parts, width)


_INFERRED = ("inferred from addresses", "inferred")


def _priority(instance: VrrpInstance) -> Content:
    """`prio 150`, or `prio 50/150` where trackers lowered it."""
    effective, base = fmt.number(instance.effective_priority), fmt.number(instance.priority)
    if effective == base:
        return Content.assemble(("prio ", "$muted"), base)
    style = "$health-warning" if instance.effective_priority is not None else ""
    return Content.assemble(("prio ", "$muted"), (f"{effective}/{base}", style))


def _adverts(rates: AdvertRates, state: VrrpState | None) -> Content:
    """What a master should send and a backup should hear; the other direction where there is anything."""
    parts = []
    if state is not VrrpState.BACKUP or rates.sent:
        parts.append(f"↑{fmt.per_second(rates.sent)}/s")
    if state is not VrrpState.MASTER or rates.received:
        parts.append(f"↓{fmt.per_second(rates.received)}/s")
    return muted(f"adverts {' '.join(parts)}")


def _holding(snapshot: ClusterSnapshot, director: DirectorSnapshot, width: int) -> Content:
    held = _held(snapshot, director.name)
    if held:
        first = Content.assemble(("holds ", "$muted"), (listing(held, most=2), "bold $vrrp-master"))
    elif not director.answers or director.addresses is None:
        first = Content.assemble(("holds ", "$muted"), unknown())
    else:
        first = muted("holds no VIP")
    roles = None if director.sync_daemons is None else [str(daemon.role) for daemon in director.sync_daemons]
    sync = unknown() if roles is None else Content("+".join(roles) or "none")
    return fitted([first, Content.assemble(("sync ", "$muted"), sync)], width)


def _host(director: DirectorSnapshot, width: int) -> Content:
    load = Content.assemble(("load ", "$muted"), fmt.load(None if director.load is None else director.load.one))
    return fitted([load, *_nics(director)], width)


def _nics(director: DirectorSnapshot) -> Iterable[Content]:
    """The two busiest interfaces, by name, so that they stand still where both are about as busy."""
    rates = director.interface_rates
    if not rates:
        return
    busiest = sorted(
        (name for name in rates if name != "lo"),
        key=lambda name: -(rates[name].received_bytes + rates[name].sent_bytes),
    )
    for name in sorted(busiest[:2]):
        received, sent = fmt.bits(rates[name].received_bytes), fmt.bits(rates[name].sent_bytes)
        yield Content.assemble((f"{name} ", "$muted"), f"↓{received} ↑{sent}")
