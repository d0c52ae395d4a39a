"""`lvstop serve`: the wall in a browser."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lvstop.cli.clusters import load_clusters
from lvstop.cli.noc_arguments import COMMAND as NOC
from lvstop.errors import LvstopError
from lvstop.serve.guard import guard_of

_LIBRARIES = frozenset({"aiohttp", "aiohttp_jinja2", "jinja2", "textual_serve"})


class ServeError(LvstopError):
    """Nothing can be served."""


def run_serve(options: argparse.Namespace, files: Sequence[Path]) -> int:
    """Serve until it is interrupted.

    Raises:
        ConfigError: a cluster file cannot be used, or there is none.
        ServeError: what serves is not installed, or the address cannot be had.
    """
    load_clusters(files)
    try:
        from lvstop.serve.server import WallServer
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _LIBRARIES:
            raise
        raise ServeError(
            f"serving browsers needs a library that is not installed ({error.name}): "
            f"{sys.executable} -m pip install 'lvstop[serve]'"
        ) from None
    guard = guard_of(options.host, options.port, options.url)
    argv = noc_command(files, options.dwell, options.theme)
    try:
        WallServer(argv, guard, most=options.watchers).serve(options.host, options.port)
    except OSError as error:
        raise ServeError(f"{options.host} port {options.port} cannot be had: {error.strerror or error}") from error
    return 0


def noc_command(files: Sequence[Path], dwell: float, theme: str) -> tuple[str, ...]:
    """What is started for each watcher: `lvstop noc` and never anything else, wherever the server stands."""
    named = [word for file in files for word in ("-c", str(file.absolute()))]
    # -P: a folder called lvstop where the server was started is none of this program
    # every digit: repr is what reads back as the same number
    shown = f"{repr(dwell).removesuffix('.0')}s"
    return (sys.executable, "-P", "-m", "lvstop", NOC, *named, "--dwell", shown, "--theme", theme)
