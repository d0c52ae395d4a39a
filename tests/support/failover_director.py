"""A director in memory whose levers move addresses: answers like the programs `act`, `moves` and `pulse`.

A test can break a request, before or after it had its effect, and with it the program, the connection, the way there or
the machine.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from lvstop.actions.programs import act, moves, pulse
from lvstop.model.address import IPAddress
from lvstop.model.director import Fault, FaultKind
from lvstop.model.failover import Failover
from lvstop.model.failover_record import read_failover
from lvstop.transport.base import Channel, Program, Reply, Section, SectionMode, TransportError
from support.election import Router, Segment
from support.virtual_time import START

LOST = Fault(FaultKind.DISCONNECTED, "the connection is lost")
SILENT = Fault(FaultKind.NO_ANSWER, "no answer")
NO_ROUTE = Fault(FaultKind.NO_ROUTE, "no route to host")
CONFIGURATION = "/etc/keepalived/keepalived.conf"
UNIT = "keepalived.service"
STOP_SECONDS = 1.1
"""keepalived's own way of stopping."""

Answer = tuple[int, str]


class What(Enum):
    """What is lost with a request: all of it says nothing any more."""

    PROGRAM = "program"
    CONNECTION = "connection"
    WAY = "way"
    SILENCE = "silence"
    MACHINE = "machine"


@dataclass
class Loss:
    """The `nth` request of a verb loses something, before or after it had its effect."""

    verb: str
    effective: bool
    what: What = What.CONNECTION
    nth: int = 1


