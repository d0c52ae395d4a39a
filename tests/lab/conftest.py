"""The lab's fixtures for the lab's own tests, also where no conftest.py above has made them known."""

import pytest

from lab import fixtures


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the lab's options."""
    fixtures.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the fixtures known."""
    fixtures.register(config)
