"""`lvstop drain`, `restore` and `weight`: exit statuses that scripts depend on, and nothing without a yes."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from lvstop.actions.intent import AddWeight, Drain, Restore, ScaleWeight, SetWeight
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Refusal
from lvstop.actions.progress import Progress, Stage
from lvstop.config.paths import state_folder
from lvstop.model.change import Lever
from support.change_factories import change, outcome, plan
from support.change_setting import CAPACITY, COMMAND, DRAIN, FILE, LOCKED, Setting
from support.factories import FIRST, NOW, SERVICE, rs_key, vs_key

ROW = (vs_key(SERVICE), rs_key(FIRST))

# outcomes


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        (OutcomeKind.DONE, 0, "done on keepalived1 and keepalived2, read back as planned, in 1.5 s\n"),
        (OutcomeKind.UNDONE, 3, "failed, and everything was put back, in 1.5 s: sudo was refused\n"),
        (OutcomeKind.INCOMPLETE, 4, "INCOMPLETE after 1.5 s: sudo was refused\n"),
    ],
)
def test_every_end_has_a_status(
    setting: Setting, kind: OutcomeKind, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan and what became of it on stdout; where it is not as planned, what stands where."""
    failure = "" if kind is OutcomeKind.DONE else "sudo was refused"
    setting.actor.outcome = outcome(plan(), kind, failure=failure, notes=("no record could be kept on keepalived2",))
    assert setting.run(*DRAIN, "--yes") == status
    out = capsys.readouterr().out
    assert f"    keepalived2# {COMMAND}\n" in out
    assert said in out
    assert out.endswith("  ! no record could be kept on keepalived2\n")
    standing = "  keepalived1  172.26.127.21:445  TCP:172.26.127.20:445  weight 5, as before\n"
    assert (standing in out) is (kind is not OutcomeKind.DONE)


