"""Where the files lie that come with lvstop and that an operator may read and copy."""

from pathlib import Path


def shipped_themes_folder() -> Path:
    """The folder of the themes that come with lvstop."""
    return _shipped("themes")


def shipped_scenarios_folder() -> Path:
    """The folder of the simulated clusters that come with lvstop."""
    return _shipped("sample_clusters")


def cluster_schema() -> Path:
    """The JSON Schema of cluster files, which editors can use."""
    return Path(__file__).with_name("cluster.schema.json")


def _shipped(name: str) -> Path:
    """In the installed package, in a checkout at its top level."""
    package = Path(__file__).parent.parent
    installed = package / name
    return installed if installed.is_dir() else package.parent.parent / name
