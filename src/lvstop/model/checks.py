"""What keepalived's checkers believe (keepalived_check.data): the second of the three truths."""

from dataclasses import dataclass

from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod


@dataclass(frozen=True, slots=True)
class TrackFile:
    """A file whose number keepalived's checkers watch (`track_file` outside of VRRP).

    Attributes:
        status: the number in it, as keepalived last read it.
        weight: what the number is multiplied with where a FILE_CHECK does not say otherwise; 0: not 0 is a failure.
        reverse: the product is subtracted.
        vrrp_instances: those whose priority the same file decides; None where that was not told.
    """

    name: str
    path: str
    status: int
    weight: int
    reverse: bool
    vrrp_instances: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One FILE_CHECK of a real server: number in the file × weight is added to the real server's weight.

    Attributes:
        file: name of the `TrackFile`.
        weight: 0 makes any other number than 0 a failure instead.
        reverse: the product is subtracted.
    """

    file: str
    weight: int
    reverse: bool


@dataclass(frozen=True, slots=True)
class CheckedRealServer:
    """A configured real server.

    Attributes:
        weight: as configured (or set over SNMP).
        effective_weight: after what FILE_CHECK and MISC_CHECK add; what keepalived last wrote to the kernel.
        alive: all of its checkers pass.
        failed_checkers: how many do not.
        inhibit_on_failure: a failed real server stays in the kernel's table with weight 0 instead of leaving it.
        file_checks: its FILE_CHECKs, by which it can be drained in keepalived's own terms.
    """

    key: RealServerKey
    forwarding: ForwardingMethod | None
    weight: int
    effective_weight: int
    alive: bool
    failed_checkers: int | None
    inhibit_on_failure: bool | None
    file_checks: tuple[FileCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedVirtualServer:
    """A configured virtual server and its quorum: the sum of weights that keepalived counts as enough."""

    key: VirtualServerKey
    quorum: int | None
    quorum_up: bool | None
    sorry_server: RealServerKey | None
    real_servers: tuple[CheckedRealServer, ...]
