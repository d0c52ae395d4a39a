"""A cluster whose director is this machine, in a network namespace of the test's own; without IPVS and keepalived."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from lvstop.clock import SystemClock
from lvstop.config.schema import ClusterConfig, DirectorConfig, SshConfig
from lvstop.engine.cluster_session import cluster_session
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.engine.rights import run_as_root
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorStatus, Fault, FaultKind, Privilege
from lvstop.probe.lanes import section_text
from lvstop.probe.programs import facts
from lvstop.transport.local import LocalTransport
from support.ssh_server import until

PATIENCE = 60.0
VIP = "10.77.0.1"


@pytest.fixture
def netns() -> Iterator[str]:
    """A network namespace."""
    name = f"lvstop-director-{os.getpid()}"
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", name], check=False).returncode != 0:
        pytest.skip("network namespaces are root's to make")
    subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
    yield name
    subprocess.run(["ip", "netns", "del", name], check=True)


def cluster_in(netns: str, interval: float = 1.0) -> ClusterConfig:
    return ClusterConfig("here", (DirectorConfig("lb1", "local", netns=netns),), interval=interval)


def holds(snapshot: ClusterSnapshot, address: str) -> bool:
    """The director has this address."""
    (director,) = snapshot.directors
    return address in {str(each.address) for each in director.addresses or ()}


class Watched:
    """What a session publishes."""

    def __init__(self) -> None:
        self._news = asyncio.Condition()
        self.published: list[ClusterSnapshot] = []

    def take(self, snapshot: ClusterSnapshot) -> None:
        """One more."""
        self.published.append(snapshot)
        self._told = asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, condition: Callable[[ClusterSnapshot], bool]) -> None:
        """Wait for a snapshot like that."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: bool(self.published) and condition(self.published[-1]))


@asynccontextmanager
async def running(config: ClusterConfig) -> AsyncIterator[Watched]:
    """A session of the cluster, until the block ends."""
    clock, watched = SystemClock(), Watched()
    session = cluster_session(config, ssh_probes(clock, None), clock, watched.take)
    task = asyncio.create_task(session.run())
    try:
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_one_look(netns: str) -> None:
    """As over SSH: who reads it, the kernel, addresses of the namespace and of no other."""
    subprocess.run(["ip", "-n", netns, "address", "add", f"{VIP}/32", "dev", "lo"], check=True)
    clock = SystemClock()
    (snapshot,) = await look([cluster_in(netns)], ssh_probes(clock, None), clock, timeout=PATIENCE)
    (director,) = snapshot.directors
    assert (director.host, director.status, director.privilege) == ("local", DirectorStatus.LIVE, Privilege.ROOT)
    assert director.kernel == os.uname().release
    assert {str(each.address) for each in director.addresses or ()} == {"127.0.0.1", "::1", VIP}
    assert {each.interface for each in director.addresses or ()} == {"lo"}


async def test_the_machine_is_this_one(netns: str) -> None:
    """The same text of /proc as over SSH: memory and processors of the machine, interfaces of the namespace."""
    clock = SystemClock()
    (snapshot,) = await look([cluster_in(netns)], ssh_probes(clock, None), clock, timeout=PATIENCE)
    vitals = snapshot.directors[0].vitals
    assert vitals is not None
    assert vitals.memory is not None
    assert f"MemTotal: {vitals.memory.total_bytes // 1024} kB" in " ".join(Path("/proc/meminfo").read_text().split())
    assert len(vitals.cpus or ()) == len(os.sched_getaffinity(0)) or len(vitals.cpus or ()) == os.cpu_count()
    assert [each.interface for each in snapshot.directors[0].interfaces or ()] == ["lo"]


async def test_an_address_that_moves_is_shown_without_waiting_for_the_next_tick(netns: str) -> None:
    """The ticks are an hour apart: it is the kernel's event that brings it, both ways."""
    async with running(cluster_in(netns, interval=3600.0)) as watched:
        # at first there is one more reading when it begins to listen, and one with every fact that was read
        await watched.until(lambda snapshot: holds(snapshot, "127.0.0.1"))
        await asyncio.to_thread(
            subprocess.run, ["ip", "-n", netns, "address", "add", f"{VIP}/32", "dev", "lo"], check=True
        )
        await watched.until(lambda snapshot: holds(snapshot, VIP))
        await asyncio.to_thread(
            subprocess.run, ["ip", "-n", netns, "address", "del", f"{VIP}/32", "dev", "lo"], check=True
        )
        await watched.until(lambda snapshot: not holds(snapshot, VIP))


@contextmanager
def keepalived(folder: Path, *within: str) -> Iterator[int]:
    """A process of that name, and one that it has started."""
    folder.mkdir()
    program = folder / "keepalived"
    shutil.copy("/bin/sh", program)
    # a builtin waits, so that both keep the name
    script = f"exec 3<>{folder}/never; (read -r _ <&3) & read -r _ <&3"
    os.mkfifo(folder / "never")
    process = subprocess.Popen([*within, program, "-c", script], start_new_session=True)
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def test_keepalived_of_the_namespace_and_no_other(netns: str, tmp_path: Path) -> None:
    """Pid files are the machine's: a director in a namespace has the keepalived that is there too, or none."""
    transport = LocalTransport(
        DirectorConfig("lb1", "local", netns=netns), programs=frozenset([facts()]), clock=SystemClock()
    )
    await transport.connect()
    channel = await transport.open(facts(), elevated=False, timeout=PATIENCE)

    async def pid() -> str | None:
        return section_text(await channel.ask("daemon", timeout=PATIENCE), "pid")

    with keepalived(tmp_path / "outside"):
        assert await pid() is None
        with keepalived(tmp_path / "inside", "ip", "netns", "exec", netns) as main:
            await until(lambda: Path(f"/proc/{main}/comm").read_text("ascii") == "keepalived\n")
            assert await pid() == f"{main}\n"
    await transport.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has the rights of root")
async def test_what_setup_applies_runs_here() -> None:
    """`lvstop setup … --apply local`."""
    told: list[str] = []
    here = DirectorConfig("local", "local")
    await run_as_root("id -un; echo done", here, SshConfig(), SystemClock(), None, told.append)
    assert told == ["root", "done"]


async def test_a_namespace_that_is_not_there_is_an_unreachable_director(netns: str) -> None:
    """With the reason, and what lists those there are."""
    clock = SystemClock()
    (snapshot,) = await look([cluster_in(f"{netns}-not")], ssh_probes(clock, None), clock, timeout=PATIENCE)
    (director,) = snapshot.directors
    assert director.status is DirectorStatus.UNREACHABLE
    assert director.fault == Fault(
        FaultKind.CONFIGURATION,
        f"there is no network namespace {netns}-not on this machine",
        "`ip netns list` names those there are",
    )
