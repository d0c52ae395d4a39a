"""Programs over SSH: asked, followed, refused, given up; and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lvstop.clock import SystemClock
from lvstop.model.director import FaultKind
from lvstop.transport.base import NotInCatalogueError, Program, Section, SectionMode, TransportError
from lvstop.transport.ssh import SshTransport
from support.relay import relay
from support.ssh_server import Behaviour, SshServer, Sudo, ssh_server, until

# Answers `echo TEXT`, `bytes COUNT`, `binary`, `half`, `die`, `late`, `wrong`; ends with its input.
ECHO = Program(
    "echo",
    r"""
nonce=$1
say() { printf '\n%s [ %s full\n%s\n%s ] %s\n' "$nonce" "$1" "$2" "$nonce" "$3"; }
say hello "$(id -un)" 0
printf '%s . 0\n' "$nonce"
while read -r sequence verb argument; do
  case $verb in
    echo) say said "$argument" 0 ;;
    bytes) printf '%s [ zeros full\n' "$nonce"; head -c "$argument" /dev/zero; printf '\n%s ] 0\n' "$nonce" ;;
    binary) printf '%s [ raw full\n\000\377\n\n%s ] 3\n' "$nonce" "$nonce" ;;
    half) printf '%s [ raw full\nhal' "$nonce"; exit 7 ;;
    die) echo 'first words' >&2; echo 'last words' >&2; kill -9 $$ ;;
    never) continue ;;
    wrong) sequence=99 ;;
  esac
  printf '%s . %s\n' "$nonce" "$sequence"
