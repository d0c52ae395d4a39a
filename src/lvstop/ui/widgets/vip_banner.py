"""The line that answers who holds the VIP, since when; the alarm where nobody, several or the wrong one do."""

from collections.abc import Iterator

from textual.content import Content
from textual.reactive import reactive

from lvstop import format as fmt
from lvstop.analysis.words import count, listing
from lvstop.model.alert import AlertCode
from lvstop.model.cluster import ClusterSnapshot, VipHolding
from lvstop.model.director import DirectorStatus
from lvstop.model.ipvs import SyncRole
from lvstop.ui.fitting import hanging
from lvstop.ui.widgets.quiet import QuietWidget

_MOST_LINES = 4
_MOST_MISMATCHES = 2
_ALARMS = frozenset(
    {
        AlertCode.VIP_MISSING,
        AlertCode.VIP_DUPLICATE,
        AlertCode.VIP_STATE_MISMATCH,
        AlertCode.NO_MASTER,
        AlertCode.MULTIPLE_MASTERS,
    }
)


class VipBanner(QuietWidget):
    """One line per holder while all is well; one per address where it is not."""

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """Colours follow what the lines say."""
        self.set_class(snapshot is not None and _is_alarm(snapshot), "-alarm")
        self.set_class(snapshot is not None and not _is_alarm(snapshot) and _is_unsure(snapshot), "-unsure")
        self.say_news()

    def say(self) -> Content:
        """The sentences."""
        if self.snapshot is None:
            return Content("")
        width = self.content_size.width or self.app.size.width
        lines = banner_lines(self.snapshot, width - 2)
        if not _is_alarm(self.snapshot):
            return Content("\n").join(Content(f" {line}") for line in lines)
        # an alarm is not cut at the edge, however long its addresses are
        return Content("\n").join(piece for line in lines for piece in _whole(line, width - 1))


def _whole(line: str, width: int) -> list[Content]:
    """A sentence in as many lines as it needs, below each other behind its sign."""
    sign, _, rest = line.partition(" ")
    if len(sign) > 1:
        return hanging(Content(" "), Content(line), width)
    return hanging(Content(f" {sign} "), Content(rest), width)


def _is_alarm(snapshot: ClusterSnapshot) -> bool:
    wrong = any(len(vip.holders) > 1 or not (vip.holders or vip.unknown_on) for vip in snapshot.vips)
    return wrong or any(alert.code in _ALARMS for alert in snapshot.alerts)


def _is_unsure(snapshot: ClusterSnapshot) -> bool:
    return not snapshot.vips or any(vip.unknown_on or not vip.holders for vip in snapshot.vips)


def banner_lines(snapshot: ClusterSnapshot, width: int) -> list[str]:
    """Who holds what, the worst first; addresses that are told alike share a line.

    Where VRRP and the kernel contradict each other, that is said before who holds the address, which is no good news
    then. Where `width` cells do not take it, a sentence goes without since when that is.
    """
    if not snapshot.vips:
        return [_without_vips(snapshot)]
    groups: dict[tuple[tuple[str, ...], tuple[str, ...], str, str], list[VipHolding]] = {}
    for vip in sorted(snapshot.vips, key=_urgency):
        since = "" if vip.since is None else vip.since.isoformat()
        mark = "✖" if _is_contradicted(snapshot, vip) else "●"
        groups.setdefault((vip.holders, vip.unknown_on, since, mark), []).append(vip)
    worst = [_sentence(snapshot, group, width, "✖") for group in groups.values() if _urgency(group[0]) < 2]
    others = [_sentence(snapshot, group, width, key[3]) for key, group in groups.items() if _urgency(group[0]) >= 2]
    lines = [*worst, *_mismatches(snapshot), *others]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"and {len(lines) - _MOST_LINES + 1} more: press v"]
    outlook = _outlook(snapshot)
    if outlook and len(lines) == 1 and not _is_alarm(snapshot) and len(f"{lines[0]}   {outlook}") <= width:
        lines = [f"{lines[0]}   {outlook}"]
    return lines


def _mismatches(snapshot: ClusterSnapshot) -> list[str]:
    """What VRRP says and the kernel does not, or the other way round; many of them are counted."""
    told = [f"✖ {alert.summary}" for alert in snapshot.alerts if alert.code is AlertCode.VIP_STATE_MISMATCH]
    if len(told) <= _MOST_MISMATCHES:
        return told
    more = len(told) - _MOST_MISMATCHES + 1
    return [*told[: _MOST_MISMATCHES - 1], f"✖ and {more} more of the same: press a"]


def _is_contradicted(snapshot: ClusterSnapshot, vip: VipHolding) -> bool:
    """keepalived says something else of this address than the kernel of the same director."""
    begins = f"{vip.address} on "
    return any(
        alert.code is AlertCode.VIP_STATE_MISMATCH and alert.subject.startswith(begins) for alert in snapshot.alerts
    )


def _urgency(vip: VipHolding) -> int:
    if len(vip.holders) > 1:
        return 0
    return 3 if vip.holders else 2 if vip.unknown_on else 1


def _without_vips(snapshot: ClusterSnapshot) -> str:
    if all(director.status is DirectorStatus.CONNECTING for director in snapshot.directors):
        return f"connecting to {listing(director.host for director in snapshot.directors)} …"
    if not any(director.answers for director in snapshot.directors):
        return "No director answers: nobody can tell who holds the VIP."
    return "No VIP is known: keepalived told of none, and no virtual server's address is on an interface."


def _sentence(snapshot: ClusterSnapshot, vips: list[VipHolding], width: int, sign: str) -> str:
    first = vips[0]
    names = listing((vip.address for vip in vips), most=3)
    verb = "are" if len(vips) > 1 else "is"
    unsure = f" ({listing(first.unknown_on)} cannot be asked)" if first.unknown_on else ""
    if len(first.holders) > 1:
        return f"✖ {names} {verb} on {listing(first.holders).upper()} AT ONCE{unsure}"
    if not first.holders:
        if unsure:
            return f"? {names} {verb} on no director that answers{unsure}"
        return f"✖ NOBODY HOLDS {names}"
    held = f"{sign} {names} {verb} on {first.holders[0]}"
    sentences = (f"{held}{since}{unsure}" for since in _since(snapshot, first))
    return next((each for each in sentences if len(each) <= width), f"{held}{unsure}")


def _since(snapshot: ClusterSnapshot, vip: VipHolding) -> Iterator[str]:
    """Since when, from long to short."""
    if vip.since is not None:
        since = f" since {fmt.day_time(vip.since, snapshot.generated_at)}"
        yield f"{since} ({fmt.duration(snapshot.generated_at - vip.since)})"
        yield since


def _outlook(snapshot: ClusterSnapshot) -> str:
    """What a failover would cost now: without a sync daemon every established connection."""
    holders = {name for vip in snapshot.vips for name in vip.holders}
    for director in snapshot.directors:
        if director.name not in holders or director.sync_daemons is None or director.virtual_servers is None:
            continue
        if any(daemon.role is SyncRole.MASTER for daemon in director.sync_daemons):
            return ""
        active = sum(row.active_connections for server in director.virtual_servers for row in server.real_servers)
        if active:
            return f"no sync daemon: a failover resets {count(active, 'connection')}"
    return ""
