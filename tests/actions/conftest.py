"""What tests of executions share."""

from pathlib import Path

import pytest

from support.execution import Pair


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Two directors with the same table."""
    return Pair(tmp_path / "changes")
