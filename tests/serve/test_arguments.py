"""`lvstop serve`: for this machine alone unless somebody says otherwise, and always `lvstop noc`."""

import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lvstop.cli.arguments import build_parser
from lvstop.cli.main import main
from lvstop.cli.serve import noc_command
from lvstop.serve.watcher import environment

CLUSTER = "name: smb\ndirectors:\n  - {name: lb1, host: 127.0.0.1}\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--host", "0.0.0.0"], "lvstop asks nobody who he is"),  # noqa: S104
        (["--host", "10.0.0.5", "--url", "https://wall.example.org"], "--behind-proxy"),
        (["--host", "10.0.0.5", "--behind-proxy"], "--behind-proxy needs --url"),
        (["--url", "https://wall.example.org/lvs"], "it cannot have a path"),
        (["--port", "0"], "not a number between 1 and 65535"),
        (["--watchers", "0"], "not a number between 1 and 100"),
        (["--dwell", "1000000"], "'1000000' is too long: at most 24h"),
        (["--dwell", "9" * 400], "is too long: at most 24h"),
        (["--dwell", "500ms"], "'500ms' is too short: at least 1s"),
        (["--dwell", "0.0000001"], "is too short: at least 1s"),
    ],
)
def test_what_is_refused(words: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything listens, with what to do instead."""
    with pytest.raises(SystemExit) as ended:
        main(["serve", *words])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def test_without_clusters_nothing_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    """No welcome, which could write a file, is shown to a browser."""
    assert main(["serve"]) == 3
    assert "no cluster file" in capsys.readouterr().err


def test_without_the_library_it_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most installations do without."""
    file = tmp_path / "smb.yaml"
    file.write_text(CLUSTER)
    for name in [each for each in sys.modules if each.startswith(("lvstop.serve.server", "lvstop.serve.watcher"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert main(["serve", "-c", str(file)]) == 3
    assert "pip install 'lvstop[serve]'" in capsys.readouterr().err


def test_what_is_started_is_the_wall() -> None:
    """By absolute paths, without a shell, and from nowhere but where lvstop is installed."""
    command = noc_command([Path("smb.yaml")], 15.0, "noc-wall")
    assert command[1:5] == ("-P", "-m", "lvstop", "noc")
    assert command[5:] == ("-c", str(Path.cwd() / "smb.yaml"), "--dwell", "15s", "--theme", "noc-wall")


@given(st.just(0.0) | st.floats(1.0, 86400.0))
@example(86399.123456789)
def test_what_is_started_shows_each_cluster_for_as_long(dwell: float) -> None:
    """Whatever is taken here is taken there, and is the same."""
    options = build_parser().parse_args(noc_command([Path("smb.yaml")], dwell, "noc-wall")[4:])
    assert options.dwell == dwell


@pytest.mark.parametrize(("typed", "seconds"), [("0", 0.0), ("0s", 0.0), ("1s", 1.0), ("90", 90.0), ("24h", 86400.0)])
def test_how_long_each_is_shown(typed: str, seconds: float) -> None:
    """Not at all, which is side by side, or between a second and a day."""
    for command in ("noc", "serve"):
        assert build_parser().parse_args([command, "--dwell", typed]).dwell == seconds


def test_no_variable_of_the_server_makes_another_terminal_of_it() -> None:
    """Textual's own are those of a browser: no log file, no development tools, no other driver."""
    inherited = {"TEXTUAL_DRIVER": "mine:Driver", "TEXTUAL": "devtools", "TEXTUAL_LOG": "/tmp/x", "HOME": "/root"}  # noqa: S108
    made = environment(100, 30, inherited)
    assert made["TEXTUAL_DRIVER"] == "textual.drivers.web_driver:WebDriver"
    assert "TEXTUAL" not in made
    assert "TEXTUAL_LOG" not in made
    assert (made["HOME"], made["COLUMNS"], made["ROWS"]) == ("/root", "100", "30")
