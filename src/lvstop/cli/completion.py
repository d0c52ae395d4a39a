"""`lvstop completion`: scripts that complete commands, and the names that they ask for."""

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from lvstop.config.load import load_cluster_file
from lvstop.config.paths import find_cluster_files
from lvstop.config.schema import ClusterConfig
from lvstop.errors import ConfigError

SCRIPTS = Path(__file__).parent / "completions"
"""One for each shell, made of the parsers beforehand."""

FILES = {"bash": "lvstop.bash", "zsh": "_lvstop", "fish": "lvstop.fish"}
"""As the shells want them to be called."""


def run_completion(options: argparse.Namespace, files: Sequence[Path]) -> int:
    """Print the script for a shell, or names.

    Args:
        files: cluster files; those that stand in the line that is being completed count as well.
    """
    if options.shell is not None:
        sys.stdout.write((SCRIPTS / FILES[options.shell]).read_text(encoding="utf-8"))
        return 0
    shipped = {"scenarios": _scenarios, "themes": _themes}.get(options.names)
    names = shipped() if shipped is not None else _names(options.names, (*files, *files_in(options.line)))
    sys.stdout.write("".join(f"{name}\n" for name in names))
    return 0


def _scenarios() -> Iterator[str]:
    from lvstop.demo.scenario import shipped_scenarios

    yield from (scenario.name for scenario in shipped_scenarios())


def _themes() -> Iterator[str]:
    from lvstop.config.themes import load_themes

    yield from (theme.name for theme in load_themes()[0])


def _names(what: str, files: Sequence[Path]) -> Iterator[str]:
    for cluster in _clusters(files):
        if what == "clusters":
            yield cluster.name
        else:
            yield from (director.name for director in cluster.directors)


def _clusters(files: Sequence[Path]) -> Iterator[ClusterConfig]:
    """Those of which the file can be used: who completes a word is not told what is wrong with another one."""
    for path in files or find_cluster_files():
        try:
            yield load_cluster_file(path)
        except ConfigError:
            continue


def files_in(line: str) -> tuple[Path, ...]:
    """The cluster files that `-c` and `--cluster` name in a command line that may not be complete yet."""
    words = _words(line)
    found: list[str] = []
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        if word in ("-c", "--cluster"):
            found.append(following)
        elif word.startswith("--cluster="):
            found.append(word.removeprefix("--cluster="))
        elif word.startswith("-c"):
            found.append(word.removeprefix("-c"))
    return tuple(Path(name).expanduser() for name in found if name)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        # a quote is still open
        return line.split()
