"""`lvstop failover` asks: each warning by hand, then the target's name, and nothing is done without."""

from collections.abc import Callable

import pytest

from lvstop.actions.failover.checks import CheckCode
from lvstop.config.paths import state_folder
from support import failover_scenes as scenes
from support.change_setting import Setting

COMMAND = "keepalived1# echo 1 > /etc/keepalived/maint"
GO = ["failover", "smb"]
WARNED = (CheckCode.SYNC_DAEMONS, CheckCode.PEER_LOAD)

Answers = Callable[[str], None]


def test_a_dry_run_touches_nothing(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Preflight, levers, consequences and commands, and 0."""
    assert setting.run(*GO, "--dry-run", "--yes") == 0
    out, err = capsys.readouterr()
    assert "  preflight   ✔ Both directors are live. (directors-live, 0.4 s ago)\n" in out
    assert "  levers      ▸ track-file " in out
    assert "  connections 1,204 active connections: 1,190 expected to survive, 14 to break\n" in out
    assert COMMAND in out
    assert err == "--dry-run: nothing was touched\n"
    assert setting.failovers.executed == []
    assert not state_folder().exists()


def test_a_dry_run_with_warnings(warned: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it is shown, and 1, for it would not be done so; with them accepted 0."""
    assert warned.run(*GO, "--dry-run") == 1
    out, err = capsys.readouterr()
    assert COMMAND in out
    assert f"! {scenes.NO_SYNC.sentence} (--accept sync-daemons)\n" in err
    assert warned.run(*GO, "--dry-run", "--accept", "sync-daemons", "--accept", "peer-load") == 0


def test_a_dry_run_that_would_be_refused(setting: Setting) -> None:
    """1, as it would be."""
    setting.failovers.assessment = scenes.bad()
    assert setting.run(*GO, "--dry-run") == 1


def test_yes_accepts_no_warning(warned: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has to be named: 1, and how; one of two is not enough."""
    for accepted in ([], ["--accept", "peer-load"]):
        assert warned.run(*GO, "--yes", *accepted) == 1
        assert "(--accept sync-daemons)" in capsys.readouterr().err
    assert warned.failovers.executed == []


def test_warnings_that_are_accepted(warned: Setting) -> None:
    """By their names; a name that is not warned of does no harm, and the plan tells what was accepted."""
    more = ["--accept", "sync-daemons", "--accept", "peer-load", "--accept", "clocks"]
    assert warned.run(*GO, "--yes", *more) == 0
    (plan,) = warned.failovers.executed
    assert plan.accepted >= set(WARNED)


def test_without_a_terminal_nothing_is_done(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can be asked: 1, and how to do without asking."""
    assert setting.run(*GO) == 1
    assert "nobody can be asked here, and nothing was touched: --yes does it" in capsys.readouterr().err
    assert setting.failovers.executed == []


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("keepalived2\n", 0),
        (" keepalived2 \n", 0),
        ("yes\n", 1),
        ("keepalived1\n", 1),
        ("KEEPALIVED2\n", 1),
        ("\n", 1),
        ("", 1),
    ],
)
def test_only_the_targets_name_is_a_yes(
    setting: Setting, answers: Answers, words: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole name, typed at a terminal, after everything was shown."""
    answers(words)
    assert setting.run(*GO) == status
    assert len(setting.failovers.executed) == (status == 0)
    out, err = capsys.readouterr()
    assert COMMAND in out
    assert "Type keepalived2 to have it take over: " in err
    assert ("not confirmed; nothing was touched" in err) is (status == 1)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("peer-load\nsync-daemons\nkeepalived2\n", 1),
        ("sync-daemons\npeer-load\nkeepalived2\n", 0),
        ("sync-daemons\nkeepalived2\n", 1),
        ("yes\nyes\nkeepalived2\n", 1),
        ("", 1),
    ],
)
def test_each_warning_is_accepted_by_hand(
    warned: Setting, answers: Answers, words: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other, by its name, in the order in which they were shown; then the target."""
    answers(words)
    assert warned.run(*GO) == status
    assert len(warned.failovers.executed) == (status == 0)
    out, err = capsys.readouterr()
    assert f"! {scenes.NO_SYNC.sentence} (sync-daemons, 5.0 s ago)\n" in out
    assert f"! {scenes.NO_SYNC.sentence}\nType sync-daemons to accept that: " in err
    assert ("nothing was touched" in err) is (status == 1)


def test_what_was_accepted_beforehand_is_not_asked(
    warned: Setting, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the rest is."""
    answers("peer-load\nkeepalived2\n")
    assert warned.run(*GO, "--accept", "sync-daemons") == 0
    out, err = capsys.readouterr()
    assert f"! {scenes.NO_SYNC.sentence} (sync-daemons, 5.0 s ago, accepted)\n" in out
    assert f"! {scenes.LOADED.sentence} (peer-load, 0.4 s ago)\n" in out
    assert "Type sync-daemons" not in err


def test_the_plan_is_made_before_the_operator_reads(warned: Setting, answers: Answers) -> None:
    """However long he takes, what he agrees to is what was planned when it was fresh."""
    answers("sync-daemons\npeer-load\nkeepalived2\n")
    warned.run(*GO)
    assert [accepted for _, accepted in warned.failovers.asked] == [frozenset(), frozenset(WARNED)]
    assert warned.failovers.sounded == 1
