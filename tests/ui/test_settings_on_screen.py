"""What the settings name and nobody has is said; what can be used is used."""

import pytest

from lvstop.config.settings import Settings
from lvstop.ui.known_keys import binding_ids, mistakes


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            Settings(columns=("weight", "active2")),
            ["config.yaml: columns: there is no column 'active2'; did you mean active?"],
        ),
        (
            Settings(keymap={"table.fault": "F"}),
            ["config.yaml: keymap: nothing is called 'table.fault'; did you mean table.faults?"],
        ),
        (
            Settings(keymap={"table.faults": "s"}),
            ["config.yaml: keymap: 's' is the key of table.faults and table.sort; only one of them can have it"],
        ),
        (Settings(keymap={"table.faults": "s", "table.sort": "f"}), []),
        (Settings(columns=("weight",), keymap={"events.back": "b"}), []),
    ],
    ids=["column", "key", "one-key-for-two", "exchanged", "fine"],
)
def test_names_that_nobody_has(settings: Settings, said: list[str]) -> None:
    """Each with the nearest one that there is."""
    assert mistakes(settings) == said


def test_every_part_is_searched() -> None:
    """The application, screens that are imported late, and the table."""
    assert {"app.quit", "cluster.filter", "table.faults", "events.back", "vrrp.back", "columns.take"} <= binding_ids()
