"""What can be broken on the pair, and how it is mended."""

from collections.abc import Callable
from dataclasses import dataclass

from lab.director import Director
from lab.endpoints import RealServer
from lab.lab import Lab
from lab.topologies.seed import REAL_SERVERS, VIP

PATIENCE = 90.0
"""Seconds that a command on a director may take: after a cut TCP may have backed off."""
_LOSS = 20.0
_ROWS = 800
_FAR = f"{VIP}:9000"
_FILL = (
    f'{{ echo "-A -t {_FAR} -s rr"; seq {_ROWS} | awk \'{{ printf "-a -t {_FAR} -r 10.9.%d.%d:9000 -g -w 1\\n", '
    "$1 / 250, $1 % 250 + 1 }'; } | ipvsadm -R"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be broken in one place.

    Attributes:
        kind: what it is counted as.
        where: the director or real server; empty where it is both directors.
        needs: what no other fault may break at the same time.
        cuts: the director that cannot be reached while it is in force; empty where all can.
        disturbs: a director that cannot be reached for a while, when it is made or when it is mended.
    """

    kind: str
    where: str
    needs: frozenset[str]
    make: Callable[[], object]
    mend: Callable[[], object]
    cuts: str = ""
    disturbs: str = ""


def faults(lab: Lab) -> list[Fault]:
    """All of them."""
    found: list[Fault] = []
    for director in lab.directors.values():
        found += [*_of_keepalived(director), *_of_the_network(director), *_of_the_machine(director)]
    found += [_of_a_real_server(server) for server in lab.real_servers.values()]
    return [*found, _frozen(list(lab.directors.values()))]


def _nothing() -> None:
    """It mends itself."""


def _on(director: Director, command: str) -> Callable[[], object]:
    return lambda: director.run(command, timeout=PATIENCE)


def _of_keepalived(director: Director) -> list[Fault]:
    name, needs = director.name, frozenset({director.name})
    weigh = "; ".join(f"ipvsadm -e -t {VIP}:445 -r {address}:445 -g -w {{0}}" for address in REAL_SERVERS)
    start = "systemctl start keepalived"
    return [
        Fault("keepalived stopped", name, needs, _on(director, "systemctl stop keepalived"), _on(director, start)),
        Fault(
            "keepalived killed",
            name,
            needs,
            _on(director, "systemctl kill --signal=KILL keepalived"),
            _on(director, "systemctl reset-failed keepalived; systemctl restart keepalived"),
        ),
        Fault(
            "weights 0 by hand", name, needs, _on(director, weigh.format(0)), _on(director, f"{weigh.format(1)}; true")
        ),
        Fault(
            "table filled by hand", name, needs, _on(director, _FILL), _on(director, f"ipvsadm -D -t {_FAR} || true")
        ),
    ]


def _of_the_network(director: Director) -> list[Fault]:
    name = director.name
    needs, link = frozenset({name, f"{name} ens3"}), frozenset({f"{name} ens4"})
    return [
        Fault("VRRP link cut", name, link, lambda: director.cut("ens4"), lambda: director.mend("ens4")),
        Fault("link cut", name, needs, lambda: director.cut("ens3"), lambda: director.mend("ens3"), cuts=name),
        Fault("packets dropped", name, needs, lambda: director.hang("ens3"), lambda: director.unhang("ens3"), name),
        Fault("SSH refused", name, needs, director.refuse_ssh, director.accept_ssh, cuts=name),
        Fault(
            f"packets lost, {_LOSS:.0f} %",
            name,
            needs,
            lambda: director.netem("ens3", loss_percent=_LOSS),
            lambda: director.netem("ens3"),
            disturbs=name,
        ),
    ]


def _of_the_machine(director: Director) -> list[Fault]:
    name, needs = director.name, frozenset({director.name, f"{director.name} ens3"})
    kill = "pkill -KILL -u ops sshd || true"
    return [
        Fault(
            "power cut", name, needs, director.power_off, lambda: director.power_on(timeout=180.0), name, disturbs=name
        ),
        Fault("reboot", name, needs, lambda: director.reboot(timeout=180.0), _nothing, disturbs=name),
        Fault("SSH sessions killed", name, needs, _on(director, kill), _nothing, disturbs=name),
    ]


def _of_a_real_server(server: RealServer) -> Fault:
    return Fault("real server stopped", server.name, frozenset({server.name}), server.stop, server.start)


def _frozen(directors: list[Director]) -> Fault:
    """A VIP that is removed by hand comes back within half a second, unless keepalived is kept from acting."""

    def make() -> None:
        for director in directors:
            director.run("pkill -STOP keepalived || true", timeout=PATIENCE)
        for director in directors:
            director.run(f"ip addr del {VIP}/28 dev ens3 || true", timeout=PATIENCE)

    def mend() -> None:
        for director in directors:
            director.run("pkill -CONT keepalived || true", timeout=PATIENCE)

    return Fault("VIP removed by hand", "", frozenset(each.name for each in directors), make, mend)
