"""`pulse.sh`: how many connections the kernel has counted, as often as it is asked."""

import re
from typing import Final

from lvstop.demo.director import Director
from lvstop.demo.logins import Login
from lvstop.demo.programs.table import greet
from lvstop.demo.shell import Output
from lvstop.transport.base import Section, SectionMode
from lvstop.transport.framing import encode_answer

_PERCPU: Final = "/proc/net/ip_vs_stats_percpu"
_PROCESSOR: Final = re.compile(r"[0-9A-F]+")


class PulseProgram:
    """Answers `p` with the rows of processors that have counted something, or with the first of them."""

    def __init__(self, director: Director, login: Login, nonce: str, output: Output) -> None:
        self._director = director
        self._nonce = nonce
        self._output = output
        greet(output, nonce, "mawk")

    def line(self, text: str) -> None:
        """One request: `SEQUENCE p`."""
        words = text.split()
        sequence = int(words[0]) if words and words[0].isdecimal() else 0
        sections = [self._pulse()] if words[1:2] == ["p"] else []
        self._output.out(encode_answer(sections, nonce=self._nonce, sequence=sequence))

    def close(self) -> None:
        """Nothing is held."""

    def _pulse(self) -> Section:
        rows: list[str] = []
        for line in self._director.proc(_PERCPU) or ():
            words = line.split()
            if words[:1] == ["~"]:
                break
            if words and _PROCESSOR.fullmatch(words[0]) and (not rows or words[1:3] != ["0", "0"]):
                rows.append(f"{' '.join(words[:3])}\n")
        return Section("percpu", SectionMode.FULL, 0 if rows else 1, "".join(rows).encode())
