"""What went wrong while connecting, in the operator's words, with the one step that mends it."""

import errno
import re
import shlex
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import asyncssh

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.ssh.hostkeys import OfferedKey
from lvstop.transport.ssh.keys import Identities
from lvstop.transport.ssh.known_hosts import entry_name
from lvstop.transport.ssh.options import Hop

_SHOWN_KEYS = 4
_HUNG_UP = "MaxStartups, or an allow list in front of sshd, may be why: journalctl -u ssh on the host"
_ERRNO = re.compile(r"\[Errno (\d+)\]")
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL}


class Phase(StrEnum):
    """How far a connection attempt has come."""

    CONNECT = "connect"
    HANDSHAKE = "handshake"
    LOGIN = "login"


@dataclass(slots=True)
class Progress:
    """What is known of a connection attempt when it fails.

    Attributes:
        refused_key: the host key that was offered and is not trusted.
        methods: ways to log in that the host offered and lvstop has nothing for.
        tried: the keys that were offered to the host, as messages call them.
    """

    phase: Phase = Phase.CONNECT
    refused_key: OfferedKey | None = None
    methods: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)


def configuration(summary: str, remedy: str = "") -> Fault:
    """Something on the operator's own machine is not as it should be."""
    return Fault(FaultKind.CONFIGURATION, summary, remedy)


def timed_out(hop: Hop, progress: Progress, *, connect: float, login: float) -> Fault:
    """The deadline of the phase the attempt was in has passed."""
    if progress.phase is Phase.CONNECT:
        return Fault(FaultKind.TIMEOUT, f"{hop.place} did not accept a connection within {connect:g} s")
    what = "the login" if progress.phase is Phase.LOGIN else "the SSH handshake"
    return Fault(FaultKind.TIMEOUT, f"{hop.place} accepted the connection, but {what} took longer than {login:g} s")


def connection_fault(error: Exception, hop: Hop, progress: Progress) -> Fault:
    """The fault that `error`, raised while connecting to `hop`, stands for."""
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return _host_key(error, hop, progress.refused_key)
        case asyncssh.KeyExchangeFailed():
            return configuration(f"{hop.place} and lvstop have no algorithm in common: {_short(error)}")
        case asyncssh.ChannelOpenError():
            return _jump_refused(error, hop)
        case asyncssh.ProtocolError() | asyncssh.ProtocolNotSupported() if progress.phase is not Phase.LOGIN:
            return Fault(FaultKind.BAD_ANSWER, f"{hop.place} does not speak SSH as expected: {_short(error)}")
        case asyncssh.DisconnectError():
            return _disconnected(error, hop, progress)
        case UnicodeError():
            return Fault(FaultKind.NAME_RESOLUTION, f"{hop.host!r} is not a host name: {error}")
        case OSError():
            return network_fault(error, hop)
        case _:
            return configuration(f"{hop.place} cannot be connected to: {error}")


def network_fault(error: OSError, hop: Hop) -> Fault:
    """The fault behind an error of the operating system."""
    if isinstance(error, socket.gaierror):
        return Fault(
            FaultKind.NAME_RESOLUTION,
            f"the name {hop.host} cannot be resolved: {error.strerror or error}",
            f"getent hosts {shlex.quote(hop.host)}",
        )
    if error.filename is not None:
        return configuration(f"{error.filename}: {error.strerror or error}")
    # A name with several addresses fails once for each; asyncio tells all of it in one text.
    numbers = {error.errno} if error.errno is not None else {int(text) for text in _ERRNO.findall(str(error))}
    if errno.ECONNREFUSED in numbers:
        return Fault(
            FaultKind.REFUSED,
            f"{hop.place} refused the connection: nothing listens there",
            "start sshd on the host, or name its port in the cluster file",
        )
    if errno.ETIMEDOUT in numbers:
        return Fault(FaultKind.TIMEOUT, f"{hop.place} does not answer: {error.strerror or error}")
    if numbers & _UNREACHABLE:
        return Fault(FaultKind.NO_ROUTE, f"there is no way to {hop.place}: {error.strerror or error}")
    if isinstance(error, ConnectionError):
        return Fault(FaultKind.DISCONNECTED, f"{hop.place} closed the connection: {error.strerror or error}", _HUNG_UP)
    return Fault(FaultKind.NO_ROUTE, f"{hop.place} cannot be reached: {error.strerror or error}")


def login_refused(hop: Hop, progress: Progress, identities: Identities) -> Fault:
    """No key was accepted. Says which were offered, and what else was looked at."""
    tried = _listed(progress.tried) if progress.tried else "no key, for there is none"
    methods = f"; it takes {_listed(progress.methods)}" if progress.methods else ""
    notes = "".join(f"; {note}" for note in identities.notes)
    locked = identities.locked
    if locked:
        names = _listed([str(key.path) for key in locked])
        notes += f"; {names} is encrypted and was not unlocked"
    summary = f"{hop.place} refused the login of {hop.user}: lvstop offered {tried}{methods}{notes}"
    return Fault(FaultKind.AUTHENTICATION, summary, _login_remedy(hop, identities))


