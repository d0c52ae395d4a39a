"""The script that starts installed programs: what it does is what it was called for, to the letter."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from lvstop.actions.rights.grant import Role, programs_of
from lvstop.actions.rights.installer import director_script
from lvstop.transport.installed import DIRECTOR, HOME, digest, parse_about

NONCE = "lvstop-0123456789abcdef01234567"


@dataclass
class Place:
    """The script in a folder of the test's own, with stand-ins for the programs, sudo and logger."""

    folder: Path

    def run(self, *words: str, asked: str | None = None, text: str = f"{NONCE}\nrequest\n") -> tuple[int, str, str]:
        """Call it; `asked` is what a client of the key wants, in the words of a real director."""
        environment = {"PATH": os.defpath, "ENV": "/nowhere", "LVSTOP_FILES": "/etc/shadow"}
        if asked is not None:
            environment["SSH_ORIGINAL_COMMAND"] = asked.replace(HOME, str(self.folder))
        done = subprocess.run(
            ["sh", self.folder / "director", *words],
            input=text,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    @property
    def logged(self) -> str:
        """What was written into the log."""
        file = self.folder / "log"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Each program says who it is, with its nonce and what it may change."""
    script = director_script().replace(HOME, str(tmp_path))
    assert script.count("PATH=/usr/sbin") == 1
    (tmp_path / "director").write_text(script.replace("PATH=/usr/sbin", f"PATH={tmp_path}/bin:/usr/sbin"))
    (tmp_path / "director").chmod(0o755)
    for program in programs_of(Role.OPERATOR):
        (tmp_path / f"{program.name}.sh").write_text(f'echo "{program.name} $* $LVSTOP_FILES"; cat\n')
    (tmp_path / "bin").mkdir()
    for name, text in {
        "sudo": 'echo "sudo $1 $2"; shift 2; exec "$@"',
        "logger": f'printf "%s\\n" "$*" >>{tmp_path}/log',
    }.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return Place(tmp_path)


def test_it_says_which_programs_there_are(place: Place) -> None:
    """To the byte those that this lvstop would send."""
    status, said, _ = place.run("about")
    assert status == 0
    assert parse_about(said).digests == {program.name: digest(program) for program in programs_of(Role.OPERATOR)}
    assert parse_about(said).role == ""


@pytest.mark.parametrize("name", [program.name for program in programs_of(Role.OPERATOR)])
def test_a_program_is_started_with_its_nonce(place: Place, name: str) -> None:
    """Nothing is read ahead of the requests, and the files that may be changed are those of the folder."""
    assert place.run(name) == (0, f"{name} {NONCE} {place.folder}/files\nrequest\n", "")
    assert place.logged == ""


@pytest.mark.parametrize(
    "words",
    [
        *((), ("",), ("sh",), ("facts", "x"), ("facts;id",), ("facts.sh",), ("../facts",), ("/bin/sh",), ("gate",)),
        *(("gate", "root"), ("gate", "noc", "x"), ("gate", ""), ("-c", "id"), ("*",), ("about ",), ("f?cts",)),
    ],
)
def test_anything_else_is_refused(place: Place, words: tuple[str, ...]) -> None:
    """And written into the log."""
    status, said, errors = place.run(*words)
    assert (status, said) == (126, "")
    assert errors.startswith("lvstop on this director: ")
    assert place.logged.startswith("-t lvstop -p auth.warning -- refused to ")


@pytest.mark.parametrize(
    "nonce", ["", "x", NONCE.upper(), NONCE[:-1], f"{NONCE}0", f"{NONCE[:-3]};id", "lvstop-" + "*" * 24]
)
def test_a_nonce_that_is_none(place: Place, nonce: str) -> None:
    """It would be the program's first argument."""
    status, said, _ = place.run("facts", text=f"{nonce}\n")
    assert (status, said) == (126, "")


@pytest.mark.parametrize("role", Role)
def test_the_gate_lets_through_what_the_role_may(place: Place, role: Role) -> None:
    """By itself, and through sudo."""
    for program in programs_of(role):
        expected = f"{program.name} {NONCE} {place.folder}/files\nrequest\n"
        assert place.run("gate", role, asked=f"exec {DIRECTOR} {program.name}") == (0, expected, "")
        asked = f"exec sudo -n -- {DIRECTOR} {program.name}"
        assert place.run("gate", role, asked=asked) == (0, f"sudo -n --\n{expected}", "")
    status, said, _ = place.run("gate", role, asked=f"exec {DIRECTOR} about")
    assert status == 0
    assert parse_about(said).role == role
    assert set(parse_about(said).digests) == {program.name for program in programs_of(role)}
    assert place.logged == ""


@pytest.mark.parametrize(
    "asked",
    [
        *(
            None,
            "",
            "sh",
            "id",
            "exec sh -s -- lvstop-0",
            "exec sudo -n -- sh -s -- lvstop-0",
            "scp -t /tmp",
            "/usr/lib/sftp-server",
        ),
        *(f"exec {DIRECTOR} act", f"exec sudo -n -- {DIRECTOR} act", f"exec sudo -n -- {DIRECTOR} about"),
        *(
            f"exec {DIRECTOR} facts; id",
            f"exec {DIRECTOR} facts\nid",
            f" exec {DIRECTOR} facts",
            f"exec {DIRECTOR}  facts",
        ),
        *(
            f"exec {DIRECTOR} gate operator",
            f"exec {DIRECTOR} $(id)",
            f"exec {DIRECTOR} f*",
            f"{DIRECTOR} facts",
            "é\x1b[2J",
        ),
    ],
)
def test_the_gate_refuses_a_watcher_everything_else(place: Place, asked: str | None) -> None:
    """Changes, shells, copies, and what only begins like something that is allowed. Each is logged, in one line."""
    status, said, errors = place.run("gate", "noc", asked=asked)
    assert (status, said) == (126, "")
    assert "this key is for lvstop as noc" in errors
    assert place.logged.count("\n") == 1
    assert place.logged.strip().isprintable()
    assert place.logged.isascii()
