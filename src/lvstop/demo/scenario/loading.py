"""Scenario files: YAML → `Scenario`. Every mistake is named with its file, line and key."""

from dataclasses import dataclass
from pathlib import Path

from lvstop.config.nodes import compose, did_you_mean, read_text
from lvstop.config.paths import find_yaml_files, shown
from lvstop.config.shipped import shipped_scenarios_folder
from lvstop.config.values import parse_title
from lvstop.demo.scenario import words
from lvstop.demo.scenario.cluster import read_cluster
from lvstop.demo.scenario.fields import Keys
from lvstop.demo.world.conf import ClusterConf
from lvstop.errors import ConfigError

DEFAULT_SCENARIO = "smb"
_KEYS = ("title", "description", "copies", "clusters")
_MOST_COPIES = 100


@dataclass(frozen=True, slots=True)
class Scenario:
    """Clusters to look at.

    Attributes:
        name: what the command line calls it: the name of its file.
        title: what it shows, in a few words.
        description: what to look at, in a sentence or two.
    """

    name: str
    title: str
    description: str
    clusters: tuple[ClusterConf, ...]


def load_scenario(path: Path) -> Scenario:
    """The scenario that `path` describes.

    Raises:
        ConfigError: the file cannot be read, or is wrong; with several mistakes the text lists them.
    """
    return parse_scenario(read_text(path), path)


def parse_scenario(text: str, path: Path) -> Scenario:
    """The scenario that `text` describes; `path` is for its name and for messages.

    With `copies: N` its clusters are there N times; `{n}` anywhere in the text is the number of the copy, from 1.

    Raises:
        ConfigError: as `load_scenario`.
    """
    clusters: list[ClusterConf] = []
    copies = number = 1
    title = description = ""
    while number <= copies:
        root = compose(text.replace("{n}", str(number)), shown(path))
        keys = Keys(root, _KEYS)
        copies = keys.get("copies", words.parse_some, 1)
        if copies > _MOST_COPIES:
            root.complain(f"copies: {copies} are too many; {_MOST_COPIES} are the most")
        title = keys.need("title", parse_title) or ""
        description = " ".join((keys.maybe("description", str) or "").split())
        if "clusters" not in keys:
            root.complain("clusters: is missing")
        clusters += [each for item in keys.items("clusters") if (each := read_cluster(item, number)) is not None]
        root.complaints.raise_if_any()
        number += 1
    names = [each.name for each in clusters]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"there are two clusters called {twice}", file=shown(path))
    return Scenario(path.stem, title, description, tuple(clusters))


def shipped_scenarios() -> tuple[Scenario, ...]:
    """The scenarios that come with lvstop: the default one, then the others, sorted by name.

    Raises:
        ConfigError: one of them cannot be used, or there are none: lvstop is not installed completely.
    """
    paths = _shipped_files()
    scenarios = (load_scenario(path) for path in paths)
    return tuple(sorted(scenarios, key=lambda each: each.name != DEFAULT_SCENARIO))


def find_scenario(name: str) -> Scenario:
    """A scenario that comes with lvstop, by its name, or any other by the path of its file.

    Raises:
        ConfigError: there is none of that name, or it is wrong.
    """
    paths = {path.stem: path for path in _shipped_files()}
    if name in paths:
        return load_scenario(paths[name])
    if "/" in name or name.endswith((".yaml", ".yml")):
        return load_scenario(Path(name))
    raise ConfigError(f"there is no scenario {name}{did_you_mean(name, paths) or '; there are ' + ', '.join(paths)}")


def _shipped_files() -> tuple[Path, ...]:
    folder = shipped_scenarios_folder()
    try:
        paths = find_yaml_files(folder)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", file=shown(folder)) from error
    if not paths:
        raise ConfigError("there are no scenarios; lvstop is not installed completely", file=shown(folder))
    return paths
