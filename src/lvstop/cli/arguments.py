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
from lvstop.cli.completion_arguments import COMMAND as COMPLETION
from lvstop.cli.completion_arguments import add_completion_command, check_completion_arguments
from lvstop.cli.failover_arguments import COMMAND as FAILOVER
from lvstop.cli.failover_arguments import add_failover_command, check_failover_arguments
from lvstop.cli.init_arguments import COMMAND as INIT
from lvstop.cli.init_arguments import add_init_command
from lvstop.cli.narration import discard_stdout
from lvstop.cli.noc_arguments import COMMAND as NOC
from lvstop.cli.noc_arguments import add_noc_command, wall_of
from lvstop.cli.parser import CommandParser, Section
from lvstop.cli.serve_arguments import COMMAND as SERVE
from lvstop.cli.serve_arguments import add_serve_command, check_serve_arguments
from lvstop.cli.setup_arguments import COMMAND as SETUP
from lvstop.cli.setup_arguments import add_setup_command
from lvstop.cli.topics import ENVIRONMENT, EXIT_CHECK, EXIT_LOOK, EXIT_STATUSES, FILES
from lvstop.errors import LvstopError

EXIT_UNKNOWN = 3
"""What `status` and `check` answer when they cannot tell, which wrong arguments are a case of: never a false 0."""

EXIT_USAGE = 2
"""What commands that change a cluster, or write a file, answer to wrong arguments."""


_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop", "the terminal on all clusters; ? there is help on where you are"),
        ("lvstop demo", "a simulated pair to look at, to change and to break"),
        ("lvstop init ops@lb1 ops@lb2", "write the cluster file of a pair, once"),
        ("lvstop check -c smb.yaml", "does everything work on these directors, and if not, what mends it"),
        ('told=$(lvstop status) || mail -s LVS ops@example.org <<<"$told"', "for cron: mail when all is not well"),
        ("lvstop drain smb 172.26.127.21 --wait", "take a real server out of service"),
        ("lvstop failover smb --dry-run", "could the other director take over now, and at what cost"),
    ),
    "`lvstop COMMAND --help` tells all of a command.",
)
_STATUS_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop status", "all clusters of ~/.config/lvstop/clusters"),
        (
            "lvstop status --json | jq -r '.clusters[].vips[] | [.address, .holders[]] | @tsv'",
            "who holds which address",
        ),
        ("lvstop status --json | jq -r '.clusters[].alerts[].summary'", "what is wrong, a sentence each"),
    ),
)
_DEMO_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop demo --list", "what there is to be seen"),
        ("lvstop demo web", "a web farm, the addresses of which move without a gap"),
        ("lvstop demo split-brain --speed 5", "five times as fast"),
        ("lvstop demo ./mine.yaml", "a scenario of your own"),
    ),
)


