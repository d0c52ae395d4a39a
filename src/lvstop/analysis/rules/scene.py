"""What every rule sees: the cluster, what is known now, and the comparisons that several rules share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lvstop.analysis.memory import Memory
from lvstop.analysis.rules.checked import Findings, Row, findings_of
from lvstop.analysis.rules.comparison import Comparison, Table, compare, tables_of
from lvstop.analysis.rules.records import Records
from lvstop.analysis.thresholds import Thresholds
from lvstop.analysis.vrrp import InstanceGroup, instance_groups, keepalived_is_down
from lvstop.analysis.words import listing, row_subject
from lvstop.model.address import IPAddress, RealServerKey, VirtualServerKey
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot, VipHolding
from lvstop.model.director import DirectorSnapshot


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One look at a cluster, prepared for the rules.

    Attributes:
        answering: directors whose data is the present.
        silent: names of the others.
        groups: VRRP instances that belong together, as keepalived tells them.
        records: the changes on record, against the tables.
        bare: directors whose table is empty while another director's is not.
    """

    cluster: ClusterSnapshot
    memory: Memory
    thresholds: Thresholds
    answering: tuple[DirectorSnapshot, ...]
    silent: tuple[str, ...]
    groups: tuple[InstanceGroup, ...]
    tables: tuple[Table, ...]
    comparison: Comparison
    findings: Mapping[str, Findings]
    records: Records
    bare: frozenset[str]

    @classmethod
    def of(cls, cluster: ClusterSnapshot, memory: Memory, thresholds: Thresholds) -> "Scene":
        """Prepare one look."""
        answering = tuple(director for director in cluster.directors if director.answers)
        tables = tables_of(answering)
        empty = frozenset(table.name for table in tables if not table.servers)
        bare = empty if len(empty) < len(tables) else frozenset[str]()
        return cls(
            cluster=cluster,
            memory=memory,
            thresholds=thresholds,
            answering=answering,
            silent=tuple(director.name for director in cluster.directors if not director.answers),
            groups=instance_groups(answering),
            tables=tables,
            # A table that is empty as a whole is said once, not once for every virtual server.
            comparison=compare([table for table in tables if table.name not in bare]),
            findings=findings_of(tables),
            records=Records.of(cluster.changes, answering),
            bare=bare,
        )

    def holding(self, address: IPAddress | None) -> VipHolding | None:
        """Who holds an address, if it is one of the cluster's."""
        return next((vip for vip in self.cluster.vips if vip.address == address), None)

    def settling(self, subject: object) -> bool:
        """This instance or address moved a moment ago; see `Thresholds.settle`."""
        return str(subject) in self.cluster.moving

    def held_by(self, director: str) -> tuple[IPAddress, ...]:
        """The cluster's addresses that a director holds."""
        return tuple(vip.address for vip in self.cluster.vips if director in vip.holders)

    def stands_by(self, director: str, server: VirtualServerKey) -> bool:
        """It is known that another director serves this virtual server, so that a fault here harms nobody yet."""
        vip = self.holding(server.address)
        if vip is not None:
            return bool(vip.holders) and director not in vip.holders
        return not self.held_by(director) and any(vip.holders for vip in self.cluster.vips)

    def severity_on(self, directors: Iterable[str], server: VirtualServerKey) -> Severity:
        """Critical where one of the directors serves the virtual server, else a warning."""
        serving = any(not self.stands_by(director, server) for director in directors)
        return Severity.CRITICAL if serving else Severity.WARNING

    def failed(self, director: str, row: Row) -> bool:
        """The director's own checks explain why a row is absent or has weight 0 there."""
        findings = self.findings.get(director)
        return findings is not None and row in findings.failed

    def state_words(self, director: DirectorSnapshot, instance: str | None) -> str:
        """What VRRP says of a director, for a sentence: `MASTER`, `keepalived is not running`, `state unknown`."""
        if keepalived_is_down(director):
            return "keepalived is not running"
        for group in self.groups:
            found = group.on(director)
            if found is not None and instance in (group.label, found.name):
                return "state unknown" if found.state is None else str(found.state)
        return "state unknown"


Rule = Callable[[Scene], Iterable[Alert]]


@dataclass(frozen=True, slots=True)
class RowNews:
    """One row of the table that a rule has something to say about.

    Attributes:
        brief: what is wrong, to follow the real server's name where several rows share an alert.
        summary: the whole sentence of an alert of its own.
    """

    virtual_server: VirtualServerKey
    real_server: RealServerKey
    brief: str
    summary: str


def alerts_of_rows(
    code: AlertCode, severity: Severity, news: Sequence[RowNews], remedy: str, thresholds: Thresholds
) -> Iterable[Alert]:
    """An alert per row; where a virtual server has many such rows, one for all of them."""
    by_server: dict[VirtualServerKey, list[RowNews]] = {}
    for each in news:
        by_server.setdefault(each.virtual_server, []).append(each)
    for server, rows in by_server.items():
        if len(rows) <= thresholds.rows_named:
            for row in rows:
                yield Alert(code, severity, row_subject(server, row.real_server), row.summary, remedy)
        else:
            named = listing((f"{row.real_server} {row.brief}" for row in rows), most=thresholds.rows_named)
            summary = f"{len(rows)} real servers of {server}: {named}."
            yield Alert(code, severity, str(server), summary, remedy, len(rows))
