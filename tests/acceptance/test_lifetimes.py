"""How long a drain holds: what lvstop says of it beforehand is what keepalived does, for each lever and version."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from lab.director import Director
from lab.lab import Lab
from lab.topologies.seed import VIP
from lab.wait import wait_until
from lvstop.model.alert import AlertCode
from lvstop.model.cluster import ClusterSnapshot
from support.maintenance import PATIENCE, SECOND, change, left_as_found, listed, on_all, taken_out, weights
from support.watch import Watch, everybody_lives, watching

pytestmark = pytest.mark.lab

BY_HAND, BY_FILE = 445, 139


def says(director: Director, cursor: str, words: str) -> bool:
    """keepalived has logged something since."""
    return any(words in line for line in director.journal(cursor, unit="keepalived").lines)


def reload(lab: Lab) -> None:
    """Take over the same configuration again, on both."""
    for director in lab.directors.values():
        cursor = director.journal(unit="keepalived").cursor
        director.run("systemctl reload keepalived")
        wait_until(partial(says, director, cursor, "Reloading"), PATIENCE, "the reload")


def flap(lab: Lab) -> None:
    """The real server fails its checks and returns."""
    lab.real_servers["rs2"].stop()
    for port in (BY_HAND, BY_FILE):
        # each virtual server has checks of its own
        on_all(lab, taken_out(port, SECOND), "that it left the table")
    lab.real_servers["rs2"].start()
    for port in (BY_HAND, BY_FILE):
        on_all(lab, listed(port, SECOND), "that it is back")


def restart(lab: Lab) -> None:
    """keepalived is restarted, the backup's first."""
    for director in reversed(list(lab.directors.values())):
        director.run("systemctl restart keepalived")
    on_all(lab, listed(BY_FILE, SECOND), "the table")


def failover(lab: Lab) -> None:
    """The master's keepalived is stopped: the other director's table is the one that counts."""
    lab.directors["keepalived1"].run("systemctl stop keepalived")
    wait_until(lambda: lab.directors["keepalived2"].holds(VIP), PATIENCE, "the VIP on the other director")


EVENTS: dict[str, Callable[[Lab], None]] = {
    "reload": reload,
    "flap": flap,
    "restart": restart,
    "failover": failover,
}
LOST = {"flap": "fails its checks and comes back", "restart": "where keepalived or the director restarts"}
"""What ends a drain by ipvsadm, and the words for it."""


@pytest.mark.parametrize("event", EVENTS)
async def test_a_drain_holds_as_long_as_it_was_said(maintenance_lab: Lab, event: str) -> None:
    """By ipvsadm: through reload and failover. By track file (keepalived 2.2.0 and later): through everything."""
    durable = maintenance_lab.suite != "bullseye"
    with left_as_found(maintenance_lab) as lab:
        by_hand = await asyncio.to_thread(change, lab, "drain", f"{SECOND}:{BY_HAND}", "--yes")
        by_file = await asyncio.to_thread(change, lab, "drain", f"{SECOND}:{BY_FILE}", "--yes")
        assert [by_hand.outcome, by_file.outcome] == ["done", "done"], (by_hand, by_file)
        assert by_hand.document["plan"]["lever"] == "ipvsadm"
        assert by_file.document["plan"]["lever"] == ("track-file" if durable else "ipvsadm")
        said = " ".join(by_hand.document["plan"]["lifetime"])
        assert all(words in said for words in LOST.values()), said
        async with watching(lab, lab.cluster_file("ops")) as watch:
            await watch.until(everybody_lives, "both directors live")
            await watch.until(lambda seen: len(seen.changes) == 2, "both drains on record")
            assert not reverted(watch.last)
            await asyncio.to_thread(EVENTS[event], lab)
            if event in LOST:
                await watch.until(reverted, "the drain that was undone")
                within_two_ticks(watch, BY_HAND)
            await watch.until(lambda seen: rows_known(seen, event), "the tables after it")
        holders = [lab.directors["keepalived2"]] if event == "failover" else list(lab.directors.values())
        for director in holders:
            found = await asyncio.to_thread(weights, director, BY_HAND)
            assert found[SECOND] == (1 if event in LOST else 0), event
            found = await asyncio.to_thread(weights, director, BY_FILE)
            assert found[SECOND] == (0 if durable or event not in LOST else 3), event


def reverted(snapshot: ClusterSnapshot) -> bool:
    """It is said that a drain was undone."""
    return any(alert.code is AlertCode.DRAIN_REVERTED for alert in snapshot.alerts)


def working(snapshot: ClusterSnapshot, port: int) -> bool:
    """The drained real server has a weight again on a director that answers."""
    return any(
        row.weight > 0
        for director in snapshot.directors
        if director.answers
        for server in director.virtual_servers or ()
        if server.key.port == port
        for row in server.real_servers
        if str(row.key.address) == SECOND
    )


def rows_known(snapshot: ClusterSnapshot, event: str) -> bool:
    """The directors that count answer with their tables."""
    wanted = ("keepalived2",) if event == "failover" else ("keepalived1", "keepalived2")
    known = {each.name for each in snapshot.directors if each.answers and each.virtual_servers}
    return known.issuperset(wanted)


def within_two_ticks(watch: Watch, port: int) -> None:
    """The alert is there two ticks at the most after the table has shown it."""
    shown = next(place for place, (_, seen) in enumerate(watch.seen) if working(seen, port))
    assert any(reverted(seen) for _, seen in watch.seen[shown : shown + 3])
