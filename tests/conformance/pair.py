"""A pair of directors, embedded or real: what can be done to it, and the way that lvstop has to it."""

from abc import ABC, abstractmethod
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from lab.topologies.seed import REAL_SERVERS
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.demo.world.conf import ClusterConf, KeepalivedConf
from lvstop.model.director import Privilege

T = TypeVar("T")
RS1, RS2 = REAL_SERVERS
FIRST, SECOND = "keepalived1", "keepalived2"
BOTH = (FIRST, SECOND)
DRAIN, LEVER = "/etc/keepalived/drain-rs2", "/etc/keepalived/lever"
VIP = "172.26.127.20"
USERS = {Privilege.ROOT: "root", Privilege.SUDO: "ops", Privilege.NONE: "noc"}
"""By what they may do."""
PATIENCE = 120.0
"""Seconds for anything that has to happen: an emulated director on a busy machine takes its time."""


class Pair(ABC):
    """One of the two. What is done to it has happened when the call returns; what follows from it has not.

    Attributes:
        conf: what both are made of.
        clock: lvstop's.
        folder: lvstop's state folder.
    """

    conf: ClusterConf
    clock: Clock
    folder: Path

    @abstractmethod
    def run(self, what: Coroutine[object, object, T]) -> T:
        """Run something to its end where the directors can be reached."""

    @abstractmethod
    def standing(self) -> AbstractAsyncContextManager[None]:
        """The pair is there and settled, as it was configured, until the block ends."""

    @abstractmethod
    def config(self, login: Privilege) -> ClusterConfig:
        """What a cluster file says of it, for a login with these rights."""

    # keepalived

    @abstractmethod
    async def start(self, director: str) -> None:
        """`systemctl start keepalived`."""

    @abstractmethod
    async def stop(self, director: str) -> None:
        """`systemctl stop keepalived`."""

    @abstractmethod
    async def restart(self, director: str) -> None:
        """`systemctl restart keepalived`."""

    @abstractmethod
    async def reload(self, director: str) -> None:
        """`systemctl reload keepalived`."""

    @abstractmethod
    async def configure(self, director: str, conf: KeepalivedConf) -> None:
        """Write another keepalived.conf; nobody is told."""

    @abstractmethod
    async def write(self, director: str, path: str, number: int) -> None:
        """Write a number into a track file."""

    # by hand

    @abstractmethod
    async def set_weight(self, director: str, port: int, real_server: str, weight: int) -> None:
        """`ipvsadm -e` with a weight, as an operator types it."""

    # faults

    @abstractmethod
    async def stop_real_server(self, address: str) -> None:
        """Its services answer no more; the machine does."""

    @abstractmethod
    async def start_real_server(self, address: str) -> None:
        """They do again."""

    @abstractmethod
    async def cut_link(self) -> None:
        """The directors do not hear each other any more."""

    @abstractmethod
    async def mend_link(self) -> None:
        """They do again."""

    @abstractmethod
    async def power_off(self, director: str) -> None:
        """As kill -9 does: nothing is shut down."""

    @abstractmethod
    async def power_on(self, director: str) -> None:
        """Switch it on; it boots afterwards."""