def test_refused_when_it_was_to_be_done(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody else was there first: 1, and why."""
    setting.actor.outcome = outcome(plan(), OutcomeKind.REFUSED, objections=(LOCKED,))
    assert setting.run(*DRAIN, "--yes") == 1
    err = capsys.readouterr().err
    assert "refused; nothing was touched:\n  ✖ keepalived1 is being changed by ann@desk (locked)\n" in err


def test_refused_by_guards(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """1, with every reason and which of them can be overridden; nothing is executed or printed as data."""
    setting.actor.answer = Refusal((LOCKED, CAPACITY))
    assert setting.run(*DRAIN, "--yes") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "refused; nothing was touched:\n"
        "  ✖ keepalived1 is being changed by ann@desk (locked)\n"
        "  ✖ the others would carry 180 % (capacity; --force --reason TEXT overrides it)\n"
    )
    assert setting.actor.executed == []


def test_steps_are_told_while_it_is_done(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Narration: on stderr, commands as they are run."""
    setting.actor.steps = (
        Progress(Stage.AUDITING, None, "writing into the audit"),
        Progress(Stage.CHANGING, "keepalived1", COMMAND),
    )
    setting.run(*DRAIN, "--yes")
    assert capsys.readouterr().err.startswith(
        f"  auditing   writing into the audit\n  changing   keepalived1# {COMMAND}\n"
    )


def test_what_to_do_next_is_said(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """How to restore a drain; how to go on with what is incomplete."""
    setting.run(*DRAIN, "--yes")
    assert capsys.readouterr().err == "`lvstop restore smb 172.26.127.21` gives the weights back\n"
    setting.actor.outcome = outcome(plan(), OutcomeKind.INCOMPLETE, change=plan().change)
    setting.run(*DRAIN, "--yes")
    assert f"`lvstop resume smb {change().id} --finish` or `--undo`" in capsys.readouterr().err


# nothing without a yes


def test_a_dry_run_touches_nothing(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan with its commands, and 0; nothing is executed whatever else is said."""
    assert setting.run(*DRAIN, "--dry-run", "--yes") == 0
    out, err = capsys.readouterr()
    assert f"keepalived1# {COMMAND}" in out
    assert err == "--dry-run: nothing was touched\n"
    assert setting.actor.executed == []
    assert not state_folder().exists()


def test_a_dry_run_that_would_be_refused(setting: Setting) -> None:
    """1, as it would be."""
    setting.actor.answer = Refusal((CAPACITY,))
    assert setting.run(*DRAIN, "--dry-run") == 1
    assert setting.actor.executed == []


def test_without_a_terminal_nothing_is_done(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can be asked: 1, and how to do without asking."""
    assert setting.run(*DRAIN) == 1
    assert "nobody can be asked here, and nothing was touched: --yes does it" in capsys.readouterr().err
    assert setting.actor.executed == []


@pytest.mark.parametrize(("typed", "status"), [("yes\n", 0), ("y\n", 1), ("\n", 1), ("", 1), ("no\n", 1), ("YES\n", 1)])
def test_only_yes_is_yes(
    setting: Setting, answers: Callable[[str], None], typed: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole word, typed at a terminal, after the plan was shown."""
    answers(typed)
    assert setting.run(*DRAIN) == status
    assert len(setting.actor.executed) == (status == 0)
    out, err = capsys.readouterr()
    assert COMMAND in out
    assert "Type yes to do this: " in err
    assert ("not confirmed; nothing was touched" in err) is (status == 1)


def test_with_json_the_plan_is_shown_before_it_is_asked_for(
    setting: Setting, answers: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, since stdout is for the document."""
    answers("yes\n")
    assert setting.run(*DRAIN, "--json") == 0
    out, err = capsys.readouterr()
    assert COMMAND in err
    assert json.loads(out)["outcome"]["kind"] == "done"


# what is asked for


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        (["drain", "smb", FIRST], Drain((ROW,))),
        (["drain", "smb", "172.26.127.21", "--reason", " new\n disks "], Drain((ROW,), reason="new disks")),
        (["drain", "smb", FIRST, "--lever", "track-file"], Drain((ROW,), lever=Lever.TRACK_FILE)),
        (["drain", "smb", FIRST, "--until", "2h"], Drain((ROW,), until=NOW + timedelta(hours=2))),
        (["drain", "smb", FIRST, "--virtual-server", SERVICE], Drain((ROW,))),
        (["restore", "smb", FIRST, "--reason", "done"], Restore((ROW,), "done")),
        (["weight", "smb", FIRST, "7"], SetWeight((ROW,), 7)),
        (["weight", "smb", FIRST, "+2"], AddWeight((ROW,), 2)),
        (["weight", "smb", FIRST, "-2", "--reason", "slow"], AddWeight((ROW,), -2, "slow")),
        (["weight", "smb", FIRST, "50%"], ScaleWeight((ROW,), 50.0)),
    ],
)
def test_intents(setting: Setting, words: list[str], intent: object) -> None:
    """What is typed is what is planned."""
    setting.run(*words, "--dry-run")
    assert setting.asked == intent


def test_insisting_is_told_with_its_reason(setting: Setting) -> None:
    """A reason alone insists on nothing."""
    setting.run(*DRAIN, "--dry-run", "--reason", "new disks")
    setting.run(*DRAIN, "--dry-run", "--reason", "new disks", "--force")
    assert [insist for _, insist in setting.actor.asked] == [None, "new disks"]


def test_a_real_server_that_nobody_has(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused, with what there is."""
    assert setting.run("drain", "smb", "172.26.127.99", "--yes") == 1
    assert "No director of smb has a real server 172.26.127.99." in capsys.readouterr().err
    assert setting.actor.asked == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["drain", "smv", FIRST], "lvstop: there is no cluster 'smv'; the nearest name is smb\n"),
        (["weight", "smb", FIRST, "heavy"], "'heavy' is no weight"),
        (["weight", "smb", FIRST, "70000"], "a weight is at most 65535"),
        (["drain", "smb", FIRST, "--until", "2026-11-22T14:00"], "--until 2026-11-22 14:00 UTC is over already"),
        (["drain", "smb", FIRST, "--reason", "x" * 1001], "a reason has up to 1000 characters"),
    ],
)
def test_usage_errors_are_found_before_anybody_is_asked(
    setting: Setting, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """2, one sentence, no connection."""
    assert setting.run(*words, "--yes") == 2
    out, err = capsys.readouterr()
    assert complaint in err
    assert (out, setting.looks) == ("", 0)


def test_a_bad_cluster_file_is_a_usage_error(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """2 and not 3, which would mean that something was tried."""
    setting.file.write_text(FILE + "colour: red\n")
    assert setting.run(*DRAIN, "--yes") == 2
    assert "colour" in capsys.readouterr().err


# read-only


def test_a_read_only_cluster_is_refused(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """By its file: not even looked at."""
    setting.file.write_text(FILE + "read_only: true\n")
    assert setting.run(*DRAIN, "--yes") == 1
    assert "smb is read-only: its cluster file says so (read_only). (read-only)" in capsys.readouterr().err
    assert (setting.looks, setting.actor.asked) == (0, [])


def test_read_only_mode_is_refused(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """By the option, which stands before the command; with JSON the reason is in the document."""
    assert setting.run("--read-only", *DRAIN, "--yes", "--json") == 1
    (objection,) = json.loads(capsys.readouterr().out)["objections"]
    assert objection["code"] == "read-only"
    assert setting.looks == 0
