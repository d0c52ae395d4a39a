"""What arrives at embedded directors, and what a transport is asked for, counted: what reads, and what can change."""

from collections import Counter

import pytest

from lvstop.demo.catalogue import PROGRAMS
from lvstop.demo.director import Director
from lvstop.demo.logins import Login
from lvstop.demo.shell import MakeProgram, Output, Running
from lvstop.probe import programs as reading
from lvstop.transport.base import Program
from lvstop.transport.ssh import SshTransport


class Tally:
    """Counts by itself, as long as the test's monkeypatch lasts.

    Attributes:
        read: requests to programs that read, by the name of the director.
        changed: requests to all other programs, and their starts, by what was asked: `act`, `act edit`.
        asked: programs outside of the catalogue of those that read, which some transport was to run, by their names.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        read_only = {program.script for program in reading.catalogue()}
        for script, make in list(PROGRAMS.items()):
            monkeypatch.setitem(PROGRAMS, script, self._at_director(make, reads=script in read_only))
        self._at_transport(monkeypatch)

    def _at_director(self, make: MakeProgram, *, reads: bool) -> MakeProgram:
        def start(director: Director, login: Login, nonce: str, output: Output) -> Running:
            if not reads:
                self.changed["start"] += 1
            return _Counted(make(director, login, nonce, output), self, director.hostname, reads=reads)

        return start

    def _at_transport(self, monkeypatch: pytest.MonkeyPatch) -> None:
        open_program, follow = SshTransport.open, SshTransport.follow
        catalogue = reading.catalogue()

        def note(program: Program) -> None:
            if program not in catalogue:
                self.asked[program.name] += 1

        async def noted_open(transport: SshTransport, program: Program, *, elevated: bool, timeout: float) -> object:
            note(program)
            return await open_program(transport, program, elevated=elevated, timeout=timeout)

        def noted_follow(transport: SshTransport, program: Program, *, elevated: bool) -> object:
            note(program)
            return follow(transport, program, elevated=elevated)

        monkeypatch.setattr(SshTransport, "open", noted_open)
        monkeypatch.setattr(SshTransport, "follow", noted_follow)

    @property
    def weights(self) -> int:
        """Changes of a weight: in the kernel's table, or by a track file, which is how a drain lasts."""
        return self.changed["edit"] + self.changed["put"]

    def clear(self) -> None:
        """Count anew."""
        for counter in (self.read, self.changed, self.asked):
            counter.clear()


class _Counted:
    """A program of an embedded director, its requests counted."""

    def __init__(self, program: Running, tally: Tally, director: str, *, reads: bool) -> None:
        self._program = program
        self._tally = tally
        self._director = director
        self._reads = reads

    def line(self, text: str) -> None:
        """Count a request, and pass it on."""
        if self._reads:
            self._tally.read[self._director] += 1
        else:
            self._tally.changed[" ".join(text.split()[1:2])] += 1
        self._program.line(text)

    def close(self) -> None:
        """Nobody listens any more."""
        self._program.close()
