"""Arguments of `lvstop failover`. Imports nothing that reads a cluster."""

import argparse
from pathlib import Path

from lvstop.actions.failover.checks import CheckCode
from lvstop.cli.command_arguments import AddFiles, Commands, add_asking, add_look_timeout, add_new_command
from lvstop.cli.parser import Section

COMMAND = "failover"

_DESCRIPTION = (
    "Moves the virtual addresses from the director that holds them to the other one, on purpose.",
    "Both directors are asked afresh. What was found is printed line by line (the preflight), then the levers that "
    "could bring it about, the gentlest first, with what each costs here, what becomes of the connections, and the "
    "exact commands. Then you type the name of the director that is to take over. While it runs, a stopwatch tells "
    "what happens when. If the target does not take over in time the lever is released, and everything is verified to "
    "be as it was.",
    "A lever stays pulled until it is released (--release), so that keepalived does not take the addresses back by "
    "itself. It is on record on both directors, and every view shows it.",
)

_LEVERS = Section(
    "Levers, the gentlest first",
    (
        (
            "track-file",
            "a number in a track file with a weight lowers the priority below the other director's. The addresses stay "
            "until the other one takes over: a gap of some hundredths of a second.",
        ),
        (
            "priority",
            "the priority in keepalived.conf is edited, and keepalived reloads. As gentle, but only where it is named "
            "here or in the cluster file.",
        ),
        (
            "fault",
            "a number in a track file without a weight: FAULT. The addresses go at once, and are missing for about a "
            "second.",
        ),
        (
            "stop",
            "keepalived's service is stopped. As with fault; and this director does not take over meanwhile if the "
            "other one fails.",
        ),
    ),
)

_EXITS = Section(
    "Exit status",
    (
        ("0", "done, and read back from the kernel and from keepalived"),
        ("1", "refused: the reasons are printed, and nothing was touched"),
        ("2", "wrong usage, or a cluster file that cannot be used"),
        ("3", "the target did not take over, and everything is as it was"),
        ("4", "incomplete: what stands where, and what to type, is printed"),
        ("130", "interrupted with Ctrl-C"),
    ),
    "With --dry-run: 0 it could be done, 1 it would be refused, or warnings are not accepted. With --suggest: 0 "
    "keepalived takes the lines, or a gentle lever is there.",
)

_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop failover smb --dry-run", "what would happen, and whether it may"),
        ("lvstop failover smb", "move everything to the other director"),
        ("lvstop failover smb --release", "release the lever again"),
        ("lvstop failover smb --suggest", "lines of keepalived.conf that would make it painless"),
        ("lvstop failover smb --yes --accept sync-daemons", "from a script, although connections break"),
    ),
)


def add_failover_command(commands: Commands, add_files: AddFiles) -> None:
    """Add the command. `add_files` gives a parser the option for cluster files."""
    parser = add_new_command(
        commands,
        COMMAND,
        "move the virtual addresses to the other director, on purpose",
        _DESCRIPTION,
        (_LEVERS, _EXITS, _EXAMPLES),
    )
    parser.add_argument("cluster", metavar="CLUSTER", help="the cluster's name")
    _add_what(parser)
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--release", action="store_true", help="release the lever that is held, and fail nothing over")
    way.add_argument(
        "--suggest",
        action="store_true",
        help="print the lines of keepalived.conf that would add a gentle lever, and what `keepalived -t` says of each "
        "director's configuration with them; no configuration is changed",
    )
    add_accept(parser)
    parser.add_argument("--reason", metavar="TEXT", default="", help="kept with the failover and in the audit")
    add_files(parser)
    add_report(parser)
    add_asking(parser)
    add_look_timeout(parser)


def _add_what(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--instance", metavar="I", help="only this VRRP instance, and what is in its sync group (default: all of them)"
    )
    what.add_argument("--group", metavar="G", help="only this sync group")
    parser.add_argument(
        "--to", metavar="DIRECTOR", help="who is to hold them (needed only where there are more than two directors)"
    )
    parser.add_argument(
        "--lever",
        choices=("track-file", "priority", "fault", "stop"),
        help="what brings it about (default: that of the cluster file, else the gentlest one that works here; priority "
        "only where it is named)",
    )


def add_accept(parser: argparse.ArgumentParser) -> None:
    """The option that accepts warnings of a failover's preflight."""
    parser.add_argument(
        "--accept",
        metavar="CODE",
        type=_check_code,
        action="append",
        default=[],
        help="accept the warning of this name of a failover's preflight (the word in brackets at its end); may be "
        "repeated. Without it each warning is asked for",
    )


def add_report(parser: argparse.ArgumentParser) -> None:
    """The option that keeps a failover's report."""
    parser.add_argument(
        "--report",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="write a failover's report into FILE, which must not be there yet: JSON where its name ends with .json, "
        "else Markdown; may be repeated",
    )


def check_failover_arguments(options: argparse.Namespace) -> None:
    """Complain, as argparse does, of arguments that do not go together."""
    parser: argparse.ArgumentParser = options.parser
    if options.release and options.lever is not None:
        parser.error("--release releases the lever that is held; --lever is about pulling one")
    if options.suggest and options.report:
        parser.error("--suggest moves nothing, so that there is no report of it")


def _check_code(text: str) -> CheckCode:
    from difflib import get_close_matches

    try:
        return CheckCode(text)
    except ValueError:
        near = get_close_matches(text, list(CheckCode), 1, cutoff=0.5)
        more = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(CheckCode)}"
        raise argparse.ArgumentTypeError(f"{text!r} is no check{more}") from None
