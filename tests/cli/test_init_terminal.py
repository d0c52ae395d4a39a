"""`lvstop init` on a terminal, as a person types: two questions, two answers, a file."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lvstop.config.load import load_cluster_file
from support.demo_pair import Commands, commands
from support.pty_program import PtyProgram, on_a_terminal

LVSTOP = str(Path(sys.executable).parent / "lvstop")


@pytest.fixture
def pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    """The pair of the tests."""
    folder = tmp_path / "demo"
    folder.mkdir()
    with commands(folder, capsys) as running:
        yield running


def asked(program: PtyProgram, times: int) -> bool:
    """So many questions stand there."""
    return program.output.count(b"(yes/no/its fingerprint)") == times


def test_yes_and_yes(pair: Commands) -> None:
    """What is typed before a question is there does not answer it; 80 columns tear no word."""
    folder = pair.file.parent
    words = ["root@172.26.127.23", "root@172.26.127.24", "-F", str(folder / "smb.ssh_config")]
    argv = [LVSTOP, "init", *words, "-i", str(folder / "client_key")]
    with on_a_terminal(argv, dict(os.environ)) as program:
        program.until(lambda: asked(program, 1), "the first host key")
        program.feed(b"yes\nyes\n")
        program.until(lambda: asked(program, 2), "the second host key")
        assert not (Path.home() / ".config").exists()
        program.feed(b"yes\n")
        program.until(lambda: b"Look at it: lvstop" in program.output, "the end")
        assert program.ends() == 0
    (file,) = (Path.home() / ".config" / "lvstop" / "clusters").iterdir()
    assert load_cluster_file(file).name == "smb"
    assert len((Path.home() / ".ssh" / "known_hosts").read_text().splitlines()) == 2


def test_ctrl_c_writes_nothing(pair: Commands) -> None:
    """Exit 130; the terminal is as it was."""
    folder = pair.file.parent
    argv = [LVSTOP, "init", "root@172.26.127.23", "-F", str(folder / "smb.ssh_config")]
    with on_a_terminal(argv, dict(os.environ)) as program:
        before = program.attributes()
        program.until(lambda: asked(program, 1), "the host key")
        program.process.send_signal(2)
        assert program.ends() == 130
        assert program.attributes() == before
    assert not (Path.home() / ".ssh").exists()
    assert not (Path.home() / ".config").exists()
