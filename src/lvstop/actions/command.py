"""Commands that change a director, as argument vectors: never a string that a shell takes apart."""

import shlex
from dataclasses import dataclass

from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey, format_endpoint
from lvstop.model.change import Destination, FileChange, WeightChange
from lvstop.model.failover import LeverStep, PriorityChange, ServiceChange
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType

_SERVICE = {Protocol.TCP: "-t", Protocol.UDP: "-u", Protocol.SCTP: "--sctp-service"}
_FORWARDING = {
    ForwardingMethod.ROUTE: "-g",
    ForwardingMethod.LOCAL: "-g",
    ForwardingMethod.TUNNEL: "-i",
    ForwardingMethod.MASQ: "-m",
}


@dataclass(frozen=True, slots=True)
class WeightCommand:
    """`ipvsadm -e`, which replaces the whole destination: it restates all that is to stay (man 8 ipvsadm)."""

    director: str
    virtual_server: VirtualServerKey
    real_server: RealServerKey
    destination: Destination

    @property
    def argv(self) -> tuple[str, ...]:
        """The command's words."""
        return (
            "ipvsadm",
            "-e",
            *_service_words(self.virtual_server),
            "-r",
            format_endpoint(self.real_server.address, self.real_server.port),
            _FORWARDING[self.destination.forwarding],
            *_tunnel_words(self.destination),
            "-w",
            str(self.destination.weight),
            "-x",
            str(self.destination.upper_threshold),
            "-y",
            str(self.destination.lower_threshold),
        )

    def __str__(self) -> str:
        """As an operator would type it."""
        return shlex.join(self.argv)


@dataclass(frozen=True, slots=True)
class FileCommand:
    """A number into a track file, in place: keepalived notices the file's closing (inotify IN_CLOSE_WRITE)."""

    director: str
    path: str
    value: int

    def __str__(self) -> str:
        return f"echo {self.value} > {shlex.quote(self.path)}"


@dataclass(frozen=True, slots=True)
class PriorityCommand:
    """One `priority` line of a configuration file, edited in place and followed by a reload, which keeps the VIPs.

    Attributes:
        before: what the line has to say now.
        after: what it is to say.
    """

    director: str
    path: str
    instance: str
    before: int
    after: int

    def __str__(self) -> str:
        """As an operator would describe it to another one: an editor is no command line."""
        line = f"vrrp_instance {self.instance}: priority {self.after}"
        return f"in {shlex.quote(self.path)}, {line}; then reload keepalived"


@dataclass(frozen=True, slots=True)
class ServiceCommand:
    """keepalived's service, stopped or started. Both return when it has been done."""

    director: str
    unit: str
    start: bool

    def __str__(self) -> str:
        return shlex.join(("systemctl", "start" if self.start else "stop", self.unit))


Command = WeightCommand | FileCommand | PriorityCommand | ServiceCommand


def forth(change: WeightChange | LeverStep) -> Command:
    """The command that makes a change."""
    match change:
        case FileChange():
            return FileCommand(change.director, change.path, change.after)
        case PriorityChange():
            return PriorityCommand(change.director, change.path, change.instance, change.before, change.after)
        case ServiceChange():
            return ServiceCommand(change.director, change.unit, start=False)
        case WeightChange():
            return WeightCommand(change.director, change.virtual_server, change.real_server, after(change))


def back(change: WeightChange | LeverStep) -> Command:
    """The command that takes it back."""
    match change:
        case FileChange():
            return FileCommand(change.director, change.path, change.before)
        case PriorityChange():
            return PriorityCommand(change.director, change.path, change.instance, change.after, change.before)
        case ServiceChange():
            return ServiceCommand(change.director, change.unit, start=True)
        case WeightChange():
            return WeightCommand(change.director, change.virtual_server, change.real_server, change.before)


def after(change: WeightChange) -> Destination:
    """A row as the change is to leave it: nothing but the weight differs."""
    before = change.before
    return Destination(before.forwarding, change.after, before.upper_threshold, before.lower_threshold, before.tunnel)


def _service_words(key: VirtualServerKey) -> tuple[str, ...]:
    if key.fwmark is not None:
        return ("-f", str(key.fwmark), *(("-6",) if key.family is Family.INET6 else ()))
    if key.address is None or key.port is None:
        raise ValueError(f"{key} has neither an endpoint nor a firewall mark")
    return (_SERVICE[key.protocol], format_endpoint(key.address, key.port))


def _tunnel_words(destination: Destination) -> tuple[str, ...]:
    tunnel: Tunnel | None = destination.tunnel
    if destination.forwarding is not ForwardingMethod.TUNNEL or tunnel is None:
        return ()
    words = ["--tun-type", str(tunnel.type)]
    if tunnel.type is TunnelType.GUE and tunnel.port is not None:
        words += ["--tun-port", str(tunnel.port)]
    if tunnel.checksum is not None:
        words.append(f"--tun-{tunnel.checksum}")
    return tuple(words)
