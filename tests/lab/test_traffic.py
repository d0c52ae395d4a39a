"""The lab's clients tell the truth: how long nobody was served, what was lost, and what has survived."""

import itertools
import json
import math
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import traffic
from lab.reports import Gap, HoldReport, around, gaps, hold_report, longest_gap, probe_report
from lab.wait import wait_until

LOCALHOST = "127.0.0.1"
SOON = 30.0
TIMEOUT = 0.9


def knock(started: float, ok: bool = True, cause: str = "refused", took: float = 0.001) -> dict[str, Any]:
    """One try of a probe."""
    return {"event": "probe", "t": started + took, "started": started, "ok": ok, "cause": "" if ok else cause}


def test_a_gap_lies_between_its_failures_and_the_successes_around_them() -> None:
    """It lasted at least from the first failure to the last, and at most from a success to the answer of the next."""
    events = [knock(0.0), knock(0.02), knock(0.04, ok=False), knock(0.06, ok=False), knock(0.08), knock(0.1)]
    assert longest_gap(events, 0.0, 1.0) == Gap(0.02, 0.02, 0.061, 2)


def test_a_late_answer_may_have_been_served_late() -> None:
    """Who has knocked while nobody was there is served when somebody is: a packet waits where it is on its way."""
    events = [knock(0.0), knock(0.02, ok=False), knock(0.5, took=0.25), knock(0.52, took=0.23)]
    assert longest_gap(events, 0.0, 1.0) == Gap(0.0, 0.0, 0.75, 1)


def test_the_tries_around_a_gap() -> None:
    """Those of the gap and a few before and after it: what it takes to understand one."""
    events = [knock(9.5), knock(10.0), knock(10.1, ok=False, took=0.9), knock(10.5, took=0.25), knock(11.5)]
    lines = around(events, Gap(10.0, 0.0, 0.75, 1)).splitlines()
    assert [line.split() for line in lines] == [
        ["0.0000", "0.0010", "ok"],
        ["0.1000", "1.0000", "refused"],
        ["0.5000", "0.7500", "ok"],
    ]


def test_without_a_failure_only_the_pause_between_two_knocks_is_known() -> None:
    """Nobody was turned away, but who was not there cannot tell."""
    events = [knock(0.0), knock(0.02), knock(0.05), knock(0.07)]
    assert longest_gap(events, 0.0, 1.0) == Gap(0.02, 0.0, 0.031, 0)


def test_a_failure_counts_more_than_a_long_pause() -> None:
    """A client without processor time has knocked late, and that is no gap."""
    events = [knock(0.0), knock(0.02, ok=False), knock(0.04), knock(5.0)]
    found = longest_gap(events, 0.0, 9.0)
    assert found is not None
    assert (found.after, found.failures) == (0.0, 1)


def test_what_has_not_ended_is_open() -> None:
    """When the last knocks failed, nobody knows how long it goes on."""
    assert gaps([knock(0.0), knock(1.0, ok=False), knock(3.0, ok=False)]) == (Gap(0.0, 2.0, math.inf, 2),)


def test_only_what_overlaps_is_asked_for() -> None:
    """A gap before the deed is not the deed's."""
    events = [knock(0.0), knock(1.0, ok=False), knock(2.0), knock(3.0), knock(4.0)]
    found = longest_gap(events, 2.5, 3.5)
    assert found is not None
    assert (found.after, found.failures) == (2.0, 0)
    assert longest_gap([knock(0.0)], 0.0, 1.0) is None


@given(st.lists(st.tuples(st.floats(0, 100, allow_nan=False), st.booleans()), max_size=40))
def test_gaps_are_possible(knocks: list[tuple[float, bool]]) -> None:
    """In whatever order they are told: no gap is longer at least than at most, and they do not overlap."""
    found = gaps([knock(round(started, 4), ok) for started, ok in knocks])
    assert all(0 <= gap.at_least <= gap.at_most + 1e-9 for gap in found)
    for one, later in itertools.pairwise(found):
        assert one.after + one.at_most <= later.after + 2e-3


