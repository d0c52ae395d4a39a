"""The versions that draw the pictures of the terminal."""

import sys
from importlib.metadata import version

import pytest

TEXTUAL = "8.2.8"
PYTHON = (3, 11)
"""Another Textual draws other pictures. One Python is enough: its Unicode tables are part of a picture."""


def same_textual() -> bool:
    """The pictures were drawn by this version."""
    return version("textual") == TEXTUAL


def refuse_other_versions(config: pytest.Config) -> None:
    """Pictures are only accepted where the next one to look at them draws the same."""
    if not config.getoption("--snapshot-update", default=False):
        return
    if not same_textual():
        pytest.exit(f"Snapshots are drawn by Textual {TEXTUAL}; this is {version('textual')}.", returncode=4)
    if sys.version_info[:2] != PYTHON:
        wanted = ".".join(map(str, PYTHON))
        pytest.exit(f"Snapshots are drawn under Python {wanted}; this is {sys.version.split()[0]}.", returncode=4)
