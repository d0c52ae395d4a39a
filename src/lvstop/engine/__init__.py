"""Running things: directors polled at their cadence, snapshots published."""
