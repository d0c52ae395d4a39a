"""What can be lacking, in the operator's words; the same words stand in alerts, in `lvstop check` and in the help."""

COUNTERS = "counters and rates of virtual and real servers"
DETAILS = "scheduler flags, persistence details, tunnels"
THRESHOLDS = "connection thresholds"
PERSISTENT = "persistent connections"
VRRP = "VRRP states, priorities and counters from keepalived"
CHECKS = "keepalived's health checks"
ADDRESSES = "addresses of the interfaces"
SYNC_DAEMONS = "connection synchronisation daemons"
RATES = "rates of the kernel's own estimators"
PROCESS = "keepalived's process"
SYSCTLS = "kernel settings"
TABLE = "the IPVS table"
CHANGES = "records of changes"
VITALS = "how the machine fares"

PRIVILEGED = (COUNTERS, DETAILS, THRESHOLDS, PERSISTENT, VRRP, CHECKS)
"""What needs root or sudo. VRRP only where D-Bus does not answer either."""
