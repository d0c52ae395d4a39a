"""Rules that compare tables: of the directors with each other, and of the kernel with keepalived."""

from collections.abc import Iterable, Iterator, Mapping

from lvstop.analysis.drains import Reversion, reversions
from lvstop.analysis.rules.backups import is_backup
from lvstop.analysis.rules.checked import Manual, Row
from lvstop.analysis.rules.comparison import Difference
from lvstop.analysis.rules.records import unread
from lvstop.analysis.rules.scene import RowNews, Scene, alerts_of_rows
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.words import count, listing, moment
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.alert import Alert, AlertCode, Severity

SAME_EVERYWHERE = "Compare keepalived.conf of the directors; after `ipvsadm -C` or -D only a restart brings rows back."


def table_drift(scene: Scene) -> Iterable[Alert]:
    """The tables of the directors differ in more than weights, or a table lacks what its keepalived keeps in it.

    Where a director's own checks explain why a row is absent, `real-server-down` says so; where a virtual server is
    empty, `virtual-server-empty`; where a backup's whole table is empty, `backup-not-ready`.
    """
    yield from _bare_tables(scene)
    yield from _absent_servers(scene)
    yield from _changed_servers(scene)
    news = list(_row_news(scene))
    yield from alerts_of_rows(AlertCode.TABLE_DRIFT, Severity.WARNING, news, SAME_EVERYWHERE, scene.thresholds)


def _bare_tables(scene: Scene) -> Iterator[Alert]:
    for table in scene.tables:
        findings = scene.findings.get(table.name)
        kept = 0 if findings is None else len(findings.configured)
        if table.servers or keepalived_is_down(table.director) or not (kept or table.name in scene.bare):
            continue
        if table.name in scene.bare and is_backup(scene, table.director):
            continue
        others = [
            f"{other.name} has {count(len(other.servers), 'virtual server')}" for other in scene.tables if other.servers
        ]
        if kept:
            others.append(f"keepalived there keeps {kept}")
        critical = bool(kept and not is_backup(scene, table.director)) or bool(scene.held_by(table.name))
        yield Alert(
            AlertCode.TABLE_DRIFT,
            Severity.CRITICAL if critical else Severity.WARNING,
            table.name,
            f"The IPVS table of {table.name} is empty, while {listing(others)}.",
            SAME_EVERYWHERE,
        )


def _absent_servers(scene: Scene) -> Iterator[Alert]:
    """Virtual servers that some tables lack: by comparison with a peer, or with what keepalived keeps there."""
    absent: dict[VirtualServerKey, set[str]] = {}
    present: dict[VirtualServerKey, tuple[str, ...]] = {}
    for lone in scene.comparison.lone:
        if lone.real_server is None:
            absent.setdefault(lone.virtual_server, set()).update(lone.absent)
            present[lone.virtual_server] = lone.present
    for findings in scene.findings.values():
        if findings.director not in scene.bare and any(t.name == findings.director and t.servers for t in scene.tables):
            for server in findings.absent:
                absent.setdefault(server, set()).add(findings.director)
    down = {director.name for director in scene.answering if keepalived_is_down(director)}
    for server, names in absent.items():
        missing = sorted(names - down)
        if missing:
            has = (
                f"; {listing(present[server])} {'has' if len(present[server]) == 1 else 'have'} it"
                if (server in present)
                else ", although keepalived keeps it there"
            )
            served = scene.holding(server.address)
            here = served is not None and any(name in served.holders for name in missing)
            severity = Severity.CRITICAL if here else Severity.WARNING
            summary = f"{server} is not in the table of {listing(missing)}{has}."
            yield Alert(AlertCode.TABLE_DRIFT, severity, str(server), summary, SAME_EVERYWHERE)


def _changed_servers(scene: Scene) -> Iterator[Alert]:
    by_server: dict[VirtualServerKey, list[str]] = {}
    for difference in scene.comparison.differences:
        if difference.real_server is None:
            by_server.setdefault(difference.virtual_server, []).append(_said(difference))
    for server, parts in by_server.items():
        summary = f"{server} differs: {'; '.join(parts)}."
        yield Alert(AlertCode.TABLE_DRIFT, Severity.WARNING, str(server), summary, SAME_EVERYWHERE)


