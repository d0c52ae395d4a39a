"""One director, as it was last read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lvstop.model.change import Change
from lvstop.model.checks import CheckedVirtualServer, TrackFile
from lvstop.model.effort import Effort
from lvstop.model.failover import Failover
from lvstop.model.host import InterfaceAddress, InterfaceCounters, InterfaceRates, LoadAverage, Sysctls
from lvstop.model.ipvs import Counters, SyncDaemon, TableCounters, TableDetails, TableRates, VirtualServer
from lvstop.model.vitals import Vitals, VitalsRates
from lvstop.model.vrrp import AdvertRates, SyncGroup, VrrpInstance, VrrpTrackFile
from lvstop.plain import plain


class Privilege(StrEnum):
    """What lvstop may read on a director."""

    ROOT = "root"
    SUDO = "sudo"
    NONE = "none"


class DirectorStatus(StrEnum):
    """How far a director's data can be trusted.

    `live`: everything that may be read was read in time. `degraded`: it answers, but something it should tell could not
    be read. `stale`: connected, but the last answer is too old. `unreachable`: it cannot be asked; what is shown, if
    anything, is the past.
    """

    CONNECTING = "connecting"
    LIVE = "live"
    DEGRADED = "degraded"
    STALE = "stale"
    UNREACHABLE = "unreachable"


class FaultKind(StrEnum):
    """Why a director could not be asked, told apart because each has another remedy.

    `internal` is a mistake of lvstop's own: the director may be as well as ever.
    """

    NAME_RESOLUTION = "name-resolution"
    REFUSED = "refused"
    NO_ROUTE = "no-route"
    TIMEOUT = "timeout"
    HOST_KEY_UNKNOWN = "host-key-unknown"
    HOST_KEY_CHANGED = "host-key-changed"
    AUTHENTICATION = "authentication"
    DISCONNECTED = "disconnected"
    NO_ANSWER = "no-answer"
    BAD_ANSWER = "bad-answer"
    ANSWER_TOO_LARGE = "answer-too-large"
    CONFIGURATION = "configuration"
    FORBIDDEN = "forbidden"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure as a value.

    Attributes:
        summary: one sentence: what failed, on what, with its evidence (e.g. the fingerprint that was offered).
        remedy: the one command or step that mends it; empty where none is known.
    """

    kind: FaultKind
    summary: str
    remedy: str = ""

    def __post_init__(self) -> None:
        """What a server or a command said is in it: it is shown, not obeyed."""
        object.__setattr__(self, "summary", plain(self.summary))

    @classmethod
    def internal(cls, error: BaseException) -> "Fault":
        """What is said of a director where lvstop itself went wrong with it."""
        summary = f"lvstop itself went wrong: {type(error).__name__}: {error}"
        return cls(
            FaultKind.INTERNAL, summary, "report this to the authors of lvstop; other directors are not affected"
        )


@dataclass(frozen=True, slots=True)
class ParseIssue:
    """A line that could not be understood. It is reported, never skipped in silence.

    Attributes:
        source: which text, e.g. `/proc/net/ip_vs`.
        line_number: 1-based; 0 for the text as a whole.
        text: the line, shortened and with secrets masked.
        reason: what was expected.
    """

    source: str
    line_number: int
    text: str
    reason: str


class LackCause(StrEnum):
    """Why something is unknown."""

    UNPRIVILEGED = "unprivileged"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that could not be read, so that its fields are None.

    Attributes:
        what: in the operator's words, e.g. `counters of real servers`.
        detail: one sentence of evidence, e.g. what the command answered.
    """

    what: str
    cause: LackCause
    detail: str


@dataclass(frozen=True, slots=True)
class Keepalived:
    """The daemon. `running` is None where nobody could tell; `version` e.g. `2.2.7`."""

    version: str | None
    running: bool | None
    pid: int | None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is installed on a director and may be used with this login.

    Attributes:
        table_reader: what reads the table there: `mawk`, `gawk`, `busybox` or `cat`.
        ipvsadm: the command is there.
        json_dump: keepalived was built with JSON; None where keepalived was not found.
        dbus: `busctl` is there; keepalived answers it only where `enable_dbus` is set.
        journal: keepalived's log can be followed, so that VRRP transitions show at once.
    """

    table_reader: str
    ipvsadm: bool
    json_dump: bool | None
    dbus: bool
    journal: bool


