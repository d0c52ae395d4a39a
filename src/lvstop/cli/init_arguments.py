"""Arguments of `lvstop init`. Imports nothing that reads a director."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lvstop.cli.command_arguments import Commands, add_new_command, parse_seconds
from lvstop.cli.parser import Section
from lvstop.config.schema import NO_SSH_CONFIG

if TYPE_CHECKING:
    from lvstop.config.target import Target

COMMAND = "init"
T = TypeVar("T")

_USAGE = "lvstop init [USER@]HOST[:PORT] [USER@]HOST[:PORT] [-o FILE] [OPTION]..."
_DESCRIPTION = (
    "Connects to both directors of a pair, looks who they are and what this login may do there, and writes a cluster "
    "file with comments that says so. Then it examines them as `lvstop check` does. Nothing is changed on a director.",
    "A host key that is not known yet is shown with its fingerprint, and asked about: yes writes it into known_hosts, "
    "as ssh would; nothing else does. Where nobody can be asked it is refused, unless --host-key or "
    "--accept-new-host-keys says otherwise. A host key that has CHANGED is refused in any case, and nothing is "
    "written.",
)
_EXITS = Section(
    "Exit status",
    (
        ("0", "the file is written and all is well (advice may be given)"),
        ("1", "refused, no file is written"),
        ("2", "wrong usage"),
        (
            "4",
            "the file is written, but a director could not be examined, or something does not work there: what it is "
            "stands above",
        ),
    ),
)
_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop init ops@lb1 ops@lb2", "both by their names, logging in as ops"),
        ("lvstop init root@192.0.2.23 root@192.0.2.24:2222", "by address; the second one on another port"),
        ("lvstop init ops@[fd00::23]:22 ops@fd00::24", "by IPv6 address"),
        ("lvstop init lb1 lb2", "hosts, users, ports, keys and jump hosts of ~/.ssh/config"),
        ("lvstop init local ops@lb2", "on a director: itself without SSH, and its peer"),
        ("lvstop init ops@lb1", "the other one is found by its unicast_peer, if it has one"),
    ),
)


def add_init_command(commands: Commands) -> None:
    """The command that writes a cluster file."""
    parser = add_new_command(
        commands,
        COMMAND,
        "connect to a pair for the first time, and write its cluster file",
        _DESCRIPTION,
        (_EXITS, _EXAMPLES),
    )
    parser.usage = _USAGE
    parser.add_argument(
        "targets",
        nargs="+",
        metavar="[USER@]HOST[:PORT]",
        type=_target,
        help="the directors, as for ssh, `local` being this machine; usually two",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="",
        help="where to write it (default: ~/.config/lvstop/clusters/NAME.yaml); - is standard output",
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        type=_name,
        help="what the cluster is called (default: as its VRRP instance or sync group)",
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.add_argument(
        "--incomplete", action="store_true", help="write the file even if a director cannot be reached or logged in to"
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        dest="init_read_only",
        help="write `read_only: true` into it: nothing can change the cluster by this file",
    )
    _add_ssh(parser)
    parser.add_argument(
        "--timeout", type=parse_seconds, default=20.0, metavar="TIME", help="longest look at a director (default: 20s)"
    )


def _add_ssh(parser: argparse.ArgumentParser) -> None:
    ssh = parser.add_argument_group("how to connect", "As for ssh; what is given here is written into the file.")
    ssh.add_argument(
        "-i",
        "--identity",
        metavar="KEY",
        type=_path,
        action="append",
        default=[],
        help="a private key; may be repeated",
    )
    ssh.add_argument(
        "-F",
        "--ssh-config",
        metavar="FILE",
        type=_ssh_config,
        help="the SSH configuration; none: without any (default: ~/.ssh/config)",
    )
    ssh.add_argument("-J", "--jump", metavar="HOST", type=_jump, help="[user@]host[:port] to connect through")
    keys = parser.add_argument_group("host keys", "What may be trusted without a question.")
    keys.add_argument(
        "--host-key",
        metavar="SHA256:…",
        action="append",
        default=[],
        type=_fingerprint,
        help="trust an unknown host key with this fingerprint, and no other; may be repeated",
    )
    keys.add_argument(
        "--accept-new-host-keys",
        action="store_true",
        help="trust every unknown host key, as StrictHostKeyChecking=accept-new does; a changed one never",
    )


def _target(text: str) -> "Target":
    from lvstop.config.target import parse_target

    return _parsed(parse_target, text)


def _name(text: str) -> str:
    from lvstop.config.values import parse_name

    return _parsed(parse_name, text)


def _jump(text: str) -> str:
    from lvstop.config.values import parse_jump

    return _parsed(parse_jump, text)


def _parsed(parse: Callable[[str], T], text: str) -> T:
    """As argparse wants it complained of."""
    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _fingerprint(text: str) -> str:
    # ssh-keygen -l prints more around it
    if not text.startswith("SHA256:") or len(text) != len("SHA256:") + 43:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a fingerprint such as ssh prints it: SHA256: and 43 characters"
        )
    return text


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _ssh_config(text: str) -> Path:
    return NO_SSH_CONFIG if text == str(NO_SSH_CONFIG) else _path(text)