def _said(difference: Difference) -> str:
    return f"{difference.what} {listing(f'{value} on {name}' for name, value in difference.values.items())}"


def _row_news(scene: Scene) -> Iterator[RowNews]:
    for lone in scene.comparison.lone:
        if lone.real_server is not None:
            where = (lone.virtual_server, lone.real_server)
            absent = [name for name in lone.absent if not _explained(scene, name, where)]
            if absent:
                brief = f"is not on {listing(absent)}"
                summary = (
                    f"{lone.real_server} of {lone.virtual_server} is on {listing(lone.present)} and {brief[3:]}: "
                    "its checks fail there, or the configurations differ."
                )
                yield RowNews(lone.virtual_server, lone.real_server, brief, summary)
    by_row: dict[Row, list[str]] = {}
    for difference in scene.comparison.differences:
        if difference.real_server is not None:
            by_row.setdefault((difference.virtual_server, difference.real_server), []).append(_said(difference))
    for (server, row), parts in by_row.items():
        said = "; ".join(parts)
        yield RowNews(server, row, f"differs ({said})", f"{row} of {server} differs: {said}.")


def _explained(scene: Scene, director: str, row: Row) -> bool:
    """Another alert already says why this director lacks the row."""
    findings = scene.findings.get(director)
    if findings is not None and (row in findings.failed or row in findings.missing):
        return True
    table = next(table for table in scene.tables if table.name == director)
    server = table.servers.get(row[0])
    return server is not None and not server.real_servers


def weight_drift(scene: Scene) -> Iterable[Alert]:
    """Weights differ between directors (a failover would change the shares), or were set by hand.

    A weight by hand is only worth a note: keepalived does not read it back, so it lasts until keepalived writes again.
    Where a failed check explains weight 0, a drain was reverted or a change is not finished, other alerts say so; a
    weight that is on record was not set by somebody unknown. A weight that has just changed waits for the records.
    """
    told = {_row(scene, found) for found in _reversions(scene)} | set(scene.records.undone) | scene.records.covered
    manual = _manual(scene)
    differing: list[RowNews] = []
    places = {
        (name, (each.virtual_server, each.real_server)): weight
        for each in scene.comparison.weights
        for name, weight in each.values.items()
    }
    told |= {row for _, row in unread(scene.answering, places)}
    for weights in scene.comparison.weights:
        row = (weights.virtual_server, weights.real_server)
        told_elsewhere = scene.records.row(*row) in told or any(scene.failed(name, row) for name in weights.values)
        if not told_elsewhere:
            differing.append(_differing_weight(row, weights.values, manual.get(row, {})))
        manual.pop(row, None)
    by_hand = [
        _manual_weight(row, unexplained)
        for row, found in manual.items()
        if scene.records.row(*row) not in told and (unexplained := _unexplained(scene, row, found))
    ]
    code, limits = AlertCode.WEIGHT_DRIFT, scene.thresholds
    remedy = "Set the same weight on every director; `ipvsadm -e` must restate forwarding, thresholds and tunnel."
    yield from alerts_of_rows(code, Severity.WARNING, differing, remedy, limits)
    remedy = "It lasts until its real server fails and returns, or keepalived restarts."
    yield from alerts_of_rows(code, Severity.INFO, by_hand, remedy, limits)


def _manual(scene: Scene) -> dict[Row, dict[str, Manual]]:
    manual: dict[Row, dict[str, Manual]] = {}
    for findings in scene.findings.values():
        for row, found in findings.manual.items():
            manual.setdefault(row, {})[findings.director] = found
    return manual


def _unexplained(scene: Scene, row: Row, found: Mapping[str, Manual]) -> Mapping[str, Manual]:
    return {name: each for name, each in found.items() if not scene.records.explains(name, row, each.kernel)}


