"""The table lane: `table.sh` with its line delta, and `table_cat.sh`, which always sends every line."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lvstop.demo.director import Director
from lvstop.demo.logins import Login
from lvstop.demo.shell import Output
from lvstop.transport.base import Section, SectionMode
from lvstop.transport.framing import encode_answer

_READER: Final = "mawk"
_TAIL: Final = 21
_TOO_LONG: Final = 2
_LIMITS: Final = {
    "uptime": 1,
    "ip_vs": 2_000_000,
    "ip_vs_stats": 20,
    "fib_trie": 20_000,
    "if_inet6": 10_000,
    "loadavg": 1,
    "net_dev": 2_000,
    "keepalived": 1,
}
_PATHS: Final = {
    "uptime": "/proc/uptime",
    "ip_vs": "/proc/net/ip_vs",
    "ip_vs_stats": "/proc/net/ip_vs_stats",
    "fib_trie": "/proc/net/fib_trie",
    "if_inet6": "/proc/net/if_inet6",
    "loadavg": "/proc/loadavg",
    "net_dev": "/proc/net/dev",
}

_VITALS: Final = (
    ("cpu", "/proc/stat", re.compile("^cpu")),
    ("memory", "/proc/meminfo", re.compile("^(Mem|Swap)(Total|Free|Available):")),
    ("softnet", "/proc/net/softnet_stat", re.compile(".")),
    ("conntrack_count", "/proc/sys/net/netfilter/nf_conntrack_count", re.compile(".")),
    ("conntrack_max", "/proc/sys/net/netfilter/nf_conntrack_max", re.compile(".")),
)


class TableProgram:
    """`table.sh`: only lines that differ from the last answer, unless the request wants all of them."""

    def __init__(self, director: Director, login: Login, nonce: str, output: Output) -> None:
        self._director = director
        self._nonce = nonce
        self._output = output
        self._seen: dict[str, list[str]] = {}
        self._pid = 0
        greet(output, nonce, _READER)

    def line(self, text: str) -> None:
        """One request: `SEQUENCE t FULL PID ROUTES [VITALS]`."""
        words = text.split()
        if len(words) < 2 or words[1] != "t":
            return
        sequence, full, pid, routes, vitals = _numbers(words)
        if pid and pid != self._pid:
            self._pid = pid
            self._seen.pop("keepalived", None)
        sections = [self._section(name, path, full) for name, path in _asked_for(pid, routes)]
        sections += _vitals(self._director) if vitals else ()
        self._output.out(encode_answer(sections, nonce=self._nonce, sequence=sequence))

    def close(self) -> None:
        """Nothing is held."""

    def _section(self, name: str, path: str, full: bool) -> Section:
        lines = self._director.proc(path)
        if lines is None:
            self._seen[name] = []
            return Section(name, SectionMode.DELTA, 1, b"= 0\n")
        limit = _LIMITS[name]
        status = _TOO_LONG if len(lines) > limit and limit > 1 else 0
        shown = lines[:limit]
        body = "".join(delta(shown, self._seen.get(name, ()), full=full))
        self._seen[name] = list(shown)
        return Section(name, SectionMode.DELTA, status, body.encode())


def delta(lines: Sequence[str], seen: Sequence[str], *, full: bool) -> Iterator[str]:
    """The body of a section, as table.sh writes it; `seen` are the lines of the last answer."""
    known = len(seen)
    for number, line in enumerate(lines):
        before = seen[number] if number < known else None
        if full or before != line:
            head = len(line) - _TAIL
            if (
                not full
                and head > 0
                and before is not None
                and len(before) == len(line)
                and before[:head] == line[:head]
            ):
                yield f"{number}+{line[head:].rstrip(' ')}\n"
            else:
                yield f"{number} {line}\n"
    yield f"= {len(lines)}\n"


class CatProgram:
    """`table_cat.sh`: every line, in every answer."""

    def __init__(self, director: Director, login: Login, nonce: str, output: Output) -> None:
        self._director = director
        self._nonce = nonce
        self._output = output
        greet(output, nonce, "cat")

    def line(self, text: str) -> None:
        """One request: `SEQUENCE t FULL PID ROUTES [VITALS]`."""
        words = text.split()
        if len(words) < 2 or words[1] != "t":
            return
        sequence, _, pid, routes, vitals = _numbers(words)
        sections = [self._section(name, path) for name, path in _asked_for(pid, routes)]
        sections += _vitals(self._director) if vitals else ()
        self._output.out(encode_answer(sections, nonce=self._nonce, sequence=sequence))

    def close(self) -> None:
        """Nothing is held."""

    def _section(self, name: str, path: str) -> Section:
        lines = self._director.proc(path)
        if lines is None:
            return Section(name, SectionMode.FULL, 1, b"")
        body = "".join(f"{line}\n" for line in lines)
        return Section(name, SectionMode.FULL, 0, body.encode())


def _numbers(words: Sequence[str]) -> tuple[int, bool, int, bool, bool]:
    numbers = [int(word) if word.isdecimal() else 0 for word in (words[0], *words[2:6])]
    sequence, full, pid, routes, vitals = (*numbers, 0, 0, 0, 0)[:5]
    return sequence, bool(full), pid, bool(routes), bool(vitals)


def _asked_for(pid: int, routes: bool) -> Iterator[tuple[str, str]]:
    for name, path in _PATHS.items():
        if routes or name != "fib_trie":
            yield name, path
    if pid > 0:
        yield "keepalived", f"/proc/{pid}/comm"


def _vitals(director: Director) -> Iterator[Section]:
    """How the machine fares: whole lines, those that matter."""
    for name, path, keep in _VITALS:
        lines = director.proc(path)
        body = "".join(f"{line}\n" for line in lines or () if keep.search(line))
        yield Section(name, SectionMode.FULL, 1 if lines is None else 0, body.encode())


def greet(output: Output, nonce: str, reader: str) -> None:
    """The greeting of a table program: what reads there."""
    section = Section("reader", SectionMode.FULL, 0, f"{reader}\n".encode())
    output.out(encode_answer([section], nonce=nonce, sequence=0))
