"""What happens to a connection in the course of a year: over real SSH on loopback, and for very long in no time."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncssh
import pytest

from lvstop.analysis.alarms import Alarms
from lvstop.clock import SystemClock
from lvstop.config.alarms import Debounce
from lvstop.config.schema import ClusterConfig
from lvstop.engine.cluster_session import ClusterSession
from lvstop.engine.connections import ssh_probes
from lvstop.engine.director_session import DirectorSession
from lvstop.model.alert import AlertCode
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Fault, FaultKind
from lvstop.transport.backoff import Backoff
from lvstop.ui.wall.cluster_lines import fact_lines
from lvstop.ui.wall.words import OnWall
from support.clocks import ManualClock
from support.fake_director import EVENING, FakeDirector, settle
from support.ssh_server import Behaviour, SshServer, ssh_server

NAME = "keepalived1.example"
_DAY = 24 * 360
"""Pauses of ten seconds."""
REFUSED = Fault(FaultKind.REFUSED, "nothing listens on d1.example:22")


class Watched:
    """A session of one director, and what it shows."""

    def __init__(self, server: SshServer, host: str) -> None:
        director = server.director(host=host)
        config = ClusterConfig("smb", (director,), ssh=server.ssh())
        clock = SystemClock()
        backoff = Backoff(base=0.05, cap=0.1)
        probe = ssh_probes(clock, None)(config, director)
        session = DirectorSession(director.name, host, probe, clock, interval=0.1, backoff=backoff)
        self._session = ClusterSession("smb", [session], clock, interval=0.1, vips=(), publish=self._take)
        self._news = asyncio.Event()
        self.latest: ClusterSnapshot | None = None

    def _take(self, snapshot: ClusterSnapshot) -> None:
        self.latest = snapshot
        self._news.set()

    @property
    def director(self) -> DirectorSnapshot:
        """How it is."""
        assert self.latest is not None
        return self.latest.directors[0]

    async def until(self, condition: Callable[[DirectorSnapshot], bool]) -> None:
        """Wait until it shows something."""
        async with asyncio.timeout(60):
            while self.latest is None or not condition(self.director):
                self._news.clear()
                await self._news.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Watched"]:
        """Reads until the block ends."""
        task = asyncio.create_task(self._session.run())
        try:
            await self.until(lives)
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def lives(director: DirectorSnapshot) -> bool:
    """It is read now."""
    return director.answers


def key_changed(director: DirectorSnapshot) -> bool:
    """Somebody answers there with a key that is not the one that is known."""
    fault = director.fault
    unreachable = director.status is DirectorStatus.UNREACHABLE
    return unreachable and fault is not None and fault.kind is FaultKind.HOST_KEY_CHANGED


def on_wall(snapshot: ClusterSnapshot) -> OnWall:
    """What the wall has of it, when it has been so for a minute."""
    alarms = Alarms()
    for second in range(0, 60, 2):
        alarms, _ = alarms.observe(snapshot, float(second), Debounce())
    return OnWall.of(snapshot, alarms)


def known_by_name(server: SshServer, key: asyncssh.SSHKey) -> None:
    """known_hosts knows this key for the name, and for nothing else."""
    server.known_hosts.write_text(server.known_hosts_line(key, f"[{NAME}]:{server.port}"))


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Addresses of names, which may be changed; the system is asked for all others."""
    addresses: dict[str, str] = {}
    ask = socket.getaddrinfo

    def answer(host: str, *arguments: int, **more: int) -> object:
        return ask(addresses.get(host, host), *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return addresses


def same_login(server: SshServer) -> Behaviour:
    """Lets in who may log in there."""
    return Behaviour(accepts=[asyncssh.read_public_key(f"{server.client_key}.pub")])


async def test_a_director_that_moves_to_another_address(tmp_path: Path, name_server: dict[str, str]) -> None:
    """Its name is resolved at each attempt, and its key goes with the name."""
    name_server[NAME] = "127.0.0.1"
    async with ssh_server(tmp_path / "old") as old:
        known_by_name(old, old.host_key)
        async with (
            Watched(old, NAME).running() as watched,
            ssh_server(
                tmp_path / "new", same_login(old), host_keys=[old.host_key], host="127.0.0.2", port=old.port
            ) as new,
        ):
            name_server[NAME] = "127.0.0.2"
            old.drop()
            await watched.until(lambda director: new.logins == 1 and lives(director))
    assert old.logins == 1


async def test_another_host_at_the_new_address_is_not_trusted(tmp_path: Path, name_server: dict[str, str]) -> None:
    """Whoever can change the name server does not become the director by that."""
    name_server[NAME] = "127.0.0.1"
    async with ssh_server(tmp_path / "old") as old:
        known_by_name(old, old.host_key)
        async with (
            Watched(old, NAME).running() as watched,
            ssh_server(tmp_path / "stranger", same_login(old), host="127.0.0.2", port=old.port) as stranger,
        ):
            name_server[NAME] = "127.0.0.2"
            old.drop()
            await watched.until(key_changed)
            assert stranger.logins == 0
            # as soon as the name leads home again
            name_server[NAME] = "127.0.0.1"
            await watched.until(lives)


async def test_a_director_that_was_installed_anew(tmp_path: Path) -> None:
    """Its new key is an alarm in words, for as long as nobody has mended known_hosts; then it is read, by itself."""
    async with ssh_server(tmp_path / "before") as before, Watched(before, before.host).running() as watched:
        new_key = asyncssh.generate_private_key("ssh-ed25519")
        before.drop()
        await before.stop_listening()
        async with ssh_server(tmp_path / "after", same_login(before), host_keys=[new_key], port=before.port) as after:
            await watched.until(key_changed)
            assert after.logins == 0
            told = watched.latest
            assert told is not None
            (alert,) = [each for each in told.alerts if each.code is AlertCode.DIRECTOR_UNREACHABLE]
            assert new_key.get_fingerprint() in alert.summary
            assert "ssh-keygen" in alert.remedy
            wall = "\n".join(line.plain for line in fact_lines(on_wall(told), 120))
            assert "✖ keepalived1 unreachable" in wall
            assert "host key" in wall
            before.known_hosts.write_text(before.known_hosts_line(new_key))
            await watched.until(lives)
            assert after.logins == 1


async def test_it_never_gives_up() -> None:
    """A director that is away for a day is tried every ten seconds until its end, and then it is read."""
    clock = ManualClock(EVENING)
    director = FakeDirector(clock)
    director.refusal = REFUSED
    backoff = Backoff(base=1.0, cap=10.0, jitter=0.0)
    session = DirectorSession("d1", "d1.example", director.probe(), clock, interval=1.0, backoff=backoff)
    task = asyncio.create_task(session.run())
    try:
        await settle()
        for _ in range(_DAY):
            clock.advance(10.0)
            await settle()
        assert session.current().status is DirectorStatus.UNREACHABLE
        assert _DAY - 10 <= director.connects <= _DAY + 10
        # the pause itself, and nothing that was left of earlier ones
        assert clock.sleeping == 1
        assert len(asyncio.all_tasks()) < 8
        director.refusal = None
        clock.advance(10.0)
        await settle()
        assert session.current().status is DirectorStatus.LIVE
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
