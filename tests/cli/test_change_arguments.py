"""Arguments of the commands that change a cluster: what is understood, and mistakes that end with 2."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lvstop.cli.arguments import build_parser
from lvstop.cli.main import main

NAMES = ["smb", "172.26.127.21"]


def parsed(*words: str) -> argparse.Namespace:
    """Arguments as they are understood."""
    return build_parser().parse_args(words)


@pytest.mark.parametrize("text", ["5", "0", "+5", "-5", "50%", "-12"])
def test_a_weight_may_begin_with_a_sign(text: str) -> None:
    """`-5` is a weight to take away and no option, wherever it stands."""
    assert parsed("weight", *NAMES, text).weight == text
    assert parsed("weight", *NAMES, text, "--yes", "-c", "x").weight == text
    assert parsed("weight", "--yes", *NAMES, text).weight == text


def test_what_is_asked_for() -> None:
    """Nothing is insisted on, waited for or agreed to unless it is said."""
    options = parsed("drain", *NAMES)
    assert (options.cluster, options.real_server, options.virtual_server) == (*NAMES, None)
    assert not any([options.yes, options.force, options.wait, options.dry_run, options.json])
    assert (options.lever, options.timeout, options.until, options.reason) == (None, None, None, "")
    assert options.look_timeout == 20.0


def test_files_may_stand_before_and_after() -> None:
    """`-c` belongs to lvstop and to each command."""
    options = parsed("-c", "a", "restore", *NAMES, "-c", "b")
    assert (options.files, options.command_files) == ([Path("a")], [Path("b")])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("2026-11-22T18:00", datetime(2026, 11, 22, 18, 0, tzinfo=UTC)),
        ("2026-11-22 18:00", datetime(2026, 11, 22, 18, 0, tzinfo=UTC)),
        ("2026-11-22T18:00+01:00", datetime(2026, 11, 22, 17, 0, tzinfo=UTC)),
    ],
)
def test_until_is_a_length_of_time_or_a_moment(text: str, meant: timedelta | datetime) -> None:
    """A moment is UTC unless it says otherwise."""
    assert parsed("drain", *NAMES, "--until", text).until == meant


WRONG: list[tuple[Sequence[str], str]] = [
    (["drain"], "the following arguments are required: CLUSTER, REAL_SERVER[:PORT]"),
    (["drain", "smb"], "required: REAL_SERVER[:PORT]"),
    (["restore", *NAMES, "more"], "unrecognized arguments: more"),
    (["weight", *NAMES], "required: WEIGHT"),
    (["weight", *NAMES, "5", "--bogus"], "unrecognized arguments: --bogus"),
    (["drain", *NAMES, "--ye"], "unrecognized arguments: --ye"),
    (["drain", *NAMES, "--lever", "hammer"], "invalid choice: 'hammer'"),
    (["drain", *NAMES, "--wait", "--timeout", "soon"], "'soon' is not a duration"),
    (["drain", *NAMES, "--timeout", "5m"], "--timeout is about --wait"),
    (["drain", *NAMES, "--until", "tomorrow"], "'tomorrow' is neither a length of time"),
    (["drain", *NAMES, "--force"], "--force needs --reason TEXT"),
    (["restore", *NAMES, "--force", "--reason", "  "], "--force needs --reason TEXT"),
    (["resume", "smb"], "one of the arguments --finish --undo is required"),
    (["resume", "smb", "--finish", "--undo"], "not allowed with argument --finish"),
    (["resume", "smb", "--undo", "--force"], "--force needs --reason TEXT"),
    (["failover"], "the following arguments are required: CLUSTER"),
    (["failover", "smb", "--rel"], "unrecognized arguments: --rel"),
    (["failover", "smb", "--lever", "auto"], "invalid choice: 'auto'"),
    (["failover", "smb", "--instance", "A", "--group", "B"], "not allowed with argument --instance"),
    (["failover", "smb", "--release", "--suggest"], "not allowed with argument --release"),
    (["failover", "smb", "--release", "--lever", "stop"], "--release releases the lever that is held"),
    (["failover", "smb", "--suggest", "--report", "x.md"], "--suggest moves nothing"),
    (["failover", "smb", "--accept", "sync-demons"], "'sync-demons' is no check; did you mean sync-daemons?"),
    (["failover", "smb", "--accept", "x"], "'x' is no check; there are directors-live, one-master, "),
]


@pytest.mark.parametrize(("words", "complaint"), WRONG)
def test_mistakes_end_with_two(words: Sequence[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Never 1, 3 or 4, which would tell of a change. The usage is that of the command."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert complaint in err.replace("\n", " ")
    assert err.startswith(f"usage: lvstop {words[0]} ")


@pytest.mark.parametrize("words", [["status", "--bogus"], ["check", "more"], ["--bogus"], ["no-such-command"]])
def test_mistakes_of_reading_commands_still_end_with_three(
    words: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A monitoring script must not take them for `critical`."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert (ended.value.code, capsys.readouterr().out) == (3, "")


@pytest.mark.parametrize("command", ["drain", "restore", "weight", "resume"])
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What it does, each option, and what its exit status means."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert "0 done, and read back from every director 1 refused: the reasons are printed, and nothing was" in out
    assert "--dry-run print the plan and its exact commands, ask nothing and touch nothing" in out
