"""The table of levers for the documentation, from the acceptance tests' own results:

pytest tests/acceptance/test_failover.py -o junit_family=xunit1 --junitxml=failover.xml
PYTHONPATH=tests python -m support.failover_table failover.xml
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from lab.rootfs import KEEPALIVED

HEAD = (
    "Configuration",
    "Lever",
    "keepalived",
    "Gap of new connections, told by lvstop",
    "seen by a client",
    "VIP with nobody",
    "Of 50 long connections survive",
    "Verdict",
)


def rows(paths: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """What each test that passed has recorded."""
    for path in paths:
        # written by our own test run a moment ago
        for case in ElementTree.parse(path).iter("testcase"):  # noqa: S314
            passed = case.find("failure") is None and case.find("error") is None
            for entry in case.iter("property"):
                if passed and entry.get("name") == "failover":
                    yield json.loads(entry.get("value") or "{}")


def table(told: Sequence[Mapping[str, Any]]) -> str:
    """The table in Markdown, in the order of configurations, levers and versions; of the same, the last one counts."""
    last = {(row["configuration"], row["lever"], KEEPALIVED[row["suite"]]): row for row in told}
    lines = [HEAD, tuple("---" for _ in HEAD), *(_cells(row) for _, row in sorted(last.items()))]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = row["client_gap"]
    return (
        row["configuration"],
        row["lever"],
        KEEPALIVED[row["suite"]],
        _span(row["gap"]),
        f"{low:.2f}–{high:.2f} s",
        ", ".join(_span(each) for each in row["addresses"]),
        str(row["survivors"]),
        row["verdict"],
    )


def _span(span: Mapping[str, float] | None) -> str:
    return "–" if span is None else f"{span['seconds']:.3f} ± {span['error_seconds']:.3f} s"


if __name__ == "__main__":
    sys.stdout.write(table(list(rows(sys.argv[1:]))))
