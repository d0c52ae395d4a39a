"""What a cluster file says, as values. `config.load` reads it; nothing here knows YAML."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from lvstop.model.address import IPAddress
from lvstop.model.failover import FailoverLever

MINIMUM_INTERVAL = 0.2
"""Seconds. Reading a table more often costs a director more than it tells an operator."""

MAXIMUM_INTERVAL = 3600.0
"""Seconds."""


LOCAL: Final = "local"
"""As a director's `host`: this very machine."""


class PrivilegeChoice(StrEnum):
    """How lvstop becomes root on a director.

    `auto`: as root where the login is root, else through `sudo -n` where that works, else not at all. `root`: the login
    must be root. `sudo`: `sudo -n` must work. `none`: it is not even tried.
    """

    AUTO = "auto"
    ROOT = "root"
    SUDO = "sudo"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DirectorConfig:
    """One director of a cluster.

    Attributes:
        name: what it is called on every screen; unique within its cluster.
        host: name or address to connect to, or a `Host` of the SSH configuration; `local` is this machine, without SSH.
        user: login; None leaves it to the SSH configuration, and that to the local user's name.
        port: TCP port; None leaves it to the SSH configuration (22).
        jump: `[user@]host[:port]`, several with commas, to connect through; None leaves it to the SSH configuration,
            `none` connects directly whatever that says.
        netns: the network namespace of this machine in which a local director lives, as `ip netns` names it; None for
            that of lvstop itself.
    """

    name: str
    host: str
    user: str | None = None
    port: int | None = None
    jump: str | None = None
    netns: str | None = None

    @property
    def is_local(self) -> bool:
        """It is this very machine: nothing is logged in to."""
        return self.host == LOCAL


NO_SSH_CONFIG = Path("none")
"""In place of an SSH configuration: none is read (ssh(1), -F)."""


@dataclass(frozen=True, slots=True)
class SshConfig:
    """How lvstop speaks SSH to the directors of a cluster.

    Attributes:
        identity_files: private keys to log in with. Empty: those of the SSH configuration, else `~/.ssh/id_*`.
        known_hosts: the host keys that are trusted. None: the files of the SSH configuration, else those of `ssh`.
        config: the SSH configuration. None: `~/.ssh/config` where that exists; `NO_SSH_CONFIG`: none at all.
        connect_timeout: seconds until the TCP connection must stand. Default 5.
        login_timeout: seconds from there until the login must have succeeded. Default 15.
        keepalive_interval: seconds of silence after which the director is asked for a sign of life. Default 5.
        keepalive_count: signs of life that may be missing before the connection counts as lost. Default 3.
    """

    identity_files: tuple[Path, ...] = ()
    known_hosts: Path | None = None
    config: Path | None = None
    connect_timeout: float = 5.0
    login_timeout: float = 15.0
    keepalive_interval: float = 5.0
    keepalive_count: int = 3


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """One cluster: the directors that share its VIPs.

    Attributes:
        name: what it is called on every screen and in commands; unique among the loaded files.
        directors: at least one, in the order in which they are shown; two is the normal case.
        ssh: how to reach them.
        privilege: how to become root there. Default `auto`.
        interval: seconds between two readings of the IPVS table. Default 1, at least 0.2.
        read_only: nothing can change this cluster from here, whatever the command line says. Default False.
        failover_lever: what moves a VIP, unless the operator names another lever. None, which is the default and is
            written `auto`: the gentlest one that works without editing a configuration.
        vips: VIPs that lvstop cannot find out by itself; needed only where keepalived cannot be asked.
        mask_clients: whoever may only watch this cluster (`lvstop noc`, `lvstop serve`, `--read-only`, `read_only`)
            sees of its clients' addresses the network only. Default False.
        path: the file, as the operator named it; None where the cluster does not come from one.
    """

    name: str
    directors: tuple[DirectorConfig, ...]
    ssh: SshConfig = field(default_factory=SshConfig)
    privilege: PrivilegeChoice = PrivilegeChoice.AUTO
    interval: float = 1.0
    read_only: bool = False
    failover_lever: FailoverLever | None = None
    vips: tuple[IPAddress, ...] = ()
    mask_clients: bool = False
    path: Path | None = None
