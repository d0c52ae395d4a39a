"""Labs for pytest, as a plugin: running pairs that tests share, skipped with the reason where they cannot run.

In `tests/conftest.py`:

    from lab import fixtures

    def pytest_addoption(parser):
        fixtures.add_options(parser)

    def pytest_configure(config):
        fixtures.register(config)

Tests then ask for `seed_lab` or `everything_lab` and run once per suite of `--lab-suites`. A lab lives as long as tests
one after the other share it, which `sort` sees to: guests that nobody asks cost the others processor time. A test that
breaks something asks for `mended_seed_lab`, which is mended afterwards, or boots its own lab.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from lab import requirements
from lab.lab import Lab
from lab.rootfs import SUITES
from lab.topologies.conformance import CONFORMANCE
from lab.topologies.everything import EVERYTHING
from lab.topologies.failover import FAILOVER
from lab.topologies.maintenance import MAINTENANCE
from lab.topologies.seed import SEED_QUICK
from lab.topology import Topology

PLUGIN = "lab.fixtures"
OPTION = "--lab-suites"
THOROUGH = "--lab-thorough"
ONE_SUITE = "bookworm"
"""Where tests marked `one_suite` run: what depends on no version of keepalived is shown once, to save time."""


def add_options(parser: pytest.Parser) -> None:
    """Add the option that selects the suites; to be called from a conftest.py. Doing so twice is harmless."""
    try:
        parser.addoption(
            OPTION,
            default=",".join(SUITES),
            help="Debian suites that the lab's tests run on, separated by commas (default: %(default)s)",
        )
        parser.addoption(
            THOROUGH,
            action="store_true",
            help="run on every suite what else is shown on one of them, and takes long",
        )
    except ValueError:
        # the conftest.py above has added it
        return


def register(config: pytest.Config) -> None:
    """Make the fixtures known. Doing so twice is harmless."""
    if not config.pluginmanager.has_plugin(PLUGIN):
        config.pluginmanager.register(sys.modules[__name__], PLUGIN)


def suites(config: pytest.Config) -> list[str]:
    """Return the selected suites. Raises pytest.UsageError for one that the lab does not know."""
    chosen = str(config.getoption(OPTION, default=",".join(SUITES))).split(",")
    unknown = [suite for suite in chosen if suite not in SUITES]
    if unknown:
        raise pytest.UsageError(f"{OPTION}: no suite {', '.join(unknown)} (there are {', '.join(SUITES)})")
    return chosen


@dataclass(frozen=True, slots=True)
class Setting:
    """The suite a test runs on, and the lab that it shares with others; empty where it boots its own."""

    suite: str
    lab: str

    @property
    def group(self) -> str | None:
        """A name for all tests that share that lab."""
        return f"{self.suite}-{self.lab}" if self.lab else None


@cache
def _setting(suite: str, lab: str) -> Setting:
    # pytest takes what is the same object for the same parameter, and gives a lab back when that changes
    return Setting(suite, lab)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses `lab_suite` once per selected suite."""
    if "lab_suite" in metafunc.fixturenames:
        chosen = suites(metafunc.config)
        if metafunc.definition.get_closest_marker("one_suite") and not metafunc.config.getoption(THOROUGH):
            chosen = [ONE_SUITE] if ONE_SUITE in chosen else chosen[:1]
        shared = (name for name in metafunc.fixturenames if name.endswith("_lab") and not name.startswith("mended_"))
        lab = next(shared, "")
        metafunc.parametrize(
            "lab_suite", [_setting(suite, lab) for suite in chosen], ids=chosen, scope="session", indirect=True
        )


def setting(item: pytest.Item) -> Setting | None:
    """Where a test runs; None where it is not run once per suite."""
    callspec = getattr(item, "callspec", None)
    found = None if callspec is None else callspec.params.get("lab_suite")
    return found if isinstance(found, Setting) else None


def sort(items: list[pytest.Item]) -> None:
    """Bring tests together that share a lab, those of a suite one after the other; other tests come first."""

    def place(item: pytest.Item) -> tuple[str, bool, str]:
        found = setting(item)
        return ("", False, "") if found is None else (found.suite, not found.lab, found.lab)

    items.sort(key=place)


@pytest.fixture(scope="session")
def lab_suite(request: pytest.FixtureRequest) -> str:
    """The Debian suite of the directors; skips where no lab can run."""
    reason = requirements.missing()
    if reason:
        pytest.skip(reason)
    found: Setting = request.param
    return found.suite


@pytest.fixture(scope="session")
def seed_lab(lab_suite: str) -> Iterator[Lab]:
    """The seed's pair with quick health checks, shared by tests: leave it as you found it."""
    yield from _booted(SEED_QUICK, lab_suite)


@pytest.fixture(scope="session")
def everything_lab(lab_suite: str) -> Iterator[Lab]:
    """The pair that has everything IPVS and keepalived offer, shared by tests: leave it as you found it."""
    yield from _booted(EVERYTHING, lab_suite)


@pytest.fixture(scope="session")
def maintenance_lab(lab_suite: str) -> Iterator[Lab]:
    """The pair on which real servers are taken out of service: leave it as you found it."""
    yield from _booted(MAINTENANCE, lab_suite)


@pytest.fixture(scope="session")
def conformance_lab(lab_suite: str) -> Iterator[Lab]:
    """The pair that the embedded one is compared with: leave it as you found it."""
    yield from _booted(CONFORMANCE, lab_suite)


@pytest.fixture(scope="session")
def failover_lab(lab_suite: str) -> Iterator[Lab]:
    """The pair that is failed over: say which configuration you want it to have, with `support.failover`."""
    yield from _booted(FAILOVER, lab_suite)


@pytest.fixture
def mended_seed_lab(seed_lab: Lab) -> Iterator[Lab]:
    """The seed's pair for a test that breaks links, directors or real servers: all is mended afterwards."""
    try:
        yield seed_lab
    finally:
        seed_lab.mend()


def _booted(topology: Topology, suite: str) -> Iterator[Lab]:
    with Lab.boot(topology, suite) as lab:
        yield lab
