"""`lvstop status` against the truth, on real directors, for every login."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import TypeVar

import pytest

from lab.director import Director
from lab.lab import Lab
from lab.topologies.everything import SECRET, VIP4, VIP6
from lab.wait import wait_until
from lvstop.probe import labels
from support.compare import expected_table, told_addresses, told_table
from support.lvstop import lvstop, status
from support.truth import Row, addresses, ipvs_table, vrrp

pytestmark = pytest.mark.lab

VIP = "172.26.127.20"
LOGINS = [("root", "root"), ("ops", "sudo"), ("noc", "none")]
T = TypeVar("T")


def _of_each(lab: Lab, read: Callable[[Director], T]) -> dict[str, T]:
    """Ask all directors at the same time."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(lab.directors, pool.map(read, lab.directors.values()), strict=True))


@dataclass(frozen=True, slots=True)
class Truth:
    """What every director's own tools say at one moment. The adverts are counted on meanwhile."""

    tables: dict[str, dict[str, Row]]
    addresses: dict[str, set[tuple[str, int, str]]]
    instances: dict[str, dict[str, Row]]
    adverts: dict[str, dict[str, Row]] = field(compare=False)

    @classmethod
    def of(cls, lab: Lab) -> "Truth":
        """Ask the directors."""
        dumps = _of_each(lab, vrrp)
        return cls(
            _of_each(lab, ipvs_table),
            _of_each(lab, addresses),
            {name: {instance: entry["data"] for instance, entry in dump.items()} for name, dump in dumps.items()},
            {name: {instance: entry["stats"] for instance, entry in dump.items()} for name, dump in dumps.items()},
        )

    def holders(self, vip: str) -> list[str]:
        """The directors that have this address on an interface."""
        return [name for name, found in self.addresses.items() if any(address == vip for address, _, _ in found)]


def steady(lab: Lab, look: Callable[[], T]) -> tuple[T, Truth, Truth]:
    """A look at the settled pair, and the truth before and after it, which are alike.

    Connections time out at any moment, and a guest that gets no processor for seconds does become MASTER for a while.
    """
    for _ in range(8):
        lab.await_ready()
        before = Truth.of(lab)
        seen = look()
        after = Truth.of(lab)
        if before == after:
            return seen, before, after
    pytest.fail("the pair did not stand still")


def check_vrrp(told: Row, name: str, before: Truth, after: Truth) -> None:
    """Every field of every instance is what keepalived's own dump says."""
    assert {instance["instance"] for instance in told["vrrp"]} == set(after.instances[name])
    for instance in told["vrrp"]:
        truth = after.instances[name][instance["instance"]]
        assert instance["source"] == "keepalived"
        assert instance["state"] == {0: "INIT", 1: "BACKUP", 2: "MASTER", 3: "FAULT"}[truth["state"]]
        assert instance["vrid"] == truth["vrid"]
        assert instance["interface"] == truth["ifp_ifname"]
        assert instance["priority"] == truth["base_priority"]
        assert instance["effective_priority"] == truth["effective_priority"]
        assert instance["preempt"] is not truth["nopreempt"]
        assert instance["vips"] == [str(ip_address(vip.split()[0].split("/")[0])) for vip in truth["vips"]]
        since = datetime.fromisoformat(instance["last_transition"])
        assert abs(since.timestamp() - truth["last_transition"]) < 0.002
        counted, later = (adverts[name][instance["instance"]] for adverts in (before.adverts, after.adverts))
        for kind, counter in (("adverts_sent", "advert_sent"), ("adverts_received", "advert_rcvd")):
            assert counted[counter] <= instance[kind] <= later[counter]


def check_lacks(told: Row, *, privileged: bool, vrrp_known: bool) -> None:
    """With privilege nothing is lacking; without, all that needs it, and why."""
    missing = set() if privileged else set(labels.PRIVILEGED) - ({labels.VRRP} if vrrp_known else set())
    assert {lack["what"] for lack in told["lacks"]} == missing
    assert {lack["cause"] for lack in told["lacks"]} <= {"unprivileged"}


