"""The scripts that root is to read and to run: what they put there is what is meant, and shells take them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lvstop.actions.rights.grant import Grant, Role, parse_key, programs_of
from lvstop.actions.rights.installer import authorized_line, installer, remover, sudoers
from lvstop.transport.installed import DIRECTOR

KEY = parse_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA it's mine")
GRANTS = (
    Grant(Role.NOC, "watcher", KEY),
    Grant(Role.NOC, "watcher"),
    Grant(Role.OPERATOR, "lvstop-ops", KEY, ("/etc/keepalived/it's $HOME", "/etc/keepalived/lever")),
)
SCRIPTS = [
    pytest.param(script(grant), id=f"{script.__name__}-{at}")
    for script in (installer, remover)
    for at, grant in enumerate(GRANTS)
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_shells_take_it(script: str) -> None:
    """All of them; and nothing of the template is left."""
    for shell in ("sh", "bash", "dash"):
        if shutil.which(shell):
            assert subprocess.run([shell, "-n"], input=script, text=True, check=False).returncode == 0
    assert re.findall(r"@[A-Z]+@", script) == []


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_finds_nothing(script: str) -> None:
    """A security officer may run it as well."""
    done = subprocess.run(["shellcheck", "-s", "sh", "-"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("grant", GRANTS, ids=str)
def test_what_it_writes(grant: Grant, tmp_path: Path) -> None:
    """Each program to the byte as it would be sent; the files that may be changed, a path a line."""
    lines = installer(grant).splitlines(keepends=True)
    begin = next(at for at, line in enumerate(lines) if line.startswith("put 644"))
    end = next(at for at, line in enumerate(lines) if line.startswith("put 440"))
    puts = "".join(lines[begin:end])
    put = 'put() { cat >"$2"; }\nhome=$1\n'
    subprocess.run(["sh", "-s", "--", tmp_path], input=put + puts, text=True, check=True)
    for program in programs_of(Role.OPERATOR):
        assert (tmp_path / f"{program.name}.sh").read_text() == program.script
    assert (tmp_path / "files").read_text().splitlines() == list(grant.files)
    assert (tmp_path / "director").read_text().startswith("#!/bin/sh\n")


def test_sudo_starts_each_by_its_name() -> None:
    """No wildcard, no shell, no argument that is not written there."""
    text = sudoers(GRANTS[0])
    (rule,) = [line for line in text.splitlines() if line.startswith("watcher ")]
    calls = rule.partition("NOPASSWD: ")[2].split(", ")
    assert calls == [f"{DIRECTOR} {name}" for name in ("conns", "facts", "journal", "moves", "sound")]
    assert "*" not in rule
    if visudo := shutil.which("visudo"):
        checked = subprocess.run([visudo, "-cf", "-"], input=text, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked


def test_the_line_of_a_key() -> None:
    """Bound, and without anything else that sshd would grant."""
    assert authorized_line(GRANTS[0], KEY) == f'restrict,command="{DIRECTOR} gate noc" {KEY.text}'
