"""Arguments of `lvstop setup`. Imports nothing that reads a director."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lvstop.cli.command_arguments import Commands, add_new_command
from lvstop.cli.parser import Section

if TYPE_CHECKING:
    from lvstop.config.target import Target

COMMAND = "setup"
ROLES = ("noc", "operator")

_USAGE = "lvstop setup noc|operator [OPTION]... [--apply [USER@]HOST]..."
_DESCRIPTION = (
    "Gives a login on the directors the least rights that lvstop needs: to start some programs of root's own, by name, "
    "and nothing else. noc sees everything and changes nothing; operator also drains, changes weights and fails over.",
    "Without --apply nothing is connected to: the script that does it is printed, to be read and then run as root on "
    "each director. It writes /opt/lvstop and a file in /etc/sudoers.d, and makes the login where there is none. With "
    "a key it also binds that key to the role: no shell, no terminal, no forwarding, whatever its client asks.",
)
_EXITS = Section(
    "Exit status",
    (
        ("0", "printed, or done on every director"),
        ("1", "a director refused, or it failed there: why is printed"),
        ("2", "wrong usage"),
    ),
)
_EXAMPLES = Section(
    "Examples",
    (
        (
            "lvstop setup noc --key wall.pub > noc.sh",
            "for a wall or a contractor; read it, run it there as root",
        ),
        ("lvstop setup noc --key wall.pub --apply root@lb1 --apply root@lb2", "shows what it does, asks, and does it"),
        ("lvstop setup operator --user ops --track-file /etc/keepalived/maint", "for the login ops, with its own keys"),
        ("lvstop setup operator --user ops --remove --apply root@lb1", "takes the rights away again"),
    ),
)


def add_setup_command(commands: Commands) -> None:
    """The command that grants rights on directors."""
    parser = add_new_command(
        commands,
        COMMAND,
        "give a login on the directors the least rights that it needs",
        _DESCRIPTION,
        (_EXITS, _EXAMPLES),
    )
    parser.usage = _USAGE
    parser.add_argument("role", choices=ROLES, metavar="ROLE", help="noc or operator")
    parser.add_argument(
        "--user", metavar="NAME", default="", help="the login there (default: lvstop-noc, lvstop-operator)"
    )
    parser.add_argument("--key", metavar="FILE", type=_path, help="a public key that is bound to the role")
    parser.add_argument(
        "--track-file",
        metavar="PATH",
        action="append",
        default=[],
        help="a file on the directors that the operator may change: a track file of keepalived's; may be repeated",
    )
    parser.add_argument("--remove", action="store_true", help="take the rights away instead")
    parser.add_argument(
        "--apply",
        metavar="[USER@]HOST",
        type=_target,
        action="append",
        default=[],
        help="do it there, as root or through sudo, after a question; may be repeated",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask; needed where nobody sits at a terminal")


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _target(text: str) -> "Target":
    from lvstop.config.target import parse_target

    try:
        return parse_target(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
