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
from lvstop.ui.widgets.quiet import QuietWidget

_MOST_LINES = 4
_ALARMS = frozenset({AlertCode.VIP_MISSING, AlertCode.VIP_DUPLICATE, AlertCode.NO_MASTER, AlertCode.MULTIPLE_MASTERS})


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
        return Content("\n").join(Content(f" {line}") for line in banner_lines(self.snapshot, width - 2))


def _is_alarm(snapshot: ClusterSnapshot) -> bool:
    wrong = any(len(vip.holders) > 1 or not (vip.holders or vip.unknown_on) for vip in snapshot.vips)
    return wrong or any(alert.code in _ALARMS for alert in snapshot.alerts)


def _is_unsure(snapshot: ClusterSnapshot) -> bool:
    return not snapshot.vips or any(vip.unknown_on or not vip.holders for vip in snapshot.vips)


def banner_lines(snapshot: ClusterSnapshot, width: int) -> list[str]:
    """Who holds what, the worst first; addresses that are told alike share a line.

    Where `width` cells do not take it, a sentence goes without since when that is.
    """
    if not snapshot.vips:
        return [_without_vips(snapshot)]
    groups: dict[tuple[tuple[str, ...], tuple[str, ...], str], list[VipHolding]] = {}
    for vip in sorted(snapshot.vips, key=_urgency):
        since = "" if vip.since is None else vip.since.isoformat()
        groups.setdefault((vip.holders, vip.unknown_on, since), []).append(vip)
    lines = [_sentence(snapshot, group, width) for group in groups.values()]
    mismatches = (alert for alert in snapshot.alerts if alert.code is AlertCode.VIP_STATE_MISMATCH)
    lines += [f"✖ {alert.summary}" for alert in mismatches]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"and {len(lines) - _MOST_LINES + 1} more: press v"]
    outlook = _outlook(snapshot)
    if outlook and len(lines) == 1 and not _is_alarm(snapshot) and len(f"{lines[0]}   {outlook}") <= width:
        lines = [f"{lines[0]}   {outlook}"]
    return lines


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


def _sentence(snapshot: ClusterSnapshot, vips: list[VipHolding], width: int) -> str:
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
    sentences = (f"● {names} {verb} on {first.holders[0]}{since}{unsure}" for since in _since(snapshot, first))
    return next((each for each in sentences if len(each) <= width), f"● {names} {verb} on {first.holders[0]}{unsure}")


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
