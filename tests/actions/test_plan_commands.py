"""The exact commands of drains: all that is to stay is restated, on the director first that does not hold the VIP."""

import pytest

from lvstop.model.ipvs import RealServerDetail, Tunnel, TunnelType
from support.factories import real_server, row_detail, virtual_server
from support.planned import TWO, commands, details_of, drain, lead, of, pair, planned, row, stand_by, weighing

GUE = Tunnel(TunnelType.GUE, 6080, "csum")


@pytest.mark.parametrize(
    ("service", "real", "forwarding", "told", "expected"),
    [
        (
            "TCP:10.0.0.1:80",
            "10.0.0.11:80",
            "Route",
            row_detail(),
            "ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.11:80 -g -w 0 -x 0 -y 0",
        ),
        (
            "TCP:10.0.0.1:80",
            "10.0.0.11:80",
            "Local",
            row_detail(),
            "ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.11:80 -g -w 0 -x 0 -y 0",
        ),
        (
            "TCP:10.0.0.1:80",
            "10.0.0.11:8080",
            "Masq",
            row_detail(1000, 500),
            "ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.11:8080 -m -w 0 -x 1000 -y 500",
        ),
        (
            "TCP:10.0.0.1:80",
            "10.0.0.11:80",
            "Tunnel",
            row_detail(20, 10, tunnel=Tunnel(TunnelType.IPIP, None, None)),
            "ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.11:80 -i --tun-type ipip -w 0 -x 20 -y 10",
        ),
        (
            "TCP:10.0.0.1:80",
            "10.0.0.11:80",
            "Tunnel",
            row_detail(90, 50, tunnel=GUE),
            "ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.11:80 -i --tun-type gue --tun-port 6080 --tun-csum -w 0 -x 90 -y 50",
        ),
        (
            "TCP:10.0.0.1:80",
            "10.0.0.11:80",
            "Tunnel",
            row_detail(),
            "ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.11:80 -i -w 0 -x 0 -y 0",
        ),
        ("FWM:7", "10.0.0.11:0", "Route", row_detail(), "ipvsadm -e -f 7 -r 10.0.0.11:0 -g -w 0 -x 0 -y 0"),
        (
            "FWM:4294967295:inet6",
            "[fd00::1]:0",
            "Route",
            row_detail(),
            "ipvsadm -e -f 4294967295 -6 -r '[fd00::1]:0' -g -w 0 -x 0 -y 0",
        ),
        (
            "TCP:[2001:db8::10]:443",
            "[fd00::1]:443",
            "Route",
            row_detail(),
            "ipvsadm -e -t '[2001:db8::10]:443' -r '[fd00::1]:443' -g -w 0 -x 0 -y 0",
        ),
        (
            "UDP:10.0.0.1:53",
            "10.0.0.11:53",
            "Masq",
            row_detail(),
            "ipvsadm -e -u 10.0.0.1:53 -r 10.0.0.11:53 -m -w 0 -x 0 -y 0",
        ),
        (
            "SCTP:10.0.0.1:99",
            "10.0.0.11:99",
            "Route",
            row_detail(),
            "ipvsadm -e --sctp-service 10.0.0.1:99 -r 10.0.0.11:99 -g -w 0 -x 0 -y 0",
        ),
    ],
)
def test_one_row(service: str, real: str, forwarding: str, told: RealServerDetail, expected: str) -> None:
    """Every kind of virtual server and of forwarding."""
    other = "[fd00::9]:1" if "[" in real else "10.0.0.99:1"
    table = (virtual_server(service, real_server(real, 5, forwarding=forwarding), real_server(other, 5)),)
    plan = planned(drain(row(service, real)), pair(table, details=details_of(table, {real: told})))
    assert commands(plan) == [f"keepalived2: {expected}", f"keepalived1: {expected}"]


def test_each_director_has_its_own_attributes() -> None:
    """What is restated is what was read on the same director."""
    told = details_of(TWO, {"172.26.127.22:445": row_detail(100, 50)})
    plan = planned(drain(), of(lead(), stand_by(details=told)))
    assert [line.rpartition(" -w ")[2] for line in commands(plan)] == ["0 -x 100 -y 50", "0 -x 0 -y 0"]


def test_by_director_then_by_row() -> None:
    """All rows of the one that does not hold the VIP, then those of the holder."""
    table = (*TWO, virtual_server("TCP:172.26.127.20:139", "172.26.127.22:139", "172.26.127.21:139"))
    rows = [row("TCP:172.26.127.20:139", "172.26.127.22:139"), row("TCP:172.26.127.20:445", "172.26.127.22:445")]
    typed = [line.split() for line in commands(planned(drain(*rows), pair(table)))]
    assert [(words[0], words[6]) for words in typed] == [
        ("keepalived2:", "172.26.127.22:139"),
        ("keepalived2:", "172.26.127.22:445"),
        ("keepalived1:", "172.26.127.22:139"),
        ("keepalived1:", "172.26.127.22:445"),
    ]


def test_the_holder_is_told_by_the_vip() -> None:
    """Not by the order in the cluster file."""
    snapshot = of(stand_by(), lead())
    assert [command.director for command in planned(drain(), snapshot).commands] == ["keepalived2", "keepalived1"]


def test_a_row_that_is_as_wanted_needs_no_command() -> None:
    """It is looked at before and afterwards all the same."""
    plan = planned(drain(), of(lead(weighing(5, 0)), stand_by()))
    assert [command.director for command in plan.commands] == ["keepalived2"]
    assert [(each.director, each.before.weight, each.after) for each in plan.expects] == [
        ("keepalived2", 5, 0),
        ("keepalived1", 0, 0),
    ]


def test_a_row_asked_for_twice() -> None:
    """It is changed once."""
    once = row("TCP:172.26.127.20:445", "172.26.127.22:445")
    assert len(planned(drain(once, once), pair()).commands) == 2
