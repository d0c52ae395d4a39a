"""Recordings: what was answered once is answered again."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import Channel, Program, Reply, Section, SectionMode, TransportError
from lvstop.transport.recorded import RecordedTransport, RecordingTransport, request_folder, write_fault

TABLE = Program("table", "")
REFUSED = Fault(FaultKind.REFUSED, "10.0.0.1 refused the connection: nothing listens there", "systemctl status ssh")
FORBIDDEN = Fault(FaultKind.FORBIDDEN, "sudo refuses", "")


def reply(*sections: Section) -> Reply:
    return Reply(sections, 0.5, 100)


class FakeChannel:
    greeting = reply(Section("reader", SectionMode.FULL, 0, b"cat\n"))

    def __init__(self, answers: dict[str, Reply]) -> None:
        self._answers = answers

    async def ask(self, request: str, *, timeout: float) -> Reply:
        return self._answers[request]

    async def close(self) -> None:
        pass


class FakeTransport:
    """Answers what it is told to."""

    host = "10.0.0.1"

    def __init__(self) -> None:
        self.answers: dict[str, Reply] = {}
        self.fault: Fault | None = None
        self.refusal: Fault | None = None

    async def connect(self) -> None:
        if self.fault:
            raise TransportError(self.fault)

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        if elevated and self.refusal:
            raise TransportError(self.refusal)
        return FakeChannel(self.answers)

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        for line in (b"one", b"secret"):
            yield line

    async def close(self) -> None:
        pass


def scrub(body: bytes) -> bytes:
    return body.replace(b"secret", b"******")


@pytest.fixture
def director() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def recording(director: FakeTransport, tmp_path: Path) -> RecordingTransport:
    return RecordingTransport(director, tmp_path / "000", scrub=scrub, bare_verbs={"t"})


async def record(recording: RecordingTransport, *requests: str) -> None:
    await recording.connect()
    channel = await recording.open(TABLE, elevated=False, timeout=1)
    for request in requests:
        await channel.ask(request, timeout=1)
    await channel.close()
    await recording.close()


async def opened(transport: RecordedTransport) -> Channel:
    await transport.connect()
    return await transport.open(TABLE, elevated=False, timeout=1)


async def test_a_recording_is_replayed(director: FakeTransport, recording: RecordingTransport, tmp_path: Path) -> None:
    binary = Section("ip_vs", SectionMode.FULL, 0, b"\0\xff no newline")
    failed = Section("journal", SectionMode.FULL, 3, b"the secret is out\n")
    director.answers = {"dump json": reply(binary, failed), "empty": reply()}
    await record(recording, "dump json", "empty")
    assert (tmp_path / "000/table/dump-json/journal").read_bytes() == b"the ****** is out\n"
    assert (tmp_path / "000/table/dump-json/journal.status").read_text() == "3\n"
    assert not (tmp_path / "000/table/dump-json/ip_vs.status").exists()
    assert recording.skipped == set()

    channel = await opened(RecordedTransport(tmp_path / "000"))
    assert channel.greeting.sections == FakeChannel.greeting.sections
    again = await channel.ask("dump json", timeout=1)
    assert again.sections == (binary, Section("journal", SectionMode.FULL, 3, b"the ****** is out\n"))
    assert again.size == len(binary.body) + len(failed.body)
    assert (await channel.ask("empty", timeout=1)).sections == ()


async def test_an_answer_replaces_the_earlier_one(
    director: FakeTransport, recording: RecordingTransport, tmp_path: Path
) -> None:
    director.answers = {"a": reply(Section("x", SectionMode.FULL, 1, b"1"), Section("y", SectionMode.FULL, 0, b"2"))}
    await record(recording, "a")
    director.answers = {"a": reply(Section("x", SectionMode.FULL, 0, b"3"))}
    await record(recording, "a")
    assert [file.name for file in (tmp_path / "000/table/a").iterdir()] == ["x"]


async def test_parts_of_answers_are_not_kept(
    director: FakeTransport, recording: RecordingTransport, tmp_path: Path
) -> None:
    director.answers = {
        "t 0 1 1": reply(Section("ip_vs", SectionMode.DELTA, 0, b"= 4\n")),
        "a ../b": reply(),
        "c": reply(Section("x.status", SectionMode.FULL, 0, b"")),
    }
    await record(recording, *director.answers)
    assert recording.skipped == {"table t 0 1 1", "table a ../b", "table c"}
    assert [folder.name for folder in (tmp_path / "000/table").iterdir()] == ["0-greeting"]


async def test_arguments_that_do_not_matter(
    director: FakeTransport, recording: RecordingTransport, tmp_path: Path
) -> None:
    director.answers = {"t 1 4711 1": reply(Section("x", SectionMode.FULL, 0, b"1"))}
    await record(recording, "t 1 4711 1")
    channel = await opened(RecordedTransport(tmp_path / "000"))
    assert (await channel.ask("t 0 4712 0", timeout=1)).sections[0].body == b"1"


@pytest.mark.parametrize("request_", ["../x", "a ..", "a b/c", "", "a  b", "a\nb", "-a", ".a", "a \0"])
async def test_path_tricks_are_refused(recording: RecordingTransport, tmp_path: Path, request_: str) -> None:
    with pytest.raises(ValueError, match="cannot be recorded"):
        request_folder(request_)
    await record(recording)
    channel = await opened(RecordedTransport(tmp_path / "000"))
    with pytest.raises(TransportError, match="is not recorded"):
        await channel.ask(request_, timeout=1)


async def test_what_was_not_recorded_is_named(recording: RecordingTransport, tmp_path: Path) -> None:
    with pytest.raises(TransportError, match=rf"there is no folder {tmp_path}/000"):
        await opened(RecordedTransport(tmp_path / "000"))
    await record(recording)
    transport = RecordedTransport(tmp_path / "000")
    channel = await opened(transport)
    with pytest.raises(TransportError, match=rf"there is no folder {tmp_path}/000/table/dump-json") as caught:
        await channel.ask("dump json", timeout=1)
    assert caught.value.fault.kind is FaultKind.BAD_ANSWER
    with pytest.raises(TransportError, match="0-greeting"):
        await transport.open(Program("other", ""), elevated=False, timeout=1)


async def test_a_director_that_cannot_be_asked(
    director: FakeTransport, recording: RecordingTransport, tmp_path: Path
) -> None:
    director.fault = REFUSED
    with pytest.raises(TransportError):
        await recording.connect()
    with pytest.raises(TransportError) as caught:
        await RecordedTransport(tmp_path / "000").connect()
    assert caught.value.fault == REFUSED
    director.fault = None
    await record(recording)
    await RecordedTransport(tmp_path / "000").connect()


async def test_a_refused_sudo(director: FakeTransport, recording: RecordingTransport, tmp_path: Path) -> None:
    director.refusal = FORBIDDEN
    await record(recording)
    with pytest.raises(TransportError):
        await recording.open(TABLE, elevated=True, timeout=1)
    transport = RecordedTransport(tmp_path / "000")
    await opened(transport)
    with pytest.raises(TransportError) as caught:
        await transport.open(TABLE, elevated=True, timeout=1)
    assert caught.value.fault == FORBIDDEN
    director.refusal = None
    await recording.open(TABLE, elevated=True, timeout=1)
    await transport.open(TABLE, elevated=True, timeout=1)


async def test_frames_follow_each_other_with_faults_between(
    director: FakeTransport, recording: RecordingTransport, tmp_path: Path
) -> None:
    director.answers = {"a": reply(Section("x", SectionMode.FULL, 0, b"1"))}
    await record(recording, "a")
    write_fault(tmp_path / "001", REFUSED)
    shutil.copytree(tmp_path / "000", tmp_path / "002")
    (tmp_path / "002/table/a/x").write_bytes(b"2")

    transport = RecordedTransport([tmp_path / "000", tmp_path / "001", tmp_path / "002"], host="keepalived1")
    assert transport.host == "keepalived1"
    channel = await opened(transport)
    assert (await channel.ask("a", timeout=1)).sections[0].body == b"1"
    assert transport.advance()
    with pytest.raises(TransportError, match="refused the connection"):
        await channel.ask("a", timeout=1)
    assert transport.advance()
    with pytest.raises(TransportError, match="refused the connection"):
        await channel.ask("a", timeout=1)
    with pytest.raises(TransportError, match="there is no connection to keepalived1"):
        await transport.open(TABLE, elevated=False, timeout=1)
    channel = await opened(transport)
    assert (await channel.ask("a", timeout=1)).sections[0].body == b"2"
    assert not transport.advance()
    transport.root = tmp_path / "000"
    assert (await channel.ask("a", timeout=1)).sections[0].body == b"1"


async def test_closed_is_closed(director: FakeTransport, recording: RecordingTransport, tmp_path: Path) -> None:
    director.answers = {"a": reply()}
    await record(recording, "a")
    transport = RecordedTransport(tmp_path / "000")
    channel, other = await opened(transport), await transport.open(TABLE, elevated=False, timeout=1)
    await channel.close()
    with pytest.raises(TransportError, match="was closed"):
        await channel.ask("a", timeout=1)
    await transport.close()
    with pytest.raises(TransportError, match="there is no connection"):
        await other.ask("a", timeout=1)


async def test_followed_lines(recording: RecordingTransport, tmp_path: Path) -> None:
    await record(recording)
    assert [line async for line in recording.follow(TABLE, elevated=False)] == [b"one", b"secret"]
    recording.root = tmp_path / "001"
    await record(recording)
    (tmp_path / "001/table/follow").mkdir()
    (tmp_path / "001/table/follow/lines").write_bytes(b"three\n")

    transport = RecordedTransport([tmp_path / "000", tmp_path / "001"])
    await opened(transport)
    async with aclosing(transport.follow(TABLE, elevated=False)) as lines:
        assert [await anext(lines), await anext(lines)] == [b"one", b"******"]
        third = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0)
        assert not third.done()
        transport.advance()
        assert await third == b"three"
        after = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0)
        await transport.close()
        with pytest.raises(TransportError, match="there is no connection"):
            await after


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind: nonsense\nsummary: x\n", "'nonsense' is not a valid FaultKind"),
        ("kind: refused\n", "kind and summary are missing"),
        ("- x\n", "a mapping with kind, summary, remedy is expected"),
        ("cause: x\n", "there is no such key"),
    ],
)
async def test_a_fault_that_is_none(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "fault.yaml").write_text(text)
    with pytest.raises(TransportError, match=says) as caught:
        await RecordedTransport(tmp_path).connect()
    assert caught.value.fault.kind is FaultKind.BAD_ANSWER


async def test_a_status_that_is_none(recording: RecordingTransport, tmp_path: Path) -> None:
    await record(recording)
    (tmp_path / "000/table/0-greeting/reader.status").write_text("failed")
    with pytest.raises(TransportError, match=r"reader\.status holds 'failed' instead of an exit status"):
        await opened(RecordedTransport(tmp_path / "000"))


def test_a_recording_has_a_frame() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        RecordedTransport([])
