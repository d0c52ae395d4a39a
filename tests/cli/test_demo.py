"""The command line of `lvstop demo`, as far as it needs no terminal."""

import pytest

from lvstop.cli.main import main


def test_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The default one first, each with what it shows."""
    assert main(["demo", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[0] == "smb"
    assert len(lines) > 10
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines)


def test_without_a_terminal_there_is_no_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """It is for somebody who looks."""
    assert main(["demo"]) == 3
    assert "this is no terminal" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--speed", "0"], ["--speed", "nan"], ["--speed", "1000"], ["--seed", "x"]])
def test_numbers_that_are_none_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the usage of this command."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", *words])
    assert ended.value.code == 3
    assert "lvstop demo" in capsys.readouterr().err
