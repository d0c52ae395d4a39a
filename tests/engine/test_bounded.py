"""What is kept of a cluster that is watched for more than a day: as much as after an hour."""

import gc
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from lvstop.analysis.hour import Hour
from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import merge_and_remember
from lvstop.analysis.series import RowKey
from lvstop.engine.event_log import MOST_EVENTS
from lvstop.engine.feed import ClusterFeed
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.event import Event, EventKind
from support.clocks import ManualClock
from support.scenes import failover, steady
from support.terminal import config_of

TICKS = 100_000
_SETTLED = 30_000
"""Ticks until everything that is kept is as full as it gets: most of them until there are enough events."""


def weight(*roots: object) -> int:
    """Bytes of everything that is only there because of these."""
    seen: set[int] = set()
    waiting: list[object] = list(roots)
    total = 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type) or callable(one):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return total


def looks() -> list[ClusterSnapshot]:
    """A few seconds of a pair that come round again, each read anew."""
    return [each for each in steady() if each.directors[0].virtual_servers][-4:]


# takes as long as the tests of that ring do
@pytest.mark.embedded
def test_what_a_cluster_has_told_stops_growing() -> None:
    """The feed with its history and events, and the hour of the wall, over 100,000 looks with news in every third."""
    scene = looks()
    begin = scene[0].generated_at
    feed = ClusterFeed(config_of(scene[0]), ManualClock(begin), lambda _name: None)
    hour = Hour()
    server = (scene[0].directors[0].virtual_servers or ())[0]
    name = scene[0].directors[0].name
    weights: list[int] = []
    for tick in range(TICKS):
        now = begin + timedelta(seconds=tick)
        look = scene[tick % len(scene)]
        change = Event(now, name, EventKind.REAL_SERVER, str(server.key), f"{tick} changed on {name}.")
        directors = tuple(replace(each, read_at=now) for each in look.directors)
        feed.take(replace(look, generated_at=now, directors=directors, events=(change,) if tick % 3 == 0 else ()))
        hour.take(feed.latest)
        if tick == 0:
            feed.history.watch([RowKey(name, server.key, row.key) for row in server.real_servers])
        if tick + 1 in (_SETTLED, TICKS):
            weights.append(weight(feed.history, feed.events, hour))
    assert len(feed.events) == MOST_EVENTS
    settled, end = weights
    assert end <= settled * 1.02, f"{settled:,} bytes after {_SETTLED:,} looks, {end:,} after {TICKS:,}"


def test_what_rules_remember_stops_growing() -> None:
    """A cluster that fails over again and again, for days: transitions of the last ten minutes, and no more."""
    memory = Memory()
    scene = failover()
    begin = scene[0].generated_at
    weights: list[int] = []
    tick = 0
    for day in range(40):
        for look in scene:
            tick += 1
            now = begin + timedelta(seconds=tick)
            directors = [replace(each, read_at=now) for each in look.directors]
            _, memory = merge_and_remember("smb", directors, now=now, memory=memory)
        if day in (19, 39):
            weights.append(weight(memory.claims, memory.drains, memory.transitions))
    first, second = weights
    assert second <= first * 1.02
