"""A director in memory that can be changed: answers like the program `act`, and does what a test tells it to do.

The table is kept as destinations; `ipvsadm -e` is followed to the letter: what is left out is set back. A test can
break a request, before or after it had its effect, and can change the table behind an execution's back.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

from lvstop.actions.command import WeightCommand
from lvstop.actions.intent import Row
from lvstop.model.change import Change, Destination
from lvstop.model.change_record import read_change
from lvstop.model.director import Fault, FaultKind
from lvstop.probe.parse.ipvsadm import parse_save
from lvstop.transport.base import Channel, Program, Reply, Section, SectionMode, TransportError

LOST = Fault(FaultKind.DISCONNECTED, "the connection is lost")
LISTING = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn
  -> RemoteAddress:Port
"""

Answer = dict[str, tuple[int, str]]


class ActDirector:
    """The machine: it outlives connections.

    Attributes:
        rows: the kernel's table.
        numbers: track files, by path. `tracked`: what a number in one of them does to the table.
        records: records of changes, by id. `notes`: lines of its log.
        refusal: why connecting fails; None where it works. `sudo`: the same for becoming root.
        lose: the verb whose next request loses the connection, and whether it had its effect before.
        fails: verbs that fail, with what they say.
        before: called with every request before it has its effect.
        requests: all of them.
    """

    def __init__(self, name: str, rows: dict[Row, Destination]) -> None:
        self.name = name
        self.rows = dict(rows)
        self.numbers: dict[str, int] = {}
        self.tracked: Callable[[str, int], None] = lambda _path, _number: None
        self.records: dict[str, Change] = {}
        self.notes: list[str] = []
        self.refusal: Fault | None = None
        self.sudo: Fault | None = None
        self.root = True
        self.lose: tuple[str, bool] | None = None
        self.fails: dict[str, str] = {}
        self.before: Callable[[str], None] = lambda _request: None
        self.reload_lines = "now 1795371000\n"
        self.requests: list[str] = []
        self.locked_by: _ActChannel | None = None
        self.owner = ""
        self.channels = 0

    def weight(self, row: Row) -> int:
        """A row's weight."""
        return self.rows[row].weight

    def set_weight(self, row: Row, weight: int) -> None:
        """Somebody else changes a weight."""
        self.rows[row] = replace(self.rows[row], weight=weight)

    def transport(self) -> "ActTransport":
        """A new connection, not yet made."""
        return ActTransport(self)

    def answer(self, request: str, channel: "_ActChannel") -> Answer:
        """What a request brings about, and its answer."""
        verb, _, argument = request.partition(" ")
        if verb in self.fails:
            return dict.fromkeys(("save", "thresholds") if verb == "table" else (verb,), (1, self.fails[verb]))
        match verb:
            case "uid":
                return {"uid": (0, "0\n" if channel.privileged else "1000\n")}
            case "lock":
                if self.locked_by not in (None, channel):
                    return {"lock": (9, self.owner)}
                self.locked_by, self.owner = channel, argument
                return {"lock": (0, "")}
            case "table":
                return {"save": (0, self._saved()), "thresholds": (0, self._thresholds())}
            case "edit":
                return {"edit": self._edit(argument)}
            case "number":
                return {"number": (0, str(self.numbers.get(argument, "")))}
            case "put":
                number, _, path = argument.partition(" ")
                self.numbers[path] = int(number)
                self.tracked(path, int(number))
                return {"put": (0, "")}
            case "record":
                change_id, _, text = argument.partition(" ")
                self.records[change_id] = read_change(text)
                return {"record": (0, "")}
            case "forget":
                self.records.pop(argument, None)
                return {"forget": (0, "")}
            case "reloads":
                return {"reloads": (0, self.reload_lines)}
            case "note":
                self.notes.append(argument)
                return {"note": (0, "")}
            case _:
                return {}

    def _edit(self, words: str) -> tuple[int, str]:
        service = words.partition(" -r ")[0]
        limits = dict(zip(words.split(), words.split()[1:], strict=False))
        rule = f"-A {service} -s rr\n-a {words}\n"
        (server,) = parse_save(rule).value.virtual_servers
        (real,) = server.real_servers
        row = (server.key, real.key)
        if row not in self.rows:
            return 255, "No such destination\n"
        self.rows[row] = Destination(
            real.forwarding, real.weight, int(limits.get("-x", 0)), int(limits.get("-y", 0)), real.tunnel
        )
        return 0, ""

    def _saved(self) -> str:
        lines: list[str] = []
        for (virtual, real), destination in self.rows.items():
            words = WeightCommand(self.name, virtual, real, destination).argv[2:-4]
            service = " ".join(words[: words.index("-r")])
            if f"-A {service} -s rr" not in lines:
                lines.append(f"-A {service} -s rr")
            lines.append(f"-a {' '.join(words)}")
        return "".join(f"{line}\n" for line in lines)

    def _thresholds(self) -> str:
        lines: list[str] = []
        for (virtual, real), destination in self.rows.items():
            mark = f"FWM  {virtual.fwmark}{' IPv6' if virtual.family == 'inet6' else ''}"
            title = mark if virtual.fwmark is not None else str(virtual).replace(":", "  ", 1)
            if f"{title} rr" not in lines:
                lines.append(f"{title} rr")
            lines.append(f"  -> {real} {destination.upper_threshold} {destination.lower_threshold} 0 0")
        return LISTING + "".join(f"{line}\n" for line in lines)


class ActTransport:
    """A connection to an `ActDirector`."""

    def __init__(self, director: ActDirector) -> None:
        self._director = director
        self._channels: list[_ActChannel] = []

    @property
    def host(self) -> str:
        return f"{self._director.name}.example"

    async def connect(self) -> None:
        if self._director.refusal is not None:
            raise TransportError(self._director.refusal)

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        assert program.name == "act"
        if elevated and self._director.sudo is not None:
            raise TransportError(self._director.sudo)
        channel = _ActChannel(self._director, privileged=elevated or self._director.root)
        self._channels.append(channel)
        return channel

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        raise AssertionError("nothing is followed while something is changed")
        yield b""

    async def close(self) -> None:
        for channel in self._channels:
            await channel.close()


class _ActChannel:
    def __init__(self, director: ActDirector, *, privileged: bool) -> None:
        self.greeting = Reply((), 0.0, 0)
        self.privileged = privileged
        self._director = director
        self._closed = False
        director.channels += 1

    async def ask(self, request: str, *, timeout: float) -> Reply:
        director = self._director
        if self._closed:
            raise TransportError(LOST)
        assert request.isprintable()
        director.requests.append(request)
        director.before(request)
        verb = request.partition(" ")[0]
        if director.lose is not None and director.lose[0] == verb:
            (_, after), director.lose = director.lose, None
            if after:
                director.answer(request, self)
            await self.close()
            raise TransportError(LOST)
        answer = director.answer(request, self)
        return Reply(
            tuple(Section(name, SectionMode.FULL, status, text.encode()) for name, (status, text) in answer.items()),
            0.0,
            1,
        )

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._director.channels -= 1
            if self._director.locked_by is self:
                self._director.locked_by, self._director.owner = None, ""