def _login_remedy(hop: Hop, identities: Identities) -> str:
    if identities.locked:
        return f"ssh-add {shlex.quote(str(identities.locked[0].path))}"
    files = [str(pair.path) for pair in identities.ready if pair.path is not None]
    key = ["-i", files[0]] if files else []
    # ssh-copy-id understands the options of ssh that lead to the host.
    return shlex.join(["ssh-copy-id", *key, *hop.arguments])


def _host_key(error: asyncssh.HostKeyNotVerifiable, hop: Hop, offered: OfferedKey | None) -> Fault:
    if "revoked" in str(error):
        return Fault(
            FaultKind.HOST_KEY_CHANGED,
            f"{hop.place} offered a host key that known_hosts marks as revoked; do not log in to it",
        )
    if offered is None:
        return Fault(FaultKind.HOST_KEY_UNKNOWN, f"the host key of {hop.place} cannot be verified: {_short(error)}")
    key = f"{offered.algorithm} {offered.fingerprint}"
    if not offered.changed:
        ignored = hop.host_keys.ignored
        note = f"; {_listed(list(ignored))} could not be read and counts as absent" if ignored else ""
        return Fault(
            FaultKind.HOST_KEY_UNKNOWN,
            f"the host key of {hop.place} is not known: it offers {key}. Compare that on the host's console{note}",
            shlex.join(["ssh", *hop.arguments, "true"]),
        )
    return Fault(
        FaultKind.HOST_KEY_CHANGED,
        f"the host key of {hop.place} has changed: it offers {key}, but {_known(offered)} is known for it. "
        "Somebody may stand in between. Unless you know why it changed, do not mend this",
        _forget(hop),
    )


def _known(offered: OfferedKey) -> str:
    return _listed([f"{known.algorithm} {known.fingerprint} ({known.place})" for known in offered.known])


def _forget(hop: Hop) -> str:
    name = entry_name(hop.key_name, hop.key_port)
    default = Path("~/.ssh/known_hosts").expanduser()
    files = [file for file in hop.host_keys.files if file.exists()]
    where = [] if not files or files[0] == default else ["-f", str(files[0])]
    return shlex.join(["ssh-keygen", *where, "-R", name])


def _jump_refused(error: asyncssh.ChannelOpenError, hop: Hop) -> Fault:
    text = error.reason.lower()
    told = f"the jump host says: {_short(error)}"
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return Fault(
            FaultKind.FORBIDDEN,
            f"the jump host does not let connections through to {hop.place}; {told}",
            "AllowTcpForwarding in the jump host's sshd_config",
        )
    numbers = {int(number) for number in _ERRNO.findall(error.reason)}
    for kind, number, sign in (
        (FaultKind.REFUSED, errno.ECONNREFUSED, "refused"),
        (FaultKind.TIMEOUT, errno.ETIMEDOUT, "timed out"),
        (FaultKind.NAME_RESOLUTION, socket.EAI_NONAME, "name"),
    ):
        if number in numbers or sign in text:
            return Fault(kind, f"{hop.place} cannot be reached from the jump host; {told}")
    return Fault(FaultKind.NO_ROUTE, f"{hop.place} cannot be reached from the jump host; {told}")


def _disconnected(error: asyncssh.DisconnectError, hop: Hop, progress: Progress) -> Fault:
    if progress.phase is Phase.LOGIN:
        if "auth" in error.reason.lower():
            # sshd counts the keys it is offered and hangs up after MaxAuthTries of them.
            return Fault(
                FaultKind.AUTHENTICATION,
                f"{hop.place} gave up the login of {hop.user} after {_listed(progress.tried) or 'no key'}: "
                f"{_short(error)}",
                "IdentitiesOnly and IdentityFile in the SSH configuration, or ssh.identity_files in the cluster file",
            )
        return Fault(FaultKind.DISCONNECTED, f"{hop.place} closed the connection during the login: {_short(error)}")
    return Fault(
        FaultKind.DISCONNECTED,
        f"{hop.place} closed the connection before the login: {_short(error)}",
        _HUNG_UP,
    )


def _short(error: asyncssh.Error) -> str:
    # The reason may come from the other side: no control characters, no novels.
    text = " ".join(error.reason.split())
    text = "".join(character for character in text if character.isprintable())
    return text if len(text) <= 200 else f"{text[:200]}…"


def _listed(items: Sequence[str]) -> str:
    shown = ", ".join(items[:_SHOWN_KEYS])
    rest = len(items) - _SHOWN_KEYS
    return f"{shown} and {rest} more" if rest > 0 else shown
