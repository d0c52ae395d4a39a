"""The embedded pair and the real one, seen by lvstop, are the same.

Both are made of one scenario (`tests/data/conformance/pair.yaml`): the embedded pair as `lvstop demo` takes it, and the
lab boots with the keepalived.conf that the embedded directors print. The same acts are done to both, and after each
lvstop looks at everything, over SSH, as `lvstop status` does. What it sees, every field of its snapshot, the events
that it makes of the difference and what it tells of its own plans, is held against a trace on record, one for each
version of keepalived: the lab's pair has to match it, and so has the embedded one, in virtual time. So where both tests
are green, no field that lvstop reads tells the one from the other in any of these acts. What is seen at least after
each act stands in `story.py`, in words that do not depend on any recording.

Not compared is what depends on the machine: moments, counters, ids (`sight.MASKED`), checks of a failover about load
and clocks, and lines that keepalived logs with `-D` only, with which the demo's was started (`operating.py`). There are
no clients here; what becomes of connections is shown by `tests/acceptance` and, of simulated ones, `tests/demo/world`.

A trace is written by the real pair, never by the embedded one: `--conformance-record`, then read the difference.
"""

from pathlib import Path

import pytest

from conformance.embedded import EmbeddedPair
from conformance.player import Chapter, play
from conformance.real import LabPair
from conformance.story import CHAPTERS, TAKES_LONG
from conformance.trace import RECORD, Trace
from lab.fixtures import ONE_SUITE, THOROUGH
from lab.lab import Lab
from lab.rootfs import KEEPALIVED


@pytest.mark.parametrize(
    ("suite", "chapter"),
    [pytest.param(suite, each, id=f"{suite}-{each}") for suite in KEEPALIVED for each in CHAPTERS],
)
def test_embedded(suite: str, chapter: Chapter, tmp_path: Path) -> None:
    """The simulated directors do what the real ones have done."""
    pair = EmbeddedPair(KEEPALIVED[suite], tmp_path)
    pair.run(play(pair, chapter, Trace(suite), record=False))


@pytest.mark.lab
@pytest.mark.parametrize("chapter", CHAPTERS, ids=str)
def test_real(conformance_lab: Lab, chapter: Chapter, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The real directors do it again."""
    if chapter in TAKES_LONG and conformance_lab.suite != ONE_SUITE and not request.config.getoption(THOROUGH):
        pytest.skip(f"played on {ONE_SUITE}, and with {THOROUGH} on every suite")
    pair, record = LabPair(conformance_lab, tmp_path), bool(request.config.getoption(RECORD))
    pair.run(play(pair, chapter, Trace(conformance_lab.suite), record=record))
