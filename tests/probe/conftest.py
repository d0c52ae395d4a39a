"""A healthy director in memory, and time that passes when somebody waits."""

import pytest

from support.clocks import EagerClock
from support.fake_director import EVENING, FakeDirector


@pytest.fixture
def clock() -> EagerClock:
    """keepalived's dumps are awaited without waiting."""
    return EagerClock(EVENING)


@pytest.fixture
def director(clock: EagerClock) -> FakeDirector:
    """A healthy master, where the login is root."""
    return FakeDirector(clock)