def test_the_counts_of_a_probe() -> None:
    """Tries, successes, failures by cause; decided is what is older than a try may take."""
    told = probe_report([knock(0.0), knock(0.1, ok=False, cause="reset"), knock(0.2)], TIMEOUT)
    assert (told.attempts, told.ok, told.failed) == (3, 2, {"reset": 1})
    assert told.decided == pytest.approx(0.201 - TIMEOUT)
    assert probe_report([], TIMEOUT).decided is None


def test_the_counts_of_held_connections() -> None:
    """The last ones are those that hold; before the first nothing is known."""
    counts = {"event": "counts", "wanted": 3, "lost": {}, "open": 3, "heard": 1.0}
    later = {**counts, "open": 2, "lost": {"reset": 1}, "heard": 2.5}
    silence = {"event": "gap", "connection": 0, "seconds": 0.7}
    assert hold_report([counts, silence, later]) == HoldReport(3, 2, {"reset": 1}, 0.7, 2.5)
    assert hold_report([]) == HoldReport(0, 0, {}, 0.0, None)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind((LOCALHOST, 0))
        return int(one.getsockname()[1])


@contextmanager
def program(log: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """`traffic.py`, with its events in a file."""
    argv = [sys.executable, "-I", traffic.__file__, *words]
    with log.open("wb") as output, subprocess.Popen(argv, stdout=output, stderr=output) as started:
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(SOON)


def told(log: Path) -> list[Mapping[str, Any]]:
    """What it has said so far."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()]


def test_a_server_that_is_away_for_a_while(tmp_path: Path) -> None:
    """New connections fail meanwhile, and for as long as it was away; held ones are lost, and told to be."""
    port = free_port()
    probed, held = tmp_path / "probe", tmp_path / "hold"
    with program(probed, "probe", LOCALHOST, str(port), "--interval", "0.02", "--timeout", "0.9"):
        with program(tmp_path / "first", "serve", "--tcp", str(port)):
            wait_until(lambda: probe_report(told(probed), TIMEOUT).ok > 5, SOON, "answers")
            with program(held, "hold", "10", LOCALHOST, str(port), "--interval", "0.05"):
                wait_until(lambda: hold_report(told(held)).open == 10, SOON, "ten connections")
                now = time.time()
                wait_until(lambda: (hold_report(told(held)).heard or 0) > now, SOON, "an answer on each of them")
                gone = time.time()
        failures = sum(probe_report(told(probed), TIMEOUT).failed.values())
        wait_until(lambda: sum(probe_report(told(probed), TIMEOUT).failed.values()) > failures + 5, SOON, "failures")
        with program(tmp_path / "second", "serve", "--tcp", str(port)):
            back = time.time()
            answered = probe_report(told(probed), TIMEOUT).ok
            wait_until(lambda: probe_report(told(probed), TIMEOUT).ok > answered + 5, SOON, "answers again")
    found = longest_gap(told(probed), gone, back)
    assert found is not None
    assert found.failures > 5
    assert 0 < found.at_least <= found.at_most < math.inf


def test_held_connections_that_are_lost_are_told_with_their_cause(tmp_path: Path) -> None:
    """The server goes, and with it all connections: none is open, none is heard of, each has a cause."""
    port, held = free_port(), tmp_path / "hold"
    with program(tmp_path / "serve", "serve", "--tcp", str(port)) as server:
        wait_until(lambda: told(tmp_path / "serve"), SOON, "the server")
        with program(held, "hold", "10", LOCALHOST, str(port), "--interval", "0.05"):
            wait_until(lambda: hold_report(told(held)).open == 10, SOON, "ten connections")
            server.kill()
            wait_until(lambda: sum(hold_report(told(held)).lost.values()) == 10, SOON, "the loss of all")
    report = hold_report(told(held))
    assert (report.open, report.heard) == (0, None)
    assert set(report.lost) <= {"reset", "closed"}
