"""Reports as files: no file is ever replaced, and those in the state folder are the operator's alone."""

import json
import os
import stat
from pathlib import Path

import pytest

from lvstop.actions.failover.report import document, markdown
from lvstop.actions.failover.report_files import ReportError, keep_reports, write_report
from support.failover_factories import failover_outcome, failover_plan

PLAN = failover_plan()
OUTCOME = failover_outcome(PLAN)


def test_the_ending_of_the_name_decides(tmp_path: Path) -> None:
    """`.json` is JSON, everything else is Markdown."""
    for name in ("a.md", "a.txt", "a", "a.json"):
        write_report(tmp_path / name, PLAN, OUTCOME)
    assert {(tmp_path / name).read_text("utf-8") for name in ("a.md", "a.txt", "a")} == {markdown(PLAN, OUTCOME)}
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == document(PLAN, OUTCOME)


def test_no_file_is_replaced(tmp_path: Path) -> None:
    """Not even one that a link points to."""
    (tmp_path / "there").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    for name in ("there", "link"):
        with pytest.raises(ReportError, match=r"cannot be written: File exists$"):
            write_report(tmp_path / name, PLAN, OUTCOME)
    assert (tmp_path / "there").read_text() == "precious"


def test_all_are_kept_side_by_side(tmp_path: Path) -> None:
    """Text and data under one name; a second report of the same failover gets a name of its own."""
    folder = tmp_path / "state" / "reports"
    first, second = keep_reports(folder, PLAN, OUTCOME), keep_reports(folder, PLAN, OUTCOME)
    stem = f"smb-failover-{PLAN.failover.id}"
    assert [path.name for path in (*first, *second)] == [
        f"{stem}.md",
        f"{stem}.json",
        f"{stem}-2.md",
        f"{stem}-2.json",
    ]
    assert first[0].read_text("utf-8") == second[0].read_text("utf-8") == markdown(PLAN, OUTCOME)


def test_nobody_else_reads_them(tmp_path: Path) -> None:
    """Whatever the operator's umask."""
    old = os.umask(0)
    try:
        paths = keep_reports(tmp_path / "reports", PLAN, OUTCOME)
    finally:
        os.umask(old)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE((tmp_path / "reports").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """One sentence says so."""
    (tmp_path / "state").write_text("")
    with pytest.raises(ReportError, match=r"^no report could be kept in .*/state/reports: "):
        keep_reports(tmp_path / "state" / "reports", PLAN, OUTCOME)