done
""",
)
SILENT = Program("silent", "while read -r _; do :; done\n")
DEAD = Program("dead", "echo 'it broke' >&2; exit 4\n")
ALL = frozenset([ECHO, SILENT, DEAD])
PATIENCE = 30.0


def transport_to(server: SshServer, *, answer_limit: int = 1_000_000) -> SshTransport:
    return SshTransport(server.director(), server.ssh(), programs=ALL, clock=SystemClock(), answer_limit=answer_limit)


@pytest.fixture
async def transport(server: SshServer) -> AsyncIterator[SshTransport]:
    transport = transport_to(server)
    await transport.connect()
    yield transport
    await transport.close()


def fault_of(caught: pytest.ExceptionInfo[TransportError]) -> tuple[FaultKind, str]:
    return caught.value.fault.kind, caught.value.fault.summary


async def test_a_program_greets_and_answers_again_and_again(transport: SshTransport, server: SshServer) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    assert [section.name for section in channel.greeting.sections] == ["hello"]
    for number in range(20):
        reply = await channel.ask(f"echo number {number}", timeout=PATIENCE)
        assert reply.sections == (Section("said", SectionMode.FULL, 0, f"number {number}".encode()),)
        assert reply.took >= 0
        assert reply.size > len("number")
    await channel.close()
    await server.programs_ended()
    assert len(server.sessions) == 1
    assert server.commands[0].startswith("exec sh -s -- lvstop-")
    assert server.logins == 1


async def test_content_may_be_binary_and_status_is_kept(transport: SshTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    reply = await channel.ask("binary", timeout=PATIENCE)
    assert reply.section("raw") == Section("raw", SectionMode.FULL, 3, b"\0\xff\n")


async def test_an_answer_of_many_packets(transport: SshTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    section = (await channel.ask("bytes 700000", timeout=PATIENCE)).section("zeros")
    assert section is not None
    assert section.body == bytes(700_000)


async def test_several_programs_share_a_connection(transport: SshTransport, server: SshServer) -> None:
    channels = [await transport.open(ECHO, elevated=False, timeout=PATIENCE) for _ in range(3)]
    replies = await asyncio.gather(
        *(channel.ask(f"echo {number}", timeout=PATIENCE) for number, channel in enumerate(channels))
    )
    assert [reply.sections[0].body for reply in replies] == [b"0", b"1", b"2"]
    assert server.logins == 1


async def test_what_a_login_shell_says_before_the_program_is_not_its_greeting(tmp_path: Path) -> None:
    async with ssh_server(tmp_path / "server", Behaviour(login_shell="echo Welcome")) as server:
        transport = transport_to(server)
        await transport.connect()
        channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
        assert [section.name for section in channel.greeting.sections] == ["hello"]
        await transport.close()


async def test_one_request_at_a_time_and_no_second_line(transport: SshTransport) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    with pytest.raises(ValueError, match="not a request"):
        await channel.ask("echo a\necho b", timeout=PATIENCE)
    first = asyncio.create_task(channel.ask("echo a", timeout=PATIENCE))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="already being asked"):
        await channel.ask("echo b", timeout=PATIENCE)
    assert (await first).sections[0].body == b"a"


async def test_a_program_outside_of_the_catalogue_is_forbidden_without_a_network(server: SshServer) -> None:
    transport = transport_to(server)
    stranger = Program("stranger", "reboot\n")
    with pytest.raises(NotInCatalogueError) as caught:
        await transport.open(stranger, elevated=False, timeout=PATIENCE)
    assert fault_of(caught)[0] is FaultKind.FORBIDDEN
    with pytest.raises(NotInCatalogueError) as caught:
        await anext(transport.follow(stranger, elevated=False))
    assert fault_of(caught)[0] is FaultKind.FORBIDDEN
    assert not server.connections


async def test_a_program_is_known_by_its_text_not_by_its_name(transport: SshTransport) -> None:
    with pytest.raises(TransportError, match="not among those"):
        await transport.open(Program(ECHO.name, "reboot\n"), elevated=False, timeout=PATIENCE)


async def test_elevated_programs_go_through_sudo(transport: SshTransport, server: SshServer) -> None:
    channel = await transport.open(ECHO, elevated=True, timeout=PATIENCE)
    assert (await channel.ask("echo a", timeout=PATIENCE)).sections[0].body == b"a"
    assert server.commands[0].startswith("exec sudo -n -- sh -s -- lvstop-")


@pytest.mark.parametrize(
    ("sudo", "says"),
    [
        (Sudo.WANTS_PASSWORD, "a password is required"),
        (Sudo.NOT_ALLOWED, "Sorry, user ops is not allowed"),
        (Sudo.MISSING, "sudo: not found"),
    ],
)
async def test_sudo_that_refuses_is_forbidden(
    transport: SshTransport, server: SshServer, sudo: Sudo, says: str
) -> None:
    server.behaviour.sudo = sudo
    with pytest.raises(TransportError, match=says) as caught:
        await transport.open(ECHO, elevated=True, timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.FORBIDDEN
    assert "sudo -n sh" in caught.value.fault.remedy
    with pytest.raises(TransportError, match=says):
        await anext(transport.follow(SILENT, elevated=True))


async def test_a_director_that_opens_no_session(transport: SshTransport, server: SshServer) -> None:
    server.behaviour.refuses_sessions = True
    with pytest.raises(TransportError, match="opens no session") as caught:
        await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.FORBIDDEN
    assert "MaxSessions" in caught.value.fault.remedy


async def test_a_program_that_ends_before_its_greeting(transport: SshTransport) -> None:
    with pytest.raises(TransportError) as caught:
        await transport.open(DEAD, elevated=False, timeout=PATIENCE)
    kind, summary = fault_of(caught)
    assert kind is FaultKind.BAD_ANSWER
    assert "ended with status 4 before its greeting: it broke" in summary


async def test_a_login_shell_that_explains_itself_on_its_output(transport: SshTransport, server: SshServer) -> None:
    server.behaviour.login_shell = "echo This account is currently not available.; exit 1"
    with pytest.raises(TransportError, match="This account is currently not available") as caught:
        await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.BAD_ANSWER


async def test_a_program_that_never_greets(transport: SshTransport, server: SshServer) -> None:
    with pytest.raises(TransportError, match=r"did not answer within 0\.2 s \(silent: no greeting\)") as caught:
        await transport.open(SILENT, elevated=False, timeout=0.2)
    assert caught.value.fault.kind is FaultKind.NO_ANSWER
    await server.programs_ended()


@pytest.mark.parametrize(
    ("request_", "kind", "says"),
    [
        ("half", FaultKind.BAD_ANSWER, "ended with status 7 before its answer to 'half'"),
        ("die", FaultKind.BAD_ANSWER, "ended with signal KILL before its answer to 'die': last words"),
        ("wrong", FaultKind.BAD_ANSWER, "is the one to request 99, not to request 1"),
        ("bytes 104857600", FaultKind.ANSWER_TOO_LARGE, "larger than 1,000,000 bytes"),
    ],
)
async def test_answers_that_are_none(
    transport: SshTransport, server: SshServer, request_: str, kind: FaultKind, says: str
) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    with pytest.raises(TransportError) as caught:
        await channel.ask(request_, timeout=PATIENCE)
    assert caught.value.fault.kind is kind
    assert says in caught.value.fault.summary
    assert server.host in caught.value.fault.summary
    with pytest.raises(TransportError) as again:
        await channel.ask("echo a", timeout=PATIENCE)
    assert again.value.fault == caught.value.fault
    await server.programs_ended()


async def test_an_answer_that_does_not_come(transport: SshTransport, server: SshServer) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    with pytest.raises(TransportError, match=r"did not answer within 0\.2 s \(echo: no answer to 'never'\)") as caught:
        await channel.ask("never", timeout=0.2)
    assert caught.value.fault.kind is FaultKind.NO_ANSWER
    await server.programs_ended()
    # The connection and its other programs are as good as before.
    other = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    assert (await other.ask("echo a", timeout=PATIENCE)).sections[0].body == b"a"


async def test_a_connection_that_is_cut_while_an_answer_is_awaited(transport: SshTransport, server: SshServer) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    asking = asyncio.create_task(channel.ask("never", timeout=PATIENCE))
    await asyncio.sleep(0)
    server.drop()
    with pytest.raises(TransportError, match="was lost before its answer to 'never'") as caught:
        await asking
    assert caught.value.fault.kind is FaultKind.DISCONNECTED
    with pytest.raises(TransportError, match="there is no connection to") as caught:
        await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    assert caught.value.fault.kind is FaultKind.DISCONNECTED
    await channel.close()


async def test_a_link_that_falls_silent_is_noticed(server: SshServer) -> None:
    """Nothing tells that the cable is cut; the signs of life that are missing do."""
    async with relay(server.port) as link:
        server.known_hosts.write_text(server.known_hosts_line(name=f"[127.0.0.1]:{link.port}"))
        ssh = server.ssh(keepalive_interval=0.5, keepalive_count=2)
        transport = SshTransport(server.director(port=link.port), ssh, programs=ALL, clock=SystemClock())
        await transport.connect()
        channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
        link.cut()
        with pytest.raises(TransportError) as caught:
            await channel.ask("echo a", timeout=PATIENCE)
        assert caught.value.fault.kind is FaultKind.DISCONNECTED
        await channel.close()
        await transport.close()


async def test_closing_over_a_link_that_has_fallen_silent_does_not_take_long(server: SshServer) -> None:
    async with relay(server.port) as link:
        server.known_hosts.write_text(server.known_hosts_line(name=f"[127.0.0.1]:{link.port}"))
        transport = SshTransport(server.director(port=link.port), server.ssh(), programs=ALL, clock=SystemClock())
        await transport.connect()
        channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
        link.cut()
        async with asyncio.timeout(PATIENCE):
            await channel.close()
            await transport.close()


async def test_closing_the_transport_ends_its_programs(transport: SshTransport, server: SshServer) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    asking = asyncio.create_task(channel.ask("never", timeout=PATIENCE))
    await asyncio.sleep(0)
    await transport.close()
    with pytest.raises(TransportError) as caught:
        await asking
    assert caught.value.fault.kind is FaultKind.DISCONNECTED
    await server.programs_ended()
    await transport.close()


async def test_a_transport_connects_again(transport: SshTransport, server: SshServer) -> None:
    server.drop()
    await transport.connect()
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    assert (await channel.ask("echo a", timeout=PATIENCE)).sections[0].body == b"a"
    assert server.logins == 2


async def test_cancelling_a_request_ends_the_program(transport: SshTransport, server: SshServer) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    asking = asyncio.create_task(channel.ask("never", timeout=PATIENCE))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await server.programs_ended()
    with pytest.raises(TransportError, match="was given up"):
        await channel.ask("echo a", timeout=PATIENCE)


async def test_cancelling_an_answer_that_is_under_way_ends_the_program(
    transport: SshTransport, server: SshServer
) -> None:
    channel = await transport.open(ECHO, elevated=False, timeout=PATIENCE)
    asking = asyncio.create_task(channel.ask("bytes 104857600", timeout=PATIENCE))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await server.programs_ended()


async def test_cancelling_before_the_greeting_ends_the_program(transport: SshTransport, server: SshServer) -> None:
    opening = asyncio.create_task(transport.open(SILENT, elevated=False, timeout=PATIENCE))
    await until(lambda: bool(server.sessions))
    await server.sessions[0].started.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await server.programs_ended()


async def test_cancelling_while_the_channel_opens_leaves_no_channel(transport: SshTransport, server: SshServer) -> None:
    """The director opens the channel after all, when nobody wants it any more: it is closed at once."""
    server.behaviour.hangs_at_sessions = True
    before = asyncio.all_tasks()
    opening = asyncio.create_task(transport.open(ECHO, elevated=False, timeout=PATIENCE))
    await until(lambda: server.behaviour.waiting_sessions == 1)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    server.behaviour.release_sessions.set()
    await until(lambda: not asyncio.all_tasks() - before)
    assert server.sessions == []
    assert server.commands == []
