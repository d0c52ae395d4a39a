"""The `lvstop` command."""

import sys

from lvstop import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run one command and return its exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:
        # Before anything is imported: argparse alone takes twice as long as Python takes to start.
        sys.stdout.write(f"lvstop {__version__}\n")
        return 0
    from lvstop.cli.arguments import run

    return run(words)
