"""Where a browser is the terminal, lvstop is read-only, asks for nothing and calls nobody, whatever it is told."""

from pathlib import Path

import pytest

from lvstop.cli.terminal import make_app
from lvstop.config.paths import settings_file
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.ssh_sessions import SshSessions

PAIR = ClusterConfig("smb", (DirectorConfig("lb1", "127.0.0.1"), DirectorConfig("lb2", "127.0.0.1")))
HOOK = "on_alert: {command: [/bin/true]}\n"


@pytest.mark.parametrize("driver", [None, "textual.drivers.web_driver:WebDriver"])
def test_no_variable_makes_an_operator_of_a_browser(
    driver: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where no browser is the terminal, everything is as it was asked for."""
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(HOOK)
    if driver is not None:
        monkeypatch.setenv("TEXTUAL_DRIVER", driver)
    app = make_app([PAIR], state=tmp_path, read_only=False)
    assert (app.start.make_actor is None) is (driver is not None)
    assert (app.start.make_failover_actor is None) is (driver is not None)
    assert (app.start.settings.on_alert is None) is (driver is not None)
    assert isinstance(app.start.open_session, SshSessions)
    assert app.start.open_session.batch is (driver is not None)
