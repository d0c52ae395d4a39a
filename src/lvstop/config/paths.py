"""Where lvstop's own files lie, by the XDG base directory specification. The one seam that tests move."""

import os
from collections.abc import Mapping
from pathlib import Path


def config_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_CONFIG_HOME/lvstop`, by default `~/.config/lvstop`: what the operator writes."""
    return _base("XDG_CONFIG_HOME", ".config", environment) / "lvstop"


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_STATE_HOME/lvstop`, by default `~/.local/state/lvstop`: what lvstop writes, the audit log among it."""
    return _base("XDG_STATE_HOME", ".local/state", environment) / "lvstop"


def clusters_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where cluster files are found without being named."""
    return config_folder(environment) / "clusters"


def themes_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the operator's own themes are found."""
    return config_folder(environment) / "themes"


def settings_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The operator's settings: theme, keys and columns."""
    return config_folder(environment) / "config.yaml"


def find_cluster_files(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """The cluster files in their folder (`*.yaml`, `*.yml`), sorted by name; hidden files are none.

    Raises:
        OSError: the folder exists and cannot be read.
    """
    return find_yaml_files(clusters_folder(environment))


def find_yaml_files(folder: Path) -> tuple[Path, ...]:
    """What ends in `.yaml` or `.yml` there, sorted by name; hidden files are left out, no folder is an empty one.

    Raises:
        OSError: the folder exists and cannot be read.
    """
    if not folder.is_dir():
        return ()
    found = (path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and not path.name.startswith("."))
    return tuple(sorted(path for path in found if path.is_file()))


def shown(path: Path) -> str:
    """`path` as the operator would write it: below the home directory with `~`."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):  # elsewhere, or nobody's home
        return str(path)


def _base(variable: str, default: str, environment: Mapping[str, str]) -> Path:
    # By the specification a relative path is not valid and is to be ignored.
    value = environment.get(variable, "")
    if value and Path(value).is_absolute():
        return Path(value)
    home = environment.get("HOME")
    return (Path(home) if home else Path.home()) / default
