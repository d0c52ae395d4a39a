"""`lvstop status` against the truth, on real directors, for every login."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeVar

import pytest

from lab.director import Director
from lab.lab import Lab
from lab.topologies.everything import SECRET, VIP4, VIP6
from support.compare import expected_table, told_addresses, told_table
from support.lvstop import lvstop, status
from support.truth import Row, addresses, ipvs_table, vrrp

pytestmark = pytest.mark.lab

VIP = "172.26.127.20"
LOGINS = [("root", "root"), ("ops", "sudo"), ("noc", "none")]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Truth:
    """What every director's own tools say at one moment."""

    tables: dict[str, dict[str, Row]]
    addresses: dict[str, set[tuple[str, int, str]]]

    @classmethod
    def of(cls, lab: Lab) -> "Truth":
        """Ask the directors."""
        directors = lab.directors.items()
        return cls(
            {name: ipvs_table(director) for name, director in directors},
            {name: addresses(director) for name, director in directors},
        )

    def holders(self, vip: str) -> list[str]:
        """The directors that have this address on an interface."""
        return [name for name, found in self.addresses.items() if any(address == vip for address, _, _ in found)]


def steady(lab: Lab, look: Callable[[], T]) -> tuple[T, Truth]:
    """A look at the settled pair, and the truth which stood before and after it alike.

    Connections time out at any moment, and a guest that gets no processor for seconds does become MASTER for a while.
    """
    for _ in range(8):
        lab.await_ready()
        before = Truth.of(lab)
        seen = look()
        if before == Truth.of(lab):
            return seen, before
    pytest.fail("the pair did not stand still")


def check_vrrp(told: Row, director: Director, before: dict[str, Row]) -> None:
    """Every field of every instance is what keepalived's own dump says."""
    after = vrrp(director)
    assert {instance["instance"] for instance in told["vrrp"]} == set(after)
    for instance in told["vrrp"]:
        truth = after[instance["instance"]]
        assert instance["source"] == "keepalived"
        assert instance["state"] == {0: "INIT", 1: "BACKUP", 2: "MASTER", 3: "FAULT"}[truth["state"]]
        assert instance["vrid"] == truth["vrid"]
        assert instance["interface"] == truth["ifp_ifname"]
        assert instance["priority"] == truth["base_priority"]
        assert instance["effective_priority"] == truth["effective_priority"]
        assert instance["preempt"] is not truth["nopreempt"]
        assert instance["vips"] == [str(ip_address(vip.split()[0].split("/")[0])) for vip in truth["vips"]]
        for field, counter in (("adverts_sent", "advert_sent"), ("adverts_received", "advert_rcvd")):
            assert before[instance["instance"]][counter] <= instance[field] <= truth[counter]


@pytest.mark.parametrize(("user", "privilege"), LOGINS)
def test_the_seed(seed_lab: Lab, user: str, privilege: str) -> None:
    """keepalived1 holds the VIP; both tables, addresses and VRRP are what the directors' own tools say."""
    with_dumps = privilege != "none"
    before = {name: vrrp(director) for name, director in seed_lab.directors.items()} if with_dumps else {}
    looked, truth = steady(seed_lab, lambda: status(seed_lab, seed_lab.cluster_file(user)))
    assert looked.exit_status == 0, looked.cluster["alerts"]
    assert looked.cluster["health"] == "ok"
    (vip,) = looked.cluster["vips"]
    assert (vip["address"], vip["holders"], vip["unknown_on"]) == (VIP, truth.holders(VIP), [])
    assert vip["instance"] == ("SMB" if with_dumps else None)
    for name, director in seed_lab.directors.items():
        told = looked.director(name)
        assert (told["status"], told["error"], told["privilege"]) == ("live", None, privilege)
        assert told["kernel"] == director.output("uname -r").strip()
        assert told["keepalived"]["running"] is True
        assert f"v{told['keepalived']['version']} " in director.run("keepalived -v").stderr
        assert told["issues"] == []
        assert told_addresses(told) == truth.addresses[name]
        assert told_table(told, truth.tables[name]) == expected_table(truth.tables[name], privileged=with_dumps)
        if with_dumps:
            check_vrrp(told, director, before[name])
        else:
            (instance,) = told["vrrp"]
            assert (instance["source"], instance["priority"], instance["adverts_sent"]) == ("inferred", None, None)
            assert instance["state"] == ("MASTER" if name == "keepalived1" else None)


