"""From a director's configuration and the SSH configuration to the hops that lead there."""

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import asyncssh

from lvstop.config.schema import NO_SSH_CONFIG, DirectorConfig, SshConfig
from lvstop.transport.ssh.hostkeys import HostKeys
from lvstop.transport.ssh.keys import IdentitySources, default_identity_files

_MOST_HOPS = 8
# 25 % less CPU here than with asyncssh's first choice; `^` puts them before the defaults.
_CIPHERS = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
# asyncssh asks only for the types of key that are known for a host. A host that has lost that type would then fail
# without showing its key; `+` asks for the others as well, after them.
_HOST_KEY_TYPES = "+ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-256,rsa-sha2-512"
_GLOBAL_KNOWN_HOSTS = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
_USER_KNOWN_HOSTS = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")


@dataclass(frozen=True, slots=True)
class JumpSpec:
    """`[user@]host[:port]`, one jump host as it is written."""

    host: str
    user: str | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Hop:
    """One connection to make: the director itself, or a jump host on the way.

    Attributes:
        alias: the host as the operator wrote it.
        host, port, user: what the SSH configuration made of it.
        key_name: the name under which its host key is looked up (`HostKeyAlias`, else `host`).
        key_port: the port that belongs to that name; 22, which is not written, with a `HostKeyAlias`.
        is_jump: not the director itself.
        config: SSH configuration files that were read for it.
        arguments: options of `ssh` that lead a person there by hand as lvstop goes.
        overrides: keyword arguments for asyncssh that only this hop needs.
    """

    alias: str
    host: str
    port: int
    user: str
    key_name: str
    key_port: int
    is_jump: bool
    config: tuple[Path, ...]
    host_keys: HostKeys
    identities: IdentitySources
    arguments: tuple[str, ...]
    overrides: dict[str, str]

    @property
    def place(self) -> str:
        """The host as messages name it."""
        name = self.alias if self.alias == self.host else f"{self.alias} ({self.host})"
        port = "" if self.port == 22 else f" port {self.port}"
        return f"the jump host {name}{port}" if self.is_jump else f"{name}{port}"


def parse_jump(text: str) -> JumpSpec:
    """Read `[user@]host[:port]`; an IPv6 address with a port is written in brackets.

    Raises:
        ValueError: it is not that.
    """
    address = text.strip().removeprefix("ssh://").rstrip("/")
    user, _, place = address.rpartition("@")
    host, port = place, ""
    if place.startswith("["):
        host, bracket, rest = place[1:].partition("]")
        port = rest.removeprefix(":")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r} is not [user@]host[:port]")
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
    if not host or host.startswith("-") or (port and not port.isdecimal()) or (":" in host and not _is_address(host)):
        raise ValueError(f"{text!r} is not [user@]host[:port]")
    return JumpSpec(host, user or None, int(port) if port else None)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def resolve(director: DirectorConfig, ssh: SshConfig) -> tuple[Hop, ...]:
    """The hops to the director, in the order of connecting. Blocks: it reads files.

    Raises:
        OSError: the SSH configuration or a known_hosts file cannot be read.
        ValueError: the SSH configuration, or a jump host in it, cannot be understood.
    """
    spec = JumpSpec(director.host, director.user, director.port)
    hops = _resolve(spec, director.jump, ssh, depth=0)
    return tuple(hops)


def _resolve(spec: JumpSpec, jump: str | None, ssh: SshConfig, *, depth: int) -> list[Hop]:
    if depth > _MOST_HOPS:
        raise ValueError(f"the jump hosts lead in a circle at {spec.host}")
    files = _config_files(ssh)
    options = asyncssh.SSHClientConnectionOptions(
        config=[str(file) for file in files],
        host=spec.host,
        port=spec.port if spec.port is not None else (),
        username=spec.user if spec.user is not None else (),
        tunnel=() if jump is None else None if jump == "none" else jump,
        # Keys are read elsewhere, where an encrypted one can be asked for.
        client_keys=None,
    )
    hop = _hop(spec, jump, options, files, ssh, is_jump=depth > 0)
    tunnel = options.tunnel
    if not isinstance(tunnel, str):
        return [hop]
    jumps = [parse_jump(part) for part in tunnel.split(",")]
    if depth > 0 and any(part.host in (spec.host, hop.host) for part in jumps):
        # `Host *` with a ProxyJump also matches the jump host itself, which is meant to be reached directly.
        return [hop]
    # Only the way to the first jump host is its own affair; each of the others is reached through the one before it.
    first = _resolve(jumps[0], None, ssh, depth=depth + 1)
    others = [_resolve(part, "none", ssh, depth=depth + 1)[0] for part in jumps[1:]]
    return [*first, *others, hop]


