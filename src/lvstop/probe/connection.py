"""One connection to a director: its channels, what is due on them, and what they have told so far."""

import asyncio
import logging
import math
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from lvstop.clock import Clock
from lvstop.model.change import ChangePhase
from lvstop.model.director import Lack, Privilege
from lvstop.model.failover import FailoverPhase
from lvstop.model.vrrp import VrrpSource
from lvstop.probe import labels, programs
from lvstop.probe.facts import PRIVILEGED_LANES, FactsReader, cadences, forget_keepalived
from lvstop.probe.lanes import forget, forget_privileged
from lvstop.probe.opening import Elevation, open_table
from lvstop.probe.readings import Readings
from lvstop.probe.schedule import Lane, Schedule
from lvstop.probe.settings import ProbeSettings
from lvstop.probe.table import TableChange, TableReader
from lvstop.transport.base import Transport, TransportError

LOOPBACK = "lo"
_LOG = logging.getLogger(__name__)

_VRRP_NEWS = re.compile(rb"Keepalived_vrrp\[\d+\]: .*(?:Entering \w+ STATE|effective priority|Reload|Starting)")
_CHECK_NEWS = re.compile(
    rb"Keepalived_healthcheckers\[\d+\]: .*(?:Adding service|Removing service|Enabling service|Disabling service"
    rb"|(?:Gained|Lost) quorum|Changing weight|Reload|Starting|succe|failed)"
)

_UNDER_WAY = timedelta(minutes=2)
"""What was begun so lately is probably still being done; what is older was interrupted."""

_NEWS = (Lane.ADDRESSES, Lane.VRRP)
"""What is shown at once when it was read: who holds the VIPs."""

Moves = Callable[[], AsyncGenerator[None, None]]
"""Listens to a director's kernel: yields when that begins, and each time that an address has come or gone."""

_FIRST = (
    Lane.DAEMON,
    Lane.ADDRESSES,
    Lane.CHANGES,
    Lane.VRRP,
    Lane.SAVED,
    Lane.THRESHOLDS,
    Lane.PERSISTENT,
    Lane.COUNTERS,
    Lane.SYNC_DAEMONS,
    Lane.SYSCTLS,
    Lane.CHECKS,
)
"""Every lane, in the order in which a new connection reads them."""


