"""`lvstop resume`, and `--json` of all commands that change a cluster."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Refusal
from lvstop.actions.store import ChangeStore
from lvstop.config.paths import state_folder
from lvstop.model.change import Change, ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from support.change_factories import change, outcome, plan
from support.change_setting import CAPACITY, COMMAND, DRAIN, LOCKED, Setting
from support.factories import backup, cluster, later, master, silent
from support.failover_scenes import held, unfinished


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The only thing on stdout."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


# resume


def pending(name: str) -> Change:
    """A change that was begun and not ended."""
    return change(id=name, phase=ChangePhase.PENDING, at=later(-60))


def recorded(*changes: Change) -> ClusterSnapshot:
    """A pair that has these on record."""
    return cluster(master(changes=changes), backup(changes=changes))


@pytest.mark.parametrize(("way", "asked"), [("--finish", ("finish", "one")), ("--undo", ("undo", "one"))])
def test_resume_takes_the_only_one(setting: Setting, way: str, asked: object) -> None:
    """Standing drains are not unfinished."""
    setting.snapshot = recorded(pending("one"), change(id="standing"))
    assert setting.run("resume", "smb", way, "--yes") == 0
    assert setting.asked == asked


def test_resume_finds_what_is_on_this_machine(setting: Setting) -> None:
    """A change that never reached a director."""
    ChangeStore(state_folder() / "changes").save(pending("here"))
    assert setting.run("resume", "smb", "--undo", "--yes", "--force", "--reason", "now") == 0
    assert setting.actor.asked == [(("undo", "here"), "now")]


def test_records_that_cannot_be_read_are_told(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """There may be changes that nobody knows of."""
    folder = state_folder() / "changes" / "smb"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text("{")
    setting.run(*DRAIN, "--dry-run")
    assert f"! {folder / 'x.json'} is no record of a change: " in capsys.readouterr().err


def test_resume_asks_which_one(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Several are unfinished: 2, and a list to choose from."""
    setting.snapshot = recorded(pending("one"), replace(pending("two"), kind=ChangeKind.WEIGHT))
    assert setting.run("resume", "smb", "--undo") == 2
    err = capsys.readouterr().err
    assert "2 changes are unfinished; name one:\n" in err
    assert "  one  drain 172.26.127.21:445" in err
    assert "  two  change the weight of 172.26.127.21:445" in err
    assert setting.run("resume", "smb", "two", "--undo", "--yes") == 0
    assert setting.asked == ("undo", "two")


def test_what_nobody_can_read_is_not_nothing(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """A director that is silent, or whose records could not be read, may have one."""
    setting.snapshot = cluster(master(changes=()), silent())
    assert setting.run("resume", "smb", "--undo") == 1
    err = capsys.readouterr().err
    assert "! keepalived2: no answer from 172.26.127.24:22 within 5 s → ping 172.26.127.24\n" in err
    assert "as far as is known; what keepalived2 has on record is unknown. (director-missing)" in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["resume", "smb", "--undo"], "Nothing is unfinished in smb."),
        (["resume", "smb", "standing", "--undo"], "No change standing is unfinished in smb."),
    ],
)
def test_nothing_to_resume(
    setting: Setting, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused: 1."""
    setting.snapshot = recorded(change(id="standing"))
    assert setting.run(*words) == 1
    assert f"✖ {sentence} (nothing-to-do)" in capsys.readouterr().err


# failovers


@pytest.mark.parametrize(("way", "asked"), [("--finish", ("finish", "f")), ("--undo", ("undo", "f"))])
def test_resume_takes_up_a_failover(setting: Setting, way: str, asked: object) -> None:
    """Held levers are not unfinished."""
    setting.snapshot = replace(recorded(), failovers=(unfinished(id="f"), held(id="h")))
    assert setting.run("resume", "smb", way, "--yes") == 0
    assert [each for each, _ in setting.failovers.asked] == [asked]
    assert len(setting.failovers.executed) == 1
    assert setting.actor.asked == []


def test_a_failover_on_this_machine_is_found(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """One that never reached a director."""
    ChangeStore(state_folder() / "changes").save(unfinished(id="here"))
    assert setting.run("resume", "smb", "here", "--undo", "--yes", "--json") == 0
    told = document(capsys)
    assert (told["command"], told["plan"]["releases"], told["outcome"]["kind"]) == ("resume", True, "done")


def test_resume_asks_which_of_a_change_and_a_failover(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Both are unfinished: 2, and a list to choose from."""
    setting.snapshot = replace(recorded(pending("one")), failovers=(unfinished(id="f"),))
    assert setting.run("resume", "smb", "--undo") == 2
    err = capsys.readouterr().err
    assert "  one  drain 172.26.127.21:445" in err
    assert "  f    fail SMB over from keepalived1 to keepalived2" in err


def test_the_warnings_of_a_resumed_failover_are_accepted_by_name(warned: Setting) -> None:
    """As with a new one."""
    warned.snapshot = replace(recorded(), failovers=(unfinished(id="f"),))
    assert warned.run("resume", "smb", "--finish", "--yes") == 1
    accepted = ["--accept", "sync-daemons", "--accept", "peer-load"]
    assert warned.run("resume", "smb", "--finish", "--yes", *accepted) == 0


def test_a_held_lever_is_not_resumed(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """It is released: 1, and how."""
    setting.snapshot = replace(recorded(), failovers=(held(id="h"),))
    assert setting.run("resume", "smb", "h", "--undo") == 1
    assert "its lever is held. `lvstop failover smb --release` releases it. (nothing-to-do)" in capsys.readouterr().err


# JSON


@pytest.mark.parametrize("kind", OutcomeKind)
def test_json_is_one_document(setting: Setting, kind: OutcomeKind, capsys: pytest.CaptureFixture[str]) -> None:
    """Of every end: the plan, what became of it, and why."""
    objections = (LOCKED,) if kind is OutcomeKind.REFUSED else ()
    setting.actor.outcome = outcome(plan(), kind, objections=objections)
    setting.run(*DRAIN, "--yes", "--json")
    told = document(capsys)
    assert list(told) == ["schema", "command", "cluster", "plan", "objections", "outcome", "progress"]
    assert (told["schema"], told["command"], told["cluster"], told["progress"]) == (1, "drain", "smb", None)
    assert [each["command"] for each in told["plan"]["commands"]] == [COMMAND, COMMAND]
    assert told["outcome"]["kind"] == str(kind)
    assert [each["code"] for each in told["objections"]] == [each.code for each in objections]


def test_json_of_a_refusal(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was planned, and nothing is said besides."""
    setting.actor.answer = Refusal((CAPACITY,))
    assert setting.run(*DRAIN, "--json") == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "schema": 1,
        "command": "drain",
        "cluster": "smb",
        "plan": None,
        "objections": [{"code": "capacity", "sentence": "the others would carry 180 %", "overridable": True}],
        "outcome": None,
        "progress": None,
    }
    assert err == ""
