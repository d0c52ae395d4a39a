"""Arguments of `lvstop serve`. Imports nothing that serves."""

import argparse

from lvstop.cli.command_arguments import AddFiles, Commands, add_new_command
from lvstop.cli.noc_arguments import add_wall_arguments
from lvstop.cli.parser import Section

COMMAND = "serve"
HOST, PORT, WATCHERS = "127.0.0.1", 8000, 4
_MOST_WATCHERS = 100

_DESCRIPTION = (
    "The wall of `lvstop noc` in a browser. Each watcher gets a process of its own that runs `lvstop noc`: it reads, "
    "with SSH connections of its own to every director, and nothing exists in it that could change one. Nobody can be "
    "asked for a passphrase: keys that have one come from an agent.",
    "It asks nobody who he is, and listens on this machine alone. For others, put a web server in front of it that "
    "asks for a password and speaks TLS, and tell its address with --url: docs/serve.md shows nginx and Caddy.",
)
_EXIT = Section(
    "Exit status",
    (
        ("0", "it was told to end"),
        ("2", "wrong usage"),
        ("3", "a cluster file cannot be used, the library is missing, or the address cannot be had"),
    ),
)
_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop serve", "for browsers on this machine: http://127.0.0.1:8000"),
        ("lvstop serve --url https://wall.example.org", "behind a web server on this machine"),
        (
            "lvstop serve --host 10.0.0.5 --behind-proxy --url https://wall.example.org",
            "behind one on another machine, and a firewall",
        ),
    ),
)


def add_serve_command(commands: Commands, add_files: AddFiles) -> None:
    """The command that shows the wall in browsers."""
    parser = add_new_command(commands, COMMAND, "the wall in a browser: read-only", _DESCRIPTION, (_EXAMPLES, _EXIT))
    add_files(parser)
    parser.add_argument(
        "--host", default=HOST, metavar="ADDRESS", help=f"listen on this address of this machine (default: {HOST})"
    )
    parser.add_argument(
        "--port", type=_port, default=PORT, metavar="N", help=f"listen on this TCP port (default: {PORT})"
    )
    parser.add_argument("--url", metavar="URL", help="where browsers find it, if a web server stands in front of it")
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a web server that asks for a password is all that reaches --host; else only this machine is served",
    )
    parser.add_argument(
        "--watchers",
        type=_watchers,
        default=WATCHERS,
        metavar="N",
        help=f"how many browsers at the same time; each connects to every director (default: {WATCHERS})",
    )
    add_wall_arguments(parser)


def check_serve_arguments(options: argparse.Namespace) -> None:
    """Refuse to serve more than this machine, unless somebody says that it is meant."""
    from lvstop.serve.guard import AddressError, guard_of, is_loopback

    parser: argparse.ArgumentParser = options.parser
    try:
        guard_of(options.host, options.port, options.url)
    except AddressError as error:
        parser.error(str(error))
    if is_loopback(options.host):
        return
    if not options.behind_proxy:
        parser.error(
            f"{options.host} can be reached by others, and lvstop asks nobody who he is. Leave --host away, and put a "
            "web server in front of it that asks for a password (docs/serve.md shows how); if one stands on another "
            "machine and nothing else reaches this address: --behind-proxy"
        )
    if options.url is None:
        parser.error("--behind-proxy needs --url: where browsers find the web server that stands in front")


def _port(text: str) -> int:
    return _number(text, 1, 65535)


def _watchers(text: str) -> int:
    return _number(text, 1, _MOST_WATCHERS)


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between {least} and {most}")
    return int(text)
