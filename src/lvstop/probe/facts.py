"""The facts lanes: what is read now and then, one command at a time, over one channel with the privilege there is."""

from collections.abc import Mapping

from lvstop.clock import Clock
from lvstop.model.director import Lack, LackCause, Privilege
from lvstop.probe import labels
from lvstop.probe.dumps import DumpReader
from lvstop.probe.lanes import (
    take_addresses,
    take_changes,
    take_checks,
    take_daemon,
    take_dbus,
    take_groups,
    take_identity,
    take_persistent,
    take_rates,
    take_save,
    take_stats,
    take_sync_daemons,
    take_sysctls,
    take_thresholds,
    take_vrrp_data,
    take_vrrp_json,
)
from lvstop.probe.parse.keepalived_data import NO_VRRP, parse_keepalived_data
from lvstop.probe.parse.keepalived_json import is_complete
from lvstop.probe.readings import Readings
from lvstop.probe.schedule import Lane
from lvstop.probe.settings import ProbeSettings
from lvstop.transport.base import Channel, Reply

_VERBS = {
    Lane.DAEMON: ("daemon", take_daemon),
    Lane.ADDRESSES: ("addresses", take_addresses),
    Lane.COUNTERS: ("stats", take_stats),
    Lane.SAVED: ("save", take_save),
    Lane.THRESHOLDS: ("thresholds", take_thresholds),
    Lane.PERSISTENT: ("persistent", take_persistent),
    Lane.SYSCTLS: ("sysctls", take_sysctls),
    Lane.CHANGES: ("changes", take_changes),
}

PRIVILEGED_LANES = frozenset({Lane.COUNTERS, Lane.SAVED, Lane.THRESHOLDS, Lane.PERSISTENT, Lane.CHECKS})
"""Lanes that are not even tried without root or sudo."""


def cadences(settings: ProbeSettings) -> Mapping[Lane, float]:
    """How often each lane is read where nothing happens, in seconds."""
    return {
        Lane.DAEMON: settings.slow_every,
        Lane.ADDRESSES: settings.slow_every,
        Lane.SAVED: settings.details_every,
        Lane.THRESHOLDS: settings.details_every,
        Lane.PERSISTENT: settings.persistent_every,
        Lane.SYNC_DAEMONS: settings.details_every,
        Lane.SYSCTLS: settings.checks_every,
        Lane.VRRP: settings.vrrp_every,
        Lane.CHECKS: settings.checks_every,
        Lane.COUNTERS: settings.counters_every,
        Lane.CHANGES: settings.changes_every,
    }


class FactsReader:
    """Reads one lane at a time into the readings."""

    def __init__(self, channel: Channel, clock: Clock, settings: ProbeSettings) -> None:
        self._channel = channel
        self._clock = clock
        self._timeout = settings.answer_timeout
        self._dumps = DumpReader(
            channel, clock, answer_timeout=settings.answer_timeout, dump_timeout=settings.dump_timeout
        )

    async def identify(self, readings: Readings, *, table_reader: str) -> None:
        """Versions and what is installed; once per connection.

        Raises:
            TransportError: the director cannot be asked. So do all methods here.
        """
        take_identity(readings, await self._ask("identity"), table_reader=table_reader)

    async def read(self, lane: Lane, readings: Readings) -> None:
        """Read one lane now."""
        if lane in PRIVILEGED_LANES and readings.privilege is Privilege.NONE:
            return
        match lane:
            case Lane.VRRP:
                await self._read_vrrp(readings)
            case Lane.CHECKS:
                await self._read_checks(readings)
            case Lane.SYNC_DAEMONS:
                verb = "threads" if readings.privilege is Privilege.NONE else "daemons"
                take_sync_daemons(readings, await self._ask(verb))
            case _:
                verb, take = _VERBS[lane]
                take(readings, await self._ask(verb))

    async def read_kernel_rates(self, readings: Readings) -> None:
        """The kernel's own estimators, where no two readings of counters will be had."""
        if readings.privilege is not Privilege.NONE:
            take_rates(readings, await self._ask("rates"))

    async def close(self) -> None:
        """End the program on the director."""
        await self._channel.close()

    async def _ask(self, verb: str) -> Reply:
        return await self._channel.ask(verb, timeout=self._timeout)

    async def _read_vrrp(self, readings: Readings) -> None:
        """keepalived's JSON, else its data dump, else D-Bus; what remains is for inference."""
        if readings.running is False:
            forget_keepalived(readings)
            return
        if _without(readings, "vrrp"):
            readings.vrrp, readings.vrrp_read_at = (), self._clock.now()
            take_groups(readings, NO_VRRP)
            return
        capabilities = readings.capabilities
        failure = ""
        if readings.privilege is not Privilege.NONE:
            if capabilities is not None and capabilities.json_dump:
                (dump,) = await self._dumps.read("json", ("json",), _whole)
                if dump.text is not None:
                    take_vrrp_json(readings, dump.text, now=self._clock.now())
                    return
                failure = dump.failure
            else:
                (data,) = await self._dumps.read("data", ("data",), _whole)
                if data.text is not None:
                    take_vrrp_data(readings, data.text, now=self._clock.now())
                    return
                failure = data.failure
        if capabilities is not None and capabilities.dbus and take_dbus(readings, await self._ask("dbus")):
            readings.vrrp_read_at = self._clock.now()
            readings.lacks.pop(labels.VRRP, None)
            return
        readings.vrrp = None
        if failure:
            readings.lacks[labels.VRRP] = Lack(labels.VRRP, LackCause.FAILED, failure)

    async def _read_checks(self, readings: Readings) -> None:
        if readings.running is False:
            return
        wanted = tuple(
            dump for dump, child in (("data", "vrrp"), ("check", "checkers")) if not _without(readings, child)
        )
        dumps = dict(zip(wanted, await self._dumps.read("data", wanted, _whole), strict=True))
        data, check = dumps.get("data"), dumps.get("check")
        readings.vrrp_track_files = None
        # keepalived without VRRP has nothing to tell of it
        vrrp = NO_VRRP if data is None else None
        if data is not None and data.text is not None:
            vrrp = parse_keepalived_data(data.text).value
        if vrrp is not None:
            take_groups(readings, vrrp)
        if check is None:
            readings.checks = readings.track_files = ()
        elif check.text is not None:
            take_checks(readings, check.text, vrrp)
        else:
            readings.checks = readings.track_files = None
            readings.lacks[labels.CHECKS] = Lack(labels.CHECKS, LackCause.FAILED, check.failure)


def _whole(dump: str, text: str) -> bool:
    """The checker's dump has no end mark: there, reading the same twice has to do."""
    match dump:
        case "json":
            return is_complete(text)
        case "data":
            return parse_keepalived_data(text).value.complete
        case _:
            return bool(text)


def _without(readings: Readings, child: str) -> bool:
    """keepalived runs, and runs another process but not this one: its configuration does not need it."""
    return bool(readings.children) and child not in readings.children


def forget_keepalived(readings: Readings) -> None:
    """keepalived does not run: what it believed is no longer anybody's belief."""
    readings.vrrp = readings.sync_groups = readings.vrrp_track_files = readings.unicast_peers = None
    readings.checks = readings.track_files = None
    for what in (labels.VRRP, labels.CHECKS):
        readings.note_issues(what, ())
        readings.lacks[what] = Lack(what, LackCause.UNSUPPORTED, "keepalived is not running")
