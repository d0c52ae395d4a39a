"""Which clusters a command is about."""

from collections.abc import Sequence
from pathlib import Path

from lvstop.config.load import load_cluster_files
from lvstop.config.paths import find_cluster_files
from lvstop.config.schema import ClusterConfig
from lvstop.errors import ConfigError


def load_clusters(files: Sequence[Path]) -> tuple[ClusterConfig, ...]:
    """The clusters of `files`, or of the operator's configuration folder.

    Raises:
        ConfigError: a file cannot be used, two clusters have one name, or there is none at all.
    """
    found = tuple(files) or tuple(find_cluster_files())
    if not found:
        raise ConfigError("no cluster file: give one with -c FILE, or put one into ~/.config/lvstop/clusters/")
    return load_cluster_files(found)