@pytest.mark.parametrize(("user", "privilege"), LOGINS)
def test_the_seed(seed_lab: Lab, user: str, privilege: str) -> None:
    """keepalived1 holds the VIP; both tables, addresses and VRRP are what the directors' own tools say."""
    with_dumps = privilege != "none"
    looked, truth, after = steady(seed_lab, lambda: status(seed_lab, seed_lab.cluster_file(user)))
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
        assert told_table(told) == expected_table(truth.tables[name], privileged=with_dumps)
        assert told["sync_groups"] == ([] if with_dumps else None)
        check_lacks(told, privileged=with_dumps, vrrp_known=False)
        if with_dumps:
            check_vrrp(told, name, truth, after)
        else:
            (instance,) = told["vrrp"]
            assert (instance["source"], instance["priority"], instance["adverts_sent"]) == ("inferred", None, None)
            assert instance["state"] == ("MASTER" if name == "keepalived1" else None)
            assert instance["last_transition"] is None
    assert ("privilege-missing" in looked.codes) is not with_dumps


@pytest.mark.parametrize(("user", "privilege"), LOGINS)
def test_everything(everything_lab: Lab, user: str, privilege: str) -> None:
    """Both families, all protocols, marks, forwarding methods, thresholds, persistence, one-packet, sync groups."""
    lab, with_dumps = everything_lab, privilege != "none"
    looked, truth, after = steady(lab, lambda: status(lab, lab.cluster_file(user)))
    holders = {vip["address"]: vip["holders"] for vip in looked.cluster["vips"]}
    assert holders[VIP4] == truth.holders(VIP4) == ["lvs1"]
    assert holders[VIP6] == truth.holders(VIP6) == ["lvs1"]
    for name in lab.directors:
        told = looked.director(name)
        assert (told["status"], told["privilege"]) == ("live", privilege), told["error"]
        assert told["issues"] == []
        assert told_addresses(told) == truth.addresses[name]
        assert told_table(told) == expected_table(truth.tables[name], privileged=with_dumps)
        # D-Bus is enabled on the first director only
        check_lacks(told, privileged=with_dumps, vrrp_known=name == "lvs1")
        (daemon,) = told["sync_daemons"]
        assert daemon["role"] == ("master" if name == "lvs1" else "backup")
        assert (daemon["sync_id"], daemon["interface"]) == ((51, "ens4") if with_dumps else (None, None))
        state = "MASTER" if name == "lvs1" else "BACKUP"
        both = [{"name": "BOTH", "state": state, "instances": ["V4", "V6"]}]
        assert told["sync_groups"] == (both if with_dumps else None)
        if with_dumps:
            check_vrrp(told, name, truth, after)
            assert {instance["sync_group"] for instance in told["vrrp"]} == {"BOTH"}
    assert ("privilege-missing" in looked.codes) is not with_dumps
    if not with_dumps:
        # there everybody may read the states
        states = {each["instance"]: (each["state"], each["source"]) for each in looked.director("lvs1")["vrrp"]}
        assert states == {"V4": ("MASTER", "dbus"), "V6": ("MASTER", "dbus")}
        assert {each["source"] for each in looked.director("lvs2")["vrrp"]} == {"inferred"}


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
    text, *_ = steady(seed_lab, lambda: lvstop(seed_lab, "status", "-c", file).stdout)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines[0].startswith(f"● {seed_lab.topology.name}  OK")
    assert lines[1].startswith(f"{VIP} is on keepalived1 since ")
    assert any(line.startswith("172.26.127.21:445") and line.endswith("same") for line in lines)


def test_the_doctor_on_a_healthy_pair(seed_lab: Lab) -> None:
    """`check` finds what could be better, and nothing that does not work."""
    file = str(seed_lab.cluster_file("ops"))
    result, *_ = steady(seed_lab, lambda: lvstop(seed_lab, "check", "-c", file))
    assert result.returncode == 1
    assert "✖" not in result.stdout
    assert "SMB MASTER (asked: keepalived)" in result.stdout
    assert "lvs_sync_daemon" in result.stdout


def test_connections_and_counters(seed_lab: Lab) -> None:
    """Held connections show as ActiveConn on the master; counters lie between two readings by hand."""
    master, name = seed_lab.directors["keepalived1"], f"TCP {VIP}:445"

    def counted() -> bool:
        # the kernel adds its counters up every two seconds
        rows = ipvs_table(master)[name]["real_servers"].values()
        return all(row["active_connections"] == 3 and row["counters"]["connections"] >= 3 for row in rows)

    seed_lab.await_ready()
    hold = seed_lab.clients["client"].hold(6, VIP, 445)
    try:
        wait_until(counted, 60, "three connections on each real server")
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
        for kind, value in row["counters"].items():
            low, high = (table["real_servers"][real]["counters"][kind] for table in (before, after))
            assert low <= value <= high, kind
        assert row["counters"]["connections"] >= 3
        assert row["counters"]["out_bytes"] == 0  # replies do not pass the director