@pytest.mark.parametrize(("user", "privilege"), LOGINS)
def test_everything(everything_lab: Lab, user: str, privilege: str) -> None:
    """Both families, all protocols, marks, forwarding methods, thresholds, persistence, one-packet, sync groups."""
    lab, with_dumps = everything_lab, privilege != "none"
    before = {name: vrrp(director) for name, director in lab.directors.items()} if with_dumps else {}
    looked, truth = steady(lab, lambda: status(lab, lab.cluster_file(user)))
    holders = {vip["address"]: vip["holders"] for vip in looked.cluster["vips"]}
    assert holders[VIP4] == truth.holders(VIP4) == ["lvs1"]
    assert holders[VIP6] == truth.holders(VIP6) == ["lvs1"]
    for name, director in lab.directors.items():
        told = looked.director(name)
        assert (told["status"], told["privilege"]) == ("live", privilege), told["error"]
        assert told["issues"] == []
        assert told_addresses(told) == truth.addresses[name]
        assert told_table(told, truth.tables[name]) == expected_table(truth.tables[name], privileged=with_dumps)
        (daemon,) = told["sync_daemons"]
        assert daemon["role"] == ("master" if name == "lvs1" else "backup")
        assert (daemon["sync_id"], daemon["interface"]) == ((51, "ens4") if with_dumps else (None, None))
        if with_dumps:
            check_vrrp(told, director, before[name])
            assert {instance["sync_group"] for instance in told["vrrp"]} == {"BOTH"}
    assert ("privilege-missing" in looked.codes) is not with_dumps
    if not with_dumps:
        # D-Bus is enabled on one director only: there everybody may read the states
        states = {each["instance"]: (each["state"], each["source"]) for each in looked.director("lvs1")["vrrp"]}
        assert states == {"V4": ("MASTER", "dbus"), "V6": ("MASTER", "dbus")}
        assert {each["source"] for each in looked.director("lvs2")["vrrp"]} == {"inferred"}


def test_connections_and_counters(seed_lab: Lab) -> None:
    """Held connections show as ActiveConn on the master; counters lie between two readings by hand."""
    master, name = seed_lab.directors["keepalived1"], f"TCP {VIP}:445"
    hold = seed_lab.clients["client"].hold(6, VIP, 445)
    try:
        before = ipvs_table(master)[name]
        looked = status(seed_lab, seed_lab.cluster_file())
        after = ipvs_table(master)[name]
    finally:
        hold.end()
    told = next(each for each in looked.director("keepalived1")["virtual_servers"] if each["port"] == 445)
    assert told["active_connections"] == 6
    for row in told["real_servers"]:
        real = f"{row['address']}:{row['port']}"
        assert row["active_connections"] == before["real_servers"][real]["active_connections"] == 3
        for field, value in row["counters"].items():
            low, high = (table["real_servers"][real]["counters"][field] for table in (before, after))
            assert low <= value <= high, field
        assert row["counters"]["connections"] >= 3
        assert row["counters"]["out_bytes"] == 0  # replies do not pass the director


def test_no_password_is_told(everything_lab: Lab) -> None:
    """The VRRP password is in keepalived's dumps in clear; it is in nothing that lvstop prints."""
    file = str(everything_lab.cluster_file("root"))
    for command in (("status",), ("status", "--json"), ("check",)):
        result = lvstop(everything_lab, *command, "-c", file)
        assert "lvs1" in result.stdout
        assert SECRET not in result.stdout + result.stderr


def test_text_for_people(seed_lab: Lab) -> None:
    """The first lines answer whether it is fine and who holds the VIP."""
    file = str(seed_lab.cluster_file("root"))
    text, _ = steady(seed_lab, lambda: lvstop(seed_lab, "status", "-c", file).stdout)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines[0].startswith(f"● {seed_lab.topology.name}  OK")
    assert lines[1].startswith(f"{VIP} is on keepalived1 since ")
    assert any(line.startswith("172.26.127.21:445") and line.endswith("same") for line in lines)


def test_the_doctor_on_a_healthy_pair(seed_lab: Lab) -> None:
    """`check` finds what could be better, and nothing that does not work."""
    file = str(seed_lab.cluster_file("ops"))
    result, _ = steady(seed_lab, lambda: lvstop(seed_lab, "check", "-c", file))
    assert result.returncode == 1
    assert "✖" not in result.stdout
    assert "SMB MASTER (asked: keepalived)" in result.stdout
    assert "lvs_sync_daemon" in result.stdout