class FailoverDirector:
    """The machine: it outlives connections.

    Attributes:
        trip: seconds of a round trip. `skew`: how far its clock is ahead.
        reached: the way there; False: no new connection, and none that stands answers.
        refusal: why connecting fails. `sudo`: why becoming root does. `root`: the login is.
        active: keepalived's service runs. `lines`: priorities in its configuration, by instance.
        records, notes: what lvstop left there.
        moved: when addresses came and went, by the loop's time.
        connections: new ones that IPVS has counted. `counts`: /proc tells them. `tells`: the program `moves` works.
        mute: it never says a word.
        fails: verbs that fail, with what they say. `lose`: the next thing to get lost.
        lingers: a lock survives the loss of its connection.
        before: called with every request before it has its effect. `requests`: all of them.
    """

    def __init__(self, name: str, segment: Segment, priority: int) -> None:
        self.name = name
        self.router = Router(name, segment, priority, self.say, self._move)
        self.trip, self.skew = 0.004, 0.0
        self.reached = self.alive = self.root = self.counts = self.tells = True
        self.mute = False
        self.refusal: Fault | None = None
        self.sudo: Fault | None = None
        self.active = True
        self.lines = {"SMB": priority}
        self.addresses: set[IPAddress] = set()
        self.records: dict[str, Failover] = {}
        self.notes: list[str] = []
        self.connections = 0
        self.fails: dict[str, str] = {}
        self.lose: Loss | None = None
        self.lingers = False
        self.before: Callable[[str], None] = lambda _request: None
        self.requests: list[str] = []
        self.locked_by: _Channel | None = None
        self.owner = ""
        self.channels: set[_Channel] = set()
        self.followers: set[asyncio.Queue[bytes | None]] = set()
        self.transports: list[PairTransport] = []
        self.moved: list[tuple[float, IPAddress, bool]] = []

    def transport(self) -> "PairTransport":
        """A new connection, not yet made."""
        self.transports.append(PairTransport(self))
        return self.transports[-1]

    def lose_now(self, what: What, channel: "_Channel | None" = None) -> None:
        """Something is lost."""
        if what is What.PROGRAM:
            if channel is not None:
                channel.lose()
            return
        if what is What.SILENCE:
            self.reached = False
            return
        if what is What.MACHINE:
            self.alive = False
            self.router.die()
        if what is not What.CONNECTION:
            self.refusal = NO_ROUTE
        for transport in self.transports:
            transport.lose()

    # what happens there

    @property
    def now(self) -> float:
        """Its clock, in seconds since the epoch."""
        return START.timestamp() + asyncio.get_running_loop().time() + self.skew

    def _tell(self, line: str) -> None:
        for follower in self.followers:
            if self.reached:
                follower.put_nowait(line.encode())

    def say(self, who: str, what: str) -> None:
        self._tell(f"{self.now:.6f} lvs1 {who}[300]: {what}")

    def _move(self, address: IPAddress, added: bool) -> None:
        (self.addresses.add if added else self.addresses.discard)(address)
        self.moved.append((asyncio.get_running_loop().time(), address, added))
        self._tell_address(address, added)
        if added and address.version == 6:
            # once more when it is known that nobody else has it (duplicate address detection)
            asyncio.get_running_loop().call_later(1.0, self._tell_address, address, True)

    def _tell_address(self, address: IPAddress, added: bool) -> None:
        at = datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        deleted, family = "" if added else "Deleted ", "inet" if address.version == 4 else "inet6"
        length = address.max_prefixlen
        self._tell(
            rf"[{at}] {deleted}2: ens3    {family} {address}/{length} scope global ens3\       valid_lft forever"
        )

    # what is asked

    async def answer(self, request: str, channel: "_Channel") -> dict[str, Answer]:
        """What a request brings about, and its answer."""
        verb, _, argument = request.partition(" ")
        if verb in self.fails:
            return {verb: (1, self.fails[verb])}
        match verb:
            case "uid":
                return {"uid": (0, "0\n" if channel.privileged else "1000\n")}
            case "lock":
                if self.locked_by not in (None, channel):
                    return {"lock": (9, self.owner)}
                self.locked_by, self.owner = channel, argument
            case "number":
                return {"number": (0, str(self.router.numbers.get(argument, "")))}
            case "put":
                number, _, path = argument.partition(" ")
                self.router.numbers[path] = int(number)
                self.router.settle()
            case "place":
                instance, path = argument.split(" ", 1)
                known = path == CONFIGURATION and instance in self.lines
                return {"place": (0, str(self.lines[instance])) if known else (5, "there is no such line")}
            case "active":
                return {"active": (0, "active" if self.active and argument == UNIT else "inactive")}
            case "priority":
                return {"priority": self._edit(*argument.split(" ", 3))}
            case "service":
                return {"service": await self._service(*argument.split())}
            case "date":
                return {"date": (0, f"{self.now:.9f}\n")}
            case "addresses":
                told = [
                    {"family": "inet", "local": str(each), "prefixlen": each.max_prefixlen} for each in self.addresses
                ]
                return {"addresses": (0, json.dumps([{"ifname": "ens3", "addr_info": told}]))}
            case "record":
                record_id, _, text = argument.partition(" ")
                self.records[record_id] = read_failover(text)
            case "forget":
                self.records.pop(argument, None)
            case "note":
                self.notes.append(argument)
            case "p" if self.counts:
                return {"percpu": (0, f"0 {self.connections:X} 0\n~ 0 0\n")}
            case "p":
                return {"percpu": (1, "")}
            case _:
                return {}
        return {verb: (0, "")}

    def _edit(self, instance: str, before: str, after: str, path: str) -> Answer:
        if path != CONFIGURATION or self.lines.get(instance) != int(before):
            return 5, f"{path} has no line `priority {before}` in vrrp_instance {instance}"
        self.lines[instance] = self.router.priority = int(after)
        self.router.settle()
        return 0, ""

    async def _service(self, verb: str, unit: str) -> Answer:
        if unit != UNIT:
            return 5, f"Unit {unit} not loaded."
        if verb == "stop" and self.active:
            self.router.stop()
            await asyncio.sleep(STOP_SECONDS)
            self.active = False
            self.say("Keepalived", "Stopped Keepalived v2.2.7 (01/16,2023)")
        elif verb == "start" and not self.active:
            self.active = True
            self.router.start()
        return 0, ""


