"""The pair of the conformance suite, with the keepalived.conf that the embedded directors print."""

from pathlib import Path

from lab.topologies.seed import CLIENTS, NETWORKS, REAL_SERVERS
from lab.topology import DirectorSpec, Nic, ReadyCheck, RealServerSpec, Topology
from lvstop.demo.formats.keepalived_conf import keepalived_conf
from lvstop.demo.scenario import parse_scenario
from lvstop.demo.world.conf import ClusterConf, DirectorConf

SCENARIO = Path(__file__).parents[2] / "data" / "conformance" / "pair.yaml"
_NETWORKS = {"ens3": "vip", "ens4": "vrrp"}


def scenario(version: str = "2.2.7", login: str = "root") -> ClusterConf:
    """The pair as the demo reads it, with this version of keepalived and this login."""
    text = SCENARIO.read_text(encoding="utf-8").replace("VERSION", version).replace("LOGIN", login)
    return parse_scenario(text, SCENARIO).clusters[0]


def conformance() -> Topology:
    """Return the topology."""
    conf = scenario()
    services = conf.directors[0].keepalived.virtual_servers
    first, second = conf.directors
    vip = str(services[0].vip)
    rows = sum(len(each.real_servers) for each in services)
    return Topology(
        name="conformance",
        networks=NETWORKS,
        directors=tuple(_director(each) for each in conf.directors),
        real_servers=tuple(
            RealServerSpec(
                f"rs{place}", "vip", (f"{address}/28",), (vip,), tuple(each.key.port or 0 for each in services)
            )
            for place, address in enumerate(REAL_SERVERS, start=1)
        ),
        clients=CLIENTS,
        ready=(
            ReadyCheck(first.name, "ip -4 addr show dev ens3", f"inet {vip}/"),
            ReadyCheck(second.name, f"ip -4 addr show | grep -c 'inet {vip}/'", "0\n"),
            *(ReadyCheck(each.name, "ipvsadm -Ln | grep -c Route", f"{rows}\n") for each in conf.directors),
        ),
    )


def _director(conf: DirectorConf) -> DirectorSpec:
    return DirectorSpec(
        name=conf.name,
        nics=tuple(
            Nic(each.name, _NETWORKS[each.name], tuple(f"{one.address}/{one.prefix_length}" for one in each.addresses))
            for each in conf.interfaces
        ),
        gateway="172.26.127.17",
        keepalived_conf=keepalived_conf(conf.keepalived),
        files={each.path: "0\n" for each in conf.keepalived.track_files},
    )


CONFORMANCE = conformance()
