"""`lvstop failover --release`, `--report` and `--suggest`."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lvstop.actions.failover.intent import Release
from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.errors import LvstopError
from lvstop.model.failover import Failover
from lvstop.model.sounding import ConfigCheck
from support import failover_scenes as scenes
from support.change_setting import Setting
from support.factories import backup, cluster, master, silent

GO = ["failover", "smb"]

Answers = Callable[[str], None]


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The only thing on stdout."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


# release


def held(setting: Setting, *failovers: Failover) -> None:
    """These are on record on both directors."""
    setting.snapshot = replace(cluster(master(changes=()), backup(changes=())), failovers=failovers)


def test_a_lever_is_released(setting: Setting, answers: Answers, capsys: pytest.CaptureFixture[str]) -> None:
    """The name of whoever gets the addresses back is typed; then no lever is held."""
    held(setting, scenes.held())
    answers("keepalived1\n")
    assert setting.run(*GO, "--release", "--reason", "done") == 0
    ((asked, _),) = setting.failovers.asked
    assert asked == Release(scenes.held().id, "done")
    out, err = capsys.readouterr()
    assert "keepalived1# echo 0 > /etc/keepalived/maint" in out
    assert "  levers" not in out
    assert "is held" not in err


def test_a_release_that_moves_nothing_is_a_plain_question(setting: Setting, answers: Answers) -> None:
    """There is no target."""
    held(setting, scenes.held())
    setting.failovers.back = scenes.release_plan(moves=False)
    answers("yes\n")
    assert setting.run(*GO, "--release") == 0


@pytest.mark.parametrize(
    ("words", "meant"),
    [(["--instance", "MAIL"], "two"), (["--to", "keepalived1"], "one"), (["--to", "keepalived2"], "two")],
)
def test_which_lever_is_meant(
    setting: Setting, words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two are held: 2 and a list, unless it is said."""
    other = scenes.held(id="two", source="keepalived2", target="keepalived1", instances=("MAIL",))
    held(setting, scenes.held(id="one"), other)
    assert setting.run(*GO, "--release", "--yes") == 2
    err = capsys.readouterr().err
    assert "2 levers are held" in err
    assert "  two  fail MAIL over from keepalived2 to keepalived1" in err
    assert setting.run(*GO, "--release", "--yes", *words) == 0
    assert [asked for asked, _ in setting.failovers.asked] == [Release(meant)]


@pytest.mark.parametrize(
    ("failovers", "words", "said"),
    [
        ([], [], "No lever of smb is held. (nothing-to-do)"),
        ([scenes.held()], ["--instance", "X"], "these are: track-file on keepalived1 (SMB). (nothing-to-do)"),
        ([scenes.unfinished(id="u")], [], "`lvstop resume smb u --undo`. (change-unfinished)"),
    ],
)
def test_nothing_to_release(
    setting: Setting, failovers: list[Failover], words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """1, and what there is."""
    held(setting, *failovers)
    assert setting.run(*GO, "--release", "--yes", *words) == 1
    assert said in capsys.readouterr().err


def test_what_nobody_can_read_is_not_nothing(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """A director that is silent may have one on record."""
    setting.snapshot = cluster(master(changes=()), silent())
    assert setting.run(*GO, "--release") == 1
    assert "what keepalived2 has on record is unknown. (director-missing)" in capsys.readouterr().err


# reports and suggestions


def test_reports_are_written_where_they_are_wanted(
    setting: Setting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the ending of their names; what is shown stays the same."""
    text, data = tmp_path / "report.md", tmp_path / "report.json"
    assert setting.run(*GO, "--yes", "--report", str(text), "--report", str(data)) == 0
    assert text.read_text().startswith("# Fail smb over from keepalived1 to keepalived2")
    assert json.loads(data.read_text())["outcome"]["kind"] == "done"
    assert f"report: {text}\n" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "said"), [("there", "such a file already"), ("no/where", "nothing can be written")])
def test_a_report_that_could_not_be_written_is_a_mistake_beforehand(
    setting: Setting, tmp_path: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """2, before anybody is asked; nothing is replaced."""
    (tmp_path / "there").write_text("precious")
    assert setting.run(*GO, "--yes", "--report", str(tmp_path / name)) == 2
    assert said in capsys.readouterr().err
    assert (setting.looks, setting.failovers.executed) == (0, [])
    assert (tmp_path / "there").read_text() == "precious"


def test_a_report_that_cannot_be_written_afterwards(
    setting: Setting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was done is done, and its status is that of the failover."""
    path = tmp_path / "report.md"

    def done(plan: FailoverPlan) -> FailoverOutcome:
        path.write_text("somebody else's")
        return scenes.done(plan)

    setting.failovers.end = done
    assert setting.run(*GO, "--yes", "--report", str(path)) == 0
    assert f"! the report {path} cannot be written: File exists\n" in capsys.readouterr().err
    assert path.read_text() == "somebody else's"


def test_suggested_lines_are_checked(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """The lines for both directors, and what keepalived says of them; nothing is moved."""
    setting.failovers.assessment = scenes.seed()
    assert setting.run(*GO, "--suggest") == 0
    out = capsys.readouterr().out
    assert "keepalived.conf of keepalived1, at the top level:\n    track_file lvstop {\n" in out
    assert "keepalived.conf of keepalived2, inside of vrrp_instance SMB:\n    track_file {\n" in out
    assert "✔ keepalived -t on keepalived2 takes these lines\n" in out
    assert [each.director for each in setting.failovers.tried] == ["keepalived1", "keepalived2"]
    assert setting.failovers.executed == []


def test_lines_that_keepalived_does_not_take(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """1, with its words."""
    setting.failovers.assessment = scenes.seed()
    setting.failovers.validity = ConfigCheck(valid=False, said=("Unknown keyword 'track_file'",))
    assert setting.run(*GO, "--suggest") == 1
    out = capsys.readouterr().out
    assert "✖ keepalived -t on keepalived1 does not take these lines\n    Unknown keyword 'track_file'\n" in out


def test_a_director_that_cannot_try_them(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """1; the lines are shown all the same, and the other director is asked."""
    setting.failovers.assessment = scenes.seed()
    setting.failovers.validity = LvstopError("the director does not answer")
    assert setting.run(*GO, "--suggest", "--json") == 1
    told = document(capsys)["suggestions"]
    assert [(each["director"], each["valid"], bool(each["failure"])) for each in told] == [
        ("keepalived1", None, True),
        ("keepalived2", None, True),
    ]


def test_no_lines_are_needed(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """A gentle lever is there: 0."""
    assert setting.run(*GO, "--suggest") == 0
    assert capsys.readouterr().out.startswith("a gentle lever is there: track-file: ")


def test_no_lines_are_known(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is promised, and what is wrong is said: 1."""
    setting.failovers.assessment = scenes.bad()
    assert setting.run(*GO, "--suggest") == 1
    out = capsys.readouterr().out
    assert out.startswith("no lines are known that would add a gentle lever\n")
    assert f"  ✖ {scenes.PEER_FAULT.sentence} (peer-backup)\n" in out


def test_a_harsh_lever_shows_the_way_to_a_gentler_one(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """The command that prints the lines; a dry run prints them itself."""
    setting.failovers.assessment = scenes.seed()
    setting.run(*GO, "--yes", "--accept", "sync-daemons")
    out = capsys.readouterr().out
    assert "`lvstop failover smb --suggest`" in out
    assert "init_file 0" not in out
    setting.run(*GO, "--dry-run", "--accept", "sync-daemons")
    assert "init_file 0" in capsys.readouterr().out