@dataclass(frozen=True, slots=True, eq=False)
class DirectorSnapshot:
    """One director at one moment. A field is None where it is unknown, an empty tuple where it is known to be empty.

    Attributes:
        read_at: when the table lane last answered, by the operator's clock; None before the first answer.
        age_seconds: how old that answer is at the moment of this snapshot.
        fault: why the director cannot be asked, or what spoils its answers; None when all is well.
        uptime: the director's own monotonic clock (seconds since boot) at the table reading; rates are made from it.
        track_files: those that keepalived's checkers watch; known where `checks` is.
        vrrp_track_files: those that VRRP instances or sync groups track; read together with `checks`.
        changes: records of changes that are kept on this director.
        failovers: records of failovers that are kept on this director, asked for together with `changes`.
        changes_table: the table as it was known when `changes` were asked for: a change that it shows was on record
            by then, for records are written first.
        changes_asked_at: when `changes` were asked for, by the operator's clock.
        hostname: what the director calls itself (`uname -n`).
        machine: a word that no two machines which run now have in common: the kernel's boot and network namespace.
        ipvs_loaded: the ip_vs module is in the kernel. False comes with an empty table that is truly empty.
        connection_buckets: the hash table of connections has so many; no limit to how many connections there may be.
        counters_uptime: `uptime` at the moment the counters were read.
        rates: per second, over the last readings of counters (or the kernel's own estimators in one-shot use).
        vrrp_read_at: when keepalived was last asked, by the operator's clock.
        vitals: how the machine fares, read every few seconds.
        vitals_rates: between the last two readings of `vitals`; None before the second one.
        interface_rates: by interface name, over the last seconds; None before the second reading and in one-shot use.
        effort: what reading it costs; None in one look.
        advert_rates: by the name of the VRRP instance, between the last two dumps of keepalived, which are a minute
            apart where nothing happens; None before the second one and in one-shot use.
    """

    name: str
    host: str
    status: DirectorStatus
    fault: Fault | None = None
    read_at: datetime | None = None
    age_seconds: float | None = None
    privilege: Privilege | None = None
    capabilities: Capabilities | None = None
    kernel: str | None = None
    hostname: str | None = None
    machine: str | None = None
    uptime: float | None = None
    keepalived: Keepalived | None = None
    vrrp: tuple[VrrpInstance, ...] | None = None
    vrrp_read_at: datetime | None = None
    sync_groups: tuple[SyncGroup, ...] | None = None
    vrrp_track_files: tuple[VrrpTrackFile, ...] | None = None
    checks: tuple[CheckedVirtualServer, ...] | None = None
    track_files: tuple[TrackFile, ...] | None = None
    changes: tuple[Change, ...] | None = None
    failovers: tuple[Failover, ...] | None = None
    changes_table: tuple[VirtualServer, ...] | None = None
    changes_asked_at: datetime | None = None
    addresses: tuple[InterfaceAddress, ...] | None = None
    ipvs_loaded: bool | None = None
    connection_buckets: int | None = None
    virtual_servers: tuple[VirtualServer, ...] | None = None
    totals: Counters | None = None
    details: TableDetails | None = None
    counters: TableCounters | None = None
    counters_uptime: float | None = None
    rates: TableRates | None = None
    sync_daemons: tuple[SyncDaemon, ...] | None = None
    sysctls: Sysctls | None = None
    load: LoadAverage | None = None
    interfaces: tuple[InterfaceCounters, ...] | None = None
    interface_rates: Mapping[str, InterfaceRates] | None = None
    vitals: Vitals | None = None
    vitals_rates: VitalsRates | None = None
    advert_rates: Mapping[str, AdvertRates] | None = None
    effort: Effort | None = None
    lacks: tuple[Lack, ...] = ()
    issues: tuple[ParseIssue, ...] = ()

    @property
    def answers(self) -> bool:
        """What is shown is the present: `live` or `degraded`."""
        return self.status in (DirectorStatus.LIVE, DirectorStatus.DEGRADED)
