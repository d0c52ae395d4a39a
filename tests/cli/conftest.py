"""A pair that can be changed, and an operator."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from support import failover_scenes
from support.change_setting import Setting


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    """A healthy pair, and an actor that plans and makes the usual drain."""
    return Setting(tmp_path, monkeypatch)


@pytest.fixture
def warned(setting: Setting) -> Setting:
    """A failover of which two things are to be accepted."""
    setting.failovers.assessment = failover_scenes.good(failover_scenes.NO_SYNC, failover_scenes.LOADED)
    return setting


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """An operator at a terminal who types this."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def sit(text: str) -> None:
        monkeypatch.setattr("sys.stdin", Terminal(text))
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    return sit
