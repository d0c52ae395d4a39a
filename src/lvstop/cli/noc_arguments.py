"""Arguments of `lvstop noc`, and of a demo that is shown like it. Imports nothing that draws."""

import argparse
from typing import TYPE_CHECKING

from lvstop.cli.command_arguments import AddFiles, Commands, add_new_command, parse_seconds
from lvstop.cli.parser import Section

if TYPE_CHECKING:
    from lvstop.cli.terminal import Wall

COMMAND = "noc"
THEME = "noc-wall"
_DWELL = 15.0
_SHORTEST, _LONGEST = 1.0, 86400.0

_DESCRIPTION = (
    "The screen on the wall of a control room: all clusters, and each of them in turn with the director that holds its "
    "virtual addresses in large letters, what it carries, and the worst of what is wrong. A cluster with a critical "
    "alarm is shown at once and stays until that is over. No key is needed.",
    "What stands for a moment is an alarm: it rings, and runs the command on_alert of the settings, if there is one.",
    "Nothing exists here that could change a director, whatever a cluster file says.",
)
_EXIT = Section(
    "Exit status",
    (
        ("0", "somebody has left it"),
        ("2", "wrong usage, or no cluster file is there yet"),
        ("3", "a cluster file cannot be used, or this is no terminal"),
    ),
)
_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop noc", "all clusters of ~/.config/lvstop/clusters, 15 seconds each"),
        ("lvstop noc -c smb.yaml", "one, for good"),
        ("lvstop noc --dwell 0s", "all of them side by side; one by itself only while it alarms"),
        ("lvstop demo fleet --noc", "twenty simulated ones"),
    ),
)


def add_noc_command(commands: Commands, add_files: AddFiles) -> None:
    """The command that shows clusters on a wall."""
    parser = add_new_command(
        commands, COMMAND, "a screen for a wall: read-only, no key needed", _DESCRIPTION, (_EXAMPLES, _EXIT)
    )
    add_files(parser)
    add_wall_arguments(parser)


def add_wall_arguments(parser: argparse.ArgumentParser) -> None:
    """How the wall looks."""
    parser.add_argument(
        "--dwell",
        type=_span,
        default=_DWELL,
        metavar="TIME",
        help="how long each cluster is shown, 1s to 24h; 0s: all of them stay side by side (default: 15s)",
    )
    parser.add_argument("--theme", default=THEME, metavar="THEME", help=f"its colours (default: {THEME})")


def wall_of(options: argparse.Namespace) -> "Wall":
    """What was asked for."""
    from datetime import timedelta

    from lvstop.cli.terminal import Wall

    return Wall(timedelta(seconds=getattr(options, "dwell", _DWELL)), getattr(options, "theme", THEME))


def _span(text: str) -> float:
    if text in ("0", "0s"):
        return 0.0
    seconds = parse_seconds(text)
    if seconds < _SHORTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is too short: at least {_SHORTEST:g}s, or 0s")
    if seconds > _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is too long: at most {_LONGEST / 3600:g}h")
    return seconds
