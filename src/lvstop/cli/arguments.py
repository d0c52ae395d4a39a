"""Arguments to commands. What a command needs is imported when it is chosen."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lvstop import __version__
from lvstop.errors import LvstopError

EXIT_UNKNOWN = 3
"""What `status` and `check` answer when they cannot tell, which wrong arguments are a case of: never a false 0."""


class _Parser(argparse.ArgumentParser):
    """Usage errors of reading commands end with 3: a monitoring script must not take them for `critical`."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_UNKNOWN, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = _Parser(
        prog="lvstop",
        description="The terminal console for LVS clusters run by keepalived. Without a command: the terminal.",
        epilog="Clusters are read from ~/.config/lvstop/clusters/*.yaml unless files are given with -c.",
    )
    parser.add_argument("--version", action="version", version=f"lvstop {__version__}")
    _add_files(parser, "files")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    status = commands.add_parser(
        "status",
        help="look once and tell: exit 0 ok, 1 warning, 2 critical, 3 unknown",
        description="Looks at every cluster once and tells who holds the VIPs, what the kernels balance and what is "
        "wrong. Exit status: 0 ok, 1 warning, 2 critical, 3 unknown or cannot tell; the worst cluster decides.",
    )
    _add_cluster_arguments(status)
    status.add_argument("--json", action="store_true", help="print schema 1 instead of text; null is unknown")
    check = commands.add_parser(
        "check",
        help="examine connections, privileges, versions and settings, and say how to mend what is wrong",
        description="Examines each director: connection, host key, privilege, versions, keepalived's dumps, the IPVS "
        "table and kernel settings. Exit status: 0 all is well, 1 something could be better, 2 something does not "
        "work, 3 a director cannot be examined.",
    )
    _add_cluster_arguments(check)
    return parser


def _add_files(parser: argparse.ArgumentParser, dest: str) -> None:
    parser.add_argument(
        "-c",
        "--cluster",
        dest=dest,
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a cluster file; may be repeated",
    )


def _add_cluster_arguments(parser: argparse.ArgumentParser) -> None:
    # a name of its own: a command's values replace those that stand before it
    _add_files(parser, "command_files")
    parser.add_argument(
        "--timeout", type=_seconds, default=20.0, metavar="SECONDS", help="longest look at a director (default: 20)"
    )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds between 0 and 3600")
    return value


def run(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` ask for and return its exit status."""
    options = build_parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no ● or – gets a ?, not a traceback.
        sys.stdout.reconfigure(errors="replace")
    try:
        return _run_command(options, (*options.files, *getattr(options, "command_files", ())))
    except LvstopError as error:
        sys.stderr.write(f"lvstop: {error}\n")
        return EXIT_UNKNOWN
    except BrokenPipeError:
        # Whoever reads has seen enough (`| head`). Python writes out what is left at its end: into nothing.
        with contextlib.suppress(io.UnsupportedOperation):  # not a real file: nothing is written at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNKNOWN
    except KeyboardInterrupt:
        return 130


def _run_command(options: argparse.Namespace, files: Sequence[Path]) -> int:
    if options.command == "status":
        from lvstop.cli.status import run_status

        return run_status(files, as_json=options.json, timeout=options.timeout)
    if options.command == "check":
        from lvstop.cli.check import run_check

        return run_check(files, timeout=options.timeout)
    from lvstop.cli.terminal import run_terminal

    return run_terminal(files)
