"""What keepalived's checkers believe (keepalived_check.data): the second of the three truths."""

from dataclasses import dataclass

from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod


@dataclass(frozen=True, slots=True)
class CheckedRealServer:
    """A configured real server.

    Attributes:
        weight: as configured (or set over SNMP).
        effective_weight: after what FILE_CHECK and MISC_CHECK add; what keepalived last wrote to the kernel.
        alive: all of its checkers pass.
        failed_checkers: how many do not.
        inhibit_on_failure: a failed real server stays in the kernel's table with weight 0 instead of leaving it.
    """

    key: RealServerKey
    forwarding: ForwardingMethod | None
    weight: int
    effective_weight: int
    alive: bool
    failed_checkers: int | None
    inhibit_on_failure: bool | None


@dataclass(frozen=True, slots=True)
class CheckedVirtualServer:
    """A configured virtual server and its quorum: the sum of weights that keepalived counts as enough."""

    key: VirtualServerKey
    quorum: int | None
    quorum_up: bool | None
    sorry_server: RealServerKey | None
    real_servers: tuple[CheckedRealServer, ...]
