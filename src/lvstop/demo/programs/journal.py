"""`journal.sh`: keepalived's lines as they are logged."""

from typing import Final

from lvstop.demo.director import Director
from lvstop.demo.logins import Login
from lvstop.demo.shell import Output
from lvstop.demo.world.address_log import AddressChange
from lvstop.demo.world.journal import Entry

IDENTIFIERS: Final = frozenset({"Keepalived", "Keepalived_vrrp", "Keepalived_healthcheckers"})


class JournalProgram:
    """Follows the journal from the moment it is started; it neither greets nor answers."""

    def __init__(self, director: Director, login: Login, nonce: str, output: Output) -> None:
        self._director = director
        self._output = output
        self._forget = director.follow(self._take) if login.reads_journal else None

    def _take(self, entry: Entry | AddressChange) -> None:
        if isinstance(entry, Entry) and entry.identifier in IDENTIFIERS:
            self._output.out(f"{self._director.journal_line(entry)}\n".encode())

    def line(self, text: str) -> None:
        """Its standard input is only read for its end."""

    def close(self) -> None:
        """The follower ends with the program."""
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()
