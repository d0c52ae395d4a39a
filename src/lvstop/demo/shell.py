"""What runs on an embedded director behind one exec request.

There is no shell. The programs that lvstop brings along are recognised by their whole text, and played by what stands
in `programs/`; anything else gets the answer of a host that has no such command.
"""

import re
from collections.abc import Callable
from typing import Final, Protocol

from lvstop.demo.director import Director
from lvstop.demo.logins import Login

_START: Final = re.compile(r"exec (?P<sudo>sudo -n -- )?sh -s -- (?P<nonce>[0-9A-Za-z-]{1,64})")
_TEXT_LIMIT: Final = 256 * 1024
_NOT_FOUND: Final = 127

Write = Callable[[bytes], None]


class Output(Protocol):
    """Where a program writes, and how it ends."""

    def out(self, data: bytes) -> None:
        """Standard output."""
        ...

    def error(self, text: str) -> None:
        """Standard error."""
        ...

    def exit(self, status: int) -> None:
        """The end."""
        ...


class Running(Protocol):
    """A program that has been recognised. It has greeted when it was made."""

    def line(self, text: str) -> None:
        """One line of standard input."""
        ...

    def close(self) -> None:
        """Nobody listens any more; safe to call twice."""
        ...


MakeProgram = Callable[[Director, Login, str, Output], Running]
"""Starts a program: the director, who runs it, its nonce, and where it writes."""


class Shell:
    """One exec request from its command to its end.

    Args:
        programs: by their text.
        output: the SSH channel.
        pass_time: called before anything is done, so that it is done now and not in the past.
    """

    def __init__(
        self,
        director: Director,
        login: Login,
        command: str,
        *,
        programs: dict[str, MakeProgram],
        output: Output,
        pass_time: Callable[[], None] = lambda: None,
    ) -> None:
        self._director = director
        self._login = login
        self._programs = programs
        self._output = output
        self._pass_time = pass_time
        self._text = bytearray()
        self._running: Running | None = None
        self._over = False
        match = _START.fullmatch(command)
        self._nonce = match["nonce"] if match is not None else ""
        if match is None:
            self._end(f"bash: line 1: {_first_word(command)}: command not found\n", _NOT_FOUND)
        elif match["sudo"] and not login.sudo:
            self._end("sudo: a password is required\n", 1)
        elif match["sudo"]:
            self._login = login.as_root()

    def feed(self, data: bytes) -> None:
        """Bytes of standard input: first the program's text, then its requests."""
        if self._over:
            return
        self._pass_time()
        self._text += data
        if self._running is None:
            self._recognise()
        if self._running is not None:
            *lines, rest = bytes(self._text).split(b"\n")
            self._text = bytearray(rest)
            for line in lines:
                self._running.line(line.decode("utf-8", "replace"))

    def end_of_input(self) -> None:
        """The programs end with their standard input; a text that was none fails here."""
        if self._over:
            return
        if self._running is None and self._text:
            self._refuse()
        else:
            self._end("", 0)

    def hang_up(self) -> None:
        """The connection is gone, and so is what ran over it."""
        self._over = True
        if self._running is not None:
            self._running.close()

    def _recognise(self) -> None:
        text = bytes(self._text)
        for script, make in self._programs.items():
            whole = script.encode()
            if text.startswith(whole):
                self._text = bytearray(text[len(whole) :])
                self._running = make(self._director, self._login, self._nonce, self._output)
                return
        if len(text) > _TEXT_LIMIT or not any(script.encode().startswith(text) for script in self._programs):
            self._refuse()

    def _refuse(self) -> None:
        word = _first_word(self._text.decode("utf-8", "replace"))
        self._end(f"sh: 1: {word}: not found\n", _NOT_FOUND)

    def _end(self, error: str, status: int) -> None:
        self._over = True
        if self._running is not None:
            self._running.close()
        if error:
            self._output.error(error)
        self._output.exit(status)


def _first_word(text: str) -> str:
    return next(iter(text.split()), "")[:80]
