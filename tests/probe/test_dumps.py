"""keepalived's dumps: asked for with a signal, believed only when they are new and whole."""

import asyncio

import pytest

from lvstop.probe.dumps import Dump, DumpReader
from lvstop.probe.parse.keepalived_json import is_complete
from lvstop.transport.base import TransportError
from support.clocks import EagerClock
from support.fake_answers import Answer
from support.fake_director import NO_ANSWER, FakeDirector

OLD = '[{"data": {"iname": "OLD"}}]'
HALF = '[{"data": {"iname'
ANY = ("data", "check")


def whole(dump: str, text: str) -> bool:
    """Whether this text is all of that dump."""
    return is_complete(text) if dump == "json" else bool(text)


@pytest.fixture
async def reader(director: FakeDirector, clock: EagerClock) -> DumpReader:
    """Reads dumps of the director over a channel of its own."""
    from lvstop.probe import programs

    transport = director.transport()
    channel = await transport.open(programs.facts(), elevated=False, timeout=10)
    return DumpReader(channel, clock, answer_timeout=10, dump_timeout=5)


async def test_a_new_dump_is_read_twice(director: FakeDirector, reader: DumpReader) -> None:
    """Looked at, signalled, and read until it is the same twice: no dump that still grows is believed."""
    assert await reader.read("json", ("json",), whole) == (Dump(director.dumps["json"]),)
    assert director.verbs == ["stat json", "signal json", "dump json", "dump json"]


async def test_an_old_dump_is_waited_out(director: FakeDirector, reader: DumpReader) -> None:
    """The file of before, whole as it is, is not the answer to this signal: its inode tells."""
    director.stages["json"] = [(10, OLD), (10, OLD), (10, OLD)]
    (dump,) = await reader.read("json", ("json",), whole)
    assert dump == Dump(director.dumps["json"])
    assert director.verbs.count("dump json") == 5
    assert director.verbs.count("signal json") == 1


async def test_half_a_dump_is_waited_out(director: FakeDirector, reader: DumpReader) -> None:
    """A new file that is empty or cut short is still being written."""
    director.stages["json"] = [(11, ""), (11, HALF), (11, HALF)]
    (dump,) = await reader.read("json", ("json",), whole)
    assert dump == Dump(director.dumps["json"])


async def test_a_dump_that_grows_is_waited_out(director: FakeDirector, reader: DumpReader) -> None:
    """Where no end mark tells that a dump is whole, two equal looks do."""
    director.stages["check"] = [(31, "VS VIP"), (31, "VS VIP = 10.9.0.200"), (31, "VS VIP = 10.9.0.200, VPORT")]
    _, check = await reader.read("data", ANY, whole)
    assert check == Dump(director.dumps["check"])


async def test_one_signal_writes_both_dumps(director: FakeDirector, reader: DumpReader) -> None:
    """`data` and `check` come from two processes: each is awaited on its own, one signal asks for both."""
    director.stages["check"] = [(30, "VS VIP = 192.0.2.1")] * 8
    data, check = await reader.read("data", ANY, whole)
    assert (data.text, check.text) == (director.dumps["data"], director.dumps["check"])
    assert director.verbs[:3] == ["stat data", "stat check", "signal data"]
    assert director.verbs.count("signal data") == 1


async def test_one_dump_may_come_without_the_other(director: FakeDirector, reader: DumpReader) -> None:
    """A checker process that hangs does not take the other process's dump away."""
    director.frozen.add("check")
    data, check = await reader.read("data", ANY, whole)
    assert data == Dump(director.dumps["data"])
    assert check == Dump(None, "keepalived wrote no new check dump within 5 s: it has not changed")


async def test_a_dump_that_never_comes_is_given_up(
    director: FakeDirector, reader: DumpReader, clock: EagerClock
) -> None:
    """After `dump_timeout` the reader stops and says what it has seen."""
    director.frozen.add("json")
    began = clock.monotonic()
    (dump,) = await reader.read("json", ("json",), whole)
    assert dump.text is None
    assert dump.failure == "keepalived wrote no new json dump within 5 s: it has not changed"
    assert 5.0 <= clock.monotonic() - began <= 5.5


