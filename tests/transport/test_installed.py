"""Programs that are called by name where a director has them, and sent where it has not."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.actions import programs as changing
from lvstop.actions.rights.grant import Role, programs_of
from lvstop.actions.rights.installer import director_script
from lvstop.clock import SystemClock
from lvstop.model.director import FaultKind
from lvstop.probe import programs
from lvstop.transport.base import Program, TransportError
from lvstop.transport.installed import DIRECTOR, HOME, Installed, digest, parse_about
from lvstop.transport.ssh import SshTransport
from support.ssh_server import SshServer

PATIENCE = 30.0
Connected = Callable[[], AbstractAsyncContextManager[SshTransport]]


@pytest.fixture
def programs_home(tmp_path: Path) -> Path:
    """A folder as `lvstop setup` leaves it."""
    folder = tmp_path / "installed"
    folder.mkdir()
    for program in programs_of(Role.OPERATOR):
        (folder / f"{program.name}.sh").write_text(program.script)
    (folder / "director").write_text(director_script().replace(HOME, str(folder)))
    (folder / "director").chmod(0o755)
    return folder


@pytest.fixture
def connected(server: SshServer) -> Connected:
    """Connects a transport that may run everything."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[SshTransport]:
        transport = SshTransport(
            server.director(),
            server.ssh(),
            programs=frozenset(programs_of(Role.OPERATOR)),
            clock=SystemClock(),
        )
        await transport.connect()
        try:
            yield transport
        finally:
            await transport.close()

    return connect


async def said(transport: SshTransport, program: Program, *, elevated: bool = False) -> bytes:
    """What `uid` answers."""
    channel = await transport.open(program, elevated=elevated, timeout=PATIENCE)
    try:
        section = (await channel.ask("uid", timeout=PATIENCE)).section("uid")
        assert section is not None
        return section.body
    finally:
        await channel.close()


async def test_they_are_called_by_name(server: SshServer, connected: Connected, programs_home: Path) -> None:
    """Nothing is sent that a shell would run; the answers are the same."""
    async with connected() as transport:
        sent = await said(transport, programs.facts())
    server.behaviour.home = programs_home
    async with connected() as transport:
        assert await said(transport, programs.facts()) == sent
    assert server.commands[0].startswith("exec sh -s -- lvstop-")
    assert server.commands[1:] == [f"exec {DIRECTOR} facts"]


async def test_programs_of_another_version_are_sent(
    server: SshServer, connected: Connected, programs_home: Path
) -> None:
    """What this lvstop would not understand is not called."""
    text = (programs_home / "director").read_text()
    (programs_home / "director").write_text(text.replace(digest(programs.facts()), digest(programs.sound())))
    server.behaviour.home = programs_home
    async with connected() as transport:
        await said(transport, programs.facts())
    assert server.commands[0].startswith("exec sh -s -- lvstop-")


async def test_a_key_that_is_bound(server: SshServer, connected: Connected, programs_home: Path) -> None:
    """It reads; what changes is refused here already, and nothing is asked of the director."""
    server.behaviour.home, server.behaviour.gate = programs_home, "noc"
    async with connected() as transport:
        await said(transport, programs.facts())
        with pytest.raises(TransportError) as refused:
            await transport.open(changing.act(), elevated=False, timeout=PATIENCE)
    assert refused.value.fault.kind is FaultKind.FORBIDDEN
    assert "bound to the role noc, which does not run the program act" in refused.value.fault.summary
    assert server.commands == [f"exec {DIRECTOR} facts"]


async def test_a_key_that_is_bound_to_another_version(
    server: SshServer, connected: Connected, programs_home: Path
) -> None:
    """It cannot be sent anything else, and it is said what to do."""
    text = (programs_home / "director").read_text()
    (programs_home / "director").write_text(text.replace(digest(programs.facts()), digest(programs.sound())))
    server.behaviour.home, server.behaviour.gate = programs_home, "operator"
    async with connected() as transport:
        with pytest.raises(TransportError) as refused:
            await transport.open(programs.facts(), elevated=False, timeout=PATIENCE)
    assert refused.value.fault.kind is FaultKind.FORBIDDEN
    assert "another version" in refused.value.fault.summary
    assert "lvstop setup operator" in refused.value.fault.remedy


@given(st.text())
def test_any_answer_is_understood_or_is_none(text: str) -> None:
    """Whatever a host says that has no such file."""
    found = parse_about(text)
    assert found == Installed() or found.digests


def test_what_a_shell_says_is_nothing_installed() -> None:
    """And so is a role without programs."""
    for text in ("sh: 1: exec: /opt/lvstop/director: not found\n", "gate noc\n", "facts 12\n"):
        assert parse_about(text) == Installed()
