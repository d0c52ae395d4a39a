"""Arguments of `lvstop completion`."""

import argparse
from typing import Protocol

from lvstop.cli.command_arguments import AddFiles
from lvstop.cli.parser import CommandParser, Section

COMMAND = "completion"
SHELLS = ("bash", "zsh", "fish")
NAMES = ("clusters", "directors", "scenarios", "themes")

_WAYS = Section(
    "Where it goes",
    (
        ("lvstop completion bash > ~/.local/share/bash-completion/completions/lvstop", "bash, for good"),
        ("lvstop completion zsh > ~/.zfunc/_lvstop", "zsh, where ~/.zfunc is in fpath before compinit runs"),
        ("lvstop completion fish > ~/.config/fish/completions/lvstop.fish", "fish, for good"),
        ('eval "$(lvstop completion bash)"', "bash, in this shell only"),
    ),
    "Packages of lvstop put these files where the shells look for them.",
)


class _Commands(Protocol):
    """What `add_subparsers` returns, as far as it is used here."""

    def add_parser(self, name: str, *, help: str) -> CommandParser:  # noqa: A002
        """A new command."""
        ...


def add_completion_command(commands: _Commands, add_files: AddFiles) -> None:
    """Add the command. `add_files` gives a parser the option for cluster files."""
    parser = commands.add_parser(COMMAND, help="print what completes lvstop's commands in bash, zsh or fish")
    parser.explain(
        "Prints a script that completes commands, options, and the names of clusters, directors, scenarios and themes.",
        sections=(_WAYS,),
    )
    parser.set_defaults(parser=parser)
    parser.add_argument("shell", nargs="?", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")
    parser.add_argument(
        "--names", choices=NAMES, help="print names instead, one a line; this is what the scripts ask for"
    )
    parser.add_argument("--line", metavar="TEXT", default="", help=argparse.SUPPRESS)
    add_files(parser)


def check_completion_arguments(options: argparse.Namespace) -> None:
    """Complain, as argparse does, of arguments that do not go together."""
    parser: argparse.ArgumentParser = options.parser
    if (options.shell is None) is (options.names is None):
        parser.error("say which shell: bash, zsh or fish; or --names")
