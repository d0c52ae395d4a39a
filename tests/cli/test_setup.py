"""`lvstop setup`: a script to read, or done there after a question."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from lvstop.cli import setup
from lvstop.cli.arguments import run
from lvstop.config.schema import DirectorConfig
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import TransportError

Capture = pytest.CaptureFixture[str]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA wall\n"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A public key."""
    path = tmp_path / "wall.pub"
    path.write_text(KEY)
    return path


class Directors:
    """Stand-ins: what was run where, and who refuses."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []
        self.refusing: set[str] = set()

    async def run_as_root(self, script: str, director: DirectorConfig, *words: Any) -> None:  # noqa: ANN401
        """As `engine.rights.run_as_root`."""
        if director.host in self.refusing:
            raise TransportError(Fault(FaultKind.FORBIDDEN, f"no root on {director.host}", "log in as root"))
        self.ran.append((director.host, script))
        words[-1]("lvstop-noc is noc here now")


@pytest.fixture
def directors(monkeypatch: pytest.MonkeyPatch) -> Directors:
    """Two of them, and nobody at the terminal."""
    found = Directors()
    monkeypatch.setattr("lvstop.engine.rights.run_as_root", found.run_as_root)
    monkeypatch.setattr(setup, "terminal_question", lambda: None)
    return found


def test_it_prints_a_script(key: Path, capsys: Capture) -> None:
    """To be read: everything that it puts there is in it, and a shell takes it."""
    assert run(["setup", "noc", "--key", str(key)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert subprocess.run(["sh", "-n"], input=out, text=True, check=False).returncode == 0
    assert f'restrict,command="/opt/lvstop/director gate noc" {KEY.strip()}' in out
    assert "lvstop-noc ALL=(root) NOPASSWD: /opt/lvstop/director conns, /opt/lvstop/director facts, " in out
    assert "director act" not in out.partition("NOPASSWD")[2].partition("\n")[0]


def test_an_operator_changes_files_that_are_listed(capsys: Capture) -> None:
    """And `act` is his to start."""
    assert run(["setup", "operator", "--user", "ops", "--track-file", "/etc/keepalived/maint"]) == 0
    out = capsys.readouterr().out
    assert "\n/etc/keepalived/maint\n" in out
    assert "ops ALL=(root) NOPASSWD: " in out
    assert "/opt/lvstop/director act\n" in out
    assert "authorized_keys.lvstop" not in out


def test_the_rights_are_taken_away(capsys: Capture) -> None:
    """By a script of a dozen lines."""
    assert run(["setup", "operator", "--user", "ops", "--remove"]) == 0
    out = capsys.readouterr().out
    assert "rm -f /etc/sudoers.d/lvstop-ops\n" in out
    assert subprocess.run(["sh", "-n"], input=out, text=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("root",), "invalid choice"),
        (("noc", "--user", "root"), "root has all rights"),
        (("noc", "--user", "a b"), "no name of a login"),
        (("noc", "--track-file", "/etc/x"), "may only look"),
        (("operator", "--track-file", "x"), "no absolute path"),
        (("noc", "--key", "/nowhere.pub"), "cannot be read"),
        (("noc", "--apply", "a:b:c@:"), "--apply"),
    ],
)
def test_what_cannot_be_granted(words: tuple[str, ...], said: str, capsys: Capture) -> None:
    """A usage error, and nothing is printed that could be run."""
    with pytest.raises(SystemExit) as left:
        run(["setup", *words])
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (2, "")
    assert said in err


def test_nothing_is_done_without_a_yes(directors: Directors, capsys: Capture) -> None:
    """It is said what would be done, and where."""
    assert run(["setup", "noc", "--apply", "root@lb1"]) == 1
    err = capsys.readouterr().err
    assert "Makes lvstop-noc noc on root@lb1:" in err
    assert "nobody can be asked here" in err
    assert directors.ran == []


def test_it_is_done_on_each_director(directors: Directors, capsys: Capture) -> None:
    """One that refuses keeps nobody else from it, and counts."""
    directors.refusing = {"lb1"}
    assert run(["setup", "noc", "--apply", "lb1", "--apply", "root@lb2:2222", "--yes"]) == 1
    err = capsys.readouterr().err
    assert "lb1: no root on lb1 → log in as root" in err
    assert "root@lb2:2222: lvstop-noc is noc here now" in err
    ((host, script),) = directors.ran
    assert host == "lb2"
    assert script.startswith("#!/bin/sh\n")


def test_a_read_only_lvstop_installs_nothing(directors: Directors, capsys: Capture) -> None:
    """It prints the script, as always."""
    assert run(["--read-only", "setup", "noc", "--apply", "root@lb1", "--yes"]) == 1
    assert "--read-only" in capsys.readouterr().err
    assert directors.ran == []
    assert run(["--read-only", "setup", "noc"]) == 0
