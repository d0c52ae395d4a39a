"""Directors that are this very machine."""

from lvstop.transport.local.transport import LocalTransport

__all__ = ["LocalTransport"]
