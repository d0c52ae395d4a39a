"""`moves.sh`: addresses as they come and go, and what keepalived logs meanwhile."""

from typing import Final

from lvstop.demo.director import Director
from lvstop.demo.logins import Login
from lvstop.demo.shell import Output
from lvstop.demo.world.address_log import AddressChange
from lvstop.demo.world.journal import Entry

_IDENTIFIERS: Final = frozenset({"Keepalived", "Keepalived_vrrp"})


class MovesProgram:
    """Tells everything from its line `ready` on. Without a journal that may be read the addresses come alone."""

    def __init__(self, director: Director, login: Login, nonce: str, output: Output) -> None:
        self._director = director
        self._login = login
        self._output = output
        self._forget = director.follow(self._take)
        self._say("ready")

    def _take(self, news: Entry | AddressChange) -> None:
        if isinstance(news, AddressChange):
            self._say(self._director.address_line(news))
        elif self._login.reads_journal and news.identifier in _IDENTIFIERS:
            self._say(self._director.journal_line(news))

    def _say(self, line: str) -> None:
        self._output.out(f"{line}\n".encode())

    def line(self, text: str) -> None:
        """Its standard input is only read for its end."""

    def close(self) -> None:
        """The watching ends with the program."""
        forget, self._forget = self._forget, _nothing
        forget()


def _nothing() -> None:
    """Closed twice."""
