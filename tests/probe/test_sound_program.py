"""The program `sound` in a real shell, with a test's own keepalived, journal, service manager and connection table."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lvstop.model.address import Family, VirtualServerKey
from lvstop.model.sounding import ConnectionCount, PriorityLine, ServiceStatus
from lvstop.model.vrrp import VrrpState
from lvstop.probe import programs
from lvstop.probe.lanes import section_error, section_text
from lvstop.probe.parse.config_check import parse_config_check
from lvstop.probe.parse.keepalived_log import parse_keepalived_log
from lvstop.probe.parse.priorities import parse_priorities
from lvstop.probe.parse.sounded import parse_arp_settings, parse_connections, parse_service
from support.act_machine import Machine
from support.factories import vs_key
from support.recordings import RELEASES, recorded

SECRET = "hunter2x"  # noqa: S105


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """A machine whose folders are root's, as on a director."""
    if os.geteuid() != 0:
        pytest.skip("keepalived's process is root's")
    found = Machine(tmp_path)
    yield found
    await found.close()


async def ask(machine: Machine, verb: str) -> tuple[str | None, str]:
    """The text of the section of that name, and what it said where it failed."""
    channel = await machine.channel(programs.sound())
    reply = await channel.ask(verb, timeout=30)
    return section_text(reply, verb), section_error(reply, verb)


async def told(machine: Machine, verb: str) -> str:
    """The text, which has to be there."""
    text, error = await ask(machine, verb)
    assert text is not None, error
    return text


def conf(machine: Machine, name: str, text: str) -> Path:
    """A configuration file."""
    path = machine.etc / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


async def test_the_configuration_is_tested(machine: Machine) -> None:
    """That of the process which runs, with its own options; a fault is an answer; passwords stay there."""
    path = conf(machine, "own.conf", "vrrp_instance SMB {\n}\n")
    machine.keepalived("-nDf", str(path), "-P")
    assert parse_config_check(await told(machine, "configtest")).value == (parse_config_check("exit 0\n").value)
    assert (machine.folder / "tested").read_text() == f"-t -f {path} -P\n"
    (machine.folder / "complaint").write_text(f"({path}: Line 3) auth_pass '{SECRET}' is too long\n")
    check = parse_config_check(await told(machine, "configtest")).value
    assert check is not None
    assert check.valid is False
    assert SECRET not in repr(check)
    assert "auth_pass" in check.said[0]


async def test_priorities_through_includes(machine: Machine) -> None:
    """In keepalived's order, relative to the file that includes, with patterns; no word of a password comes along."""
    main = conf(
        machine,
        "keepalived.conf",
        'global_defs {\n  router_id "d1 { # }"\n}\n'
        "vrrp_script x {\n  priority 9\n}\n"
        f"vrrp_instance A {{\n  authentication {{\n    auth_pass {SECRET}\n  }}\n  priority 150 # 100\n}}\n"
        "include parts/*.conf\n"
        'include "gone.conf"\n'
        "vrrp_instance Z\n{\n  priority 50\n  track_file {\n    lever weight -60\n  }\n}\n",
    )
    one = conf(machine, "parts/1.conf", "! one\ninclude deeper.inc\nvrrp_instance B {\n  priority 120\n}\n")
    two = conf(machine, "parts/2.conf", "vrrp_instance C {\n  state MASTER\n  priority 110\n}")
    deeper = conf(machine, "parts/deeper.inc", "vrrp_instance D {\n  priority 90\n}\n")
    text = await told(machine, "priorities")
    assert SECRET not in text
    parsed = parse_priorities(text)
    assert parsed.issues == ()
    assert parsed.value == (
        PriorityLine("A", str(main), 11, 150),
        PriorityLine("D", str(deeper), 2, 90),
        PriorityLine("B", str(one), 4, 120),
        PriorityLine("C", str(two), 3, 110),
        PriorityLine("Z", str(main), 17, 50),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("vrrp_instance A {\n  priority $PRIORITY\n}\n", "has no plain priority"),
        ("vrrp_instance A {\n  @main priority 100\n}\n", "is not understood"),
        ("vrrp_instance A {\n  $LINE\n  priority 100\n}\n", "is not understood"),
        ("$LINE=priority 100\n", "is not understood"),
        ("$BLOCK=\\\n  vrrp_instance A {\n", "is not understood"),
        ("vrrp_instance A {\n  include more.inc\n}\n", "belongs to a block of"),
        ("vrrp_instance A{\n  priority 100\n}\n", "is not understood"),
        ("vrrp_instance A {\n  priority 100\n}\n}\n", "has a brace too many"),
        ("vrrp_instance A {\n  priority 100\n", "a block or a file has no end"),
        ("include keepalived.conf\n", "is not understood"),
        ("include {a,b}.conf\n", "is not understood"),
        ('vrrp_instance "A B" {\n  priority 100\n}\n', "is not understood"),
    ],
    ids=[
        "variable",
        "condition",
        "variable-line",
        "hidden",
        "lines",
        "inside",
        "brace",
        "too-many",
        "no-end",
        "itself",
        "braces",
        "quoted",
    ],
)
async def test_priorities_that_cannot_be_told(machine: Machine, text: str, reason: str) -> None:
    """What is not plain is not guessed: then nobody knows."""
    conf(machine, "keepalived.conf", text)
    conf(machine, "more.inc", "priority 100\n")
    parsed = parse_priorities(await told(machine, "priorities"))
    assert parsed.value is None
    assert reason in parsed.issues[0].reason


