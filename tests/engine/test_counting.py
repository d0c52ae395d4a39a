"""Counting on all directors of a cluster: side by side, masked where it is to be, and each by itself."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from lvstop.clock import SystemClock
from lvstop.config.schema import ClusterConfig, DirectorConfig, SshConfig
from lvstop.engine.counting import ConnectionCounter
from lvstop.engine.operator_sessions import OperatorSessions
from lvstop.engine.ssh_sessions import SshSessions
from lvstop.model.connections import ConnectionScope, Counting
from lvstop.model.director import FaultKind
from lvstop.transport.base import Program, Transport
from probe.test_counting import Table, reply
from support.clocks import EagerClock
from support.demo_pair import VIP, pair, running
from support.factories import vs_key

SMB = ConnectionScope(vs_key(f"TCP:{VIP}:445"))
COUNTED = "read 1 1\nentries connection LOCAL 1\nclients 1 0\nclient 0A080307 1\nnetworks 1 0\nnetwork 0A0803 1\n"
CONFIG = ClusterConfig("web", (DirectorConfig("lb1", "192.0.2.1"), DirectorConfig("lb2", "192.0.2.2")))


class Directors:
    """Makes transports to tables; one of them may be a mistake of lvstop's own."""

    def __init__(self, *, broken: str = "") -> None:
        self.tables = {each.name: Table(2) for each in CONFIG.directors}
        for table in self.tables.values():
            table.answers["sum"] = reply({"counted": (0, COUNTED)})
        self._broken = broken

    def __call__(self, director: DirectorConfig, _ssh: SshConfig, programs: frozenset[Program]) -> Transport:
        assert {each.name for each in programs} == {"conns"}
        if director.name == self._broken:
            raise ZeroDivisionError("a mistake")
        return self.tables[director.name]


async def last_of(counter: ConnectionCounter) -> dict[str, Counting]:
    """What it came to on each director."""
    told: dict[str, Counting] = {}

    def report(counting: Counting) -> None:
        told[counting.director] = counting

    await counter.count(CONFIG, SMB, report, lambda: False)
    return told


@pytest.mark.parametrize(("mask", "shown"), [(False, "10.8.3.7/32"), (True, "10.8.3.0/24")])
async def test_what_is_masked_reaches_nobody(mask: bool, shown: str) -> None:
    """Whoever is told has networks in the place of clients, and no other number is another one."""
    told = await last_of(ConnectionCounter(Directors(), EagerClock(), mask=mask))
    for each in told.values():
        assert each.counts is not None
        (client,) = each.counts.clients.greatest
        assert (str(client.network), client.connections, client.concealed) == (shown, 1, mask)
        assert [str(network.network) for network in each.counts.networks.greatest] == ["10.8.3.0/24"]


async def test_a_mistake_about_one_director_hides_no_other() -> None:
    """It is told as lvstop's own."""
    told = await last_of(ConnectionCounter(Directors(broken="lb1"), EagerClock(), mask=False))
    assert told["lb2"].counts is not None
    assert told["lb1"].fault is not None
    assert told["lb1"].fault.kind is FaultKind.INTERNAL


async def test_whoever_goes_away_leaves_nothing_running() -> None:
    """Connections of both directors are closed when the counting is cancelled."""
    directors = Directors()
    begun = asyncio.Event()
    for table in directors.tables.values():
        table.pieces = 1_000_000
    counter = ConnectionCounter(directors, SystemClock(), mask=False)
    counting = asyncio.create_task(counter.count(CONFIG, SMB, lambda _news: begun.set(), lambda: False))
    await begun.wait()
    counting.cancel()
    await asyncio.wait([counting])
    assert counting.cancelled()
    assert not any(table.connected for table in directors.tables.values())


@pytest.mark.parametrize(
    ("sessions", "read_only", "concealed"),
    [(OperatorSessions, False, False), (OperatorSessions, True, True), (SshSessions, False, True)],
    ids=["operator", "read-only-cluster", "read-only-program"],
)
async def test_whose_eyes_clients_are_for(
    tmp_path: Path, sessions: type[SshSessions], read_only: bool, concealed: bool
) -> None:
    """On a pair whose cluster file masks clients: an operator sees them, whoever may only watch does not."""
    async with running(tmp_path, pair()) as demo:
        (config,) = demo.clusters
        config = replace(config, mask_clients=True, read_only=read_only)
        told: dict[str, Counting] = {}
        counting = sessions(SystemClock()).count_connections(
            config, SMB, lambda news: told.__setitem__(news.director, news), lambda: False
        )
        await asyncio.wait_for(counting, 30)
    counts = told["keepalived1"].counts
    assert counts is not None
    assert counts.clients.greatest
    assert {each.concealed for each in counts.clients.greatest} == {concealed}
