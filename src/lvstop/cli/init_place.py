"""Where `lvstop init` writes to, and why not."""

import sys
from pathlib import Path

from lvstop.cli.clusters import known_cluster_files
from lvstop.config.load import load_cluster_file
from lvstop.config.new_file import write_new
from lvstop.config.paths import clusters_folder, shown
from lvstop.errors import ConfigError

_STDOUT = Path("-")


def place_for(name: str, output: Path | None, *, force: bool) -> Path | None:
    """The file for a cluster of this name; None is standard output.

    Raises:
        ConfigError: it is there already, or another file describes a cluster of that name.
    """
    if output == _STDOUT:
        return None
    path = output or clusters_folder() / f"{name}.yaml"
    try:
        is_folder, exists = path.is_dir(), path.exists() or path.is_symlink()
    except OSError as error:
        raise ConfigError(f"cannot be looked at: {error.strerror or error}", file=shown(path)) from error
    if is_folder:
        raise ConfigError("this is a folder; give the file as well", file=shown(path))
    if exists and not force:
        raise ConfigError("exists already; give another --name or -o FILE, or --force to replace it", file=shown(path))
    if path.parent == clusters_folder():
        _require_new_name(name, path)
    return path


def _require_new_name(name: str, path: Path) -> None:
    """Two clusters of one name in that folder would keep lvstop from starting."""
    for other in known_cluster_files():
        try:
            taken = other != path and load_cluster_file(other).name == name
        except ConfigError:
            continue  # what is wrong with that file is said when it is used
        if taken:
            raise ConfigError(f"describes a cluster {name} already; give another --name", file=shown(other))


def put(text: str, place: Path | None, *, force: bool) -> None:
    """Write the file, or print it.

    Raises:
        ConfigError: it cannot be written.
    """
    if place is None:
        sys.stdout.write(text)
        return
    try:
        write_new(place, text, replace=force)
    except FileExistsError as error:
        raise ConfigError("has appeared meanwhile; it stays as it is", file=shown(place)) from error
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror or error}", file=shown(place)) from error
