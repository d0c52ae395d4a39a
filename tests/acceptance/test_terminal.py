"""The terminal on a real pair: what the screen says while things happen, as a person reads it."""

import asyncio

import pytest

from lab.lab import Lab
from support.screen import console

pytestmark = pytest.mark.lab

VIP = "172.26.127.20"
FIRST, SECOND = "172.26.127.21:445", "172.26.127.22:445"


async def test_a_day_with_everything(mended_seed_lab: Lab) -> None:
    """Traffic rises, a real server dies and returns, keepalived stops on the master and is started again."""
    lab = mended_seed_lab
    master = lab.directors["keepalived1"]
    async with console(lab, lab.cluster_file("ops")) as screen:
        await screen.until(lambda: bool(screen.line(f"{VIP} is on keepalived1 since")), "who holds the VIP")
        await screen.until(lambda: bool(screen.line("SMB BACKUP", "prio 50")), "the other side")
        await screen.until(lambda: screen.text.count("● live") == 2, "both directors")

        hold = await asyncio.to_thread(lab.clients["client"].hold, 6, VIP, 445)
        try:
            await screen.until(
                lambda: screen.cell("ACTIVE", FIRST) == screen.cell("ACTIVE", SECOND) == "3", "connections"
            )
            await screen.until(lambda: bool(screen.line("a failover resets 6 connections")), "what they would lose")
        finally:
            # before the real server dies: the director never sees its resets and would count the dead for 15 minutes
            await asyncio.to_thread(hold.end)
        await asyncio.to_thread(lab.real_servers["rs2"].stop)
        await screen.until(lambda: "✖ down" in screen.line(SECOND), "the dead real server")
        await screen.until(lambda: "gone" in screen.line(SECOND), "that it left the table")
        await screen.until(lambda: bool(screen.line("real-server-down")), "the alert")
        await asyncio.to_thread(lab.real_servers["rs2"].start)
        await screen.until(lambda: " up " in screen.line(SECOND), "the real server again")

        await asyncio.to_thread(master.run, "systemctl stop keepalived")
        try:
            await screen.until(lambda: bool(screen.line(f"{VIP} is on keepalived2")), "the failover")
            await screen.until(lambda: bool(screen.line("keepalived is not running")), "what has stopped")
            await screen.until(lambda: "absent ≠" in screen.line(FIRST), "that the other table is empty")
            await screen.until(lambda: bool(screen.line("keepalived-down")), "the alert")
        finally:
            await asyncio.to_thread(master.run, "systemctl start keepalived")
        await screen.until(lambda: bool(screen.line(f"{VIP} is on keepalived1 since")), "the VIP back")
        await screen.until(lambda: "same" in screen.line(FIRST) and "up" in screen.line(FIRST), "both alike again")

        told = [event.summary for event in screen.app.feed.events.events]
        places = [next(i for i, line in enumerate(told) if said in line) for said in IN_ORDER]
        assert places == sorted(places), told


IN_ORDER = (
    f"{SECOND} of TCP:{VIP}:445 vanished from keepalived1",
    f"{VIP} appeared on keepalived2",
    f"{VIP} left keepalived2",
)


async def test_a_director_that_hangs(mended_seed_lab: Lab) -> None:
    """Its data grows old in sight: stale, then unreachable; its rows never look like an empty table."""
    lab = mended_seed_lab
    hung = lab.directors["keepalived1"]
    async with console(lab, lab.cluster_file()) as screen:
        await screen.until(lambda: bool(screen.line(f"{VIP} is on keepalived1 since")), "who holds the VIP")
        await asyncio.to_thread(hung.hang, "ens3")
        await screen.until(lambda: bool(screen.line("keepalived1", "? stale")), "that it is stale")
        await screen.until(lambda: bool(screen.line("keepalived1", "✖ unreachable")), "that it is gone")
        await screen.until(lambda: bool(screen.line(FIRST)), "the rows that were known")
        await screen.until(lambda: not screen.line("NOBODY HOLDS"), "nothing made up")
        await asyncio.to_thread(hung.unhang, "ens3")
        await screen.until(lambda: bool(screen.line("keepalived1", "● live")), "that it is back", 90)


async def test_without_privilege(seed_lab: Lab) -> None:
    """A plain user sees who holds the VIP and the table; what is inferred or missing says so once."""
    async with console(seed_lab, seed_lab.cluster_file("noc")) as screen:
        await screen.until(lambda: bool(screen.line(f"{VIP} is on keepalived1")), "who holds the VIP")
        await screen.until(lambda: bool(screen.line("inferred from addresses")), "where that is known from")
        await screen.until(lambda: bool(screen.line("CONN/S", "only root may read them")), "what cannot be seen")
        # the other director may answer later than the one that the lines above came from
        await screen.until(lambda: bool(screen.line(FIRST, "same")), "that both tables agree")
