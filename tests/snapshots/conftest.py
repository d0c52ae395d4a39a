"""Pictures are drawn by one version of Textual, and nothing on them moves."""

from pathlib import Path

import pytest
from textual.widgets import Input

from support.pins import TEXTUAL, same_textual

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Another Textual draws the same screens differently: that is no fault of lvstop's."""
    if not same_textual():
        skip = pytest.mark.skip(reason=f"the pictures were drawn by Textual {TEXTUAL}")
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def still_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor of an input does not blink."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _self: None)
