"""How a director is read: cadences and limits, in seconds."""

from dataclasses import dataclass

from lvstop.config.schema import PrivilegeChoice


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """Cadences of the lanes.

    keepalived writes a line into its log for every dump it is asked for, so those wait for events and otherwise take
    their time. ipvsadm costs the director a process and a walk over its table.

    Attributes:
        privilege: how to become root.
        answer_timeout: longest wait for one answer before the connection counts as dead.
        counters_every: `ipvsadm --stats`, which needs privilege.
        details_every: thresholds, tunnels, scheduler flags, persistent connections: one command at a time.
        vrrp_every: heartbeat of keepalived's VRRP dump where nothing happens.
        checks_every: heartbeat of keepalived's checker dump where nothing happens.
        changes_every: records of changes, where no change is under way and the table keeps its shape.
        slow_every: addresses in full, sysctls, sync daemons without privilege.
        persistent_every: persistent connections, which ipvsadm lists on their own.
        addresses_every: addresses in full, where the routing trie is too long to be read every second.
        lost_every: looking for keepalived while it does not run.
        dbus_every: VRRP states over D-Bus, which cost processes there but no log line.
        dump_timeout: how long keepalived may take to write a dump.
        event_gap: least time between two dumps that events ask for.
        vitals_every: how the machine fares, in the table's answer: files of /proc, read without any process.
        resync_every: table answers between two full ones.
        cat_rows: from this many lines on the table is read with `cat`, which costs the director less than awk.
    """

    privilege: PrivilegeChoice = PrivilegeChoice.AUTO
    answer_timeout: float = 10.0
    counters_every: float = 2.0
    details_every: float = 30.0
    persistent_every: float = 10.0
    vrrp_every: float = 60.0
    checks_every: float = 300.0
    changes_every: float = 30.0
    slow_every: float = 60.0
    lost_every: float = 2.0
    addresses_every: float = 5.0
    dbus_every: float = 10.0
    dump_timeout: float = 5.0
    event_gap: float = 2.0
    vitals_every: float = 5.0
    resync_every: int = 300
    cat_rows: int = 5000