class _Parser(CommandParser):
    """Usage errors of reading commands end with 3: a monitoring script must not take them for `critical`.

    Those of commands that change or write something end with 2: 3 would mean that it was tried. So do those of the
    wall, in a terminal and in a browser, which no monitoring starts.
    """

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        told_apart = self.prog.split()[-1] in (*COMMANDS, FAILOVER, INIT, SETUP, NOC, SERVE)
        self.exit(EXIT_USAGE if told_apart else EXIT_UNKNOWN, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = _Parser(prog="lvstop")
    parser.explain(
        "The terminal console for LVS clusters: pairs of Linux directors where keepalived decides by VRRP who holds "
        "the virtual addresses, and IPVS spreads their connections over real servers. It connects to the directors "
        "over SSH and shows both at once. Without a command: the terminal.",
        sections=(_EXAMPLES, EXIT_STATUSES, ENVIRONMENT, FILES),
    )
    parser.add_argument("--version", action="version", version=f"lvstop {__version__}")
    parser.add_argument(
        "--read-only", action="store_true", help="nothing exists that could change a director, in no key and no command"
    )
    _add_files(parser, "files")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_status(commands)
    _add_check(commands)
    add_noc_command(commands, lambda command: _add_files(command, "command_files"))
    add_serve_command(commands, lambda command: _add_files(command, "command_files"))
    add_init_command(commands)
    add_setup_command(commands)
    _add_demo(commands)
    # a name of its own for the files, as below
    add_change_commands(commands, lambda command: _add_files(command, "command_files"))
    add_failover_command(commands, lambda command: _add_files(command, "command_files"))
    add_completion_command(commands, lambda command: _add_files(command, "command_files"))
    return parser


def _add_status(commands: "argparse._SubParsersAction[_Parser]") -> None:
    status = commands.add_parser(
        "status", help="look once and tell: who holds the VIPs, what is balanced, what is wrong"
    )
    status.explain(
        "Looks at every cluster once and tells who holds the VIPs, what the kernels balance and what is wrong.",
        sections=(EXIT_LOOK, _STATUS_EXAMPLES),
    )
    _add_cluster_arguments(status)
    status.add_argument(
        "--json", action="store_true", help="one JSON document of schema 1 instead of text; what is unknown is null"
    )


def _add_check(commands: "argparse._SubParsersAction[_Parser]") -> None:
    check = commands.add_parser(
        "check", help="examine connections, privileges, versions and settings, and say what mends them"
    )
    check.explain(
        "Examines each director: connection, host key, privilege, versions, keepalived's dumps, the IPVS table and "
        "kernel settings. Whatever is not as it should be comes with the one step that mends it.",
        sections=(EXIT_CHECK,),
    )
    _add_cluster_arguments(check)


def _add_demo(commands: "argparse._SubParsersAction[_Parser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="a simulated pair behind real SSH on this machine, to look at and to break",
    )
    demo.explain(
        "Puts a simulated cluster up behind real SSH servers on this machine, and the terminal on it. Everything works "
        "as on real directors; B breaks and mends things. It touches nothing of yours, and nothing is left of it "
        "afterwards.",
        sections=(_DEMO_EXAMPLES,),
    )
    demo.add_argument(
        "scenario", nargs="?", metavar="SCENARIO", default="", help="a scenario by its name, or a file (default: smb)"
    )
    demo.add_argument("--list", action="store_true", help="print the scenarios that there are, and end")
    demo.add_argument(
        "--seed", type=int, default=1, metavar="N", help="the same number makes the same clients (default: 1)"
    )
    demo.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="simulated time passes X times faster (default: 1)"
    )
    demo.add_argument("--read-only", action="store_true", dest="demo_read_only", help="as `lvstop --read-only demo`")
    demo.add_argument("--noc", action="store_true", help="as on a wall: see `lvstop noc`")


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
        help="a cluster file; may be repeated (default: all of ~/.config/lvstop/clusters)",
    )


def _add_cluster_arguments(parser: argparse.ArgumentParser) -> None:
    # a name of its own: a command's values replace those that stand before it
    _add_files(parser, "command_files")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=20.0,
        metavar="SECONDS",
        help="how long a look at a director may take (default: 20)",
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
    elif options.command == SERVE:
        check_serve_arguments(options)
    elif options.command == COMPLETION:
        check_completion_arguments(options)
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
    if options.command == SERVE:
        from lvstop.cli.serve import run_serve

        return run_serve(options, files)
    if options.command == INIT:
        from lvstop.cli.init import run_init

        return run_init(options)
    if options.command == SETUP:
        from lvstop.cli.setup import run_setup

        return run_setup(options, read_only=options.read_only)
    if options.command == "demo":
        return _run_demo(options)
    if options.command == COMPLETION:
        from lvstop.cli.completion import run_completion

        return run_completion(options, files)
    if options.command == FAILOVER:
        from lvstop.cli.failover import run_failover

        return run_failover(options, files, read_only=options.read_only)
    # Much is allocated while importing and nothing of it is garbage: a fifth of the time goes into looking.
    gc.disable()
    try:
        from lvstop.cli.terminal import run_terminal

        wall = wall_of(options) if options.command == NOC else None
        return run_terminal(files, read_only=options.read_only, wall=wall)
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
            wall=wall_of(options) if options.noc else None,
        )
    finally:
        gc.enable()
