"""The IPVS formats of the embedded directors against recordings of real ones, byte by byte."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import pytest

from lvstop.demo.formats import ip_vs, ipvsadm
from lvstop.demo.world.connections import Connections
from lvstop.demo.world.table import Destination, Service, Setting, Table, Tally
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import Counters, Rates, VirtualServer
from lvstop.probe.parse.ip_vs import parse_ip_vs, resolve_families
from lvstop.probe.parse.ip_vs_stats import parse_ip_vs_stats
from lvstop.probe.parse.ipvsadm import (
    combine_details,
    parse_persistent_connections,
    parse_rates,
    parse_save,
    parse_stats,
    parse_sync_daemons,
    parse_thresholds,
)
from support.recordings import RELEASES, recorded

HERTZ = 100
"""Of the kernel on which all of them were recorded."""


@dataclass
class Numbers:
    """Connections that stand still, in the place of those that come and go."""

    active: int
    inactive: int
    templates: int


def tally(numbers: Counters | Rates | None) -> Tally:
    """The same five numbers as the world keeps them."""
    if numbers is None:
        return Tally()
    return Tally(numbers.connections, numbers.in_packets, numbers.out_packets, numbers.in_bytes, numbers.out_bytes)


def recorded_table(release: str) -> Table:
    """The table that was recorded, as the world would have it."""
    saved = parse_save(recorded(release, "ipvsadm_save.out")).value
    limits = parse_thresholds(recorded(release, "ipvsadm_Ln_thresholds.out")).value
    templates = parse_persistent_connections(recorded(release, "ipvsadm_Ln_persistent.out")).value
    counters = parse_stats(recorded(release, "ipvsadm_Ln_stats_exact.out")).value
    rates = parse_rates(recorded(release, "ipvsadm_Ln_rate_exact.out")).value
    shown = parse_ip_vs(recorded(release, "proc_ip_vs.out"), hz=HERTZ).value
    known = {each.key: each for each in resolve_families(shown, combine_details(saved, limits, templates))}
    table = Table(10, salt=1)
    for rules in saved.virtual_servers:
        total = counters[rules.key]
        service = Service(
            rules.key,
            rules.scheduler,
            rules.scheduler_flags,
            rules.persistence_seconds or None,
            rules.persistence_prefix,
            rules.one_packet,
            counters=tally(total.total),
            rates=tally(rates[rules.key].total),
        )
        table.add_service(service)
        for rule in reversed(newest_last(release, known[rules.key], [each.key for each in rules.real_servers])):
            row = next(each for each in rules.real_servers if each.key == rule)
            upper, lower = limits[rules.key][rule]
            setting = Setting(row.forwarding, row.weight, upper, lower, row.tunnel)
            destination = table.add_destination(rules.key, rule, setting)
            stand_still(destination, known[rules.key], templates[rules.key][rule])
            destination.counters = tally(total.real_servers[rule])
            destination.rates = tally(rates[rules.key].real_servers[rule])
    return table


def newest_last(release: str, shown: VirtualServer, keys: list[RealServerKey]) -> list[RealServerKey]:
    """Keys in the order in which /proc lists them."""
    text = recorded(release, "proc_ip_vs.out")
    return sorted(keys, key=lambda key: text.index(f"  -> {ip_vs.endpoint(key)} ", text.index(heading(shown.key))))


def heading(key: VirtualServerKey) -> str:
    """How /proc begins the line of a virtual server."""
    if key.address is None:
        return f"FWM  {key.fwmark:08X}"
    return f"{key.protocol}  {ip_vs.endpoint(RealServerKey(key.address, key.port or 0))}"


def stand_still(destination: Destination, shown: VirtualServer, templates: int) -> None:
    """Give it the recorded numbers of connections."""
    row = next(each for each in shown.real_servers if each.key == destination.key)
    numbers = Numbers(row.active_connections, row.inactive_connections, templates)
    destination.connections = cast("Connections", numbers)


LISTINGS: Mapping[str, Callable[[Table], str]] = {
    "ipvsadm_Ln.out": ipvsadm.connections_listing,
    "ipvsadm_Ln_stats_exact.out": ipvsadm.stats_listing,
    "ipvsadm_Ln_rate_exact.out": ipvsadm.rates_listing,
    "ipvsadm_Ln_thresholds.out": ipvsadm.thresholds_listing,
    "ipvsadm_Ln_persistent.out": ipvsadm.persistent_listing,
    "ipvsadm_save.out": ipvsadm.saved_rules,
}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", LISTINGS)
def test_ipvsadm_prints_what_it_really_prints(release: str, name: str) -> None:
    """All listings that lvstop asks for, of a table with everything in it."""
    assert LISTINGS[name](recorded_table(release)) == recorded(release, name)


@pytest.mark.parametrize("release", RELEASES)
def test_proc_ip_vs_is_the_real_one(release: str) -> None:
    """Line by line; only the order of services is the kernel's secret."""

    def groups(text: str) -> set[str]:
        return set(text.replace("\n  ->", "|->").splitlines())

    shown = "".join(f"{line}\n" for line in ip_vs.ip_vs_lines(recorded_table(release), HERTZ))
    real = recorded(release, "proc_ip_vs.out")
    assert groups(shown) == groups(real)
    assert len(shown) == len(real)


@pytest.mark.parametrize("release", RELEASES)
def test_proc_ip_vs_stats_is_the_real_one(release: str) -> None:
    """Totals and rates, in hexadecimal."""
    real = recorded(release, "proc_ip_vs_stats.out")
    table = Table(10, salt=1)
    table.totals = tally(parse_ip_vs_stats(real).value)
    table.rates = Tally(*(int(word, 16) for word in real.splitlines()[5].split()))
    assert "".join(f"{line}\n" for line in ip_vs.ip_vs_stats_lines(table)) == real


@pytest.mark.parametrize("release", RELEASES)
def test_sync_daemons_are_listed_as_they_are(release: str) -> None:
    """Master before backup, whichever came first."""
    real = recorded(release, "ipvsadm_daemon.out")
    daemons = parse_sync_daemons(real).value
    assert ipvsadm.daemons_listing(daemons) == real
    assert ipvsadm.daemons_listing(daemons[::-1]) == real
