"""`lvstop failover`: exit statuses that scripts depend on, each warning by hand, and nothing without the name."""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.outcome import OutcomeKind
from lvstop.model.failover import FailoverLever
from support import failover_scenes as scenes
from support.change_setting import FILE, Setting

COMMAND = "keepalived1# echo 1 > /etc/keepalived/maint"
GO = ["failover", "smb"]
WARNED = (CheckCode.SYNC_DAEMONS, CheckCode.PEER_LOAD)

Answers = Callable[[str], None]


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The only thing on stdout."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


# outcomes


@pytest.mark.parametrize(
    ("end", "status", "said"),
    [
        (scenes.done, 0, "done in 5.2 s: keepalived2 holds 172.26.127.20, by the kernel and by keepalived\n"),
        (
            scenes.undone,
            3,
            "failed and undone after 9.8 s: keepalived2 did not take 172.26.127.20 over within 5.6 s.\n",
        ),
        (scenes.incomplete, 4, "INCOMPLETE after 14.1 s: The connection to keepalived1 was lost"),
    ],
)
def test_every_end_has_a_status(
    setting: Setting,
    end: Callable[[FailoverPlan], FailoverOutcome],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was found and planned, and what became of it, on stdout; where it is not as planned, what stands where."""
    setting.failovers.end = end
    assert setting.run(*GO, "--yes") == status
    out = capsys.readouterr().out
    assert f"    {COMMAND}\n" in out
    assert said in out
    assert ("  found " in out) is (status != 0)


def test_the_gap_is_told_with_its_error(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """And the connections before and after."""
    setting.run(*GO, "--yes")
    out = capsys.readouterr().out
    assert "  gap         both directors had 172.26.127.20 for 0.031 s ± 0.005 s\n" in out
    assert "              no new connection was served for 0.017 s ± 0.012 s\n" in out
    assert "  connections keepalived1  1,204 → 0 active\n" in out


def test_what_to_type_is_told(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Where it is incomplete: commands on stdout, how to go on with lvstop on stderr."""
    setting.failovers.end = scenes.incomplete
    setting.run(*GO, "--yes")
    out, err = capsys.readouterr()
    assert "  what to type now:\n    ssh keepalived1.example\n    echo 0 > /etc/keepalived/maint\n" in out
    (plan,) = setting.failovers.executed
    assert err.endswith(f"it is on record: `lvstop resume smb {plan.failover.id} --finish` or `--undo`\n")


def test_a_held_lever_is_told(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody forgets it."""
    setting.run(*GO, "--yes")
    assert capsys.readouterr().err.endswith("the lever is held: `lvstop failover smb --release` releases it\n")


def test_refused_when_it_was_to_be_done(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody else was there first: 1, and why."""

    def locked(plan: FailoverPlan) -> FailoverOutcome:
        return replace(scenes.refused(plan), objections=(scenes.LEVER_UNUSABLE,))

    setting.failovers.end = locked
    assert setting.run(*GO, "--yes") == 1
    assert f"refused; nothing was touched:\n  ✖ {scenes.LEVER_UNUSABLE.sentence} (" in capsys.readouterr().out


def test_steps_and_moments_are_told_while_it_runs(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Narration: on stderr, commands as they are run, moments with their errors."""
    setting.run(*GO, "--yes")
    err = capsys.readouterr().err
    assert "  locking    locking keepalived2\n" in err
    assert f"  pulling    {COMMAND}\n" in err
    assert "     +3.214 s ± 0.003  keepalived2: address there: 172.26.127.20\n" in err


# refusals


def test_what_is_blocked_is_refused(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """1: everything that was found on stdout, the reasons on stderr; nothing overrides them."""
    setting.failovers.assessment = scenes.bad()
    accepted = [word for code in WARNED for word in ("--accept", code)]
    assert setting.run(*GO, "--yes", *accepted) == 1
    out, err = capsys.readouterr()
    assert f"✖ {scenes.PEER_FAULT.sentence} (peer-backup" in out
    assert f"  ✖ {scenes.PEER_FAULT.sentence} (peer-backup)\n" in err
    assert f"  ✖ {scenes.DRIFTED.sentence} (tables-equal)\n" in err
    assert setting.failovers.executed == []


def test_objections_are_reasons(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """A lever that is asked for and cannot be used."""
    setting.failovers.objections = (scenes.LEVER_UNUSABLE,)
    assert setting.run(*GO, "--lever", "track-file", "--yes") == 1
    assert f"  ✖ {scenes.LEVER_UNUSABLE.sentence} (lever-unusable)\n" in capsys.readouterr().err
    ((asked, _),) = setting.failovers.asked
    assert asked == FailOver(lever=FailoverLever.TRACK_FILE)


@pytest.mark.parametrize("words", [GO, [*GO, "--dry-run"], [*GO, "--suggest"], [*GO, "--release"]])
@pytest.mark.parametrize("where", ["option", "file"])
def test_read_only_is_refused(
    setting: Setting, words: list[str], where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before any director is asked."""
    if where == "file":
        setting.file.write_text(f"{FILE}read_only: true\n")
    assert setting.run(*(["--read-only"] if where == "option" else []), *words) == 1
    assert "smb is read-only: " in capsys.readouterr().err
    assert (setting.looks, setting.failovers.sounded) == (0, 0)


def test_what_is_asked_for(setting: Setting) -> None:
    """The instance or group, the target, the lever and the reason."""
    setting.run(*GO, "--instance", "SMB", "--to", "keepalived2", "--reason", " new  kernel ", "--yes")
    setting.run(*GO, "--group", "FRONT", "--lever", "stop", "--yes")
    assert [asked for asked, _ in setting.failovers.asked] == [
        FailOver(instance="SMB", target="keepalived2", reason="new kernel"),
        FailOver(group="FRONT", lever=FailoverLever.STOP),
    ]


# interruptions


def test_an_interruption_in_the_middle_is_incomplete(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while it is done: 4, that it is on record, and how to go on."""
    setting.failovers.gate = asyncio.Event()
    setting.failovers.course = _Interrupting(setting.failovers.course)
    assert setting.run(*GO, "--yes", "--json") == 4
    out, err = capsys.readouterr()
    (plan,) = setting.failovers.executed
    assert "interrupted: how much was done is unknown" in err
    assert f"`lvstop resume smb {plan.failover.id} --finish` or `--undo`" in err
    assert json.loads(out)["outcome"] is None
    assert setting.failovers.cancelled == 1


class _Interrupting(tuple[FailoverProgress, ...]):
    """A course at whose end the operator presses Ctrl-C."""

    __slots__ = ()

    def __iter__(self) -> Iterator[FailoverProgress]:
        yield from super().__iter__()
        os.kill(os.getpid(), signal.SIGINT)


# JSON


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (scenes.done, OutcomeKind.DONE),
        (scenes.undone, OutcomeKind.UNDONE),
        (scenes.incomplete, OutcomeKind.INCOMPLETE),
        (scenes.refused, OutcomeKind.REFUSED),
    ],
)
def test_json_is_one_document(
    setting: Setting,
    end: Callable[[FailoverPlan], FailoverOutcome],
    kind: OutcomeKind,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of every end: what was found, the plan, and what became of it."""
    setting.failovers.end = end
    setting.run(*GO, "--yes", "--json")
    told = document(capsys)
    assert list(told) == [
        "schema",
        "command",
        "cluster",
        "plan",
        "assessment",
        "objections",
        "unaccepted",
        "suggestions",
        "outcome",
    ]
    assert (told["schema"], told["command"], told["cluster"], told["suggestions"]) == (1, "failover", "smb", None)
    assert told["plan"]["commands"] == [{"director": "keepalived1", "command": COMMAND.partition("# ")[2]}]
    assert told["outcome"]["kind"] == str(kind)


def test_json_of_a_refusal(warned: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """What was found, and which warnings nobody has accepted; nothing is said besides."""
    assert warned.run(*GO, "--yes", "--json") == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["unaccepted"] == ["sync-daemons", "peer-load"]
    assert {each["code"] for each in told["assessment"]["checks"] if each["verdict"] == "warned"} == {
        "sync-daemons",
        "peer-load",
    }
    assert told["outcome"] is None
    assert err == ""


def test_with_json_the_plan_is_shown_before_it_is_asked_for(
    setting: Setting, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, since stdout is for the document."""
    answers("keepalived2\n")
    assert setting.run(*GO, "--json") == 0
    out, err = capsys.readouterr()
    assert COMMAND in err
    assert json.loads(out)["outcome"]["kind"] == "done"
