"""Who is called, when, and until somebody has taken note of it."""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lvstop.analysis.alarms import AlarmEvent
from lvstop.config.alarms import AlarmSettings, HookSettings, Notification, Ring
from lvstop.config.settings import Settings
from lvstop.engine.hook_run import Runner
from lvstop.model.alert import Severity
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.alarms.desk import LONGEST_LEAVING
from lvstop.ui.app import LvstopApp
from support import scenes
from support.alarms import alarmed, an_alert
from support.clocks import ManualClock
from support.factories import cluster
from support.hooks import told_in_a_row
from support.pilots import line_with, publish, text_of, toasts, until
from support.terminal import make_app

CRITICAL, WARNING = an_alert(Severity.CRITICAL), an_alert(Severity.WARNING)
OTHER = an_alert(Severity.CRITICAL, subject="TCP:172.26.127.20:139")


class Rings:
    """Counts how often the bell rings."""

    def __init__(self, app: LvstopApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        monkeypatch.setattr(app, "bell", self._ring)

    def _ring(self) -> None:
        self.count += 1


def app_with(alarms: AlarmSettings | None = None, on_alert: HookSettings | None = None) -> LvstopApp:
    """A healthy pair on the screen."""
    return make_app(cluster(), settings=Settings(alarms=alarms or AlarmSettings(), on_alert=on_alert))


async def passes(app: LvstopApp, pilot: Pilot[None], snapshot: ClusterSnapshot, seconds: int) -> None:
    """So many looks, a second each."""
    assert isinstance(app.clock, ManualClock)
    for _ in range(seconds):
        app.clock.advance(1.0)
        await publish(app, pilot, replace(snapshot, generated_at=app.clock.now()))


async def test_the_bell_rings_once_for_what_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for a moment's alert, once for one that stays, and again for a new one."""
    app = app_with()
    async with app.run_test() as pilot:
        bell = Rings(app, monkeypatch)
        await passes(app, pilot, alarmed(CRITICAL), 5)
        assert bell.count == 0
        await passes(app, pilot, alarmed(CRITICAL), 60)
        assert bell.count == 1
        await passes(app, pilot, alarmed(CRITICAL, OTHER), 10)
        assert bell.count == 2


@pytest.mark.parametrize(
    ("ring", "rings"), [(Ring.OFF, (0, 0)), (Ring.CRITICAL, (0, 1)), (Ring.WARNING, (1, 2))], ids=str
)
async def test_what_rings(monkeypatch: pytest.MonkeyPatch, ring: Ring, rings: Sequence[int]) -> None:
    """As the settings say; what gets worse is news."""
    app = app_with(AlarmSettings(bell=ring))
    async with app.run_test() as pilot:
        bell = Rings(app, monkeypatch)
        await passes(app, pilot, alarmed(WARNING), 30)
        assert bell.count == rings[0]
        await passes(app, pilot, alarmed(CRITICAL), 10)
        assert bell.count == rings[1]


async def test_it_reminds_until_somebody_takes_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is silent, and the alarm stays in sight as known; what gets worse rings again."""
    app = app_with(AlarmSettings(bell=Ring.WARNING, remind_every=60.0))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        bell = Rings(app, monkeypatch)
        await passes(app, pilot, alarmed(WARNING), 21)
        assert bell.count == 1
        await passes(app, pilot, alarmed(WARNING), 60)
        assert bell.count == 2
        await pilot.press("A")
        assert any("1 alarm of smb acknowledged" in toast for toast in toasts(app))
        await passes(app, pilot, alarmed(WARNING), 200)
        assert bell.count == 2
        assert "acknowledged" in line_with(app, "table-drift")
        await passes(app, pilot, alarmed(CRITICAL), 6)
        assert bell.count == 3
        assert "acknowledged" not in line_with(app, "table-drift")


async def test_what_rings_is_in_sight() -> None:
    """Also where no alert tells of it any more, or none can: the top bar never says OK while the bell rings."""
    app = app_with()
    async with app.run_test(size=(120, 30)) as pilot:
        await passes(app, pilot, alarmed(CRITICAL), 10)
        assert "✖ 1 critical" in text_of(app).splitlines()[0]
        await passes(app, pilot, cluster(), 5)
        await until(pilot, lambda: "✖ OK, 1 alarm away" in text_of(app).splitlines()[0])
        await passes(app, pilot, cluster(), 40)
        await until(pilot, lambda: "● OK  " in text_of(app).splitlines()[0])
        await passes(app, pilot, alarmed(CRITICAL), 10)
        await passes(app, pilot, scenes.nobody_answers()[-1], 5)
        await until(pilot, lambda: "1 alarm out of sight" in text_of(app).splitlines()[0])


async def test_it_need_not_remind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the settings say so it rings once."""
    app = app_with(AlarmSettings(remind_every=None))
    async with app.run_test() as pilot:
        bell = Rings(app, monkeypatch)
        await passes(app, pilot, alarmed(CRITICAL), 400)
        assert bell.count == 1


async def test_where_alerts_are_listed() -> None:
    """The key is in the footer, and what it did is seen at once; an alarm that is merely away is still there."""
    app = app_with()
    async with app.run_test(size=(120, 40)) as pilot:
        await passes(app, pilot, alarmed(CRITICAL), 10)
        await pilot.press("a")
        await until(pilot, lambda: "A Acknowledge" in text_of(app))
        assert "acknowledged" not in text_of(app)
        await pilot.press("A")
        await until(pilot, lambda: "acknowledged" in line_with(app, "table-drift"))
        await passes(app, pilot, cluster(), 2)
        await until(pilot, lambda: "away, and over if it stays away, acknowledged" in line_with(app, "table-drift"))
        await passes(app, pilot, cluster(), 40)
        await until(pilot, lambda: "Nothing is wrong" in text_of(app))


async def test_it_is_in_the_palette() -> None:
    """By its words."""
    app = app_with()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*"acknow")
        await until(pilot, lambda: "You know of these alarms" in text_of(app))