async def test_definitions_and_conditions_elsewhere_do_no_harm(machine: Machine) -> None:
    """As long as they cannot have to do with priorities."""
    main = conf(
        machine,
        "keepalived.conf",
        "$VIP=10.9.0.200\n@d1 $LEVEL=7\n@^d2 router_id d1\nvrrp_instance A {\n  mcast_src_ip $VIP\n"
        "  priority 150\n  virtual_ipaddress {\n    $VIP\n  }\n}\n",
    )
    parsed = parse_priorities(await told(machine, "priorities"))
    assert parsed.value == (PriorityLine("A", str(main), 6, 150),), parsed.issues


@pytest.mark.parametrize("release", RELEASES)
async def test_connections_of_a_recording(machine: Machine, release: str) -> None:
    """Counted on the director, by virtual server; no row of the table comes along."""
    (machine.folder / "ip_vs").write_text(recorded(release, "proc_ip_vs.out"))
    rows = recorded(release, "proc_ip_vs_conn_sync.out")
    (machine.folder / "ip_vs_conn_sync").write_text(rows)
    parsed = parse_connections(await told(machine, "connections"))
    assert parsed.issues == ()
    active = sum(row.split()[7] in ("ESTABLISHED", "SYN_RECV") for row in rows.splitlines()[1:])
    assert sum(count.local for count in parsed.value.values()) == active > 0
    assert {count.synced for count in parsed.value.values()} == {0}
    servers = sum(
        line.startswith(("TCP ", "UDP ", "SCTP ", "FWM ")) for line in recorded(release, "proc_ip_vs.out").split("\n")
    )
    assert len(parsed.value) == servers


TABLE = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  AC1A7F14:01BD rr persistent 36000 FFFFFFFF
  -> AC1A7F15:01BD      Route   1      0          0
TCP  AC1A7F14:0000 rr persistent 36000 FFFFFFFF
  -> AC1A7F15:0000      Route   1      0          0
UDP  [fd00:0000:0000:0000:0000:0000:0000:0001]:0035 rr
  -> [fd00:0000:0000:0000:0000:0000:0000:0011]:0035      Route   1      0          0
FWM  00000007 rr persistent 6000 FFFFFFFF
  -> 0A00000C:0000      Route   1      0          0
FWM  00000007 rr
  -> [fd00:0000:0000:0000:0000:0000:0000:0012]:0000      Route   1      0          0
