"""What the operator can set, and what his command is told, is explained."""

import json

import pytest

from docs.pages import DOCS, read
from lvstop.config import alarms
from lvstop.engine.hook_document import document
from support.alarms import news_of


def test_every_key_of_the_document_is_explained() -> None:
    """By name, in the section about the command."""
    _, _, section = read(DOCS / "monitoring.md").partition("## A command for alarms")
    section = section.partition("## JSON")[0]
    keys = json.loads(document(news_of(), left_out=0, waiting=0))
    assert [key for key in keys if f'"{key}"' not in section] == []


@pytest.mark.parametrize(
    ("page", "settings"),
    [
        ("noc.md", (*alarms.AlarmSettings.__slots__, *alarms.Debounce.__slots__)),
        ("monitoring.md", alarms.HookSettings.__slots__),
    ],
)
def test_every_setting_is_explained(page: str, settings: tuple[str, ...]) -> None:
    """As it is written in the file."""
    text = read(DOCS / page)
    assert [name for name in settings if name != "debounce" and f"{name}:" not in text] == []
