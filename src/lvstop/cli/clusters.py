"""Which clusters a command is about."""

from collections.abc import Sequence
from pathlib import Path

from lvstop.config.load import load_cluster_files
from lvstop.config.paths import clusters_folder, find_cluster_files, shown
from lvstop.config.schema import ClusterConfig
from lvstop.errors import ConfigError


def load_clusters(files: Sequence[Path]) -> tuple[ClusterConfig, ...]:
    """The clusters of `files`, or of the operator's configuration folder.

    Raises:
        ConfigError: a file cannot be used, two clusters have one name, or there is none at all.
    """
    found = tuple(files) or known_cluster_files()
    if not found:
        raise ConfigError("no cluster file: give one with -c FILE, or write one with `lvstop init USER@HOST USER@HOST`")
    return load_cluster_files(found)


def known_cluster_files() -> tuple[Path, ...]:
    """Those of the operator's configuration folder.

    Raises:
        ConfigError: the folder cannot be read.
    """
    try:
        return find_cluster_files()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", file=shown(clusters_folder())) from error
