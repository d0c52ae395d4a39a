"""A director in memory: answers like the programs on a real one, and does what a test tells it to do.

`FakeDirector` is the machine: it outlives connections and remembers everything that was asked of it. Its `transport` is
what a probe connects with. keepalived's dumps are recordings of a pair with two VRRP instances; the kernel's table and
ipvsadm's listings are written from `table`, so that they always belong together.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime

from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig, PrivilegeChoice
from lvstop.model.director import DirectorSnapshot, Fault, FaultKind
from lvstop.model.failover_record import Record, write_record
from lvstop.model.ipvs import VirtualServer
from lvstop.probe.director import DirectorProbe
from lvstop.probe.settings import ProbeSettings
from lvstop.transport.base import Channel, Program, Reply, Section, SectionMode, Transport, TransportError
from support.clocks import ManualClock
from support.fake_answers import (
    BACKUP_ADDRESSES,
    MASTER_ADDRESSES,
    TABLE,
    TABLE_FILES,
    VITALS_FILES,
    Answer,
    Facts,
    dumps,
)

EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
"""Some hours after the recorded pair has found its master."""

NO_ANSWER = Fault(FaultKind.NO_ANSWER, "no answer within 10 s")
SUDO_REFUSES = Fault(FaultKind.FORBIDDEN, "sudo refused: a password is required")


async def settle() -> None:
    """Let everything run that can run without time passing."""
    for _ in range(30):
        await asyncio.sleep(0)


class Hold:
    """A request that gets no answer until the test says so."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._over = asyncio.Event()
        self._fault: Fault | None = None

    def release(self) -> None:
        """The answer comes after all."""
        self._over.set()

    def fail(self, fault: Fault = NO_ANSWER) -> None:
        """The answer never came, and the channel noticed."""
        self._fault = fault
        self._over.set()

    async def wait(self) -> None:
        """What a channel does with a request that is held."""
        self.reached.set()
        await self._over.wait()
        if self._fault is not None:
            raise TransportError(self._fault)


