"""The table of levers says what the tests have recorded, of those that passed only."""

import json
from pathlib import Path

from support.failover_table import rows, table


def recorded(suite: str, lever: str) -> str:
    """What a test records."""
    span = {"seconds": 0.031, "error_seconds": 0.024}
    told: dict[str, object] = {
        "suite": suite,
        "configuration": "gentle",
        "lever": lever,
        "gap": span,
        "addresses": [span, None],
    }
    told |= {"client_gap": [0.0, 0.041], "survivors": 50, "held": 50, "verdict": "done"}
    return json.dumps(told).replace('"', "&quot;")


def test_the_table(tmp_path: Path) -> None:
    """One row for each test that passed, sorted, the last one where it was repeated; null is a dash."""
    cases = (
        ("trixie", "stop", ""),
        ("bookworm", "stop", ""),
        ("bookworm", "stop", ""),
        ("bullseye", "stop", "<failure/>"),
    )
    file = tmp_path / "results.xml"
    file.write_text(
        "<testsuites><testsuite>"
        + "".join(
            f'<testcase><properties><property name="failover" value="{recorded(suite, lever)}"/></properties>'
            f"{end}</testcase>"
            for suite, lever, end in cases
        )
        + "</testsuite></testsuites>"
    )
    lines = table(list(rows([str(file)]))).splitlines()
    assert len(lines) == 4
    assert lines[2] == ("| gentle | stop | 2.2.7 | 0.031 ± 0.024 s | 0.00–0.04 s | 0.031 ± 0.024 s, – | 50 | done |")
    assert "2.3.3" in lines[3]
