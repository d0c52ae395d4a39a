"""A director's answers on disk: written by `RecordingTransport`, replayed by `RecordedTransport`.

A *frame* is a folder that holds what one director answered in one moment:

    <frame>/<program>/0-greeting/<section>      the body of a section of the program's greeting, verbatim
    <frame>/<program>/<verb>-<argument>-…/<section>
                                                of its answer to a request; else `<verb>/` answers, if it is there
    <frame>/<program>/…/<section>.status        the section's exit status, only where it is not 0
    <frame>/<program>/follow/lines              what the program wrote while it was followed
    <frame>/<program>/0-elevated/fault.yaml     kind, summary and remedy: why sudo did not start the program
    <frame>/fault.yaml                          the same: why the director cannot be asked at all

All sections are whole (mode `full`): a frame does not depend on what was asked before it. Sections come back in the
order of their names. A folder may be copied, and its files edited, to make another frame; several make a sequence.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from pathlib import Path

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import Channel, Program, Reply, Section, SectionMode, Transport, TransportError
from lvstop.transport.framing import bad_answer, is_section_name

GREETING = "0-greeting"
ELEVATED = "0-elevated"
FAULT_FILE = "fault.yaml"
_STATUS_SUFFIX = ".status"
_WORD = re.compile(r"[A-Za-z0-9\[][A-Za-z0-9._:@%+=\[\]-]*")


def request_folder(request: str, bare_verbs: Collection[str] = ()) -> str:
    """The name of the folder that holds the answer to `request`, without the arguments of `bare_verbs`.

    Raises:
        ValueError: a word of the request could lead out of the frame, or is no word at all.
    """
    words = request.split(" ")
    for word in words:
        if not _WORD.fullmatch(word):
            raise ValueError(f"cannot be recorded: {request!r}")
    return words[0] if words[0] in bare_verbs else "-".join(words)


def read_fault(frame: Path) -> Fault | None:
    """The fault that `frame` stands for, None where the director answers.

    Raises:
        TransportError: `bad-answer`, the file is not the fault of a recording.
    """
    file = frame / FAULT_FILE
    if not file.exists():
        return None
    # Late: YAML takes 40 ms to import, and most recordings have no fault.
    from lvstop.config.nodes import compose
    from lvstop.errors import ConfigError

    try:
        root = compose(file.read_text("utf-8"), str(file))
        keys = root.mapping(("kind", "summary", "remedy")) or {}
        kind = keys["kind"].parsed(FaultKind) if "kind" in keys else None
        summary = keys["summary"].text() if "summary" in keys else None
        remedy = keys["remedy"].text() if "remedy" in keys and not keys["remedy"].is_null else ""
        root.complaints.raise_if_any()
    except ConfigError as error:
        raise bad_answer(f"is recorded wrongly: {error}") from error
    if kind is None or summary is None:
        raise bad_answer(f"is recorded wrongly: {file}: kind and summary are missing")
    return Fault(kind, summary, remedy or "")


def write_fault(frame: Path, fault: Fault) -> None:
    """Make `frame` stand for `fault`."""
    frame.mkdir(parents=True, exist_ok=True)
    # A JSON string is a YAML string.
    lines = (("kind", str(fault.kind)), ("summary", fault.summary), ("remedy", fault.remedy))
    text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines if value)
    (frame / FAULT_FILE).write_text(text, "utf-8")


class RecordedTransport:
    """A `transport.base.Transport` that replays `frames`, one after the other.

    Args:
        frames: folders, in the order of time; `advance` goes to the next.
        host: what the director is called in messages.

    Raises:
        ValueError: there is no frame.
    """

    def __init__(self, frames: Path | Sequence[Path], *, host: str = "recorded") -> None:
        self._frames = [frames] if isinstance(frames, Path) else list(frames)
        if not self._frames:
            raise ValueError("a recording has at least one frame")
        self._host = host
        self._index = 0
        self._connection: object | None = None
        self._changed = asyncio.Event()

    @property
    def host(self) -> str:
        """As `transport.base.Transport.host`."""
        return self._host

    @property
    def root(self) -> Path:
        """The frame that is replayed."""
        return self._frames[self._index]

    @root.setter
    def root(self, frame: Path) -> None:
        """Replay `frame` from here on."""
        self._frames[self._index] = frame
        self._wake()

    def advance(self) -> bool:
        """Go to the next frame. False where this is the last one, which then stays."""
        if self._index + 1 >= len(self._frames):
            return False
        self._index += 1
        self._wake()
        return True

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def connect(self) -> None:
        """As `transport.base.Transport.connect`; fails with the frame's fault where it has one."""
        self._connection = None
        self._raise_fault()
        if not self.root.is_dir():
            raise bad_answer(f"is not recorded: there is no folder {self.root}")
        self._connection = object()

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        """As `transport.base.Transport.open`; takes no time."""
        connection = self._connection
        greeting = self.reply(program.name, GREETING, connection)
        refusal = read_fault(self.root / program.name / ELEVATED) if elevated else None
        if refusal is not None:
            raise TransportError(refusal)
        return RecordedChannel(self, program.name, greeting, connection)

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """As `transport.base.Transport.follow`: the frame's lines, and after each `advance` those of the next."""
        connection = self._connection
        while True:
            self._check(connection)
            changed = self._changed
            file = self.root / program.name / "follow" / "lines"
            for line in file.read_bytes().splitlines() if file.exists() else ():
                yield line
            await changed.wait()

    async def close(self) -> None:
        """As `transport.base.Transport.close`."""
        self._connection = None
        self._wake()

    def reply(self, program: str, request: str, connection: object | None) -> Reply:
        """The recorded answer, for who got hold of `connection`.

        Raises:
            TransportError: the frame's fault; `disconnected`; `bad-answer`, naming the folder that is missing.
        """
        self._check(connection)
        try:
            places = [self.root / program / request_folder(text) for text in (request, request.partition(" ")[0])]
        except ValueError as error:
            raise bad_answer(f"is not recorded: {error}") from error
        place = next((place for place in places if place.is_dir()), None)
        if place is None:
            raise bad_answer(f"is not recorded: there is no folder {places[0]}")
        sections = tuple(
            Section(file.name, SectionMode.FULL, _status(file), file.read_bytes())
            for file in sorted(place.iterdir())
            if file.suffix != _STATUS_SUFFIX and is_section_name(file.name)
        )
        return Reply(sections, took=0.0, size=sum(len(section.body) for section in sections))

    def _check(self, connection: object | None) -> None:
        self._raise_fault()
        if connection is None or connection is not self._connection:
            raise TransportError(Fault(FaultKind.DISCONNECTED, f"there is no connection to {self._host}"))

    def _raise_fault(self) -> None:
        fault = read_fault(self.root)
        if fault is not None:
            self._connection = None
            raise TransportError(fault)