def _differing_weight(row: Row, values: Mapping[str, int], manual: Mapping[str, Manual]) -> RowNews:
    server, real_server = row
    drained = [name for name, weight in values.items() if weight <= 0]
    said = listing(f"{weight} on {name}" for name, weight in values.items())
    if drained and len(drained) < len(values):
        brief = f"is drained on {listing(drained)} only"
        harm = "a failover would put it back to work or take it out"
    else:
        brief, harm = f"has weight {said}", "a failover would change its share"
    wanted = "".join(f" (keepalived wants {found.effective} on {name})" for name, found in manual.items())
    return RowNews(server, real_server, brief, f"{real_server} of {server} has weight {said}{wanted}; {harm}.")


def _manual_weight(row: Row, found: Mapping[str, Manual]) -> RowNews:
    server, real_server = row
    said = listing(f"{each.kernel} on {name}" for name, each in found.items())
    wanted = listing(dict.fromkeys(each.effective for each in found.values()))
    summary = f"{real_server} of {server} has weight {said}, set by hand; keepalived would give it {wanted}."
    return RowNews(server, real_server, f"has weight {said}, set by hand", summary)


def drain_reverted(scene: Scene) -> Iterable[Alert]:
    """A real server that was drained takes connections again, and nobody restored it.

    A drain on record is evidence for as long as it is on record; a drain that nobody has put on record, but that was
    seen, is told for a limited time (`Thresholds.reverted_shown`), or until it is drained again.
    """
    yield from _undone_on_record(scene)
    by_row: dict[tuple[VirtualServerKey, RealServerKey], list[str]] = {}
    for found in _reversions(scene):
        why = found.drain.undone_by
        since = f" since {why}" if why is not None else f", while still drained on {listing(found.drained_on)}"
        said = f"has weight {found.drain.weight} again on {found.key.director}{since}"
        by_row.setdefault((found.key.virtual_server, found.key.real_server), []).append(said)
    news = [
        RowNews(server, row, listing(parts), f"{row} of {server} was drained, but {listing(parts)}.")
        for (server, row), parts in by_row.items()
    ]
    remedy = "Drain it again, or restore it everywhere; a drain in keepalived's own terms (FILE_CHECK) would have held."
    yield from alerts_of_rows(AlertCode.DRAIN_REVERTED, Severity.WARNING, news, remedy, scene.thresholds)


def _undone_on_record(scene: Scene) -> Iterable[Alert]:
    """Nobody has to have seen how it happened: the record says that the row is to have weight 0."""
    now = scene.cluster.generated_at
    causes = {(seen.key.director, _row(scene, seen)): seen.drain.undone_by for seen in _all_reversions(scene)}
    news: list[RowNews] = []
    for row, undone in scene.records.undone.items():
        change = undone.change
        reason = f" ({change.reason})" if change.reason else ""
        parts = [f"{weight} on {name}{_since(causes.get((name, row)))}" for name, weight in undone.weights.items()]
        has = f"has weight {listing(parts)}"
        if undone.drained_on:
            has += f", while still drained on {listing(undone.drained_on)}"
        by = f"was drained by {change.author} at {moment(change.at, now)}{reason}"
        news.append(RowNews(*row, f"{has} again", f"{row[1]} of {row[0]} {by}, but {has}; nobody has restored it."))
    remedy = "Drain it again, or restore it: then it is not on record as drained any more."
    yield from alerts_of_rows(AlertCode.DRAIN_REVERTED, Severity.WARNING, news, remedy, scene.thresholds)


def _since(cause: str | None) -> str:
    return "" if cause is None else f" since {cause}"


def _row(scene: Scene, found: Reversion) -> Row:
    return scene.records.row(found.key.virtual_server, found.key.real_server)


def _all_reversions(scene: Scene) -> list[Reversion]:
    answering = {director.name for director in scene.answering}
    found = reversions(scene.memory.drains, scene.cluster.generated_at, scene.thresholds)
    return [each for each in found if each.key.director in answering]


def _reversions(scene: Scene) -> list[Reversion]:
    """Those that were seen and of which no record tells, be it that somebody is restoring them now."""
    elsewhere = scene.records.covered.union(scene.records.undone)
    return [each for each in _all_reversions(scene) if _row(scene, each) not in elsewhere]
