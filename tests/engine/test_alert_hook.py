"""The operator's command, as a real program: what it is told, that it cannot hang, and that nothing is left of it."""

import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TextIO

import pytest

from lvstop.analysis.alarms import AlarmEvent
from lvstop.config.alarms import HookSettings
from lvstop.engine import hook_run
from lvstop.engine.alert_hook import AlertHook
from lvstop.engine.hook_document import document
from lvstop.model.alert import Severity
from support.alarms import an_alert, news_of
from support.clocks import ManualClock
from support.factories import later
from support.hooks import Untouchable, told_in_a_row, until

EVIL = 'a"; touch /tmp/x; $(reboot) `id` \n\x1b]0;owned\x07 € [red]'
LONG = 600.0


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A pipe with a name: reading it ends when every process that writes to it is gone."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def writing_to(fifo: Path) -> tuple[str, ...]:
    """A command that hands on what it is told."""
    return ("sh", "-c", 'cat > "$0"', str(fifo))


async def told(fifo: Path) -> dict[str, Any]:
    """The document of the next run."""
    loaded = json.loads(await asyncio.to_thread(fifo.read_text))
    assert isinstance(loaded, dict)
    return loaded


@asynccontextmanager
async def running(hook: AlertHook) -> AsyncIterator[None]:
    """The hook, running beside the test."""
    task = asyncio.create_task(hook.run())
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def hook_of(command: Sequence[str], clock: ManualClock, **more: object) -> AlertHook:
    """A hook of which no complaint is expected."""
    settings: dict[str, Any] = {"timeout": LONG, **more}
    return AlertHook(HookSettings(tuple(command), **settings), clock, pytest.fail)


async def run_command(command: Sequence[str], text: str, timeout: float) -> str | None:
    """One run: what went wrong with it."""
    runner = hook_run.Runner(command, timeout)
    try:
        return await runner.run(text)
    finally:
        await runner.close()


async def test_what_it_is_told(fifo: Path) -> None:
    """One document; text of alerts is data, whatever is in it."""
    news = news_of(alert=replace(an_alert(), summary=EVIL))
    text = document(news, left_out=3, waiting=2)
    reading = asyncio.create_task(told(fifo))
    assert await run_command(writing_to(fifo), text, LONG) is None
    assert await reading == {
        "schema": 1,
        "event": "raised",
        "cluster": "smb",
        "health": "critical",
        "code": "table-drift",
        "severity": "critical",
        "subject": "TCP:172.26.127.20:445",
        "summary": EVIL,
        "remedy": "Mend it.",
        "since": "2026-11-22T14:02:11.000Z",
        "at": "2026-11-22T14:02:11.000Z",
        "held_back": 3,
        "waiting": 2,
    }
    assert text.isascii()
    assert text.count("\n") == 1


async def test_its_arguments_are_as_they_were_written(tmp_path: Path) -> None:
    """No shell: blanks, quotes and dollars are themselves."""
    words = ["a b", "$HOME", "*", "'", EVIL.replace("\0", "")]
    file = tmp_path / "words"
    code = "import json, sys; json.dump(sys.argv[2:], open(sys.argv[1], 'w'))"
    assert await run_command([sys.executable, "-c", code, str(file), *words], "{}\n", LONG) is None
    assert json.loads(file.read_text()) == words


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["sh", "-c", "echo first >&2; echo no route to pager >&2; exit 3"], "ended with 3: no route to pager"),
        (["sh", "-c", "exit 3"], "ended with 3."),
        (["sh", "-c", "kill -TERM $$"], "was ended by signal 15."),
        (["sh", "-c", "printf '\\033[31mred\\n' >&2; exit 1"], "ended with 1: \ufffd[31mred"),
        (["/nowhere/page"], "cannot be started: No such file or directory."),
        ([str(Path(__file__).parent)], "cannot be started: Permission denied."),
        (["true"], None),
    ],
)
async def test_what_went_wrong(command: list[str], complaint: str | None) -> None:
    """A sentence; none where nothing did. A program need not read what it is told, however long that is."""
    assert await run_command(command, "x" * 1_000_000 + "\n", LONG) == complaint


async def test_one_that_talks_without_end_is_read() -> None:
    """It would stand still else; what is kept of it is bounded."""
    code = "import sys; sys.stderr.write('x' * 10_000_000); sys.exit(1)"
    complaint = await run_command([sys.executable, "-c", code], "{}\n", LONG)
    assert complaint == f"ended with 1: {'x' * 200}"


async def test_one_that_hangs_is_killed() -> None:
    """After its time."""
    complaint = await run_command(["sleep", "1000"], "{}\n", 0.3)
    assert complaint == "took longer than 0.3 s and was killed."


HANGING = 'exec 3> "$0"; sleep 1000 & echo ready >&3; '


