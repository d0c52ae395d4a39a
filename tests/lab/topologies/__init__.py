"""The labs that are ready to use, by name."""

from lab.topologies.everything import EVERYTHING
from lab.topologies.failover import FAILOVER
from lab.topologies.maintenance import MAINTENANCE
from lab.topologies.seed import SEED, SEED_QUICK
from lab.topology import Topology

_READY = (SEED, SEED_QUICK, EVERYTHING, MAINTENANCE, FAILOVER)
TOPOLOGIES: dict[str, Topology] = {topology.name: topology for topology in _READY}