async def test_what_is_unknown_is_said_where_nothing_is_wrong() -> None:
    """Nothing is known to be wrong is less than that nothing is."""
    snapshot = cluster()
    first, second = snapshot.directors
    app = make_app(replace(snapshot, directors=(first, replace(second, checks=None))))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: "but this is not known: the health checks of keepalived2." in text_of(app))


async def test_notifications() -> None:
    """As the settings say, through the driver; no more than a few at once."""
    app = app_with(AlarmSettings(notification=Notification.OSC9))
    said = list[str]()
    app.tell_terminal = said.append
    many = [an_alert(subject=f"TCP:10.0.0.{number}:80") for number in range(9)]
    async with app.run_test() as pilot:
        await passes(app, pilot, alarmed(*many), 10)
    assert len(said) == 3
    assert all(sequence.startswith("\x1b]9;lvstop: smb critical: TCP:10.0.0.") for sequence in said)


async def test_the_operators_command(tmp_path: Path) -> None:
    """It runs without a key, also where nothing can be changed, and screens go on meanwhile."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    hook = HookSettings(("sh", "-c", 'cat > "$0"', str(fifo)), timeout=600.0, per_minute=60)
    app = app_with(on_alert=hook)
    async with app.run_test() as pilot:
        await passes(app, pilot, alarmed(CRITICAL), 10)
        # nobody reads the pipe yet: the command waits, and nothing else does
        await passes(app, pilot, cluster(), 40)
        first = json.loads(await asyncio.to_thread(fifo.read_text))
        second = json.loads(await asyncio.to_thread(fifo.read_text))
    assert (first["event"], second["event"]) == (AlarmEvent.RAISED, AlarmEvent.CLEARED)
    assert first["subject"] == second["subject"] == CRITICAL.subject
    assert (first["health"], second["health"]) == ("critical", "ok")


def handing_on(fifo: Path, per_minute: int = 60) -> HookSettings:
    """A command that runs until somebody reads the pipe."""
    os.mkfifo(fifo)
    return HookSettings(("sh", "-c", 'cat > "$0"', str(fifo)), timeout=300.0, per_minute=per_minute)


async def test_leaving_tells_what_is_due(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that runs may end, and what waits behind it is told; the screen says why it is still there."""
    fifo = tmp_path / "fifo"
    app = app_with(on_alert=handing_on(fifo))
    async with app.run_test(notifications=True) as pilot:
        await passes(app, pilot, alarmed(CRITICAL, OTHER), 10)
        await pilot.press("q")
        await until(pilot, lambda: any("on_alert is being told of 2 alarms" in toast for toast in toasts(app)))
        assert app.return_code is None
        told = await told_in_a_row(fifo, 2)
        await until(pilot, lambda: app.return_code == 0)
    assert {each["subject"] for each in told} == {CRITICAL.subject, OTHER.subject}
    assert "on_alert" not in capsys.readouterr().err


