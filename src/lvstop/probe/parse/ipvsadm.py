"""What ipvsadm tells to those with CAP_NET_ADMIN: rules, counters, rates, thresholds, templates, sync daemons."""

from lvstop.probe.parse.ipvsadm_listing import (
    parse_persistent_connections,
    parse_rates,
    parse_stats,
    parse_sync_daemons,
    parse_thresholds,
)
from lvstop.probe.parse.ipvsadm_save import (
    SavedRealServer,
    SavedTable,
    SavedVirtualServer,
    combine_details,
    parse_save,
)

__all__ = [
    "SavedRealServer",
    "SavedTable",
    "SavedVirtualServer",
    "combine_details",
    "parse_persistent_connections",
    "parse_rates",
    "parse_save",
    "parse_stats",
    "parse_sync_daemons",
    "parse_thresholds",
]
