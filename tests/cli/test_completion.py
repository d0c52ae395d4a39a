"""Completion, in the shells themselves: what comes with lvstop is what the parsers say, and it works."""

import argparse
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic

import pytest

from lvstop.cli.arguments import build_parser
from lvstop.cli.completion import FILES, SCRIPTS, files_in
from lvstop.cli.main import main
from support import completions

PAIR = "name: {0}\ndirectors:\n  - {{name: {0}1, host: a.example}}\n  - {{name: {0}2, host: b.example}}\n"

CASES = [
    ("lvstop dr", ["drain"]),
    ("lvstop --read-only sta", ["status"]),
    ("lvstop drain ", ["smb"]),
    ("lvstop -c web.yaml drain ", ["web"]),
    ("lvstop drain -c web.yaml ", ["web"]),
    ("lvstop drain smb 10.0.0.1 --vir", ["--virtual-server"]),
    ("lvstop failover smb --to ", ["smb1", "smb2"]),
    ("lvstop failover smb --lever ", ["track-file", "priority", "fault", "stop"]),
    ("lvstop failover smb --accept sync", ["sync-daemons", "sync-coverage"]),
    ("lvstop demo split", ["split-brain"]),
    ("lvstop demo f", ["failover", "flapping", "fleet"]),
    ("lvstop demo ./we", ["./web.yaml"]),
    ("lvstop status -c we", ["web.yaml"]),
    ("lvstop completion f", ["fish"]),
]
"""A line up to the cursor, and what may come there."""

BASH = """\
source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
read -ra COMP_WORDS <<<"$2"
[[ $2 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_shtab_lvstop
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A home with one cluster, and a file with another one that can be given with -c."""
    folder = tmp_path / "home" / ".config" / "lvstop" / "clusters"
    folder.mkdir(parents=True)
    (folder / "smb.yaml").write_text(PAIR.format("smb"))
    (folder / "broken.yaml").write_text("name: [")
    (tmp_path / "web.yaml").write_text(PAIR.format("web"))
    (tmp_path / "first.yaml").touch()
    return tmp_path


def environment() -> dict[str, str]:
    """Of the test, and lvstop is found."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def answered(place: Path, *argv: str) -> list[str]:
    """The first word of each line that a shell prints."""
    done = subprocess.run(argv, cwd=place, env=environment(), capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    return [line.split("\t")[0] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("shell", FILES)
def test_the_scripts_are_those_of_the_parsers(shell: str) -> None:
    """`make completions` makes them again."""
    assert (SCRIPTS / FILES[shell]).read_text(encoding="utf-8") == completions.script(shell)


def test_every_value_is_thought_of() -> None:
    """Whoever adds an option says what completes its value, or that nothing can."""
    taking = {
        str(action.metavar)
        for parser in completions.walk(build_parser())
        for action in parser._actions
        if action.nargs != 0 and not action.choices and action.help != argparse.SUPPRESS
    }
    assert taking - set(completions.KNOWN) - completions.FREE == set()


@pytest.mark.parametrize("shell", FILES)
def test_the_scripts_are_printed(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    """As they came with lvstop."""
    assert main(["completion", shell]) == 0
    assert capsys.readouterr().out == (SCRIPTS / FILES[shell]).read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [[], ["bash", "--names", "clusters"], ["tcsh"]])
def test_one_thing_is_asked_for(arguments: list[str]) -> None:
    """A shell or names, not both and not neither."""
    with pytest.raises(SystemExit) as leaving:
        main(["completion", *arguments])
    assert leaving.value.code == 3


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["clusters"], "smb"),
        (["directors"], "smb1 smb2"),
        (["clusters", "-c", "web.yaml"], "web"),
        (["clusters", "--line", "lvstop drain --cluster=web.yaml "], "web"),
        (["clusters", "--line", "lvstop -c nowhere.yaml drain "], ""),
    ],
)
def test_names(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path, arguments: list[str], names: str
) -> None:
    """Of the clusters that can be read; about the others nothing is said."""
    monkeypatch.chdir(place)
    assert main(["completion", "--names", *arguments]) == 0
    assert capsys.readouterr() == ("".join(f"{name}\n" for name in names.split()), "")


def test_names_of_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that come with lvstop."""
    assert main(["completion", "--names", "scenarios"]) == 0
    assert {"smb", "split-brain"} < set(capsys.readouterr().out.split())


