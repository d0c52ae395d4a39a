"""What tests of executions share."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.act_machine import Machine
from support.execution import Pair


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Two directors with the same table."""
    return Pair(tmp_path / "changes")


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """A machine whose folders are root's, as on a director."""
    if os.geteuid() != 0:
        pytest.skip("the program writes only into folders of root's: this needs root")
    found = Machine(tmp_path)
    yield found
    await found.close()