@pytest.mark.parametrize("how", ["again", "waited"])
async def test_leaving_does_not_hang(tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
    """Whoever asks again leaves at once, and nobody waits for long; what was not told is said on the terminal."""
    app = app_with(on_alert=handing_on(tmp_path / "fifo"))
    async with app.run_test(notifications=True) as pilot:
        assert isinstance(app.clock, ManualClock)
        await passes(app, pilot, alarmed(CRITICAL, OTHER), 10)
        await pilot.press("q")
        await until(pilot, lambda: any("on_alert is being told" in toast for toast in toasts(app)))
        if how == "again":
            await pilot.press("q")
        else:
            app.clock.advance(LONGEST_LEAVING)
        await until(pilot, lambda: app.return_code == 0)
    assert "lvstop: on_alert was not told what is new of 2 alarms." in capsys.readouterr().err


async def test_leaving_waits_for_no_other_minute(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not due is not told earlier; that it was not is said."""
    fifo = tmp_path / "fifo"
    app = app_with(on_alert=handing_on(fifo, per_minute=1))
    async with app.run_test() as pilot:
        await passes(app, pilot, alarmed(CRITICAL, OTHER), 10)
        await asyncio.to_thread(fifo.read_text)
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 0)
    assert "lvstop: on_alert was not told what is new of 1 alarm." in capsys.readouterr().err


@pytest.mark.parametrize("command", [None, HookSettings(("true",))], ids=["none", "idle"])
async def test_leaving_at_once(capsys: pytest.CaptureFixture[str], command: HookSettings | None) -> None:
    """Where nothing waits to be told."""
    app = app_with(on_alert=command)
    async with app.run_test() as pilot:
        await passes(app, pilot, cluster(), 2)
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 0)
    assert "on_alert" not in capsys.readouterr().err


async def test_a_command_that_fails_is_told() -> None:
    """In a notice with what it said."""
    app = app_with(on_alert=HookSettings(("sh", "-c", "echo no pager >&2; exit 1")))
    async with app.run_test(notifications=True) as pilot:
        await passes(app, pilot, alarmed(CRITICAL), 10)
        await until(pilot, lambda: "alarm not told: on_alert: sh ended with 1: no pager" in toasts(app))
        assert app.alarms.complaint == "on_alert: sh ended with 1: no pager"


async def test_an_error_of_lvstops_own_stays_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one of the command does, until a run succeeds; what comes afterwards is told."""
    app = app_with(on_alert=HookSettings(("true",), per_minute=60))

    async def fail(_runner: Runner, _text: str) -> str | None:
        raise ZeroDivisionError("by zero")

    async with app.run_test(notifications=True) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr(Runner, "run", fail)
            await passes(app, pilot, alarmed(CRITICAL), 10)
            complaint = "on_alert: lvstop itself went wrong: ZeroDivisionError: by zero"
            await until(pilot, lambda: f"alarm not told: {complaint}" in toasts(app))
            assert app.alarms.complaint == complaint
        await passes(app, pilot, alarmed(CRITICAL, OTHER), 10)
        await until(pilot, lambda: not app.alarms.complaint)


async def test_no_command_and_no_worker_without_settings() -> None:
    """It is off by default."""
    app = app_with()
    async with app.run_test() as pilot:
        await passes(app, pilot, alarmed(CRITICAL), 10)
        assert [worker.description for worker in app.workers if worker.group == "on_alert"] == []
        assert app.alarms.complaint == ""


async def test_in_the_list_of_clusters() -> None:
    """The one under the cursor, whichever was shown before."""
    other = replace(cluster(), name="other")
    app = make_app(cluster(), others=[other])
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        assert isinstance(app.clock, ManualClock)
        for _ in range(10):
            app.clock.advance(1.0)
            app.feeds["other"].take(replace(alarmed(CRITICAL), name="other", generated_at=app.clock.now()))
        await pilot.press("c")
        await until(pilot, lambda: "CLUSTER" in text_of(app))
        await pilot.press("home", "A")
        await until(pilot, lambda: "✓ TCP:172.26.127.20:445 is not" in line_with(app, "other"))
        assert any("1 alarm of other acknowledged" in toast for toast in toasts(app))