class FakeDirector:
    """The machine and what happened to it.

    Attributes:
        root: the login is root; else `sudo` decides (None: it works).
        reads_journal: the login may read the journal without sudo.
        refusal: why connecting fails, None where it works.
        awk: a fast awk is installed.
        table: the kernel's table; `files` may replace any file of /proc with (status, text).
        connections: every counter of every row.
        pid: keepalived's process, None while it does not run.
        dumps: keepalived's dump files; `stages` are (inode, text) that are seen before them, one a look.
        changes: what is on record there: changes, and failovers.
        starting: so many signals are not sent, since keepalived does not wait for them yet.
        frozen: dumps that keepalived does not write again.
        answers: by request (`stats`, `dump json`): what is answered instead of the truth.
        breaks: by request, or by program for its start: the fault instead of an answer, each time.
        holds: by request: one that waits.
        spoiled: sections whose next table answer is rubbish, once.
        requests: of the table programs, in order. `asked`: of the facts program, with the moment of each.
        opened: programs and whether they were elevated. `channels`: how many are open now.
        busiest: most facts requests at one time.
    """

    def __init__(self, clock: Clock, name: str = "d1") -> None:
        self.clock = clock
        self.name = name
        self.root = True
        self.sudo: Fault | None = None
        self.reads_journal = False
        self.refusal: Fault | None = None
        self.awk = True
        self.table: Sequence[VirtualServer] = TABLE
        self.files: dict[str, tuple[int, str]] = {}
        self.addresses: Sequence[str] = MASTER_ADDRESSES if name == "d1" else BACKUP_ADDRESSES
        self.connections = 100
        self.pid: int | None = 812
        self.children: tuple[str, ...] = ("vrrp", "checkers")
        self.changes: Sequence[Record] = ()
        self.dumps = dumps(name)
        self.stages: dict[str, list[tuple[int, str]]] = {}
        self.frozen: set[str] = set()
        self.starting = 0
        self._inodes = {"json": 10, "data": 20, "check": 30}
        self.answers: dict[str, Answer] = {}
        self.breaks: dict[str, Fault] = {}
        self.holds: dict[str, Hold] = {}
        self.spoiled: set[str] = set()
        self.journal: asyncio.Queue[bytes | Fault | None] = asyncio.Queue()
        self.requests: list[str] = []
        self.asked: list[tuple[float, str]] = []
        self.opened: list[tuple[str, bool]] = []
        self.connects = 0
        self.channels = 0
        self.busy = self.busiest = 0

    def transport(self) -> Transport:
        """A new connection, not yet made."""
        return _FakeTransport(self)

    def probe(self, settings: ProbeSettings | None = None) -> DirectorProbe:
        """A probe of this director."""
        return DirectorProbe(self.name, self.transport, self.clock, settings or ProbeSettings())

    def hold(self, request: str) -> Hold:
        """The next `request` (a whole one, or a verb) waits."""
        self.holds[request] = Hold()
        return self.holds[request]

    def say(self, message: str) -> None:
        """keepalived writes a line into the journal."""
        self.journal.put_nowait(f"1795371000.1 {self.name} {message}".encode())

    @property
    def verbs(self) -> list[str]:
        """All requests of the facts program."""
        return [request for _, request in self.asked]

    def moments(self, request: str) -> list[float]:
        """When `request` was asked."""
        return [at for at, each in self.asked if each == request]

    def facts(self) -> Facts:
        """What it is now."""
        return Facts(
            name=self.name,
            master=self.name == "d1",
            table=self.table,
            addresses=self.addresses,
            connections=self.connections,
            pid=self.pid,
            children=self.children,
            uptime=self.clock.monotonic(),
        )

    def fact(self, request: str) -> Answer:
        """What the facts program answers."""
        verb, _, argument = request.partition(" ")
        if verb == "changes":
            return {"changes": (0, "".join(f"{write_record(record)}\n" for record in self.changes))}
        return self._dump_answer(verb, argument) if argument else self.facts().answer(verb)

    def file(self, name: str) -> tuple[int, str]:
        """A file of /proc: status and text."""
        return self.files[name] if name in self.files else (0, self.facts().file(name))

    def _dump_answer(self, verb: str, argument: str) -> Answer:
        if verb == "signal":
            if self.pid is None:
                return {"signal": (3, "keepalived is not running")}
            if self.starting:
                self.starting -= 1
                return {"signal": (10, "keepalived has just been started")}
            for dump in {"json": ["json"], "data": ["data", "check"]}[argument]:
                self._inodes[dump] += dump not in self.frozen
            return {"signal": (0, "")}
        inode, text = self._inodes[argument], self.dumps[argument]
        if verb == "dump" and self.stages.get(argument):
            inode, text = self.stages[argument].pop(0)
        stat = (0, f"0 1 600 {inode} {len(text)} 1795371000 regular file\n")
        return {"stat": stat} if verb == "stat" else {"stat": stat, "dump": (0, text)}


class Ticker:
    """A probe that a test ticks by hand, a second of its own clock at a time.

    Attributes:
        probe: what is ticked.
    """

    def __init__(self, director: FakeDirector, clock: ManualClock, settings: ProbeSettings | None = None) -> None:
        self.probe = director.probe(settings)
        self._director = director
        self._clock = clock
        self._mark = 0

    async def connect(self) -> DirectorSnapshot:
        """Connect, read every fact, and count what is asked from here on."""
        await self.probe.connect()
        await self.probe.read_facts()
        self.probe.follow_journal()
        self.mark()
        return self.probe.snapshot()

    async def tick(self, times: int = 1) -> DirectorSnapshot:
        """So many seconds, in each a tick and whatever it started."""
        for _ in range(times):
            self._clock.advance(1.0)
            await self.probe.tick()
            await settle()
        return self.probe.snapshot()

    def mark(self) -> None:
        """Forget what was asked so far."""
        self._mark = len(self._director.asked)

    @property
    def asked(self) -> list[str]:
        """What the facts program was asked since the mark."""
        return [request for _, request in self._director.asked[self._mark :]]


def probes_of(*directors: FakeDirector) -> Callable[[ClusterConfig, DirectorConfig], DirectorProbe]:
    """A probe factory, as the engine takes it, that finds directors by name."""
    by_name = {director.name: director for director in directors}
    return lambda cluster, config: by_name[config.name].probe(ProbeSettings(privilege=cluster.privilege))


def cluster_of(*directors: FakeDirector, privilege: PrivilegeChoice = PrivilegeChoice.AUTO) -> ClusterConfig:
    """A cluster file with these directors."""
    configs = tuple(DirectorConfig(director.name, f"{director.name}.example") for director in directors)
    return ClusterConfig("web", configs, privilege=privilege)


