"""What all tests share: the lab's fixtures, and an environment without the operator's own settings."""

import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from conformance.trace import RECORD
from lab import fixtures
from support import pins

TESTS = Path(__file__).parent
SCREENS = (TESTS / "ui", TESTS / "snapshots", TESTS / "benchmarks")
PURE = TESTS / "ui" / "table"
EMBEDDED = (TESTS / "demo" / "front", TESTS / "conformance", TESTS / "readonly")


def pytest_addoption(parser: pytest.Parser) -> None:
    fixtures.add_options(parser)
    parser.addoption(RECORD, action="store_true", help="put on record what the real pair of the conformance suite does")


def pytest_configure(config: pytest.Config) -> None:
    # how long an example takes says something about the machine, not about the code
    hypothesis.settings.register_profile(
        "lvstop", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("lvstop")
    fixtures.register(config)
    pins.refuse_other_versions(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort tests into their rings. With `-n`, those that share a running pair stay together, so that it boots once.

    First of all plugins: xdist reads the groups when its own turn comes.
    """
    for item in items:
        if PURE not in item.path.parents and any(folder in item.path.parents for folder in SCREENS):
            item.add_marker(pytest.mark.screen)
        if any(folder in item.path.parents for folder in EMBEDDED) and item.get_closest_marker("lab") is None:
            item.add_marker(pytest.mark.embedded)
        if item.get_closest_marker("lab") is not None:
            setting = fixtures.setting(item)
            if setting is not None and setting.group is not None:
                item.add_marker(pytest.mark.xdist_group(setting.group))
    fixtures.sort(items)


@pytest.fixture(autouse=True)
def hermetic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads or writes the home folder of whoever runs it, or talks to his agent."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local" / "state"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def foreground() -> Iterator[None]:
    """Ctrl-C and a terminal that goes away mean what they mean in the foreground, also below nohup or in a shell's
    background: what is ignored there is ignored by all that a test starts, and a shell cannot trap it.
    """
    ignored = [each for each in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(each) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