async def opened(fifo: Path) -> TextIO:
    """The pipe, once the program writes to it and says that all its processes run."""
    stream = await asyncio.to_thread(fifo.open)
    assert await asyncio.to_thread(stream.readline) == "ready\n"
    return stream


@pytest.mark.parametrize("script", [HANGING + "wait", HANGING + "exit 0"], ids=["hangs", "ends"])
async def test_nothing_of_it_is_left(fifo: Path, script: str) -> None:
    """What it started ends with it, and it ends with lvstop."""
    run = asyncio.create_task(run_command(["sh", "-c", script, str(fifo)], "{}\n", LONG))
    with await opened(fifo) as stream:
        if "wait" in script:
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
        else:
            assert await run is None
        assert await asyncio.to_thread(stream.read) == ""


async def test_one_that_escapes_keeps_nobody_waiting(tmp_path: Path) -> None:
    """A process in a session of its own, with the other end of the pipe."""
    file = tmp_path / "pid"
    escaped = 'echo $$ > "$0.new"; mv "$0.new" "$0"; exec sleep 1000'
    script = 'setsid sh -c "$1" "$0" & until test -e "$0"; do sleep 0.01; done'
    assert await run_command(["sh", "-c", script, str(file), escaped], "{}\n", LONG) is None
    os.kill(int(file.read_text()), signal.SIGKILL)


async def test_no_more_runs_than_may_be(fifo: Path) -> None:
    """The next one waits for its minute; what was overtaken meanwhile is counted in it."""
    clock = ManualClock()
    hook = hook_of(writing_to(fifo), clock, per_minute=1)
    async with running(hook):
        hook.put([news_of(name="first")])
        assert (await told(fifo))["cluster"] == "first"
        hook.put([news_of(name="brief"), news_of(AlarmEvent.CLEARED, name="brief"), news_of(name="second")])
        await until(lambda: clock.sleeping == 1)
        clock.advance(60.0)
        document = await told(fifo)
    assert (document["cluster"], document["held_back"], document["waiting"]) == ("second", 2, 0)


async def test_only_what_is_severe_enough_and_its_end(fifo: Path) -> None:
    """An alarm that became less severe before it was over ends for whoever was told of it; others never began."""
    hook = hook_of(writing_to(fifo), ManualClock(), severity=Severity.CRITICAL, per_minute=60)
    warning = an_alert(Severity.WARNING)
    async with running(hook):
        hook.put([news_of(alert=warning, name="mild"), news_of(AlarmEvent.CLEARED, alert=warning, name="mild")])
        hook.put([news_of(name="bad")])
        assert (await told(fifo))["cluster"] == "bad"
        hook.put([news_of(AlarmEvent.CLEARED, alert=warning, name="bad")])
        document = await told(fifo)
    assert (document["event"], document["cluster"], document["held_back"]) == ("cleared", "bad", 0)


async def test_a_failure_is_told_and_forgotten_with_the_next_success(tmp_path: Path, fifo: Path) -> None:
    """Never silence."""
    complaints = list[str]()
    told_of = asyncio.Event()
    script = 'test -e "$1" && cat > "$0" || { echo no pager >&2; exit 1; }'
    flag = tmp_path / "flag"
    settings = HookSettings(("sh", "-c", script, str(fifo), str(flag)), timeout=LONG)

    def tell(complaint: str) -> None:
        complaints.append(complaint)
        told_of.set()

    hook = AlertHook(settings, ManualClock(), tell)
    async with running(hook):
        hook.put([news_of(name="first")])
        await told_of.wait()
        assert complaints == [hook.complaint] == ["on_alert: sh ended with 1: no pager"]
        flag.touch()
        hook.put([news_of(name="second")])
        assert (await told(fifo))["cluster"] == "second"
        await until(lambda: not hook.complaint)
    assert len(complaints) == 1


def descriptors() -> int:
    """How many files are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("where", ["os.pipe", "asyncio.SelectorEventLoop.connect_read_pipe", "tempfile.TemporaryFile"])
async def test_a_machine_that_has_nothing_left_is_a_complaint(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays in sight like any other, the next news are told, and no descriptor is lost."""

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        raise OSError(errno.EMFILE, "Too many open files")

    complaints = list[str]()
    hook = AlertHook(HookSettings(("true",), timeout=LONG, per_minute=60), ManualClock(), complaints.append)
    before = descriptors()
    async with running(hook):
        with monkeypatch.context() as patch:
            patch.setattr(where, refuse)
            hook.put([news_of(name="first")])
            await until(lambda: bool(complaints))
        assert complaints == [hook.complaint] == ["on_alert: true cannot be started: Too many open files."]
        await until(lambda: descriptors() == before)
        hook.put([news_of(name="second")])
        await until(lambda: not hook.complaint)