class _FakeTransport:
    def __init__(self, director: FakeDirector) -> None:
        self._director = director
        self._channels: list[_FakeChannel] = []

    @property
    def host(self) -> str:
        return f"{self._director.name}.example"

    async def connect(self) -> None:
        self._director.connects += 1
        if (hold := self._director.holds.get("connect")) is not None:
            await hold.wait()
        if self._director.refusal is not None:
            raise TransportError(self._director.refusal)

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        director = self._director
        director.opened.append((program.name, elevated))
        if elevated and director.sudo is not None:
            raise TransportError(director.sudo)
        if program.name in director.breaks:
            raise TransportError(director.breaks[program.name])
        channel = _FakeChannel(director, program.name, elevated)
        self._channels.append(channel)
        director.channels += 1
        return channel

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        self._director.opened.append((program.name, elevated))
        self._director.channels += 1
        try:
            while (line := await self._director.journal.get()) is not None:
                if isinstance(line, Fault):
                    raise TransportError(line)
                yield line
        finally:
            self._director.channels -= 1

    async def close(self) -> None:
        for channel in self._channels:
            await channel.close()


class _FakeChannel:
    def __init__(self, director: FakeDirector, program: str, elevated: bool) -> None:
        self._director = director
        self._program = program
        self._privileged = elevated or director.root
        self._closed = False
        self._seen: dict[str, list[str]] = {}
        status = int(program == "table" and not director.awk)
        names = {"table": "mawk" if director.awk else "perl", "table_cat": "cat"}
        self.greeting = _reply({"reader": (status, names.get(program, "sh"))})

    async def ask(self, request: str, *, timeout: float) -> Reply:
        assert not self._closed, f"{request} was asked over a closed channel"
        director = self._director
        facts = self._program == "facts"
        director.busy += facts
        director.busiest = max(director.busiest, director.busy)
        if facts:
            director.asked.append((director.clock.monotonic(), request))
        else:
            director.requests.append(request)
        try:
            await asyncio.sleep(0)
            return await self._answer(request)
        except BaseException:
            await self.close()
            raise
        finally:
            director.busy -= facts

    async def _answer(self, request: str) -> Reply:
        director = self._director
        for name in (request, request.split()[0]):
            if (hold := director.holds.pop(name, None)) is not None:
                await hold.wait()
            if name in director.breaks:
                raise TransportError(director.breaks[name])
            if name in director.answers:
                return _reply(director.answers[name])
        if self._program != "facts":
            return self._table(request)
        if request == "uid":
            journal = 0 if self._privileged or director.reads_journal else 1
            return _reply({"uid": (0, "0\n" if self._privileged else "1000\n"), "journal": (journal, "")})
        return _reply(director.fact(request))

    def _table(self, request: str) -> Reply:
        _, full, pid, routes, *vitals = request.split()
        wanted = (name for name in TABLE_FILES if name != "fib_trie" or routes == "1")
        files = {name: self._director.file(name) for name in wanted}
        if pid != "0":
            files["keepalived"] = (0, "keepalived\n") if int(pid) == self._director.pid else (1, "")
        more = {name: self._director.file(name) for name in VITALS_FILES if vitals}
        if self._program == "table_cat":
            return _reply({**files, **more})
        sections = tuple(self._delta(name, *file, full == "1") for name, file in files.items())
        return Reply((*sections, *_reply(more).sections), 0.0, 1)

    def _delta(self, name: str, status: int, text: str, full: bool) -> Section:
        before = [] if full else self._seen.get(name, [])
        lines = self._seen[name] = text.splitlines()
        if name in self._director.spoiled:
            self._director.spoiled.remove(name)
            return Section(name, SectionMode.DELTA, status, b"7 out of nothing\n")
        changed = [
            f"{index} {line}\n" for index, line in enumerate(lines) if index >= len(before) or before[index] != line
        ]
        return Section(name, SectionMode.DELTA, status, f"{''.join(changed)}= {len(lines)}\n".encode())

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._director.channels -= 1


def _reply(answer: Answer) -> Reply:
    sections = tuple(Section(name, SectionMode.FULL, status, text.encode()) for name, (status, text) in answer.items())
    return Reply(sections, 0.0, 1)
