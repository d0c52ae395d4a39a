"""Rules about what clients of a virtual server get: nobody, nobody new, or fewer real servers than there should be."""

from collections.abc import Iterable, Iterator

from lvstop.analysis.rules.checked import Row
from lvstop.analysis.rules.comparison import Table
from lvstop.analysis.rules.scene import RowNews, Scene, alerts_of_rows
from lvstop.analysis.words import count, listing
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.checks import CheckedRealServer
from lvstop.model.ipvs import VirtualServer


def virtual_server_empty(scene: Scene) -> Iterable[Alert]:
    """A virtual server without real servers refuses every client (the kernel answers port unreachable).

    Critical where it should have some (by keepalived's checks or by another director's table) on a director that serves
    it; else a warning.
    """
    empty: dict[VirtualServerKey, list[str]] = {}
    for table in scene.tables:
        for key, found in table.servers.items():
            if not found.real_servers:
                empty.setdefault(key, []).append(table.name)
    for key, names in empty.items():
        should = max((scene.findings[n].configured.get(key, 0) for n in names if n in scene.findings), default=0)
        others = [t.name for t in scene.tables if (server := t.servers.get(key)) is not None and server.real_servers]
        severity = scene.severity_on(names, key) if should or others else Severity.WARNING
        summary = f"{key} has no real server on {listing(names)}"
        if should:
            alive = max((scene.findings[n].alive.get(key, 0) for n in names if n in scene.findings), default=0)
            passing = (
                f"{alive} of them {'passes its' if alive == 1 else 'pass their'} checks"
                if alive
                else "none passes its checks"
            )
            summary += f", where {count(should, 'is', 'are')} configured and {passing}"
        elif others:
            summary += f", while it has some on {listing(others)}"
        remedy = "Its clients are refused; see why the checks fail, or whether keepalived.conf was changed."
        yield Alert(AlertCode.VIRTUAL_SERVER_EMPTY, severity, str(key), summary + ".", remedy)


def all_weights_zero(scene: Scene) -> Iterable[Alert]:
    """Every real server has weight 0: new connections are refused, and no sorry server steps in for a manual weight."""
    zero: dict[VirtualServerKey, list[str]] = {}
    for table in scene.tables:
        for key, server in table.servers.items():
            if server.real_servers and all(row.weight <= 0 for row in server.real_servers):
                zero.setdefault(key, []).append(table.name)
    for key, names in zero.items():
        summary = f"Every real server of {key} has weight 0 on {listing(names)}: new connections are refused."
        remedy = "Restore at least one of them, or bring one back that fails its checks."
        yield Alert(AlertCode.ALL_WEIGHTS_ZERO, scene.severity_on(names, key), str(key), summary, remedy)


def real_server_down(scene: Scene) -> Iterable[Alert]:
    """A real server that keepalived's checks call dead, or that they call alive but that the kernel does not have."""
    failed: dict[Row, dict[str, CheckedRealServer]] = {}
    missing: dict[Row, list[str]] = {}
    for findings in scene.findings.values():
        for row, checked in findings.failed.items():
            failed.setdefault(row, {})[findings.director] = checked
        for row in findings.missing:
            missing.setdefault(row, []).append(findings.director)
    news = [_failed_row(scene, row, on) for row, on in failed.items()]
    remedy = "Look at the real server and at its checks in keepalived's log; keepalived puts it back by itself."
    yield from alerts_of_rows(AlertCode.REAL_SERVER_DOWN, Severity.WARNING, news, remedy, scene.thresholds)
    gone = [
        RowNews(*row, f"is not in the table of {listing(names)}", _missing_row(row, names))
        for row, names in missing.items()
        if row not in failed
    ]
    remedy = "Somebody removed it by hand; a reload does not bring it back, failing and passing its checks does."
    yield from alerts_of_rows(AlertCode.REAL_SERVER_DOWN, Severity.WARNING, gone, remedy, scene.thresholds)


def _failed_row(scene: Scene, row: Row, on: dict[str, CheckedRealServer]) -> RowNews:
    server, real_server = row
    checkers = max((checked.failed_checkers or 0 for checked in on.values()), default=0)
    many = f" ({count(checkers, 'checker')})" if checkers else ""
    alive = [
        findings.director
        for findings in scene.findings.values()
        if findings.director not in on and findings.configured.get(server)
    ]
    seen = f", while it passes on {listing(alive)}" if alive else ""
    kept = "; it stays in the table with weight 0" if all(c.inhibit_on_failure for c in on.values()) else ""
    brief = f"fails on {listing(on)}"
    summary = f"{real_server} of {server} fails its checks on {listing(on)}{many}{seen}{kept}."
    return RowNews(server, real_server, brief, summary)


def _missing_row(row: Row, names: list[str]) -> str:
    server, real_server = row
    return f"{real_server} of {server} passes its checks, but is not in the kernel's table of {listing(names)}."


def persistence_defeats_drain(scene: Scene) -> Iterable[Alert]:
    """Clients with a persistence template keep coming to a real server with weight 0.

    With `expire_quiescent_template` 0 (the default) a template outlives weight 0, and every new connection renews it
    (Documentation/networking/ipvs-sysctl.rst). Silent where the sysctl is unknown, and where no template is left.
    """
    rows: dict[Row, list[str]] = {}
    for table in scene.tables:
        for row in _quiescent_rows(table):
            rows.setdefault(row, []).append(table.name)
    news = [
        RowNews(
            *row,
            f"has weight 0 on {listing(names)}",
            f"{row[1]} of {row[0]} has weight 0 on {listing(names)}, but known clients still get new connections to "
            "it: persistence is on and expire_quiescent_template is 0.",
        )
        for row, names in rows.items()
    ]
    remedy = (
        "`sysctl -w net.ipv4.vs.expire_quiescent_template=1` on every director, or wait for the templates to expire."
    )
    code = AlertCode.PERSISTENCE_DEFEATS_DRAIN
    yield from alerts_of_rows(code, Severity.WARNING, news, remedy, scene.thresholds)


def _quiescent_rows(table: Table) -> Iterator[Row]:
    sysctls = table.director.sysctls
    if sysctls is None or sysctls.expire_quiescent_template != 0:
        return
    for key, server in table.servers.items():
        if server.persistent:
            yield from ((key, row) for row in _with_templates(table, key, server))


def _with_templates(table: Table, key: VirtualServerKey, server: VirtualServer) -> Iterator[RealServerKey]:
    detail = table.detail(key)
    for row in server.real_servers:
        if row.weight <= 0:
            known = None if detail is None else detail.real_servers.get(row.key)
            if known is None or known.persistent_connections != 0:
                yield row.key
