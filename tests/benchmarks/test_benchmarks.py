"""The benchmarks run and give ratios. How large these are is not for a test to say."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.asked import NONCE, Asked, Table, path_with_awk
from benchmarks.connections import connection_rows
from benchmarks.demo import demo_rows
from benchmarks.drawing import drawing_rows
from benchmarks.farm import Farm
from benchmarks.first_frame import first_frame_rows
from benchmarks.fleet import fleet_rows
from benchmarks.frames import Frames
from benchmarks.measure import Effort
from benchmarks.memory import memory_rows
from benchmarks.moving import moving_rows
from benchmarks.netlink import netlink_rows
from benchmarks.on_terminal import CursorFinder
from benchmarks.parsing import parsing_rows
from benchmarks.report import Row, table
from benchmarks.simulating import simulating_rows
from benchmarks.ssh_poll import ssh_rows
from benchmarks.start import start_rows
from benchmarks.whole import whole_rows
from benchmarks.wire import wire_rows
from lvstop.probe import programs
from lvstop.probe.delta import SectionLines
from lvstop.probe.parse.ip_vs import parse_ip_vs
from lvstop.transport.framing import decode_sections

TINY = Effort(starts=1, rows=50, parses=1, polls=1, samples=1, blocks=1, asks=1, logins=1, turns=1, span=3, past=30)


@pytest.mark.parametrize("measure", [start_rows, parsing_rows, netlink_rows, moving_rows, wire_rows, simulating_rows])
def test_every_measurement_gives_ratios(measure: Callable[[Effort], list[Row]]) -> None:
    rows = measure(TINY)
    assert rows
    assert all(row.skipped or (row.ratio is not None and row.ratio > 0) for row in rows)


@pytest.mark.parametrize(
    "measure", [first_frame_rows, connection_rows, drawing_rows, whole_rows, fleet_rows, memory_rows, demo_rows]
)
def test_every_measurement_with_a_screen_gives_ratios(measure: Callable[[Effort], list[Row]]) -> None:
    rows = measure(TINY)
    assert rows
    assert all(row.skipped or (row.ratio is not None and row.ratio > 0) for row in rows)


def test_the_farm_changes_every_row_and_nothing_else() -> None:
    farm = Farm(200)
    before, after = farm.look(), farm.look()
    for old, new in zip(before.directors, after.directors, strict=True):
        assert [each.key for each in old.virtual_servers or ()] == [each.key for each in new.virtual_servers or ()]
        assert old.virtual_servers != new.virtual_servers
        assert old.checks is new.checks
    assert after.events == ()


def test_a_cursor_is_found_where_its_background_was_painted() -> None:
    finder = CursorFinder("48;2;1;2;3")
    finder.feed(b"\x1b[4;1H\x1b[1;48;2;1;2;3mhere\x1b[0m\x1b[5;1H\x1b[48;2;9;2;3mnot here\x1b[0m\x1b[7;1H\x1b[48;2;")
    assert finder.painted == {4}
    finder.feed(b"1;2;3mand here\x1b[0m\x1b[1;1H")
    assert finder.painted == {4, 7}


def test_without_a_server_the_polls_over_ssh_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.sshd.shutil.which", lambda *_, **__: None)
    for measure in (ssh_rows, whole_rows):
        assert {row.verdict for row in measure(TINY)} == {"skipped: no sshd here (Debian package openssh-server)"}


def test_the_generated_table_is_one_of_the_kernel() -> None:
    frames = Frames(250, 0.1)
    before = parse_ip_vs(frames.text.decode(), hz=250)
    changed = frames.step()
    after = parse_ip_vs(frames.text.decode(), hz=250)
    assert before.issues == after.issues == ()
    assert [len(server.real_servers) for server in after.value] == [100, 100, 50]
    assert len(changed) == 25
    assert before.value != after.value


def test_a_delta_leads_to_the_next_table() -> None:
    frames, known = Frames(50, 0.1), SectionLines()
    known.apply(frames.full())
    assert len(known.apply(frames.delta())) == 5
    assert known.text.encode() == frames.text


def test_the_programs_read_the_generated_table(tmp_path: Path) -> None:
    generated = Table(tmp_path, Frames(50, 0.1))
    with Asked(generated.read_by(programs.table_cat())) as asked:
        generated.step()
        answer = asked.ask("t 0 0 1")
    sections = {section.name: section.body for section in decode_sections(answer, nonce=NONCE, sequence=1)}
    assert sections["ip_vs"].rstrip() == generated.frames.text.rstrip()
    assert b"Conns/s" in sections["ip_vs_stats"]


def test_an_awk_is_found_or_not(tmp_path: Path) -> None:
    assert path_with_awk(tmp_path, "no-such-awk") is None
    path = path_with_awk(tmp_path, "sh")
    assert path is not None
    assert os.access(Path(path.partition(":")[0]) / "awk", os.X_OK)


def test_verdicts() -> None:
    met = Row("a", "ms", 1.0, 0.5, "floor", budget=2)
    missed = Row("b", "ms", 1.5, 0.5, "floor", budget=2, limit="too many lines", note="seen")
    skipped = Row("c", budget=2, skipped="no such thing")
    informs = Row("d", "ms", 1.0, 0.5, "floor")
    assert [row.verdict for row in (met, missed, skipped, informs)] == [
        "met",
        "missed: too many lines (seen)",
        "skipped: no such thing",
        "informational",
    ]
    lines = table([met, missed, skipped, informs]).splitlines()
    assert len(lines) == 6
    assert "3.00 ×" in lines[3]
    assert "0.50 ms floor" in lines[2]
