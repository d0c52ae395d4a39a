"""Sounding a director: what only a failover needs to know, asked over a connection of its own.

Everything is asked one after the other with the program `sound`; beside it adverts are waited for, and counted by two
of keepalived's own dumps. What is not answered is None, and its lack says why.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from lvstop.clock import Clock
from lvstop.config.schema import PrivilegeChoice
from lvstop.model.director import Lack, LackCause, Privilege
from lvstop.model.sounding import ClockReading, ServiceStatus, Sounding
from lvstop.model.vrrp import VrrpInstance, VrrpState
from lvstop.probe import programs
from lvstop.probe.dumps import DumpReader
from lvstop.probe.lanes import section_error, section_text
from lvstop.probe.opening import Elevation, Opened
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.config_check import parse_config_check
from lvstop.probe.parse.keepalived_json import is_complete, parse_keepalived_json
from lvstop.probe.parse.keepalived_log import KeepalivedLog, parse_keepalived_log
from lvstop.probe.parse.numbers import read_float
from lvstop.probe.parse.priorities import parse_priorities
from lvstop.probe.parse.sounded import parse_arp_settings, parse_connections, parse_service
from lvstop.transport.base import Channel, Reply, Transport, TransportError

CLOCK, CONFIGURATION, ADVERTS = "the clock", "the configuration's test", "adverts received"
ARP, CONNECTIONS, LOG = "ARP settings", "connections of the table", "keepalived's log"
PRIORITIES, SERVICE = "priority lines", "keepalived's service"

_TRIPS = 7
"""Readings of the clock; the shortest round trip tells it best."""

_INTERVALS = 2.2
"""Adverts are awaited for so many of their intervals, ..."""

_LONGEST_WAIT = 6.0
"""... but not longer than this, in seconds."""

_DUMP_SECONDS = 3.0
_NOT_FOUND = 127

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Heard:
    """Adverts of each instance, and how long they were counted."""

    received: Mapping[str, int]
    seconds: float


async def sound(
    name: str, transport: Transport, clock: Clock, privilege: PrivilegeChoice, *, timeout: float = 10.0
) -> Sounding:
    """Connect, ask, and disconnect. Takes a few seconds; nothing is changed, and keepalived logs two dumps.

    Raises:
        TransportError: the director cannot be asked at all.
    """
    began = clock.monotonic()
    sounding = Sounding(name, clock.now(), 0.0)
    lacks: list[Lack] = []
    try:
        await transport.connect()
        opened = await Elevation(privilege).open_facts(transport, timeout)
        channel = await transport.open(programs.sound(), elevated=opened.privilege is Privilege.SUDO, timeout=timeout)
        listening = asyncio.create_task(_listen(opened, clock, timeout, lacks))
        try:
            sounding = await _Questions(channel, clock, timeout, lacks).answer(sounding, opened)
            heard = await listening
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
    finally:
        await transport.close()
    if heard is not None:
        sounding = replace(sounding, adverts_received=heard.received, adverts_seconds=heard.seconds)
    return replace(sounding, took=clock.monotonic() - began, lacks=tuple(lacks))


def _refusal(opened: Opened) -> str:
    return f"needs root or sudo{f': {opened.refusal}' if opened.refusal else ''}"


class _Questions:
    """Asks the program `sound`, one verb after the other. Once it does not answer, nothing more is asked."""

    def __init__(self, channel: Channel, clock: Clock, timeout: float, lacks: list[Lack]) -> None:
        self._channel = channel
        self._clock = clock
        self._timeout = timeout
        self._lacks = lacks
        self._lost: TransportError | None = None

    async def answer(self, sounding: Sounding, opened: Opened) -> Sounding:
        """Ask everything, the clock first: beside it the director has little to do."""
        reading, service, log = await self._clock_reading(), await self._service(), await self._log()
        configuration = None
        if opened.privilege is Privilege.NONE:
            self._lacks.append(Lack(CONFIGURATION, LackCause.UNPRIVILEGED, _refusal(opened)))
        else:
            configuration = await self._parsed("configtest", CONFIGURATION, parse_config_check)
        return replace(
            sounding,
            clock=reading,
            service=service,
            transitions=None if log is None else log.transitions,
            reloading=None if log is None else log.reloading,
            configuration=configuration,
            priority_lines=await self._parsed("priorities", PRIORITIES, parse_priorities),
            arp=await self._parsed("arp", ARP, parse_arp_settings),
            connections=await self._parsed("connections", CONNECTIONS, parse_connections),
        )

    async def _parsed(self, verb: str, what: str, parse: Callable[[str], Parsed[T]]) -> T | None:
        """What the answer says; what is not wholly understood is not known."""
        text = self._text(await self._ask(verb, what), verb, what)
        if text is None:
            return None
        parsed = parse(text)
        if parsed.issues:
            issue = parsed.issues[0]
            shown = f": {issue.text}" if issue.text else ""
            self._lacks.append(Lack(what, LackCause.FAILED, f"{issue.source}: {issue.reason}{shown}"))
            return None
        return parsed.value

    async def _clock_reading(self) -> ClockReading | None:
        """How much the director's clock is ahead of the operator's; no better known than half of a round trip."""
        best: ClockReading | None = None
        for _ in range(_TRIPS):
            sent_at, sent = self._clock.now(), self._clock.monotonic()
            reply = await self._ask("time", CLOCK)
            half = (self._clock.monotonic() - sent) / 2
            text = self._text(reply, "time", CLOCK)
            stamp = None if text is None else read_float(text.strip())
            if stamp is None:
                if text is not None:
                    self._lacks.append(Lack(CLOCK, LackCause.UNSUPPORTED, "date tells no fractions of a second"))
                return best
            if best is None or half < best.error:
                best = ClockReading(stamp - (sent_at.timestamp() + half), half)
        return best

    async def _service(self) -> ServiceStatus | None:
        """Without a service manager that is known it is none of its services."""
        reply = await self._ask("service", SERVICE)
        section = None if reply is None else reply.section("service")
        if section is not None and section.status == _NOT_FOUND:
            return ServiceStatus(unit=None, active=False, enabled=None)
        text = self._text(reply, "service", SERVICE)
        return None if text is None else parse_service(text)

    async def _log(self) -> KeepalivedLog | None:
        """States and reloads of the last minutes."""
        text = self._text(await self._ask("log", LOG), "log", LOG)
        return None if text is None else parse_keepalived_log(text)

    async def _ask(self, verb: str, what: str) -> Reply | None:
        if self._lost is None:
            try:
                return await self._channel.ask(verb, timeout=self._timeout)
            except TransportError as error:
                self._lost = error
        self._lacks.append(Lack(what, LackCause.FAILED, str(self._lost)))
        return None

    def _text(self, reply: Reply | None, verb: str, what: str) -> str | None:
        text = None if reply is None else section_text(reply, verb)
        if reply is not None and text is None:
            section = reply.section(verb)
            missing = section is not None and section.status == _NOT_FOUND
            cause = LackCause.UNSUPPORTED if missing else LackCause.FAILED
            self._lacks.append(Lack(what, cause, section_error(reply, verb)))
        return text


async def _listen(opened: Opened, clock: Clock, timeout: float, lacks: list[Lack]) -> _Heard | None:
    """Count adverts between two of keepalived's dumps; at once where no instance waits for any."""
    if opened.privilege is Privilege.NONE:
        lacks.append(Lack(ADVERTS, LackCause.UNPRIVILEGED, _refusal(opened)))
        return None
    dumps = DumpReader(opened.channel, clock, answer_timeout=timeout, dump_timeout=_DUMP_SECONDS)
    try:
        first, began = await _instances(dumps, lacks), clock.monotonic()
        if first is None:
            return None
        waiting = [instance for instance in first if instance.state is not VrrpState.MASTER]
        if not waiting:
            return _Heard({}, 0.0)
        longest = max(instance.advert_interval or 1.0 for instance in waiting)
        await clock.sleep(min(_INTERVALS * longest, _LONGEST_WAIT))
        second, seconds = await _instances(dumps, lacks), clock.monotonic() - began
    except TransportError as error:
        lacks.append(Lack(ADVERTS, LackCause.FAILED, str(error)))
        return None
    return None if second is None else _Heard(_growth(waiting, second), seconds)


async def _instances(dumps: DumpReader, lacks: list[Lack]) -> tuple[VrrpInstance, ...] | None:
    (dump,) = await dumps.read("json", ("json",), lambda _dump, text: is_complete(text))
    if dump.text is None:
        lacks.append(Lack(ADVERTS, LackCause.FAILED, dump.failure))
        return None
    return parse_keepalived_json(dump.text).value


def _growth(before: list[VrrpInstance], after: tuple[VrrpInstance, ...]) -> Mapping[str, int]:
    """Of instances whose counters have not begun anew in between."""
    counted = {instance.name: instance.counters for instance in after}
    heard: dict[str, int] = {}
    for instance in before:
        now = counted.get(instance.name)
        if instance.name is None or instance.counters is None or now is None:
            continue
        more = now.adverts_received - instance.counters.adverts_received
        if more >= 0:
            heard[instance.name] = more
    return heard
