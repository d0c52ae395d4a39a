"""Connections of a played director, counted: the numbers of its model, in the words of the real program."""

import pytest

from lvstop.demo.director import Director
from lvstop.demo.scenario import find_scenario
from lvstop.demo.timescale import Timescale
from lvstop.demo.world.world import World
from lvstop.model.connections import ConnectionCounts, ConnectionScope
from lvstop.probe import programs
from lvstop.probe.counting import scope_words
from lvstop.probe.parse.counted import parse_counts, parse_progress
from support.clocks import START
from support.played import Played

EPOCH = START.timestamp()


def directors(scenario: str) -> list[Director]:
    """Of the first cluster of a scenario, a minute after its beginning."""
    world = World(find_scenario(scenario).clusters[0], seed=1, epoch=START)
    found = [Director(each, lambda: world.now, Timescale(EPOCH, 1.0), watch=world.watch) for each in world.directors]
    world.step(60)
    return found


def count(director: Director, scope: ConnectionScope, login: str = "noc") -> ConnectionCounts:
    """To the end, by a plain user."""
    played = Played(programs.conns(), login, on=director)
    assert [(each.name, each.status) for each in played.greeting] == [("reader", 0), ("table", 0)]
    verb, over = f"begin {' '.join(scope_words(scope))}", False
    while not over:
        (section,) = played.ask(verb)
        progress = parse_progress(section.body.decode())
        assert progress is not None
        verb, over = "more", progress[1]
    (section,) = played.ask("sum")
    parsed = parse_counts(section.body.decode())
    assert parsed.issues == ()
    assert parsed.value is not None
    return parsed.value


@pytest.mark.parametrize("scenario", ["smb", "web", "ipv6-fwmark"])
def test_the_numbers_are_those_of_the_table(scenario: str) -> None:
    """Of each virtual server and each of its real servers what /proc/net/ip_vs says as well."""
    for director in directors(scenario):
        for service in director.table.services[:20]:
            counts = count(director, ConnectionScope(service.key))
            rows = [*service.destinations, *service.trash.values()]
            assert counts.connections.number == sum(each.active + each.inactive for each in rows)
            assert counts.templates.number == sum(each.persistent for each in rows)
            assert counts.connections.synced == sum(
                each.connections.copied_active + each.connections.copied_inactive for each in rows
            )
            assert sum(counts.connections.ending) == counts.connections.number
            told = {each.real_server.address: each for each in counts.servers}
            for each in service.destinations:
                found = told.get(each.key.address)
                got = (0, 0, 0) if found is None else (found.active, found.inactive, found.templates)
                assert got == (each.active, each.inactive, each.persistent), each.key


def test_a_real_server_everywhere() -> None:
    """All its virtual servers together."""
    (director, _) = directors("smb")
    address = director.table.services[0].destinations[0].key.address
    rows = [row for each in director.table.services for row in each.destinations if row.key.address == address]
    counts = count(director, ConnectionScope(address=address))
    assert counts.connections.number == sum(row.active + row.inactive for row in rows) > 0
    assert len({each.virtual_server for each in counts.servers}) >= 1
    assert counts.clients.distinct
    assert counts.clients.greatest[0].connections >= counts.clients.greatest[-1].connections


def test_without_ip_vs_there_is_nothing_to_count() -> None:
    """As the real program says it."""
    (director, _) = directors("smb")
    director.table.loaded = False
    table = Played(programs.conns(), on=director).greeting[1]
    assert (table.status, table.body.decode().strip()) == (3, "ip_vs is not loaded")


@pytest.mark.parametrize("request_line", ["more", "sum", "nonsense", ""])
def test_nothing_is_told_before_it_was_begun(request_line: str) -> None:
    """No section at all."""
    (director, _) = directors("smb")
    assert Played(programs.conns(), on=director).ask(request_line) == ()
