"""Failovers on record: the lever that moves VRRP instances from one director to the other, pulled or held.

A failover is written down before its lever is pulled (`pending`) and stays written as long as the lever is held
(`held`): it decides who can be MASTER, so that every view shows it until somebody releases it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lvstop.model.address import IPAddress
from lvstop.model.change import Author, FileChange


class FailoverLever(StrEnum):
    """What makes keepalived give up MASTER. keepalived has no command for it.

    `track-file`: a number in a track file with a weight lowers the priority below the peer's. `priority`: the
    configured priority is edited, and keepalived reloads. `fault`: a number in a track file without a weight puts the
    instance into FAULT. `stop`: the service is stopped.
    """

    TRACK_FILE = "track-file"
    PRIORITY = "priority"
    FAULT = "fault"
    STOP = "stop"


class FailoverPhase(StrEnum):
    """How far a failover is.

    `pending`: begun, and neither verified nor undone; after an interruption nobody knows whether the lever was pulled.
    `held`: the virtual addresses have moved, and the lever is still pulled.
    """

    PENDING = "pending"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class PriorityChange:
    """The `priority` line of one instance in a configuration file, followed by a reload.

    Attributes:
        path: the file that has the line, absolute; keepalived.conf itself or one that it includes.
    """

    director: str
    path: str
    instance: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """keepalived's service on one director: running before, stopped after.

    Attributes:
        unit: the service's name, e.g. `keepalived.service`.
    """

    director: str
    unit: str


LeverStep = FileChange | PriorityChange | ServiceChange
"""One act that pulls a lever. It is taken back by the same act the other way round."""


@dataclass(frozen=True, slots=True)
class Failover:
    """One failover on record.

    Attributes:
        id: unique, made of letters, digits and `-`; it names the record's files.
        source: the director whose lever is pulled.
        target: the director that is to take over.
        instances: names of the VRRP instances that move, all that move together.
        vips: the virtual addresses that move with them.
        steps: what pulls the lever, in this order; released in the opposite one.
        reason: in the operator's words; may be empty.
        returns: the addresses go back by themselves when the lever is released, as it looked before it was pulled: a
            stopped keepalived cannot be asked any more. None where that could not be told.
    """

    id: str
    cluster: str
    phase: FailoverPhase
    lever: FailoverLever
    source: str
    target: str
    instances: tuple[str, ...]
    vips: tuple[IPAddress, ...]
    steps: tuple[LeverStep, ...]
    author: Author
    at: datetime
    reason: str = ""
    returns: bool | None = None
