"""Following a standing drain: how far it is, when it will be through, and whether its real servers may be stopped."""

from lvstop.analysis.draining.progress import DrainProgress, drain_progress
from lvstop.analysis.draining.verdict import RowProgress, Safety

__all__ = ["DrainProgress", "RowProgress", "Safety", "drain_progress"]
