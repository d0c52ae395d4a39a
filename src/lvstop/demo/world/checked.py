"""What keepalived's checkers know of a real server and of a virtual server, and how its log names them."""

from dataclasses import dataclass, field

from lvstop.demo.world.conf import RealServerConf, VirtualServerConf
from lvstop.model.address import Protocol


@dataclass(slots=True, eq=False)
class CheckedServer:
    """A real server as keepalived knows it.

    Attributes:
        weight: as configured.
        effective_weight: after what FILE_CHECKs add, not below 0.
        failed: the checkers that fail, by name: `tcp`, `file NAME`.
        additions: what each FILE_CHECK adds.
        sum: the effective weight before it is confined, as versions before 2.2.0 keep it.
        in_table: keepalived believes that the kernel has it (`RS set`).
        retries: how often it was tried again since it last answered.
        checked: it has been checked once at least.
    """

    conf: RealServerConf
    alive: bool = True
    effective_weight: int = 0
    failed: set[str] = field(default_factory=set)
    additions: dict[str, int] = field(default_factory=dict)
    sum: int = 0
    in_table: bool = False
    retries: int = 0
    checked: bool = False

    @property
    def weight(self) -> int:
        """As configured."""
        return self.conf.weight

    @property
    def failed_checkers(self) -> int:
        """How many of its checkers fail."""
        return len(self.failed)


@dataclass(slots=True, eq=False)
class CheckedService:
    """A virtual server as keepalived knows it. `sorry_alive`: its sorry server is in the table."""

    conf: VirtualServerConf
    real_servers: list[CheckedServer]
    quorum_up: bool = False
    sorry_alive: bool = False

    @property
    def live_weight(self) -> int:
        """The sum that is compared with the quorum."""
        return sum(each.effective_weight for each in self.real_servers if each.alive)


def virtual_server_name(conf: VirtualServerConf) -> str:
    """A virtual server as keepalived's log names it (FMT_VS)."""
    key = conf.key
    if key.address is None:
        return f"FWM {key.fwmark}"
    return f"[{key.address}]:{key.protocol.lower()}:{key.port}"


def real_server_name(service: CheckedService, server: CheckedServer) -> str:
    """A real server as keepalived's log names it (FMT_RS)."""
    protocol = "none" if service.conf.key.protocol is Protocol.FWM else service.conf.key.protocol.lower()
    return f"[{server.conf.key.address}]:{protocol}:{server.conf.key.port}"
