"""Where the files lie that come with lvstop and that an operator may read and copy."""

from importlib.resources import files
from pathlib import Path


def shipped_themes_folder() -> Path:
    """The folder of the themes that come with lvstop: in the installed package, in a checkout at its top level."""
    package = Path(str(files("lvstop")))
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent.parent / "themes"
