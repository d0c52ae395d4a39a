"""Where the shipped themes are found: in an installed package and in a checkout."""

from pathlib import Path

import pytest

from lvstop.config import shipped
from lvstop.config.shipped import shipped_themes_folder


@pytest.mark.parametrize(("package", "themes"), [("lib/lvstop", "lib/lvstop/themes"), ("src/lvstop", "themes")])
def test_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, themes: str) -> None:
    """The package's own folder comes first."""
    (tmp_path / package).mkdir(parents=True)
    (tmp_path / themes).mkdir()
    monkeypatch.setattr(shipped, "__file__", str(tmp_path / package / "config" / "shipped.py"))
    assert shipped_themes_folder() == tmp_path / themes


def test_here_there_are_themes() -> None:
    """However this lvstop is installed."""
    assert (shipped_themes_folder() / "lvstop-dark.yaml").is_file()
