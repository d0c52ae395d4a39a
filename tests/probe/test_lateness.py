"""What happens late or goes on and on: answers that cross, weights that never rest, readers that leave."""

import io
import sys
from pathlib import Path

import pytest

from lvstop.cli import text_report
from lvstop.cli.main import main
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorStatus
from support.clocks import EagerClock
from support.factories import FIRST, SECOND, SERVICE, backup, cluster, master, real_server, virtual_server
from support.fake_answers import TABLE
from support.fake_director import NO_ANSWER, SUDO_REFUSES, FakeDirector, Ticker


@pytest.mark.parametrize("sudo", [NO_ANSWER, SUDO_REFUSES], ids=["hangs", "refuses"])
async def test_privilege_that_is_lost_takes_its_readings_along(
    director: FakeDirector, clock: EagerClock, sudo: object
) -> None:
    """The facts program died and sudo does not work any more: what nobody may read now is not shown as present."""
    director.root = False
    ticker = Ticker(director, clock)
    await ticker.connect()
    director.sudo = sudo  # type: ignore[assignment]
    director.hold("stats").fail(NO_ANSWER)
    snapshot = await ticker.tick(90)
    await ticker.probe.close()
    assert snapshot.privilege is not None
    assert str(snapshot.privilege) == "none"
    assert (snapshot.checks, snapshot.details, snapshot.counters, snapshot.sync_groups) == (None, None, None, None)


async def test_an_answer_of_before_does_not_make_keepalived_invisible(
    director: FakeDirector, clock: EagerClock
) -> None:
    """keepalived ends while it is being looked for: the late answer is no reason to stop watching its process."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    late = director.hold("daemon")
    await ticker.tick(62)
    director.answers["daemon"] = director.fact("daemon")
    director.pid = None
    await ticker.tick()
    again = director.hold("daemon")
    late.release()
    await again.reached.wait()
    director.answers.clear()
    again.release()
    await ticker.tick(5)
    director.pid = 4242
    snapshot = await ticker.tick(8)
    await ticker.probe.close()
    assert snapshot.status is DirectorStatus.LIVE
    assert director.requests[-1] == "t 0 4242 1"


async def test_weights_that_always_change_do_not_fill_the_log(director: FakeDirector, clock: EagerClock) -> None:
    """Dynamic weights (MISC_CHECK) change the table all the time; each dump costs keepalived a line in its log."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    for count in range(120):
        row = real_server("10.9.0.12:80", 1 + count % 7, forwarding="Masq")
        director.table = (TABLE[0], virtual_server("FWM:5", row))
        await ticker.tick()
    await ticker.probe.close()
    assert ticker.asked.count("signal data") <= 12


def test_a_row_that_only_others_have_is_one_line() -> None:
    """With three directors a row that the leader lacks stands there once, with what each of the others has."""
    more = (virtual_server(SERVICE, FIRST, SECOND, real_server("172.26.127.29:445", 2)),)
    third = backup("keepalived3", virtual_servers=more)
    (line,) = [
        line
        for line in text_report.report(cluster(master(), backup(virtual_servers=more), third)).splitlines()
        if line.startswith("    172.26.127.29:445")
    ]
    assert line.split("absent ≠")[1].split() == ["weight", "2", "≠", "weight", "2", "≠"]


def test_a_row_that_only_the_third_has_is_absent_on_the_second() -> None:
    """No cell is empty: the second director lacks the row just as the leader does."""
    more = (virtual_server(SERVICE, FIRST, SECOND, real_server("172.26.127.29:445", 2)),)
    report = text_report.report(cluster(master(), backup(), backup("keepalived3", virtual_servers=more)))
    (line,) = [line for line in report.splitlines() if line.startswith("    172.26.127.29:445")]
    assert line.split("absent ≠")[1].split() == ["absent", "weight", "2", "≠"]


def test_a_reader_that_has_seen_enough_is_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`lvstop status | head -1`: no traceback, and no exit status that means something else."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    shown(monkeypatch)
    monkeypatch.setattr("sys.stdout", Gone())
    assert main(["status", "-c", cluster_file(tmp_path)]) in (0, 3, 141)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_these_signs_shows_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoding: str
) -> None:
    """Where an encoding lacks ● and – something else stands for them; the answer and its exit status are the same."""
    written = io.BytesIO()
    shown(monkeypatch)
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding=encoding))
    assert main(["status", "-c", cluster_file(tmp_path)]) == 0
    sys.stdout.flush()
    assert b"172.26.127.20 is on keepalived1" in written.getvalue()


def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """`lvstop status` sees a healthy pair."""

    async def look(*_: object, **__: object) -> tuple[ClusterSnapshot, ...]:
        return (cluster(),)

    monkeypatch.setattr("lvstop.cli.status.look", look)


def cluster_file(folder: Path) -> str:
    """A cluster file."""
    path = folder / "web.yaml"
    path.write_text("name: web\ndirectors:\n  - {name: d1, host: d1.example}\n")
    return str(path)
