"""The word for what cannot be done here."""

from typing import Final

READ_ONLY: Final = "READ-ONLY"
"""On every screen where no key can change a director, at all times."""
