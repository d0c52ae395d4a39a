"""Real outputs, recorded on directors of three Debian releases."""

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data" / "recordings"

RELEASES = ("debian-11", "debian-12", "debian-13")
"""keepalived 2.1.5, 2.2.7 and 2.3.3."""


def recorded(release: str, name: str) -> str:
    """The text of one recording, decoded as the probe decodes it."""
    return (FOLDER / release / name).read_bytes().decode("utf-8", "replace")
