"""A script that is run as root on a director, over real SSH."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lvstop.clock import SystemClock
from lvstop.engine.rights import run_as_root
from lvstop.model.director import FaultKind
from lvstop.transport.base import TransportError
from support.ssh_server import SshServer, Sudo, ssh_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[SshServer]:
    """A director's sshd."""
    async with ssh_server(tmp_path / "server") as running:
        yield running


async def said(server: SshServer, script: str) -> list[str]:
    """What the script says."""
    lines: list[str] = []
    await run_as_root(script, server.director(), server.ssh(), SystemClock(), None, lines.append)
    return lines


async def test_what_it_says_is_told_line_by_line(server: SshServer) -> None:
    """Without what a terminal would take for more than text."""
    assert await said(server, "echo one\nprintf '\\033[2Jtwo\\n'\n") == ["one", "\ufffd[2Jtwo"]


async def test_a_script_that_fails(server: SshServer) -> None:
    """What it has said, and then why."""
    with pytest.raises(TransportError) as failed:
        await said(server, "echo one\necho 'there is no visudo here' >&2\nexit 1\n")
    assert "there is no visudo here" in failed.value.fault.summary


@pytest.mark.skipif(os.geteuid() == 0, reason="this login is root already")
async def test_a_login_that_cannot_become_root(server: SshServer) -> None:
    """Nothing is run, and it is said what to do instead."""
    server.behaviour.sudo = Sudo.WANTS_PASSWORD
    with pytest.raises(TransportError) as refused:
        await said(server, "echo one\n")
    assert refused.value.fault.kind is FaultKind.FORBIDDEN
    assert "cannot become root" in refused.value.fault.summary
