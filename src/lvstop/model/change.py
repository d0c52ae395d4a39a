"""Changes to a cluster on record: what was changed, by whom, why, and what stood there before.

A change is written down before it is made (`pending`) and stays written while it holds (`standing`): a drain until it
is restored. The record is kept on the operator's machine and on the directors, so that another operator, another day,
can finish, undo or restore it. Rows are told apart by their keys, never by their place in a table.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod, Tunnel


class ChangeKind(StrEnum):
    """What the operator asked for."""

    DRAIN = "drain"
    RESTORE = "restore"
    WEIGHT = "weight"


class ChangePhase(StrEnum):
    """How far a change is.

    `pending`: begun, and neither verified nor undone; after an interruption nobody knows how much of it was done.
    `standing`: done, verified, and held until somebody restores it. Only drains stand.
    """

    PENDING = "pending"
    STANDING = "standing"


class Lever(StrEnum):
    """What sets a weight.

    `ipvsadm` writes into the kernel's table, which keepalived does not read back: the weight is lost when keepalived
    writes the row again. `track-file` writes a number into a file that a FILE_CHECK of keepalived watches: that holds
    through health checks, reloads and restarts (keepalived 2.2.0 and later).
    """

    IPVSADM = "ipvsadm"
    TRACK_FILE = "track-file"


@dataclass(frozen=True, slots=True)
class Destination:
    """A real server as `ipvsadm -e` has to restate it: whatever is left out is set back (ip_vs_genl_parse_dest).

    Attributes:
        forwarding: Local counts as Route, which is how the kernel is told of both.
        upper_threshold, lower_threshold: connections; 0 where none is set.
        tunnel: with the Tunnel method only; None there where ipvsadm is too old to tell.
    """

    forwarding: ForwardingMethod
    weight: int
    upper_threshold: int
    lower_threshold: int
    tunnel: Tunnel | None


@dataclass(frozen=True, slots=True)
class WeightChange:
    """One row of one director's table: what it was when the change was planned, and the weight it is to have."""

    director: str
    virtual_server: VirtualServerKey
    real_server: RealServerKey
    before: Destination
    after: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """One track file on one director. An absent file counts as 0 (keepalived trackers/track_file.c).

    Attributes:
        name: what keepalived.conf calls it.
        path: the file's absolute path.
    """

    director: str
    name: str
    path: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Author:
    """Who asked for a change: the operator's login name, and the machine that lvstop ran on."""

    user: str
    host: str

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"


@dataclass(frozen=True, slots=True)
class Change:
    """One change on record.

    Attributes:
        id: unique, made of letters, digits and `-`; it names the record's files.
        lever: what sets the weights.
        weights: one for each row and director. With a track file these are what the file is to bring about.
        files: the track files that are written; empty with `ipvsadm`.
        reason: in the operator's words; may be empty.
        until: when he meant to restore it; reminds, and never acts.
        active_connections: ActiveConn of its rows on the directors that balanced them, when it was planned; None where
            that was unknown.
    """

    id: str
    cluster: str
    kind: ChangeKind
    phase: ChangePhase
    lever: Lever
    weights: tuple[WeightChange, ...]
    files: tuple[FileChange, ...]
    author: Author
    at: datetime
    reason: str = ""
    until: datetime | None = None
    active_connections: int | None = None

    @property
    def directors(self) -> tuple[str, ...]:
        """Those it touches, in the order of its rows."""
        return tuple(dict.fromkeys(each.director for each in self.weights))

    @property
    def rows(self) -> tuple[tuple[VirtualServerKey, RealServerKey], ...]:
        """What it touches, whichever the director."""
        return tuple(dict.fromkeys((each.virtual_server, each.real_server) for each in self.weights))

    def on(self, virtual_server: VirtualServerKey, real_server: RealServerKey) -> tuple[WeightChange, ...]:
        """What it does to one row, on each director."""
        row = (virtual_server, real_server)
        return tuple(each for each in self.weights if (each.virtual_server, each.real_server) == row)
