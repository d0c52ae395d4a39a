"""What the arguments of all commands that change a cluster have in common. Imports nothing that reads one."""

import argparse
from collections.abc import Callable
from typing import Protocol

from lvstop.cli.parser import CommandParser, Section

AddFiles = Callable[[argparse.ArgumentParser], None]


class Commands(Protocol):
    """What `add_subparsers` returns, as far as it is used here."""

    def add_parser(self, name: str, *, help: str, allow_abbrev: bool) -> CommandParser:  # noqa: A002
        """A new command."""
        ...


def add_new_command(
    commands: Commands, name: str, short: str, paragraphs: tuple[str, ...], sections: tuple[Section, ...]
) -> CommandParser:
    """A command that complains of its arguments itself."""
    # no abbreviations: what begins as one option today may mean another one tomorrow
    parser = commands.add_parser(name, help=short, allow_abbrev=False)
    parser.explain(*paragraphs, sections=sections)
    parser.set_defaults(parser=parser)
    return parser


def add_asking(parser: argparse.ArgumentParser) -> None:
    """Options about the question before anything is done, and about the answer."""
    parser.add_argument(
        "--dry-run", action="store_true", help="print the plan and its exact commands, ask nothing and touch nothing"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask; needed where nobody sits at a terminal")
    parser.add_argument("--json", action="store_true", help="print one JSON document, and nothing else on stdout")


def add_look_timeout(parser: argparse.ArgumentParser) -> None:
    """How long the first look may take."""
    parser.add_argument(
        "--look-timeout",
        type=parse_seconds,
        default=20.0,
        metavar="TIME",
        help="how long the first look at a director may take (default: 20s)",
    )


def parse_seconds(text: str) -> float:
    """`90s`, `10m`, `2h`, as argparse wants it read."""
    from lvstop.config.values import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
