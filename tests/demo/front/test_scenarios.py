"""Every scenario that ships is read without a complaint: as it begins, and some minutes later."""

from collections.abc import Mapping, Sequence

import pytest

from lvstop.demo.catalogue import PROGRAMS
from lvstop.demo.director import Director
from lvstop.demo.logins import LOGINS
from lvstop.demo.parts import Part
from lvstop.demo.scenario import find_scenario, shipped_scenarios
from lvstop.demo.shell import Shell
from lvstop.demo.timescale import Timescale
from lvstop.demo.workbench import act, parts
from lvstop.demo.world.world import World
from lvstop.model.director import ParseIssue
from lvstop.probe import programs
from lvstop.probe.parse.addresses import parse_fib_trie, parse_if_inet6, parse_ip_addr_json
from lvstop.probe.parse.host import parse_keepalived_version, parse_loadavg, parse_net_dev, parse_sysctls, parse_uptime
from lvstop.probe.parse.ip_vs import parse_ip_vs
from lvstop.probe.parse.ip_vs_stats import parse_ip_vs_stats
from lvstop.probe.parse.ipvsadm import (
    parse_persistent_connections,
    parse_rates,
    parse_save,
    parse_stats,
    parse_sync_daemons,
    parse_thresholds,
)
from lvstop.probe.parse.keepalived_check import parse_keepalived_check
from lvstop.probe.parse.keepalived_data import parse_keepalived_data
from lvstop.probe.parse.keepalived_json import parse_keepalived_json
from lvstop.transport.base import Program
from support.clocks import START
from support.played import NONCE, Screen, sections_of

NAMES = [scenario.name for scenario in shipped_scenarios()]

PARSERS = {
    "keepalived_version": parse_keepalived_version,
    "ip_addr": parse_ip_addr_json,
    "sysctls": parse_sysctls,
    "uptime": parse_uptime,
    "stats": parse_stats,
    "rates": parse_rates,
    "thresholds": parse_thresholds,
    "persistent": parse_persistent_connections,
    "save": parse_save,
    "daemons": parse_sync_daemons,
    "ip_vs_stats": parse_ip_vs_stats,
    "fib_trie": parse_fib_trie,
    "if_inet6": parse_if_inet6,
    "loadavg": parse_loadavg,
    "net_dev": parse_net_dev,
}
VERBS = ("identity", "daemon", "addresses", "sysctls", "stats", "rates", "thresholds", "persistent", "save", "daemons")


def told(director: Director) -> Mapping[str, tuple[int, str]]:
    """Everything that a director answers to root, by section."""
    answers = _asked(director, programs.facts(), [*VERBS, "signal json", "signal data"])
    for dump in ("json", "data", "check"):
        answers[f"dump {dump}"] = _asked(director, programs.facts(), [f"dump {dump}"])["dump"]
    return answers | _asked(director, programs.table_cat(), ["t 1 0 1"])


def _asked(director: Director, program: Program, requests: Sequence[str]) -> dict[str, tuple[int, str]]:
    screen = Screen()
    shell = Shell(director, LOGINS["root"], f"exec sh -s -- {NONCE}", programs=PROGRAMS, output=screen)
    shell.feed(program.script.encode())
    sections_of(screen, 0)
    answers: dict[str, tuple[int, str]] = {}
    for sequence, request in enumerate(requests, 1):
        shell.feed(f"{sequence} {request}\n".encode())
        answers |= {each.name: (each.status, each.body.decode()) for each in sections_of(screen, sequence)}
    return answers


def complaints(director: Director) -> list[ParseIssue]:
    """What lvstop's parsers do not understand of it."""
    answers = told(director)
    issues: list[ParseIssue] = []
    for name, (status, text) in answers.items():
        if status == 0 and name in PARSERS:
            issues += PARSERS[name](text).issues
    if answers["ip_vs"][0] == 0:
        issues += parse_ip_vs(answers["ip_vs"][1], hz=director.hertz).issues
    if director.keepalived_pid is not None:
        issues += parse_keepalived_json(answers["dump json"][1]).issues
        issues += parse_keepalived_data(answers["dump data"][1]).issues
        issues += parse_keepalived_check(answers["dump check"][1]).issues
    return issues


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_is_understood(name: str) -> None:
    """All directors of its first cluster, at its beginning and after ten minutes of whatever happens there."""
    world = World(find_scenario(name).clusters[0], seed=1, epoch=START)
    directors = [Director(each, lambda: world.now, Timescale(START.timestamp())) for each in world.directors]
    # ten thousand real servers take their time
    for moment in (3.0,) if name == "large" else (0.0, 200.0, 600.0):
        world.step(moment)
        for director in directors:
            assert complaints(director) == [], (moment, director.hostname)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "large"])
def test_everything_can_be_broken_and_mended(name: str) -> None:
    """One part after the other; each says what it is, and is whole again in the end."""
    world = World(find_scenario(name).clusters[0], seed=1, epoch=START)
    for key in [part.key for part in parts(world)]:
        before = _part(world, key)
        assert act(world, key).endswith(".")
        after = _part(world, key)
        assert (after.broken, after.does) != (before.broken, before.does)
        assert act(world, key).endswith(".")
        assert _part(world, key).broken is before.broken


def _part(world: World, key: str) -> Part:
    return next(each for each in parts(world) if each.key == key)
