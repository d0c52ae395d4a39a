"""Who may log in to an embedded director, and what he may do there."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Login:
    """A user of a director.

    Attributes:
        groups: by name; `systemd-journal` and `adm` read the journal.
        sudo: he may run anything through `sudo -n`.
    """

    name: str
    uid: int
    groups: tuple[str, ...]
    sudo: bool

    @property
    def reads_journal(self) -> bool:
        """As journalctl decides it."""
        return self.uid == 0 or not {"systemd-journal", "adm", "wheel"}.isdisjoint(self.groups)

    def as_root(self) -> "Login":
        """What becomes of him through sudo."""
        return LOGINS["root"]


LOGINS: Final = {
    login.name: login
    for login in (
        Login("root", 0, ("root",), sudo=True),
        Login("ops", 1001, ("ops", "adm"), sudo=True),
        Login("noc", 1002, ("noc",), sudo=False),
    )
}
"""The same three on every director."""