@pytest.fixture
def untouchable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Untouchable:
    """Nothing can be killed, and that is noticed soon."""
    monkeypatch.setattr(hook_run, "ENDING", 0.1)
    return Untouchable(monkeypatch, tmp_path)


async def test_one_that_cannot_be_ended_keeps_nobody_waiting(fifo: Path, untouchable: Untouchable) -> None:
    """It is told as what it is, and the next news are told."""
    complaints = list[str]()
    settings = HookSettings(untouchable.command(fifo), timeout=1.0, per_minute=60)
    hook = AlertHook(settings, ManualClock(), complaints.append)
    async with running(hook):
        hook.put([news_of(name="first")])
        await until(lambda: bool(complaints))
        assert untouchable.signalled.is_set()
        assert complaints == [hook.complaint] == ["on_alert: sh took longer than 1 s and could not be ended: stuck"]
        untouchable.mend()
        hook.put([news_of(name="second")])
        assert (await told(fifo))["cluster"] == "second"
        await untouchable.end(*untouchable.pids)


async def test_not_many_of_them(fifo: Path, untouchable: Untouchable) -> None:
    """No other one is started while so many are there; what waits meanwhile is told when one of them is gone."""
    complaints = list[str]()
    settings = HookSettings(untouchable.command(fifo), timeout=1.0, per_minute=60)
    hook = AlertHook(settings, ManualClock(), complaints.append)
    async with running(hook):
        hook.put([news_of(name=f"c{number}", at=later(number)) for number in range(hook_run.MOST_UNENDED + 1)])
        await until(lambda: len(complaints) == hook_run.MOST_UNENDED + 1)
        assert (
            hook.complaint
            == complaints[-1]
            == ("on_alert: sh runs 3 times and cannot be ended: it is not started again before one of them is gone.")
        )
        assert len(untouchable.pids) == hook_run.MOST_UNENDED
        untouchable.mend()
        hook.put([news_of(AlarmEvent.CLEARED, name="c0", at=later(99))])
        first, *others = untouchable.pids
        os.kill(first, signal.SIGKILL)
        documents = await told_in_a_row(fifo, 2)
        await until(lambda: not hook.complaint)
        for pid in others:
            os.kill(pid, signal.SIGKILL)
        for pid in untouchable.pids:
            await untouchable.end(pid)
    assert [(each["event"], each["cluster"]) for each in documents] == [("raised", "c3"), ("cleared", "c0")]
    assert len(complaints) == hook_run.MOST_UNENDED + 1


async def test_what_it_started_as_somebody_else_is_left_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by sudo, which can be killed itself: it was not ended, and is kept in sight until that is gone."""
    file = tmp_path / "pid"
    script = 'sleep 1000 & echo $! > "$0.new"; mv "$0.new" "$0"; echo stuck >&2; wait'

    def killpg(group: int, number: int) -> None:
        if number == signal.SIGKILL:
            os.kill(group, number)
        elif Path(f"/proc/{file.read_text().strip()}").exists():
            raise PermissionError(errno.EPERM, "Operation not permitted")
        else:
            raise ProcessLookupError(errno.ESRCH, "No such process")

    monkeypatch.setattr(os, "killpg", killpg)
    monkeypatch.setattr(hook_run, "LOOK_AGAIN", 0.01)
    runner = hook_run.Runner(("sh", "-c", script, str(file)), 1.0)
    assert await runner.run("{}\n") == "took longer than 1 s and could not be ended: stuck"
    assert runner.unended == 1
    os.kill(int(file.read_text()), signal.SIGKILL)
    await until(lambda: runner.unended == 0)
    await runner.close()


async def test_one_that_ends_by_itself_after_its_time_was_not_killed(
    fifo: Path, untouchable: Untouchable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it ended with is told."""
    monkeypatch.setattr(hook_run, "ENDING", LONG)
    run = asyncio.create_task(run_command(["sh", "-c", 'read -r word < "$0"; exit 3', str(fifo)], "{}\n", 0.1))
    await untouchable.signalled.wait()
    await asyncio.to_thread(fifo.write_text, "go\n")
    assert await run == "took longer than 0.1 s and ended with 3."


async def test_leaving_waits_for_none_that_cannot_be_ended(fifo: Path, untouchable: Untouchable) -> None:
    """Neither for one that runs nor for those that are left of earlier runs."""
    runner = hook_run.Runner(untouchable.command(fifo), LONG)
    run = asyncio.create_task(runner.run("{}\n"))
    await until(lambda: bool(untouchable.pids))
    run.cancel()
    async with asyncio.timeout(60):
        with pytest.raises(asyncio.CancelledError):
            await run
        assert untouchable.signalled.is_set()
        assert runner.unended == 1
        await runner.close()
    await untouchable.end(*untouchable.pids)