def _status(section: Path) -> int:
    file = section.with_name(section.name + _STATUS_SUFFIX)
    if not file.exists():
        return 0
    text = file.read_text("ascii", "replace").strip()
    if not (text.isdecimal() and len(text) <= 3):
        raise bad_answer(f"is recorded wrongly: {file} holds {text!r} instead of an exit status")
    return int(text)


class RecordedChannel:
    """A `transport.base.Channel` that answers from the transport's present frame."""

    def __init__(self, transport: RecordedTransport, program: str, greeting: Reply, connection: object | None) -> None:
        self._connection = connection
        self._transport = transport
        self._program = program
        self._closed: Fault | None = None
        self.greeting = greeting

    async def ask(self, request: str, *, timeout: float) -> Reply:
        """As `transport.base.Channel.ask`; takes no time."""
        if self._closed is not None:
            raise TransportError(self._closed)
        try:
            return self._transport.reply(self._program, request, self._connection)
        except TransportError as error:
            self._closed = error.fault
            raise

    async def close(self) -> None:
        """As `transport.base.Channel.close`."""
        if self._closed is None:
            self._closed = Fault(FaultKind.DISCONNECTED, f"{self._program} on {self._transport.host} was closed")


class RecordingTransport:
    """A `transport.base.Transport` that passes everything on to `inner` and keeps what comes back in `root`.

    Only replies whose sections are all whole are kept; the requests of the others are listed in `skipped`, because a
    part of an answer would be replayed as all of it. A reply replaces an earlier one to the same request.

    Attributes:
        root: the frame that is written; may be set to another folder at any time.
        skipped: `<program> <request>` of replies that were not kept.
    """

    def __init__(
        self,
        inner: Transport,
        root: Path,
        *,
        scrub: Callable[[bytes], bytes],
        bare_verbs: Collection[str] = (),
    ) -> None:
        """Wrap `inner`.

        Args:
            scrub: takes the body of a section, or a line, and gives it back without secrets.
            bare_verbs: verbs whose arguments do not change what is asked, so that a replay need not repeat them.
        """
        self._inner = inner
        self._bare_verbs = frozenset(bare_verbs)
        self._scrub = scrub
        self.root = root
        self.skipped: set[str] = set()

    @property
    def host(self) -> str:
        """As `transport.base.Transport.host`."""
        return self._inner.host

    async def connect(self) -> None:
        """As `transport.base.Transport.connect`; a failure makes the frame stand for its fault."""
        try:
            await self._inner.connect()
        except TransportError as error:
            write_fault(self.root, error.fault)
            raise
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / FAULT_FILE).unlink(missing_ok=True)

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        """As `transport.base.Transport.open`."""
        try:
            channel = await self._inner.open(program, elevated=elevated, timeout=timeout)
        except TransportError as error:
            if elevated and error.fault.kind is FaultKind.FORBIDDEN:
                write_fault(self.root / program.name / ELEVATED, error.fault)
            raise
        if elevated:
            (self.root / program.name / ELEVATED / FAULT_FILE).unlink(missing_ok=True)
        self.keep(program.name, GREETING, channel.greeting)
        return RecordingChannel(channel, self, program.name)

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """As `transport.base.Transport.follow`."""
        async with aclosing(self._inner.follow(program, elevated=elevated)) as lines:
            async for line in lines:
                self._append(program.name, line)
                yield line

    async def close(self) -> None:
        """As `transport.base.Transport.close`."""
        await self._inner.close()

    def keep(self, program: str, request: str, reply: Reply) -> None:
        """Write `reply` into the frame, or note that it cannot be kept."""
        try:
            folder = self.root / program / request_folder(request, self._bare_verbs)
        except ValueError:
            self.skipped.add(f"{program} {request}")
            return
        if not all(section.mode is SectionMode.FULL and _storable(section.name) for section in reply.sections):
            self.skipped.add(f"{program} {request}")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for section in reply.sections:
            (folder / section.name).write_bytes(self._scrub(section.body))
            if section.status:
                (folder / f"{section.name}{_STATUS_SUFFIX}").write_text(f"{section.status}\n", "ascii")

    def _append(self, program: str, line: bytes) -> None:
        folder = self.root / program / "follow"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lines").open("ab") as file:
            file.write(self._scrub(line) + b"\n")


def _storable(name: str) -> bool:
    return is_section_name(name) and not name.endswith(_STATUS_SUFFIX)


class RecordingChannel:
    """A `transport.base.Channel` that keeps the answers of `inner`."""

    def __init__(self, inner: Channel, transport: RecordingTransport, program: str) -> None:
        self._inner = inner
        self._transport = transport
        self._program = program
        self.greeting = inner.greeting

    async def ask(self, request: str, *, timeout: float) -> Reply:
        """As `transport.base.Channel.ask`."""
        reply = await self._inner.ask(request, timeout=timeout)
        self._transport.keep(self._program, request, reply)
        return reply

    async def close(self) -> None:
        """As `transport.base.Channel.close`."""
        await self._inner.close()
