"""keepalived's dumps as the embedded directors write them, against recordings of 2.2.7, byte by byte."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from lvstop.demo.formats.keepalived_check import keepalived_check
from lvstop.demo.formats.keepalived_conf import keepalived_conf
from lvstop.demo.formats.keepalived_data import keepalived_data
from lvstop.demo.formats.keepalived_json import keepalived_json
from lvstop.demo.world.conf import (
    AddressConf,
    DirectorConf,
    InstanceConf,
    InterfaceConf,
    KeepalivedConf,
    RealServerConf,
    SyncGroupConf,
    TrackConf,
    TrackFileConf,
    VipConf,
    VirtualServerConf,
)
from lvstop.demo.world.director import Director
from lvstop.demo.world.network import Network
from lvstop.demo.world.timeline import Timeline
from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.checks import FileCheck, TrackFile
from lvstop.model.ipvs import ForwardingMethod
from lvstop.model.vrrp import VrrpState
from lvstop.probe.parse.keepalived_check import parse_keepalived_check
from lvstop.probe.parse.keepalived_data import parse_keepalived_data
from lvstop.probe.parse.keepalived_json import parse_keepalived_json
from support.recordings import recorded

RELEASE = "debian-12"
MASKED = "********"
"""The recordings do not tell the password."""

NAT, DR = ForwardingMethod.MASQ, ForwardingMethod.ROUTE


def server(address: str, weight: int, method: ForwardingMethod, *, inhibit: bool = False) -> RealServerConf:
    """A real server with a TCP_CHECK on its port 80."""
    key = RealServerKey(ip_address(address), 80)
    return RealServerConf(key, method, weight, check_port=80, inhibit_on_failure=inhibit)


def recorded_conf(priority: int = 150) -> KeepalivedConf:
    """The keepalived.conf with which the dumps were recorded."""
    vip = ip_address("10.9.0.200")
    web = VirtualServerConf(
        VirtualServerKey.of_endpoint(Protocol.TCP, vip, 80),
        vip,
        (server("10.9.0.11", 3, DR, inhibit=True), server("10.9.0.12", 2, DR)),
        persistence_seconds=60,
        delay_loop=60.0,
    )
    marked = VirtualServerConf(
        VirtualServerKey.of_fwmark(5, Family.INET),
        vip,
        (server("10.9.0.12", 2, NAT),),
        scheduler="rr",
        forwarding=NAT,
        delay_loop=60.0,
        sorry_server=RealServerConf(RealServerKey(ip_address("10.9.0.11"), 80), NAT),
    )
    four = (VipConf(vip, 24, "eth0"), VipConf(ip_address("10.9.0.201"), 32, "eth0"))
    six = (VipConf(ip_address("2001:db8:9::200"), 64, "eth0"), VipConf(ip_address("fe80::200"), 128, "eth0"))
    return KeepalivedConf(
        router_id="d1" if priority == 150 else "d2",
        instances=(
            InstanceConf("WEB4", 51, "eth0", priority, four, password=MASKED),
            InstanceConf("WEB6", 52, "eth0", priority, six, version=3, advert_interval=0.5),
        ),
        sync_groups=(SyncGroupConf("G", ("WEB4", "WEB6")),),
        virtual_servers=(web, marked),
    )


def director(
    conf: KeepalivedConf, address: str = "10.9.0.101", link_local: str = "fe80::e48c:a9ff:fecc:1b98"
) -> Director:
    """A machine on which keepalived has just been started with `conf`."""
    addresses = (AddressConf(ip_address(address), 24), AddressConf(ip_address(link_local), 64))
    timeline = Timeline()
    machine = DirectorConf("d1", (InterfaceConf("eth0", addresses),), conf)
    made = Director(machine, timeline, Network(timeline), seed=1, buckets=10)
    made.start_keepalived()
    return made


def epoch(at: float) -> float:
    """The world of these tests tells its seconds since 1970 themselves."""
    return at


def section(text: str, name: str) -> list[str]:
    """The lines of one section of a dump."""
    _, _, rest = text.partition(f"------< {name} >------\n")
    return rest.partition("\n------<")[0].splitlines()


def without(lines: list[str], *keys: str) -> list[str]:
    """Lines but for those of these keys: what a moment or a process alone decides."""
    return [line for line in lines if not line.strip().startswith(keys)]


def master(name: str) -> Director:
    """The machine `d1` as `base_d1` was recorded."""
    made = director(recorded_conf())
    text = json.loads(recorded(RELEASE, f"{name}__tmp_keepalived.json"))
    for instance, told in zip(made.keepalived.instances, text, strict=True):
        data, stats = told["data"], told["stats"]
        instance.state = instance.wanted_state = VrrpState.MASTER
        instance.vips_set = True
        instance.last_transition = data["last_transition"]
        instance.adverts_sent, instance.adverts_received = stats["advert_sent"], stats["advert_rcvd"]
        instance.became_master, instance.released_master = stats["become_master"], stats["release_master"]
    for group in made.keepalived.groups:
        group.state = VrrpState.MASTER
    return made


def test_the_json_dump_is_the_real_one() -> None:
    """Field by field in the real order; only the label of one VIP is nothing that the world knows."""
    shown = keepalived_json(master("base_d1").keepalived.instances, epoch)
    real = recorded(RELEASE, "base_d1__tmp_keepalived.json").replace(" label eth0:1", "")
    assert shown.strip() == real.strip()


def test_the_data_dump_is_the_real_one() -> None:
    """Global definitions, instances, sockets, groups; timers are those of a moment."""
    made = master("base_d1")
    conf = made.conf.keepalived
    shown = keepalived_data(conf, made.keepalived, made.host.interfaces, epoch, 0.0)
    real = recorded(RELEASE, "base_d1__tmp_keepalived.data").replace(" label eth0:1", "")
    for name in ("Global definitions", "VRRP Topology", "VRRP Sockpool", "VRRP Sync groups"):
        told = without(section(shown, name), "Read timeout", "Multicast address ff02")
        assert told == without(section(real, name), "Read timeout", "Multicast address ff02"), name
    assert parse_keepalived_data(shown).value.complete
    assert parse_keepalived_data(shown).issues == ()


def test_a_backup_tells_of_its_master() -> None:
    """`d2` as it was recorded."""
    real = recorded(RELEASE, "base_d2__tmp_keepalived.data").replace(" label eth0:1", "")
    source = next(line.rpartition(" = ")[2] for line in real.splitlines() if "Using src_ip = fe80" in line)
    made = director(recorded_conf(100), "10.9.0.102", source)
    told = json.loads(recorded(RELEASE, "base_d2__tmp_keepalived.json"))
    masters = ("10.9.0.101", "fe80::e48c:a9ff:fecc:1b98")
    for instance, each, address in zip(made.keepalived.instances, told, masters, strict=True):
        instance.state = instance.wanted_state = VrrpState.BACKUP
        instance.last_transition = each["data"]["last_transition"]
        instance.master_priority, instance.master_address = 150, ip_address(address)
    for group in made.keepalived.groups:
        group.state = VrrpState.BACKUP
    shown = keepalived_data(made.conf.keepalived, made.keepalived, made.host.interfaces, epoch, 0.0)
    moments = ("Read timeout", "Multicast address ff02", "Router ID")
    for name in ("VRRP Topology", "VRRP Sync groups"):
        assert without(section(shown, name), *moments) == without(section(real, name), *moments), name


def test_the_checkers_dump_is_the_real_one() -> None:
    """One real server is down, the others have not been checked yet."""
    made = director(recorded_conf())
    (web, marked) = made.keepalived.checks
    for service in (web, marked):
        service.quorum_up = True
        for each in service.real_servers:
            each.alive, each.in_table, each.checked = True, True, False
    web.real_servers[1].alive = web.real_servers[1].in_table = False
    web.real_servers[1].failed.add("tcp")
    web.real_servers[1].checked = True
    shown = keepalived_check(made.conf.keepalived, made.keepalived)
    real = recorded(RELEASE, "base_d1__tmp_keepalived_check.data")
    for name in ("Global definitions", "LVS Topology", "Health checkers"):
        told = without(section(shown, name), "Retries iterations")
        assert told == without(section(real, name), "Retries iterations"), name


def tracked_conf() -> KeepalivedConf:
    """A real server that a file drains, and an instance whose priority another file lowers."""
    vip = ip_address("10.9.0.200")
    drained = RealServerConf(
        RealServerKey(ip_address("10.9.0.11"), 80), DR, 5, check_port=80, file_checks=(TrackConf("drain_rs1"),)
    )
    web = VirtualServerConf(VirtualServerKey.of_endpoint(Protocol.TCP, vip, 80), vip, (drained,))
    instance = InstanceConf(
        "SMB", 20, "eth0", 150, (VipConf(vip, 24, "eth0"),), track_files=(TrackConf("maint", -100),)
    )
    files = (TrackFileConf("drain_rs1", "/etc/keepalived/drain_rs1", -254), TrackFileConf("maint", "/etc/maint"))
    return KeepalivedConf("d1", (instance,), virtual_servers=(web,), track_files=files)


def test_track_files_are_told_where_they_are_tracked() -> None:
    """The checkers' in their dump, the instances' in the other one, with what is in them."""
    made = director(tracked_conf())
    made.set_file("/etc/keepalived/drain_rs1", "1\n")
    check = parse_keepalived_check(keepalived_check(made.conf.keepalived, made.keepalived))
    data = parse_keepalived_data(
        keepalived_data(made.conf.keepalived, made.keepalived, made.host.interfaces, epoch, 0.0)
    )
    assert (check.issues, data.issues) == ((), ())
    assert check.value.track_files == (TrackFile("drain_rs1", "/etc/keepalived/drain_rs1", 1, -254, reverse=False),)
    (row,) = check.value.virtual_servers[0].real_servers
    assert (row.weight, row.effective_weight) == (5, 0)
    assert row.file_checks == (FileCheck("drain_rs1", -254, reverse=False),)
    (tracked,) = data.value.track_files
    assert (tracked.name, tracked.path, tracked.instances) == ("maint", "/etc/maint", (("SMB", -100),))


@pytest.mark.parametrize("state", [VrrpState.BACKUP, VrrpState.MASTER, VrrpState.FAULT])
def test_lvstop_reads_every_state(state: VrrpState) -> None:
    """JSON and data dump tell the same of an instance."""
    made = director(tracked_conf())
    (instance,) = made.keepalived.instances
    instance.state, instance.last_transition = state, 1795360229.25
    told = parse_keepalived_json(keepalived_json([instance], epoch))
    dump = parse_keepalived_data(
        keepalived_data(made.conf.keepalived, made.keepalived, made.host.interfaces, epoch, 0.0)
    )
    assert told.issues == dump.issues == ()
    (first,), (second,) = told.value, dump.value.instances
    assert (first.state, first.priority, first.vips) == (state, 150, second.vips)
    assert first.last_transition == second.last_transition == datetime(2026, 11, 22, 15, 10, 29, 250000, tzinfo=UTC)


CONF = """\
global_defs {
  router_id d1
}
track_file drain_rs1 {
  file /etc/keepalived/drain_rs1
  weight -254
}
track_file maint {
  file /etc/maint
  weight 1
}
vrrp_instance SMB {
  state BACKUP
  interface eth0
  virtual_router_id 20
  priority 150
  advert_int 1
  garp_master_delay 5
  garp_master_repeat 5
  track_file {
    maint weight -100
  }
  virtual_ipaddress {
    10.9.0.200/24 dev eth0
  }
}
virtual_server 10.9.0.200 80 {
  protocol TCP
  delay_loop 6
  lb_algo wlc
  lb_kind DR
  real_server 10.9.0.11 80 {
    weight 5
    TCP_CHECK {
      connect_timeout 1
      connect_port 80
    }
    FILE_CHECK {
      track_file drain_rs1
    }
  }
}
"""


def test_keepalived_conf_says_what_the_machine_is_made_of() -> None:
    """As an operator would have written it."""
    assert keepalived_conf(tracked_conf()) == CONF


def test_keepalived_conf_knows_groups_marks_and_sorry_servers() -> None:
    """The configuration with which the dumps were recorded, in its own order."""
    text = keepalived_conf(recorded_conf())
    for words in (
        "vrrp_sync_group G {\n  group {\n    WEB4\n    WEB6\n  }\n}",
        "  advert_int 0.5\n  version 3\n",
        "  authentication {\n    auth_type PASS\n    auth_pass ********\n  }",
        "    fe80::200/128 dev eth0\n",
        "virtual_server fwmark 5 {\n  delay_loop 60\n  lb_algo rr\n  lb_kind NAT\n  sorry_server 10.9.0.11 80\n",
        "  persistence_timeout 60\n",
        "    inhibit_on_failure\n",
    ):
        assert words in text, words


def test_track_files_of_a_sync_group_are_told_as_keepalived_tells_them() -> None:
    """A weighted file of a member is left out; that of the group counts for its members, and is the group's."""
    group = SyncGroupConf("G", ("SMB",), (TrackConf("maint", -60),))
    tracks = (TrackConf("drain_rs1"), TrackConf("maint", 0))
    conf = tracked_conf()
    conf = replace(conf, sync_groups=(group,), instances=(replace(conf.instances[0], track_files=tracks),))
    made = director(conf)
    text = keepalived_data(conf, made.keepalived, made.host.interfaces, epoch, 0.0)
    data = parse_keepalived_data(text)
    assert data.issues == ()
    (tracked,) = data.value.track_files
    assert (tracked.name, tracked.instances, tracked.groups) == ("maint", (("SMB", 0),), (("G", -60),))
    assert "   Tracking instances :\n     SMB, weight 0\n" in text
