"""What lvstop says of a director against the truth, field by field."""

from typing import Any

from support.truth import Row


def row_name(server: Row) -> str:
    """A virtual server of the JSON, named as `support.truth` names it."""
    if server["protocol"] == "FWM":
        return f"FWM {server['fwmark']} {server['family']}"
    address = server["address"]
    host = f"[{address}]" if ":" in address else address
    return f"{server['protocol']} {host}:{server['port']}"


def real_name(server: Row) -> str:
    """A real server of the JSON, named as ipvsadm lists it."""
    address = server["address"]
    return f"[{address}]:{server['port']}" if ":" in address else f"{address}:{server['port']}"


def expected_table(truth: dict[str, Row], *, privileged: bool) -> dict[str, Row]:
    """The truth as this login must be told it: what it may not see is None, and never 0."""
    table: dict[str, Row] = {}
    for name, service in truth.items():
        real_servers = {
            real: dict(row) if privileged else {**row, **dict.fromkeys(_PRIVILEGED_REAL)}
            for real, row in service["real_servers"].items()
        }
        row = {**service, "real_servers": real_servers}
        if not privileged:
            row |= dict.fromkeys(_PRIVILEGED_VIRTUAL)
            # /proc tells jiffies, and nothing tells a plain user of this kernel how many make a second
            row["persistence_seconds"] = None if service["persistence_seconds"] else 0
            # and it has no room for one-packet scheduling in the line of an IPv6 endpoint
            if service["family"] == "inet6" and service["protocol"] != "FWM":
                row["one_packet"] = None
        row["active_connections"] = sum(each["active_connections"] for each in real_servers.values())
        row["inactive_connections"] = sum(each["inactive_connections"] for each in real_servers.values())
        table[name] = row
    return table


_PRIVILEGED_REAL = ("persistent_connections", "upper_threshold", "lower_threshold", "tunnel", "counters", "rates")
_PRIVILEGED_VIRTUAL = ("scheduler_flags", "persistence_engine", "counters", "rates")


def told_table(director: Row) -> dict[str, Row]:
    """Every field that lvstop told of the table, keyed by name."""
    told: dict[str, Row] = {}
    for server in director["virtual_servers"]:
        name = row_name(server)
        assert name not in told, f"{name} is told twice"
        row: dict[str, Any] = dict(server)
        if row["scheduler_flags"] is not None:
            row["scheduler_flags"] = sorted(row["scheduler_flags"])
        row["real_servers"] = {real_name(each): each for each in server["real_servers"]}
        told[name] = row
    return told


def told_addresses(director: Row) -> set[tuple[str, int, str]]:
    """Every address that lvstop told, with its prefix length and its interface."""
    return {(each["address"], each["prefix_length"], each["interface"]) for each in director["addresses"]}
