"""Where the files lie that come with lvstop and that an operator may read and copy."""

from pathlib import Path


def shipped_themes_folder() -> Path:
    """The folder of the themes that come with lvstop: in the installed package, in a checkout at its top level."""
    package = Path(__file__).parent.parent
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent.parent / "themes"
