"""Meanings as signs, words and styles. A state always has a sign or a word of its own: colour only repeats it."""

from collections.abc import Iterable, Sequence

from textual.content import Content

from lvstop.analysis.words import count
from lvstop.model.alert import Alert, Severity
from lvstop.model.cluster import Health
from lvstop.model.director import DirectorStatus
from lvstop.model.vrrp import VrrpState

HEALTH_SIGN = {Health.OK: "●", Health.WARNING: "▲", Health.CRITICAL: "✖", Health.UNKNOWN: "?"}
SEVERITY_SIGN = {Severity.INFO: "·", Severity.WARNING: "▲", Severity.CRITICAL: "✖"}
STATUS_SIGN = {
    DirectorStatus.CONNECTING: "◌",
    DirectorStatus.LIVE: "●",
    DirectorStatus.DEGRADED: "▲",
    DirectorStatus.STALE: "?",
    DirectorStatus.UNREACHABLE: "✖",
}
HEALTH_STYLE = {
    Health.OK: "$health-ok",
    Health.WARNING: "$health-warning",
    Health.CRITICAL: "$health-critical",
    Health.UNKNOWN: "$health-unknown",
}
SEVERITY_STYLE = {
    Severity.INFO: "$info",
    Severity.WARNING: "$health-warning",
    Severity.CRITICAL: "$health-critical",
}
STATUS_STYLE = {
    DirectorStatus.CONNECTING: "$director-connecting",
    DirectorStatus.LIVE: "$director-live",
    DirectorStatus.DEGRADED: "$director-degraded",
    DirectorStatus.STALE: "$director-stale",
    DirectorStatus.UNREACHABLE: "$director-unreachable",
}
VRRP_STYLE = {
    VrrpState.MASTER: "bold $vrrp-master",
    VrrpState.BACKUP: "bold $vrrp-backup",
    VrrpState.FAULT: "bold $vrrp-fault",
    VrrpState.STOP: "bold $vrrp-fault",
}


def vrrp_state(state: VrrpState | None) -> Content:
    """`MASTER`, or `–` where nobody could tell."""
    if state is None:
        return Content.styled("–", "$unknown")
    return Content.styled(str(state), VRRP_STYLE.get(state, "bold $vrrp-unknown"))


def by_urgency(alerts: Iterable[Alert]) -> list[Alert]:
    """The worst first, and among those the newest."""
    return sorted(alerts, key=lambda alert: (-alert.severity, 0.0 if alert.since is None else -alert.since.timestamp()))


def counted(severities: Sequence[Severity]) -> str:
    """How many there are of each, the worst first: `1 critical, 2 warnings`."""
    words = {Severity.CRITICAL: "critical", Severity.INFO: "info"}
    return ", ".join(
        f"{severities.count(each):,} {words[each]}" if each in words else count(severities.count(each), str(each))
        for each in sorted(set(severities), reverse=True)
    )


def muted(text: str) -> Content:
    """Text that explains and does not tell."""
    return Content.styled(text, "$muted")


def unknown() -> Content:
    """What stands where nothing is known."""
    return Content.styled("–", "$unknown")