class PairTransport:
    """A connection to a director."""

    def __init__(self, director: FailoverDirector) -> None:
        self._director = director
        self._lost = False
        self._connected = False
        self._channels: list[_Channel] = []
        self._queues: list[asyncio.Queue[bytes | None]] = []

    @property
    def host(self) -> str:
        return f"{self._director.name}.example"

    @property
    def stands(self) -> bool:
        """It is connected."""
        return self._connected and not self._lost

    async def connect(self) -> None:
        await asyncio.sleep(3 * self._director.trip)
        if not self._director.reached:
            await asyncio.sleep(5)
            raise TransportError(Fault(FaultKind.TIMEOUT, "no answer within 5 s"))
        if self._director.refusal is not None:
            raise TransportError(self._director.refusal)
        self._connected = True

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        assert program in (act(), pulse())
        await self._way(timeout)
        if elevated and self._director.sudo is not None:
            raise TransportError(self._director.sudo)
        channel = _Channel(self._director, privileged=elevated or self._director.root)
        self._channels.append(channel)
        return channel

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        assert program == moves()
        assert elevated or self._director.root, "without root there is no log"
        await self._way(5.0)
        if not self._director.tells:
            return
        if self._director.mute:
            await asyncio.Event().wait()
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._queues.append(queue)
        self._director.followers.add(queue)
        queue.put_nowait(b"ready")
        try:
            while (line := await queue.get()) is not None:
                yield line
            raise TransportError(LOST)
        finally:
            self._director.followers.discard(queue)

    async def close(self) -> None:
        self._connected = False
        self.lose()

    def lose(self) -> None:
        """Everything over it ends."""
        self._lost = True
        for channel in self._channels:
            channel.lose()
        for queue in self._queues:
            queue.put_nowait(None)

    async def _way(self, timeout: float) -> None:
        await asyncio.sleep(self._director.trip)
        if self._lost or not self._connected:
            raise TransportError(LOST)
        if not self._director.reached:
            await asyncio.sleep(timeout)
            raise TransportError(SILENT)


class _Channel:
    """A program that runs there: one request at a time."""

    def __init__(self, director: FailoverDirector, *, privileged: bool) -> None:
        self.greeting = Reply((), 0.0, 0)
        self.privileged = privileged
        self._director = director
        self._lost = asyncio.Event()
        self._busy = False
        director.channels.add(self)

    async def ask(self, request: str, *, timeout: float) -> Reply:
        assert request.isprintable()
        assert not self._busy, "one request at a time"
        if self._lost.is_set():
            raise TransportError(LOST)
        self._busy = True
        asked = asyncio.ensure_future(self._asked(request))
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait((asked, lost), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise TransportError(LOST if lost.done() else SILENT)
            self._busy = False
            return asked.result()
        finally:
            asked.cancel()
            lost.cancel()
            if self._busy:  # answers could not be told apart any more
                self._busy = False
                self.lose()

    async def _asked(self, request: str) -> Reply:
        director = self._director
        await asyncio.sleep(director.trip / 2)
        if not director.reached or self._lost.is_set():
            await asyncio.Event().wait()
        verb = request.partition(" ")[0]
        if verb != "p":
            director.requests.append(request)
            director.before(request)
        loss = director.lose
        if loss is not None and loss.verb == verb:
            loss.nth -= 1
            if not loss.nth:
                director.lose = None
                if loss.effective:
                    await director.answer(request, self)
                director.lose_now(loss.what, self)
                await asyncio.Event().wait()
        answer = await director.answer(request, self)
        await asyncio.sleep(director.trip / 2)
        if not director.reached:
            await asyncio.Event().wait()
        sections = (Section(name, SectionMode.FULL, status, text.encode()) for name, (status, text) in answer.items())
        return Reply(tuple(sections), director.trip, 1)

    def lose(self) -> None:
        """It ends, and with it its lock."""
        self._lost.set()
        self._director.channels.discard(self)
        if self._director.locked_by is self and not self._director.lingers:
            self._director.locked_by, self._director.owner = None, ""

    async def close(self) -> None:
        self.lose()
