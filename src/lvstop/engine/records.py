"""Where the records of changes and failovers lie on the operator's machine. Nothing here can change a director."""

from pathlib import Path

from lvstop.actions.store import ChangeStore


def store_in(folder: Path) -> ChangeStore:
    """The records in lvstop's state folder."""
    return ChangeStore(folder / "changes")
