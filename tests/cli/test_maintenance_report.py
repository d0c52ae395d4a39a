"""The paragraph of `lvstop status` about what is on record."""

from dataclasses import replace

from lvstop.cli import text_report
from lvstop.model.change import ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from support.change_factories import change, weights
from support.factories import FIRST, SECOND, SERVICE, backup, cluster, later, master, real_server, virtual_server

DNS = "UDP:172.26.127.20:53"
TABLE = (
    virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),
    virtual_server(DNS, "172.26.127.21:53", real_server("172.26.127.22:53", 0)),
)
DRAIN = change(
    *weights(real=SECOND, before=5),
    *weights(DNS, "172.26.127.22:53", before=1, directors=["keepalived1"]),
    at=later(-3600),
    reason="kernel update",
    until=later(7200),
)
BEGUN = replace(
    DRAIN, id="b", kind=ChangeKind.WEIGHT, phase=ChangePhase.PENDING, weights=weights(real=FIRST), reason="", until=None
)


def pair(*changes: object) -> ClusterSnapshot:
    """Both directors with these records."""
    here = master(virtual_servers=TABLE, changes=changes, checks=None)
    return cluster(here, backup(virtual_servers=TABLE, changes=changes, checks=None))


def paragraph(snapshot: ClusterSnapshot, title: str) -> list[str]:
    """The lines of the paragraph that begins so; none where there is none."""
    paragraphs = [part.splitlines() for part in text_report.report(snapshot).split("\n\n")]
    return next((lines for lines in paragraphs if lines[0].strip().startswith(title)), [])


def test_what_is_on_record() -> None:
    """A line a row: what it was before, by whom, since when, until when and why; below, not the same once more."""
    snapshot = pair(BEGUN, DRAIN)
    assert paragraph(snapshot, "MAINTENANCE") == [
        "  MAINTENANCE      REAL SERVER                                 WEIGHT BEFORE     BY",
        "  drained          172.26.127.22:445 of TCP:172.26.127.20:445  5                 ops@desk since "
        "2026-11-22 13:02:11 UTC, until 2026-11-22 16:02:11 UTC: kernel update",
        "  drained          172.26.127.22:53 of UDP:172.26.127.20:53    1 on keepalived1",
        "  weight, pending  172.26.127.21:445 of TCP:172.26.127.20:445  5                 ops@desk since "
        "2026-11-22 13:02:11 UTC",
    ]
    assert paragraph(snapshot, "· maintenance") == []


def test_a_reminder_is_an_alert() -> None:
    """What is overdue is said again where what is wrong is said."""
    snapshot = pair(replace(DRAIN, until=later(-60)))
    assert len(paragraph(snapshot, "MAINTENANCE")) == 3
    assert paragraph(snapshot, "▲ maintenance")


def test_without_records_there_is_no_paragraph() -> None:
    """Nothing is in maintenance: nothing is said."""
    assert "MAINTENANCE" not in text_report.report(pair())