class Connection:
    """`identify`, `read_facts` or `start_facts`, then `tick` until it raises, then `close`.

    The table is read in every tick. Facts are read beside it, at most one command at a time, so that a slow command
    does not delay the table.

    Attributes:
        readings: what is known, in whichever lane.
    """

    def __init__(
        self,
        transport: Transport,
        table: TableReader,
        elevation: Elevation,
        clock: Clock,
        settings: ProbeSettings,
    ) -> None:
        self.readings = Readings()
        self._transport = transport
        self._table = table
        self._elevation = elevation
        self._clock = clock
        self._settings = settings
        self._facts: FactsReader | None = None
        self._reads_journal = False
        self._keeps_awk = False
        self._missed_pid: int | None = None
        self._missed_at = -math.inf
        self._children: frozenset[str] = frozenset()
        self._shape_changed_at = -math.inf
        self._died: dict[Lane, Lack] = {}
        self._schedule = Schedule(cadences(settings), clock.monotonic())
        self._facts_task: asyncio.Task[None] | None = None
        self._journal_task: asyncio.Task[None] | None = None
        self._moves_task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def identify(self, *, table_reader: str) -> None:
        """Find out what may be read, and read the table once.

        Raises:
            TransportError: the director cannot be asked. So do all methods here.
        """
        facts = await self._facts_reader()
        await facts.identify(self.readings, table_reader=table_reader)
        await self._table.read(self.readings)

    async def read_facts(self) -> None:
        """Read every lane once."""
        for lane in _FIRST:
            await self._read_fact(lane)
            if self._facts is None:
                await self._table.read(self.readings)  # raises where it is the director that failed, not the lane
        # Once more, now that details tell the families of firewall marks and keepalived's process is known.
        await self.read_table()

    async def read_table(self) -> None:
        """Read the table once, and how the machine fares."""
        self._call_lanes(await self._table.read(self.readings, vitals=True))

    def start_facts(self) -> None:
        """Read every lane once, beside the ticks: the table need not wait for what is slow to tell."""
        self._facts_task = asyncio.create_task(self._read_each())

    def follow_journal(self) -> None:
        """From here on keepalived's log calls the dumps when something happens."""
        self._journal_task = asyncio.create_task(self._follow_journal())

    def follow_addresses(self, moves: Moves) -> None:
        """From here on the kernel calls for readings when an address comes or goes."""
        self._moves_task = asyncio.create_task(self._follow_addresses(moves))

    async def news(self) -> None:
        """Return when a tick would show something that cannot wait for its time."""
        await self._news.wait()
        self._news.clear()

    async def read_kernel_rates(self) -> None:
        """Take rates from the kernel's own estimators."""
        await (await self._facts_reader()).read_kernel_rates(self.readings)

    async def tick(self) -> None:
        """Read the table once, and start what else is due, what the table calls for included."""
        self._start_due_fact()
        self._call_lanes(await self._table.read(self.readings))
        self._start_due_fact()
        await self._choose_table_reader()

    async def close(self) -> None:
        """End everything on the director and here."""
        tasks = [task for task in (self._facts_task, self._journal_task, self._moves_task) if task is not None]
        self._facts_task = self._journal_task = self._moves_task = None
        for task in tasks:
            task.cancel()
        try:
            results = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await self._transport.close()
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _facts_reader(self) -> FactsReader:
        if self._facts is None:
            opened = await self._elevation.open_facts(self._transport, self._settings.answer_timeout)
            self._reads_journal = opened.reads_journal
            self.readings.privilege = opened.privilege
            self.readings.refusal, self.readings.unmet = opened.refusal, opened.unmet
            self._facts = FactsReader(opened.channel, self._clock, self._settings)
            if self.readings.privilege is Privilege.NONE:
                forget_privileged(self.readings)
        return self._facts

    def _start_due_fact(self) -> None:
        """One command at a time, beside the table."""
        if self._facts_task is not None:
            if not self._facts_task.done():
                return
            self._facts_task.result()
            self._facts_task = None
        if self._next_due() is not None:
            self._facts_task = asyncio.create_task(self._read_due_facts())

    def _next_due(self, *, called_only: bool = False) -> Lane | None:
        unprivileged = self.readings.privilege is Privilege.NONE
        return self._schedule.next_due(
            self._clock.monotonic(),
            called_only=called_only,
            allowed=lambda lane: not (unprivileged and lane in PRIVILEGED_LANES),
        )

    async def _read_each(self) -> None:
        for lane in _FIRST:
            await self._read_fact(lane)

    async def _read_due_facts(self) -> None:
        """One fact whose time has come, and after it all that something has called for."""
        lane = self._next_due()
        while lane is not None:
            await self._read_fact(lane)
            lane = self._next_due(called_only=True)

    async def _read_fact(self, lane: Lane) -> None:
        """A command that hangs or dies spoils its lane, not the director: the table goes on telling."""
        was_running, failed = self.readings.running, False
        began, asked_at, table = self._clock.monotonic(), self._clock.now(), self.readings.virtual_servers
        self._schedule.begin(lane, began)
        try:
            await (await self._facts_reader()).read(lane, self.readings)
        except TransportError as error:
            failed = True
            self._died[lane] = forget(lane, self.readings, error.fault.summary)
            if self._facts is not None:
                await self._facts.close()
            self._facts = None
        else:
            died = self._died.pop(lane, None)
            if died is not None and self.readings.lacks.get(died.what) is died:
                del self.readings.lacks[died.what]
        now = self._clock.monotonic()
        self._schedule.done(lane, now, failed=failed)
        if lane is Lane.CHECKS and began >= self._shape_changed_at:
            self.readings.checks_outdated = False
        if lane is Lane.CHANGES:
            self.readings.changes_table, self.readings.changes_asked_at = table, asked_at
            self._after_changes(now)
        elif lane is Lane.DAEMON:
            self._after_daemon(was_running, began, now)
        if lane in _NEWS and self._moves_task is not None:
            self._news.set()
        if lane is Lane.VRRP and any(each.source is VrrpSource.DBUS for each in self.readings.vrrp or ()):
            self._schedule.cadence(Lane.VRRP, self._settings.dbus_every, now)

    def _after_daemon(self, was_running: bool | None, began: float, now: float) -> None:
        running = self.readings.running
        if running is None:
            return
        # One that has just started writes its pid files one after the other: looked at again until all are there.
        whole = running and len(self.readings.children) > 1
        self._schedule.cadence(Lane.DAEMON, self._settings.slow_every if whole else self._settings.lost_every, now)
        if not running:
            forget_keepalived(self.readings)
            return
        if self.readings.pid == self._missed_pid and began >= self._missed_at:
            # It runs, but this login's table program cannot see it (hidepid): then it is no witness.
            self._table.watches_process = False
        newly_complete = self.readings.children != self._children
        self._children = self.readings.children
        if was_running is False or newly_complete:
            for what in (labels.VRRP, labels.CHECKS):
                self.readings.lacks.pop(what, None)
            for lane in (Lane.VRRP, Lane.CHECKS):
                self._schedule.call(lane, now, gap=0.0)

    def _after_changes(self, now: float) -> None:
        """What is under way is over in seconds, and what is on record then is another thing."""
        moment = self._clock.now()
        changes = (each.at for each in self.readings.changes or () if each.phase is ChangePhase.PENDING)
        failovers = (each.at for each in self.readings.failovers or () if each.phase is FailoverPhase.PENDING)
        under_way = any(abs(moment - begun) < _UNDER_WAY for begun in (*changes, *failovers))
        settings = self._settings
        self._schedule.cadence(Lane.CHANGES, settings.event_gap if under_way else settings.changes_every, now)

    def _call_lanes(self, change: TableChange) -> None:
        """What the table shows to have changed is asked for at once, though not in a hail."""
        now, gap = self._clock.monotonic(), self._settings.event_gap
        called: list[Lane] = []
        if change.addresses:
            called += [Lane.ADDRESSES, Lane.VRRP, Lane.SYNC_DAEMONS, Lane.CHANGES, Lane.CHECKS]
        if change.shape:
            self.readings.checks_outdated, self._shape_changed_at = True, now
            called += [Lane.SAVED, Lane.THRESHOLDS, Lane.COUNTERS, Lane.CHECKS, Lane.CHANGES]
        if change.keepalived_gone:
            self._missed_pid, self._missed_at = self.readings.pid, now
            self._schedule.call(Lane.DAEMON, now, gap=0.0)
        blind = not self._table.reads_routes or self._misses_moves()
        every = self._settings.addresses_every if blind else self._settings.slow_every
        self._schedule.cadence(Lane.ADDRESSES, every, now)
        for lane in called:
            # A weight may change all the time (MISC_CHECK), and each of these dumps is a line in keepalived's log. Rows
            # that come or go are lines there anyway, and nobody may wait a minute to hear that a real server failed.
            self._schedule.call(lane, now, gap=gap, growing=lane is Lane.CHECKS and not change.rows)

    def _misses_moves(self) -> bool:
        """A VIP on lo is in the routing trie wherever else it is, and there is no log to tell that it moved."""
        capabilities = self.readings.capabilities
        if capabilities is not None and capabilities.journal:
            return False
        return any(
            entry.interface == LOOPBACK and entry.address.version == 4 and not entry.address.is_loopback
            for entry in self.readings.addresses or ()
        )

    async def _choose_table_reader(self) -> None:
        """awk is cheap where little changes; very many rows cost the director less with `cat`."""
        capabilities = self.readings.capabilities
        if capabilities is None or capabilities.table_reader == "cat" or self._table.rows < self._settings.cat_rows:
            return
        if self._keeps_awk:
            return
        try:
            reader, name = await open_table(self._transport, self._clock, self._settings, programs.table_cat())
        except TransportError as error:
            # what reads already reads on; where it is the director that is gone, the next tick tells
            self._keeps_awk = True
            _LOG.info("%s: the table is still read with awk: %s", self._transport.host, error)
            return
        await self._table.close()
        self._table = reader
        self.readings.capabilities = replace(capabilities, table_reader=name)

    async def _follow_journal(self) -> None:
        """Where the log cannot be followed, or no longer, the heartbeats remain."""
        capabilities = self.readings.capabilities
        if capabilities is None or not capabilities.journal:
            return
        elevated = self.readings.privilege is Privilege.SUDO and not self._reads_journal
        try:
            async with aclosing(self._transport.follow(programs.journal(), elevated=elevated)) as lines:
                async for line in lines:
                    self._take_journal_line(line)
        except TransportError as error:
            _LOG.info("%s: keepalived's log is not followed: %s", self._transport.host, error)
        if self.readings.capabilities is not None:
            self.readings.capabilities = replace(self.readings.capabilities, journal=False)

    async def _follow_addresses(self, moves: Moves) -> None:
        """Where the kernel does not tell, or no longer, the ticks remain."""
        try:
            async with aclosing(moves()) as events:
                async for _ in events:
                    now, gap = self._clock.monotonic(), self._settings.event_gap
                    for lane in _NEWS:
                        self._schedule.call(lane, now, gap=gap)
                    self._news.set()
        except TransportError as error:
            _LOG.info("%s: %s", self._transport.host, error)

    def _take_journal_line(self, line: bytes) -> None:
        now, gap = self._clock.monotonic(), self._settings.event_gap
        if _VRRP_NEWS.search(line):
            # Addresses as well: where a VIP stands on lo too, the routing trie does not show that it moved.
            for lane in (Lane.VRRP, Lane.ADDRESSES):
                self._schedule.call(lane, now, gap=gap)
            # What is in the track files of VRRP, which the JSON does not tell; a priority may change all the time.
            self._schedule.call(Lane.CHECKS, now, gap=gap, growing=True)
        if _CHECK_NEWS.search(line):
            self._schedule.call(Lane.CHECKS, now, gap=gap, growing=True)
