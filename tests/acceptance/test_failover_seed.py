"""The pair that the project started from: what a failover costs there, and the lines that make it painless."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from lab.fixtures import THOROUGH
from lab.lab import Lab
from lab.topologies.seed import VIP
from lab.wait import wait_until
from support.failover import ACCEPT_ALL, CONF, HELD, PATIENCE, fail_over, reasons, traffic

pytestmark = pytest.mark.lab

FIRST, SECOND = "keepalived1", "keepalived2"


@pytest.fixture
def lab(seed_lab: Lab, pytestconfig: pytest.Config) -> Iterator[Lab]:
    """The seed's pair, with its own configuration afterwards."""
    if not pytestconfig.getoption(THOROUGH):
        pytest.skip(f"takes long: only with {THOROUGH}")
    seed_lab.await_ready()
    found = {name: director.output(["cat", CONF]) for name, director in seed_lab.directors.items()}
    try:
        yield seed_lab
    finally:
        for name, director in seed_lab.directors.items():
            director.write(CONF, found[name])
            director.run("rm -f /var/lib/lvstop/changes/*; systemctl restart keepalived")
        seed_lab.mend()


def test_from_painful_to_painless(lab: Lab) -> None:
    """Only a stop works, and breaks everything; lvstop says so, and which lines help; with them nothing breaks."""
    told = fail_over(lab, "--to", SECOND, *ACCEPT_ALL, "--dry-run")
    assert told.exit_status == 0, reasons(told)
    before = told.document["assessment"]
    assert before["chosen"] == "stop"
    usable = {each["lever"] for each in before["options"] if each["usable"]}
    assert usable == {"stop"}
    assert {each["director"] for each in before["suggestions"]} == {FIRST, SECOND}
    with traffic(lab, VIP) as flow:
        moved = there_and_back(lab)
        assert moved["before"]["breaking"] >= 0.9 * HELD
        assert flow.hold.report().open == 0
        assert moved["lever"] == "stop"

    for suggestion in before["suggestions"]:
        apply(lab, suggestion)
    for director in lab.directors.values():
        director.run("systemctl reload keepalived")
    lab.await_ready()
    with traffic(lab, VIP) as flow:
        flow.await_copies(lab.directors[SECOND])
        began = time.time()
        moved = there_and_back(lab)
        assert moved["lever"] == "track-file"
        assert moved["before"]["surviving"] >= 0.9 * HELD
        seen = flow.seen(began)
        assert (seen.survivors, seen.lost) == (HELD, {})
        # two failovers are in that stretch of time: the gap that was told is not the longest one, if it is any
        assert moved["gap"]["seconds"] - moved["gap"]["error_seconds"] <= seen.gap.at_most


def there_and_back(lab: Lab) -> Mapping[str, Any]:
    """Fail over and release: the lever that was used, what was expected, and the gap that was told."""
    there = fail_over(lab, "--to", SECOND, *ACCEPT_ALL, "--yes")
    assert (there.exit_status, there.outcome) == (0, "done"), reasons(there)
    held_by(lab, SECOND)
    back = fail_over(lab, "--release", *ACCEPT_ALL, "--yes")
    assert (back.exit_status, back.outcome) == (0, "done"), reasons(back)
    held_by(lab, FIRST)
    return {
        "lever": there.document["plan"]["lever"],
        "before": there.document["assessment"]["consequences"],
        "gap": there.document["outcome"]["timeline"]["connections"],
    }


def held_by(lab: Lab, name: str) -> None:
    """The VIP is there and nowhere else."""

    def alone() -> bool:
        return [each.name for each in lab.directors.values() if each.holds(VIP)] == [name]

    wait_until(alone, PATIENCE, f"the VIP on {name} alone")


def apply(lab: Lab, suggestion: Mapping[str, Any]) -> None:
    """Put suggested lines where they are said to belong, as an operator would with an editor."""
    director = lab.directors[suggestion["director"]]
    text = director.output(["cat", CONF])
    for each in suggestion["within"]:
        text = inserted(text, each["block"], each["lines"])
    top = "\n".join(suggestion["lines"])
    director.write(CONF, f"{top}\n{text}")
    director.run(f"keepalived -t -f {CONF}")


def inserted(text: str, block: str, lines: Sequence[str]) -> str:
    """Lines at the beginning of a block, by its heading."""
    heading = f"{block} {{\n"
    assert text.count(heading) == 1, block
    return text.replace(heading, heading + "".join(f"  {line}\n" for line in lines))
