"""Arguments to commands. What a command needs is imported when it is chosen."""

import argparse
import gc
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lvstop import __version__
from lvstop.cli.change_arguments import COMMANDS, add_change_commands, check_change_arguments
from lvstop.cli.failover_arguments import COMMAND as FAILOVER
from lvstop.cli.failover_arguments import add_failover_command, check_failover_arguments
from lvstop.cli.init_arguments import COMMAND as INIT
from lvstop.cli.init_arguments import add_init_command
from lvstop.cli.narration import discard_stdout
from lvstop.errors import LvstopError

EXIT_UNKNOWN = 3
"""What `status` and `check` answer when they cannot tell, which wrong arguments are a case of: never a false 0."""

EXIT_USAGE = 2
"""What commands that change a cluster, or write a file, answer to wrong arguments."""


class _Parser(argparse.ArgumentParser):
    """Usage errors of reading commands end with 3: a monitoring script must not take them for `critical`.

    Those of commands that change or write something end with 2: 3 would mean that it was tried.
    """

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        acting = self.prog.split()[-1] in (*COMMANDS, FAILOVER, INIT)
        self.exit(EXIT_USAGE if acting else EXIT_UNKNOWN, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = _Parser(
        prog="lvstop",
        description="The terminal console for LVS clusters run by keepalived. Without a command: the terminal.",
        epilog="Clusters are read from ~/.config/lvstop/clusters/*.yaml unless -c gives files; init writes one.",
    )
    parser.add_argument("--version", action="version", version=f"lvstop {__version__}")
    parser.add_argument(
        "--read-only", action="store_true", help="change nothing: no key and no command can, whatever it is"
    )
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
    add_init_command(commands)
    _add_demo(commands)
    # a name of its own for the files, as below
    add_change_commands(commands, lambda command: _add_files(command, "command_files"))
    add_failover_command(commands, lambda command: _add_files(command, "command_files"))
    return parser


def _add_demo(commands: "argparse._SubParsersAction[_Parser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="a simulated pair behind real SSH on this machine, to look at and to break; nothing to install",
        description="Puts a simulated cluster up behind real SSH servers on this machine, and the terminal on it. "
        "Everything works as on real directors; B breaks and mends things. It touches nothing of yours, and nothing is "
        "left of it afterwards.",
    )
    demo.add_argument("scenario", nargs="?", metavar="SCENARIO", default="", help="one of --list, or a file")
    demo.add_argument("--list", action="store_true", help="print the scenarios and end")
    demo.add_argument("--seed", type=int, default=1, metavar="N", help="other clients for another number (default: 1)")
    demo.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="simulated time passes X times faster (default: 1)"
    )
    demo.add_argument("--read-only", action="store_true", dest="demo_read_only", help="as before the command")


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.1 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0.1 and 100")
    return value


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
    options = _parse(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no ● or – gets a ?, not a traceback.
        sys.stdout.reconfigure(errors="replace")
    try:
        return _run_command(options, (*options.files, *getattr(options, "command_files", ())))
    except LvstopError as error:
        sys.stderr.write(f"lvstop: {error}\n")
        return EXIT_UNKNOWN
    except BrokenPipeError:
        # Whoever reads has seen enough (`| head`).
        discard_stdout()
        return EXIT_UNKNOWN
    except KeyboardInterrupt:
        return 130


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for. A command complains of its arguments itself: it has an exit status of its own."""
    parser = build_parser()
    options, unknown = parser.parse_known_args(arguments)
    own: argparse.ArgumentParser = getattr(options, "parser", parser)
    if unknown:
        own.error(f"unrecognized arguments: {' '.join(unknown)}")
    if options.command in COMMANDS:
        check_change_arguments(options)
    elif options.command == FAILOVER:
        check_failover_arguments(options)
    return options


def _run_command(options: argparse.Namespace, files: Sequence[Path]) -> int:
    if options.command == "status":
        from lvstop.cli.status import run_status

        return run_status(files, as_json=options.json, timeout=options.timeout)
    if options.command == "check":
        from lvstop.cli.check import run_check

        return run_check(files, timeout=options.timeout)
    if options.command in COMMANDS:
        from lvstop.cli.change import run_change

        return run_change(options, files, read_only=options.read_only)
    if options.command == INIT:
        from lvstop.cli.init import run_init

        return run_init(options)
    if options.command == "demo":
        return _run_demo(options)
    if options.command == FAILOVER:
        from lvstop.cli.failover import run_failover

        return run_failover(options, files, read_only=options.read_only)
    # Much is allocated while importing and nothing of it is garbage: a fifth of the time goes into looking.
    gc.disable()
    try:
        from lvstop.cli.terminal import run_terminal

        return run_terminal(files, read_only=options.read_only)
    finally:
        gc.enable()


def _run_demo(options: argparse.Namespace) -> int:
    from lvstop.cli import demo

    if options.list:
        return demo.list_scenarios()
    gc.disable()
    try:
        return demo.run_demo(
            options.scenario or demo.DEFAULT,
            seed=options.seed,
            speed=options.speed,
            read_only=options.read_only or options.demo_read_only,
        )
    finally:
        gc.enable()
