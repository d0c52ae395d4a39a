"""What is imported when: proven at run time, since no linter can show that a deferred import is deferred."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("textual", "rich", "pyroute2", "psutil")


def imported_by(code: str, modules: tuple[str, ...]) -> set[str]:
    """Which of `modules` are loaded after `code` ran in a fresh interpreter."""
    probe = f"{code}\nimport sys\nprint(' '.join(m for m in {modules!r} if m in sys.modules))"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(result.stdout.splitlines()[-1].split() if result.stdout.splitlines() else ())


@pytest.mark.parametrize(
    "code",
    [
        "import lvstop.cli.main",
        "from lvstop.cli.main import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    pass",
    ],
)
def test_the_version_costs_nothing(code: str) -> None:
    """`lvstop --version` loads neither SSH nor YAML nor asyncio."""
    assert imported_by(code, (*HEAVY, "asyncssh", "yaml", "asyncio", "cryptography")) == set()


@pytest.mark.parametrize("command", ["status", "check", "change", "failover"])
def test_commands_load_no_terminal_and_no_netlink(command: str) -> None:
    """`lvstop status` needs SSH and nothing that draws; neither do `lvstop check` and the commands that change."""
    code = f"import lvstop.cli.{command}, lvstop.transport.ssh"
    assert imported_by(code, HEAVY) == set()


@pytest.mark.parametrize("command", ["status", "check"])
def test_a_whole_look_loads_no_terminal_and_no_netlink(tmp_path: Path, command: str) -> None:
    """Not only the modules at the top: what a command imports on its way counts as well."""
    # bound, so that nobody answers there
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        file = tmp_path / "smb.yaml"
        port = bound.getsockname()[1]
        file.write_text(f"name: smb\ndirectors:\n  - {{name: keepalived1, host: 127.0.0.1, user: ops, port: {port}}}\n")
        code = f"from lvstop.cli.main import main\nassert main([{command!r}, '-c', {str(file)!r}]) in (2, 3)"
        assert imported_by(code, (*HEAVY, "asyncssh")) == {"asyncssh"}


def test_a_local_director_needs_no_ssh(tmp_path: Path) -> None:
    """A cluster file that leads nowhere but to this machine loads nothing that leads elsewhere."""
    file = tmp_path / "here.yaml"
    file.write_text("name: here\ndirectors:\n  - {name: lb1, host: local}\n", encoding="ascii")
    code = f"from lvstop.cli.main import main\nassert main(['status', '-c', {str(file)!r}]) in (0, 1, 2, 3)"
    assert imported_by(code, (*HEAVY, "asyncssh")) == set()


def test_the_core_is_loaded_without_ssh() -> None:
    """Everything below the engine works on recordings on a machine without asyncssh."""
    code = "import lvstop.probe.director, lvstop.analysis.merge, lvstop.engine.look, lvstop.transport.recorded"
    assert imported_by(code, (*HEAVY, "asyncssh")) == set()


def test_the_first_lines_on_the_terminal_need_next_to_nothing() -> None:
    """What screens, tables, rules and SSH need is imported while the first lines are painted."""
    code = "import lvstop.cli.terminal, lvstop.engine.ssh_sessions, lvstop.ui.app, lvstop.ui.driver"
    late = ("lvstop.ui.screens", "lvstop.ui.table", "lvstop.analysis", "lvstop.engine.feed", "lvstop.model.director")
    assert imported_by(code, (*late, "asyncssh", "cryptography")) == set()
