"""Transport tests know nothing of the machine they run on: no keys, agents or known hosts of its user."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.ssh_server import SshServer, ssh_server


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory."""
    folder = tmp_path / "home"
    (folder / ".ssh").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return folder


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SshServer]:
    """A director's sshd that lets its own client key in."""
    async with ssh_server(tmp_path / "server") as running:
        yield running
