"""What tests of failovers share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.failover_pair import FailoverPair


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[FailoverPair]:
    """A pair whose first director has the address."""
    with FailoverPair(tmp_path / "changes") as pair:
        yield pair