FWM  00000009 rr
"""
ROWS = """\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires
TCP 0A080002 DF7C AC1A7F14 01BD AC1A7F15 01BD ESTABLISHED LOCAL      893
TCP 0A080003 DF7C AC1A7F14 01BD AC1A7F15 01BD ESTABLISHED SYNC       893
TCP 0A080004 DF7C AC1A7F14 01BD AC1A7F15 01BD FIN_WAIT    LOCAL       83
TCP 0A080002 0000 AC1A7F14 01BD AC1A7F15 01BD ASSURED     LOCAL      300
TCP 0A080002 DF7D AC1A7F14 0016 AC1A7F15 0016 SYN_RECV    LOCAL       30
TCP 0A080002 0000 AC1A7F14 0000 AC1A7F15 0000 NONE        SYNC       300
TCP 0A080009 DF7D 0A0000FE 0050 0A00000C 0050 ESTABLISHED LOCAL       30
IP  0A080009 0000 00000007 0000 0A00000C 0000 ASSURED     LOCAL      100
TCP fd00:0000:0000:0000:0000:0000:0000:0099 DF7D fd00:0000:0000:0000:0000:0000:0000:00fe 0050 \
fd00:0000:0000:0000:0000:0000:0000:0012 0050 SYNACK      SYNC        30
IP  fd00:0000:0000:0000:0000:0000:0000:0099 0000 0000:0007:0000:0000:0000:0000:0000:0000 0000 \
fd00:0000:0000:0000:0000:0000:0000:0012 0000 ASSURED     SYNC       100
UDP fd00:0000:0000:0000:0000:0000:0000:0099 DF7D fd00:0000:0000:0000:0000:0000:0000:0001 0035 \
fd00:0000:0000:0000:0000:0000:0000:0011 0035 UDP         LOCAL       30
TCP 0A080009 DF7D 0A0000FE 0050 0A0000EE 0050 ESTABLISHED LOCAL       30
"""


def mark(number: int, family: Family | None) -> VirtualServerKey:
    """A virtual server on a firewall mark."""
    return VirtualServerKey.of_fwmark(number, family)


@pytest.mark.parametrize("awk", ["mawk", "gawk", "busybox"])
async def test_connections_of_every_kind(machine: Machine, awk: str) -> None:
    """Ports, port 0, both families of one mark; templates; what belongs to no virtual server is passed over."""
    path = shutil.which(awk)
    if path is None:
        pytest.skip(f"{awk} is not installed")
    (machine.folder / "awk").symlink_to(path)
    (machine.folder / "ip_vs").write_text(TABLE)
    (machine.folder / "ip_vs_conn_sync").write_text(ROWS)
    parsed = parse_connections(await told(machine, "connections"))
    assert parsed.issues == ()
    assert parsed.value == {
        vs_key("TCP:172.26.127.20:445"): ConnectionCount(1, 1, 1),
        vs_key("TCP:172.26.127.20:0"): ConnectionCount(1, 0, 1),
        vs_key("UDP:[fd00::1]:53"): ConnectionCount(0, 0, 0),
        mark(7, Family.INET): ConnectionCount(1, 0, 1),
        mark(7, Family.INET6): ConnectionCount(0, 1, 1),
        mark(9, None): ConnectionCount(0, 0, 0),
    }


async def test_marks_that_share_a_real_server(machine: Machine) -> None:
    """Nobody can tell whose its connections are: then both are unknown, and the others are not."""
    table = TABLE + "  -> 0A00000C:0000      Route   1      0          0\n"
    (machine.folder / "ip_vs").write_text(table)
    (machine.folder / "ip_vs_conn_sync").write_text(ROWS)
    found = parse_connections(await told(machine, "connections")).value
    assert mark(7, Family.INET) not in found
    assert mark(9, Family.INET) not in found
    assert found[mark(7, Family.INET6)] == ConnectionCount(0, 1, 1)


async def test_a_connection_table_without_end(machine: Machine) -> None:
    """It costs the director what it may cost, and no more; then it is unknown."""
    (machine.folder / "ip_vs").write_text(TABLE)
    (machine.folder / "ip_vs_conn_sync").write_text(ROWS)
    script = programs.sound().script
    assert "limit=1000000" in script
    short = type(programs.sound())("sound", script.replace("limit=1000000", "limit=5"))
    reply = await (await machine.channel(short)).ask("connections", timeout=10)
    assert section_error(reply, "connections") == "there are more than 5 entries (exit status 2)"


async def test_without_ip_vs_there_is_nothing_to_count(machine: Machine) -> None:
    """Absent, not empty."""
    assert await ask(machine, "connections") == (None, "ip_vs is not loaded (exit status 3)")


async def test_arp_settings(machine: Machine) -> None:
    """As sysctl calls them, of every interface of this machine."""
    parsed = parse_arp_settings(await told(machine, "arp"))
    assert parsed.issues == ()
    for name in ("arp_ignore", "arp_announce", "arp_filter"):
        path = Path(f"/proc/sys/net/ipv4/conf/all/{name}")
        assert parsed.value[f"net.ipv4.conf.all.{name}"] == int(path.read_text())
    assert not any(".default." in name for name in parsed.value)


async def test_the_log(machine: Machine) -> None:
    """States, and a reload that has not ended."""
    machine.command("date", "echo 1795371010")
    machine.command(
        "journalctl",
        "printf '%s\\n' '1795371000.250000 d1 Keepalived_vrrp[9]: (SMB) Entering MASTER STATE' "
        "'1795371001.000000 d1 Keepalived_vrrp[9]: (SMB) Sending/queueing gratuitous ARPs on eth0 for 10.9.0.200' "
        "'1795371008.000000 d1 Keepalived[7]: Reloading ...'",
    )
    text = await told(machine, "log")
    assert "gratuitous" not in text
    log = parse_keepalived_log(text)
    assert [(each.instance, each.state, each.at.timestamp()) for each in log.transitions] == [
        ("SMB", VrrpState.MASTER, 1795371000.25)
    ]
    assert log.reloading is True


@pytest.mark.parametrize(
    ("running", "properties", "status"),
    [
        (
            True,
            "MainPID={pid}\nId=keepalived.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled",
            True,
        ),
        (True, "MainPID=1\nId=keepalived.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled", False),
    ],
    ids=["its-own", "another-process"],
)
async def test_the_service(machine: Machine, running: bool, properties: str, status: bool) -> None:
    """Only where the process that runs is the one that the service manager started."""
    conf(machine, "keepalived.conf", "")
    machine.keepalived("-n")
    pid = (machine.folder / "keepalived.pid").read_text().strip()
    machine.command("systemctl", f"printf '{properties.format(pid=pid)}\\n'".replace("\n", "\\n"))
    (machine.folder / "sed").write_text("#!/bin/sh\necho keepalived.service\n")
    (machine.folder / "sed").chmod(0o755)
    known = ServiceStatus("keepalived.service", active=True, enabled=True)
    unknown = ServiceStatus(None, active=False, enabled=None)
    assert parse_service(await told(machine, "service")) == (known if status else unknown)


async def test_a_service_that_does_not_run(machine: Machine) -> None:
    """It is known by its name."""
    machine.command(
        "systemctl",
        "case $* in *Value*|*--value*) echo 0 ;; *) printf 'Id=keepalived.service\\nMainPID=0\\nLoadState=loaded\\n"
        "ActiveState=inactive\\nUnitFileState=disabled\\n' ;; esac",
    )
    assert parse_service(await told(machine, "service")) == ServiceStatus("keepalived.service", False, False)


async def test_without_a_service_manager(machine: Machine) -> None:
    """That is an answer, too: status 127."""
    channel = await machine.channel(
        type(programs.sound())("sound", programs.sound().script.replace("command -v systemctl", "command -v no-such"))
    )
    section = (await channel.ask("service", timeout=10)).section("service")
    assert section is not None
    assert section.status == 127


async def test_the_time(machine: Machine) -> None:
    """With its fractions."""
    assert float(await told(machine, "time")) > 1_700_000_000


@pytest.mark.parametrize("request_line", ["nonsense", "sh -c id", "connections; id", "edit -C"])
async def test_a_word_that_is_no_verb_does_nothing(machine: Machine, request_line: str) -> None:
    """Requests are looked up, never evaluated."""
    assert (await (await machine.channel(programs.sound())).ask(request_line, timeout=10)).sections == ()