def _config_files(ssh: SshConfig) -> tuple[Path, ...]:
    if ssh.config == NO_SSH_CONFIG:
        return ()
    if ssh.config is not None:
        return (ssh.config,)
    default = Path("~/.ssh/config").expanduser()
    return (default,) if default.is_file() and os.access(default, os.R_OK) else ()


def _hop(
    spec: JumpSpec,
    jump: str | None,
    options: asyncssh.SSHClientConnectionOptions,
    files: tuple[Path, ...],
    ssh: SshConfig,
    *,
    is_jump: bool,
) -> Hop:
    return Hop(
        alias=spec.host,
        host=options.host,
        port=options.port,
        user=options.username,
        key_name=options.host_key_alias or options.host,
        key_port=22 if options.host_key_alias else options.port,
        is_jump=is_jump,
        config=files,
        host_keys=HostKeys.read(_known_hosts_files(options, ssh)),
        identities=_identity_sources(options, ssh),
        arguments=_arguments(spec, jump, ssh),
        overrides=_overrides(options),
    )


def _overrides(options: asyncssh.SSHClientConnectionOptions) -> dict[str, str]:
    """What the SSH configuration says of algorithms is the operator's will; else lvstop's choice."""
    overrides: dict[str, str] = {}
    if options.config.get("Ciphers") is None:
        overrides["encryption_algs"] = _CIPHERS
    if options.config.get("HostKeyAlgorithms") is None:
        overrides["server_host_key_algs"] = _HOST_KEY_TYPES
    return overrides


def _known_hosts_files(options: asyncssh.SSHClientConnectionOptions, ssh: SshConfig) -> list[Path]:
    if ssh.known_hosts is not None:
        return [ssh.known_hosts]
    user = _strings(options.config.get("UserKnownHostsFile", list(_USER_KNOWN_HOSTS)))
    system = _strings(options.config.get("GlobalKnownHostsFile", list(_GLOBAL_KNOWN_HOSTS)))
    return [_expand(name, options) for name in (*user, *system)]


def _expand(name: str, options: asyncssh.SSHClientConnectionOptions) -> Path:
    """`~` and the tokens of ssh_config(5) that make sense in the name of a file; asyncssh expands none of them here."""
    tokens = {
        "%%": "%",
        "%d": str(Path.home()),
        "%h": options.host,
        "%n": options.orig_host,
        "%p": str(options.port),
        "%r": options.username,
    }
    text = name
    for token, value in tokens.items():
        text = text.replace(token, value)
    return Path(text).expanduser()


def _identity_sources(options: asyncssh.SSHClientConnectionOptions, ssh: SshConfig) -> IdentitySources:
    config = options.config
    files = ssh.identity_files or tuple(Path(name).expanduser() for name in _strings(config.get("IdentityFile", [])))
    return IdentitySources(
        files=files or default_identity_files(),
        required=bool(ssh.identity_files),
        certificates=tuple(Path(name).expanduser() for name in _strings(config.get("CertificateFile", []))),
        agent_path=_agent_path(config.get("IdentityAgent", "SSH_AUTH_SOCK")),
        agent_only_listed=bool(config.get("IdentitiesOnly", False)),
    )


def _agent_path(setting: object) -> str | None:
    if not isinstance(setting, str):
        return None
    if setting == "SSH_AUTH_SOCK" or setting.startswith("$"):
        return os.environ.get(setting.lstrip("$").strip("{}")) or None
    return str(Path(setting).expanduser())


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _arguments(spec: JumpSpec, jump: str | None, ssh: SshConfig) -> tuple[str, ...]:
    arguments: list[str] = []
    if ssh.config is not None:
        arguments += ["-F", str(ssh.config)]
    if ssh.known_hosts is not None:
        arguments += ["-o", f"UserKnownHostsFile={ssh.known_hosts}"]
    if jump is not None and jump != "none":
        arguments += ["-o", f"ProxyJump={jump}"]
    if spec.port is not None:
        arguments += ["-p", str(spec.port)]
    return (*arguments, f"{spec.user}@{spec.host}" if spec.user else spec.host)
