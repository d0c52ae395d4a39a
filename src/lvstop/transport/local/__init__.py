"""Directors that are this very machine.

They are asked through the same programs as over SSH. Their tables are not read by netlink: decoding it in Python costs
sixty times as much as the text (tests/benchmarks/netlink.py), and more than a tick where there are 10,000 real servers.
"""

from lvstop.transport.local.transport import LocalTransport

__all__ = ["LocalTransport"]