async def test_a_missing_dump_says_what_the_director_said(director: FakeDirector, reader: DumpReader) -> None:
    """Where there is no file at all its absence is the reason."""
    gone = {"stat": (1, "stat: cannot statx: No such file\n"), "dump": (6, "stat: cannot statx: No such file\n")}
    director.answers["stat json"] = director.answers["dump json"] = gone
    (dump,) = await reader.read("json", ("json",), whole)
    assert dump.failure.endswith("within 5 s: stat: cannot statx: No such file (exit status 6)")


async def test_the_first_dump_ever_is_new(director: FakeDirector, reader: DumpReader) -> None:
    """Where there was no file before, any is new."""
    director.answers["stat json"] = {"stat": (1, "stat: cannot statx: No such file\n")}
    assert await reader.read("json", ("json",), whole) == (Dump(director.dumps["json"]),)


FORGED: Answer = {
    "stat": (0, "1000 1 666 9 2 1795371000 regular file\n"),
    "dump": (7, "keepalived.json is not a plain file of root's alone: 1000 1 666 regular file\n"),
}


async def test_a_forged_file_is_waited_out(director: FakeDirector, reader: DumpReader) -> None:
    """What somebody has put there is refused; keepalived's own dump takes its place."""
    director.answers["stat json"] = {"stat": FORGED["stat"]}
    director.answers["dump json"] = FORGED
    first = director.hold("dump json")
    reading = asyncio.create_task(reader.read("json", ("json",), whole))
    await first.reached.wait()
    second = director.hold("dump json")
    first.release()
    await second.reached.wait()
    del director.answers["dump json"]
    second.release()
    assert await reading == (Dump(director.dumps["json"]),)


async def test_a_forged_file_that_stays_is_the_failure(
    director: FakeDirector, reader: DumpReader, clock: EagerClock
) -> None:
    """keepalived does not write: then it is said what stands in its dump's place."""
    director.answers["dump json"] = FORGED
    began = clock.monotonic()
    (dump,) = await reader.read("json", ("json",), whole)
    assert dump.text is None
    assert dump.failure == (
        "keepalived wrote no new json dump within 5 s: keepalived.json is not a plain file of root's alone: "
        "1000 1 666 regular file (exit status 7)"
    )
    assert 5.0 <= clock.monotonic() - began <= 5.5


async def test_an_unsafe_folder_is_refused_at_once(
    director: FakeDirector, reader: DumpReader, clock: EagerClock
) -> None:
    """Waiting would not make it safe."""
    director.answers["dump json"] = {"stat": (0, "0 1 600 11 2 1795371000 regular file\n"), "dump": (9, "not safe\n")}
    began = clock.monotonic()
    (dump,) = await reader.read("json", ("json",), whole)
    assert dump == Dump(None, "not safe (exit status 9)")
    assert clock.monotonic() == began


async def test_a_signal_that_is_refused_is_the_failure(director: FakeDirector, reader: DumpReader) -> None:
    """Where keepalived cannot be signalled no dump is waited for."""
    director.pid = None
    dumps = await reader.read("data", ANY, whole)
    assert dumps == (Dump(None, "keepalived is not running (exit status 3)"),) * 2
    assert not [request for request in director.verbs if request.startswith("dump")]


async def test_a_director_that_dies_meanwhile_is_no_dump(director: FakeDirector, reader: DumpReader) -> None:
    """Losing the director is not a property of the dump: it is raised."""
    director.breaks["dump json"] = NO_ANSWER
    with pytest.raises(TransportError):
        await reader.read("json", ("json",), whole)


async def test_one_that_has_just_been_started(director: FakeDirector, reader: DumpReader) -> None:
    """A signal would end it: it is asked again until it waits for signals."""
    director.starting = 3
    assert await reader.read("json", ("json",), whole) == (Dump(director.dumps["json"]),)
    assert director.verbs == ["stat json", *4 * ["signal json"], "dump json", "dump json"]


async def test_one_that_does_not_come_to_its_signals(director: FakeDirector, reader: DumpReader) -> None:
    """Not for ever."""
    director.starting = 1000
    (dump,) = await reader.read("json", ("json",), whole)
    assert dump.text is None
    assert "has just been started" in dump.failure
    assert "dump json" not in director.verbs