def test_names_of_themes(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that come with lvstop, and the operator's own."""
    assert main(["completion", "--names", "themes"]) == 0
    assert {"lvstop-dark", "noc-wall"} < set(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("", []),
        ("lvstop drain ", []),
        (
            "lvstop -c a.yaml --cluster b.yaml -cc.yaml --cluster=d.yaml drain ",
            ["a.yaml", "b.yaml", "c.yaml", "d.yaml"],
        ),
        ("lvstop -c 'my file.yaml' drain ", ["my file.yaml"]),
        ("lvstop -c a.yaml drain smb --reason 'a ker", ["a.yaml"]),
        ("lvstop -c", []),
        ("lvstop -c ~/a.yaml ", ["~/a.yaml"]),
    ],
)
def test_files_in_a_line(line: str, files: list[str]) -> None:
    """As they are typed, whether the line is complete or not."""
    assert files_in(line) == tuple(Path(name).expanduser() for name in files)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(("line", "wanted"), CASES)
def test_bash(place: Path, line: str, wanted: list[str]) -> None:
    """In bash, as readline asks it."""
    found = answered(place, "bash", "--norc", "-c", BASH, "bash", str(SCRIPTS / FILES["bash"]), line)
    assert sorted(found) == sorted(wanted)


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
@pytest.mark.parametrize(("line", "wanted"), CASES)
def test_fish(place: Path, line: str, wanted: list[str]) -> None:
    """In fish, which completes a line that it is given."""
    told = "source $argv[1]; complete -C $argv[2]"
    found = answered(place, "fish", "--no-config", "-c", told, str(SCRIPTS / FILES["fish"]), line)
    assert sorted(found) == sorted(wanted)


class Zsh:
    """An interactive zsh on a terminal, for zsh completes nowhere else."""

    def __init__(self, place: Path) -> None:
        self._master, slave = os.openpty()
        self.process = subprocess.Popen(
            ["zsh", "-f", "-i"],
            cwd=place,
            env={**environment(), "TERM": "dumb", "COLUMNS": "150", "LINES": "50"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        # what it echoes of this is not what it prints of it
        self.type(
            f"stty cols 150 rows 50; PS1='% '; fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D; "
            "bindkey '^I' complete-word; setopt no_list_ambiguous; print -r -- read''y\n"
        )
        self.until(lambda seen: "ready\n" in seen)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def until(self, condition: Callable[[str], bool]) -> str:
        """Read until the condition holds of what was read since."""
        seen, deadline = "", monotonic() + 60
        while not condition(seen):
            left = deadline - monotonic()
            assert left > 0, f"never came; seen: {seen!r}"
            if select.select([self._master], [], [], left)[0]:
                text = os.read(self._master, 65536).decode(errors="replace")
                seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\x07\x00]", "", seen + text)
        return seen

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def zsh(place: Path) -> Iterator[Zsh]:
    """A zsh that is ready."""
    if shutil.which("zsh") is None:
        pytest.skip("there is no zsh")
    shell = Zsh(place)
    yield shell
    shell.close()


def shows(line: str, wanted: Sequence[str]) -> Callable[[str], bool]:
    """One that fits is typed out, of several all are listed."""
    if len(wanted) == 1:
        whole = f"{line.rpartition(' ')[0]} {wanted[0]}"
        return lambda seen: whole in seen
    return lambda seen: all(re.search(rf"\b{name}\b", seen) for name in wanted)


def test_zsh(zsh: Zsh) -> None:
    """In zsh, on a terminal."""
    for line, wanted in CASES:
        zsh.type(f"{line}\t")
        zsh.until(shows(line, wanted))
        # the line is given up; ^C would stop what is still being completed, and be used up by that
        zsh.type("\x15print -r -- nex''t\n")
        zsh.until(lambda seen: "next\n" in seen)
