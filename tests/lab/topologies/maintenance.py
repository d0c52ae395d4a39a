"""The seed's pair for taking real servers out of service: each virtual server is drained in another way.

Port 445 has round robin and no lever: `ipvsadm` it is. Port 139 has a FILE_CHECK for its second real server. Port 80 is
persistent. Connections are synchronised, so that the backup has copies of them.
"""

from lab.topologies.seed import CHECK_PORT, REAL_SERVERS, VIP, seed
from lab.topology import Topology

LEVER = "/etc/keepalived/drain-rs2"
PERSISTENCE = 60
"""Seconds."""


def _real_server(address: str, port: int, weight: int, lines: str = "") -> str:
    return f"""\
  real_server {address} {port} {{
    weight {weight}
{lines}    TCP_CHECK {{
      connect_timeout 1
      connect_port {CHECK_PORT}
    }}
  }}
"""


def _virtual_server(port: int, lines: str, *real_servers: str) -> str:
    head = f"virtual_server {VIP} {port} {{\n  delay_loop 2\n  protocol TCP\n  lb_kind DR\n{lines}"
    return head + "".join(real_servers) + "}\n"


def maintenance() -> Topology:
    """Return the topology."""
    one, two = REAL_SERVERS
    lever = "    FILE_CHECK {\n      track_file drain_rs2\n    }\n"
    services = "".join(
        (
            _virtual_server(445, "  lb_algo rr\n", _real_server(one, 445, 1), _real_server(two, 445, 1)),
            _virtual_server(139, "  lb_algo wrr\n", _real_server(one, 139, 5), _real_server(two, 139, 3, lever)),
            _virtual_server(
                80,
                f"  lb_algo rr\n  persistence_timeout {PERSISTENCE}\n",
                _real_server(one, 80, 1),
                _real_server(two, 80, 1),
            ),
        )
    )
    return seed(
        "maintenance",
        sync_daemon="ens4",
        services=f"track_file drain_rs2 {{\n  file {LEVER}\n  weight -254\n  init_file 0\n}}\n{services}",
        ports=(445, 139, 80),
    )


MAINTENANCE = maintenance()
