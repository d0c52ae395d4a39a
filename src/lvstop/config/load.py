"""Cluster files: YAML → `config.schema`. Every mistake is named with its file, line and key, all of a file at once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from lvstop.config import values
from lvstop.config.nodes import Node, choose, compose, read_text
from lvstop.config.paths import shown
from lvstop.config.schema import ClusterConfig, DirectorConfig, PrivilegeChoice, SshConfig
from lvstop.errors import ConfigError
from lvstop.model.failover import FailoverLever

_T = TypeVar("_T")
_AUTO = "auto"
"""The lever that lvstop chooses."""

_SSH_KEYS = ("user", "port", "jump")
_NO_LOGIN = "`host: local` is this machine: nothing is logged in to, and lvstop's own rights are those there are"
_NO_NAMESPACE = "only a director with `host: local` can be found in a network namespace of this machine"

_CLUSTER_KEYS = ("name", "directors", "ssh", "privilege", "interval", "read_only", "failover", "vips", "mask_clients")


def load_cluster_files(paths: Sequence[Path]) -> tuple[ClusterConfig, ...]:
    """The clusters of `paths`, in that order.

    Raises:
        ConfigError: a file cannot be used, or two clusters have the same name.
    """
    clusters = tuple(load_cluster_file(path) for path in paths)
    seen: dict[str, Path] = {}
    for cluster, path in zip(clusters, paths, strict=True):
        if cluster.name in seen:
            first = shown(seen[cluster.name])
            raise ConfigError(f"the cluster {cluster.name} is already defined in {first}", file=shown(path))
        seen[cluster.name] = path
    return clusters


def load_cluster_file(path: Path) -> ClusterConfig:
    """The cluster that `path` describes.

    Raises:
        ConfigError: the file cannot be read, or is wrong; with several mistakes the text lists them.
    """
    return parse_cluster(read_text(path), path)


def parse_cluster(text: str, path: Path) -> ClusterConfig:
    """The cluster that `text` describes; `path` is for messages.

    Raises:
        ConfigError: as `load_cluster_file`.
    """
    root = compose(text, shown(path))
    cluster = _cluster(root, path)
    root.complaints.raise_if_any()
    return cluster


class _Fields:
    """The keyword arguments of a dataclass, collected; what is absent keeps the dataclass's default."""

    def __init__(self, keys: dict[str, Node] | None) -> None:
        self._keys = keys or {}
        self.found: dict[str, Any] = {}

    def take(self, key: str, read: Callable[[Node], object], field: str | None = None) -> None:
        node = self._keys.get(key)
        if node is not None and (value := read(node)) is not None:
            self.found[field or key] = value

    def parse(self, key: str, parse: Callable[[str], object]) -> None:
        self.take(key, lambda node: node.parsed(parse))


def _cluster(root: Node, path: Path) -> ClusterConfig:
    keys = root.mapping(_CLUSTER_KEYS)
    fields = _Fields(keys)
    fields.parse("name", values.parse_name)
    if keys is not None:
        root.require(keys, "name")
        root.require(keys, "directors", "; a cluster has at least one director")
    fields.take("directors", _directors)
    fields.take("ssh", _ssh)
    fields.parse("privilege", lambda text: PrivilegeChoice(choose(PrivilegeChoice)(text)))
    fields.parse("interval", values.parse_interval)
    fields.parse("read_only", values.parse_boolean)
    fields.take("failover", _failover, "failover_lever")
    fields.take("vips", lambda node: _list(node, values.parse_address))
    fields.parse("mask_clients", values.parse_boolean)
    # Where one of these is missing there is a complaint, and what is returned here is not used.
    return ClusterConfig(**{"name": "", "directors": (), "path": path, **fields.found})


def _directors(node: Node) -> tuple[DirectorConfig, ...]:
    items = node.items()
    if items is not None and not items:
        node.complain("a cluster has at least one director")
    directors: list[DirectorConfig] = []
    for item in items or ():
        director = _director(item)
        if director is None:
            continue
        if any(director.name == other.name for other in directors):
            item.complain(f"there are two directors called {director.name}")
        directors.append(director)
    return tuple(directors)


def _director(node: Node) -> DirectorConfig | None:
    keys = node.mapping(("name", "host", "user", "port", "jump", "netns"))
    if keys is None:
        return None
    fields = _Fields(keys)
    fields.parse("name", values.parse_name)
    fields.parse("host", values.parse_host)
    fields.parse("user", values.parse_user)
    fields.parse("port", values.parse_port)
    fields.parse("jump", values.parse_jump)
    fields.parse("netns", values.parse_netns)
    for key in ("name", "host"):
        node.require(keys, key)
    if "name" not in fields.found or "host" not in fields.found:
        return None
    director = DirectorConfig(**fields.found)
    for key in _SSH_KEYS if director.is_local else ("netns",):
        if key in keys:
            keys[key].complain(_NO_LOGIN if director.is_local else _NO_NAMESPACE)
    return director


def _ssh(node: Node) -> SshConfig | None:
    paths = ("known_hosts", "config")
    durations = ("connect_timeout", "login_timeout", "keepalive_interval")
    fields = _Fields(node.mapping(("identity_files", *paths, *durations, "keepalive_count")))
    fields.take("identity_files", lambda value: _list(value, values.parse_path))
    for key in paths:
        fields.parse(key, values.parse_path)
    for key in durations:
        fields.parse(key, values.parse_duration)
    fields.parse("keepalive_count", values.parse_count)
    return SshConfig(**fields.found)


def _failover(node: Node) -> FailoverLever | None:
    fields = _Fields(node.mapping(("lever",)))
    fields.parse("lever", choose((_AUTO, *FailoverLever)))
    lever = fields.found.get("lever", _AUTO)
    return None if lever == _AUTO else FailoverLever(lever)


def _list(node: Node, parse: Callable[[str], _T]) -> tuple[_T, ...]:
    return tuple(value for item in node.items() or () if (value := item.parsed(parse)) is not None)
