"""`lvstop status` for people, compared as a whole: what an operator reads is what is promised."""

from lvstop.cli import text_report
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorStatus, Keepalived
from lvstop.model.host import LoadAverage
from lvstop.model.ipvs import Rates, VirtualServerRates
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    VIP,
    address,
    backup,
    cluster,
    detail,
    director,
    gone,
    instance,
    master,
    real_server,
    rs_key,
    silent,
    unprivileged,
    virtual_server,
    vs_key,
)

OTHER_TABLE = (
    virtual_server(SERVICE, real_server(FIRST, 3), real_server("172.26.127.29:445", 2), scheduler="wrr"),
    virtual_server("UDP:172.26.127.20:53", "172.26.127.21:53"),
)


def says(snapshot: ClusterSnapshot, expected: str) -> None:
    """The report of the cluster, the first line of `expected` being empty."""
    assert f"\n{text_report.report(snapshot)}" == expected


def per_second(connections: float) -> Rates:
    """Rates that go with so many connections."""
    return Rates(connections, connections, connections, connections * 1000, connections * 2000)


def test_a_steady_pair() -> None:
    """The first lines answer whether it is fine and who holds the VIP; then directors, and what the kernel does."""
    rows = (real_server(FIRST, active=1204, inactive=7), real_server(SECOND, active=3))
    each = {rs_key(FIRST): per_second(20.5), rs_key(SECOND): per_second(0.5)}
    holder = master(
        virtual_servers=(virtual_server(SERVICE, *rows),),
        rates={vs_key(SERVICE): VirtualServerRates(per_second(21.0), each)},
        load=LoadAverage(0.42, 0.3, 0.2),
        vrrp=(instance("MASTER", priority=150, effective_priority=150),),
    )
    other = backup(load=LoadAverage(0.1, 0.1, 0.1), vrrp=(instance("BACKUP", priority=100, effective_priority=90),))
    snapshot = cluster(holder, other)
    expected = """
● smb  OK  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h)

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                        SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB MASTER 150/150 vrid 20  master  0.42  2.2.7       6.1.0
  keepalived2  live    0.3s  root       SMB BACKUP 90/100 vrid 20   backup  0.10  2.2.7       6.1.0

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD  WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2
  TCP 172.26.127.20:445  rr                                      1,207      7    21.0    168k     336k  same
    172.26.127.21:445                          Route         1   1,204      7    20.5    164k     328k  same
    172.26.127.22:445                          Route         1       3      0     0.5    4.0k     8.0k  same
"""
    says(snapshot, expected)


def test_a_split_vip() -> None:
    """Both hold the address: that is the headline, not a detail."""
    snapshot = cluster(master(), master("keepalived2"))
    expected = """
✖ smb  CRITICAL  2026-11-22 14:02:11 UTC

  172.26.127.20 is on SEVERAL directors at once: keepalived1, keepalived2

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0
  keepalived2  live    0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD  WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2
  TCP 172.26.127.20:445  rr                                          0      0       –       –        –  same
    172.26.127.21:445                          Route         1       0      0       –       –        –  same
    172.26.127.22:445                          Route         1       0      0       –       –        –  same

  ✖ multiple-masters  keepalived1 and keepalived2 are both MASTER of SMB.
      → They do not accept each other's adverts: check the network between them, VRID and authentication.
  ✖ vip-duplicate  172.26.127.20 (SMB) is on keepalived1 and keepalived2 at the same time: keepalived1 is MASTER and keepalived2 is MASTER.
      → Remove it where it does not belong (`ip addr del`), after making sure who should be MASTER.
"""  # noqa: E501
    says(snapshot, expected)


def test_nobody_holds_the_vip() -> None:
    """No director has the address although all of them can be asked."""
    snapshot = cluster(backup("keepalived1"), backup())
    expected = """
✖ smb  CRITICAL  2026-11-22 14:02:11 UTC

  172.26.127.20 is on NO director

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB BACKUP vrid 20  backup     –  2.2.7       6.1.0
  keepalived2  live    0.3s  root       SMB BACKUP vrid 20  backup     –  2.2.7       6.1.0

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD  WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2
  TCP 172.26.127.20:445  rr                                          0      0       –       –        –  same
    172.26.127.21:445                          Route         1       0      0       –       –        –  same
    172.26.127.22:445                          Route         1       0      0       –       –        –  same

  ✖ no-master  Nobody is MASTER of SMB: keepalived1 is BACKUP and keepalived2 is BACKUP.
      → Look for what keeps it in that state (interface, track scripts and files): journalctl -u keepalived.
  ✖ vip-missing  No director holds 172.26.127.20 (SMB): keepalived1 is BACKUP and keepalived2 is BACKUP.
      → The address is served by nobody; see why no director is MASTER, or `ip addr` on the one that is.
"""
    says(snapshot, expected)


def test_one_director_is_unreachable() -> None:
    """Nothing is shown of a director that was never read, and its cells are unknown, not equal."""
    snapshot = cluster(master(), silent())
    expected = """
▲ smb  WARNING  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h) (keepalived2 cannot be asked)

  DIRECTOR     STATUS        AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live         0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0
  keepalived2  unreachable     –  –          –                   –          –  –           –
  keepalived2: no answer from 172.26.127.24:22 within 5 s

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD  WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2
  TCP 172.26.127.20:445  rr                                          0      0       –       –        –  –
    172.26.127.21:445                          Route         1       0      0       –       –        –  –
    172.26.127.22:445                          Route         1       0      0       –       –        –  –

  ▲ director-unreachable  keepalived2 cannot be asked: no answer from 172.26.127.24:22 within 5 s. keepalived1 holds every VIP.
      → ping 172.26.127.24
"""  # noqa: E501
    says(snapshot, expected)


def test_nobody_answers() -> None:
    """One stale, one unreachable: the past is not shown as the present, and nobody is said to hold the VIP."""
    snapshot = cluster(gone(master(), DirectorStatus.STALE), silent())
    expected = """
? smb  UNKNOWN  2026-11-22 14:02:11 UTC

  172.26.127.20 is on no director that answers (keepalived1, keepalived2 cannot be asked)

  DIRECTOR     STATUS       AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  stale        42s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0
  keepalived2  unreachable    –  –          –                   –          –  –           –
  keepalived1: no answer from 172.26.127.24:22 within 5 s
  keepalived2: no answer from 172.26.127.24:22 within 5 s

  No IPVS table can be shown: no director answers.

  ✖ director-stale  The last answer of keepalived1 is 42 s old: no answer from 172.26.127.24:22 within 5 s.
      → Look at its load and at the network on the way there.
  ✖ director-unreachable  keepalived2 cannot be asked: no answer from 172.26.127.24:22 within 5 s.
      → ping 172.26.127.24
"""
    says(snapshot, expected)


def test_without_privilege() -> None:
    """States are inferred and marked; what nobody may read is unknown."""
    snapshot = cluster(unprivileged(master()), unprivileged(backup()), vips=[VIP])
    expected = """
● smb  OK  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                 SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  none       ? MASTER (inferred)  master     –  2.2.7       6.1.0
  keepalived2  live    0.3s  none       ? – (inferred)       backup     –  2.2.7       6.1.0

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD  WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2
  TCP 172.26.127.20:445  rr                                          0      0       –       –        –  same
    172.26.127.21:445                          Route         1       0      0       –       –        –  same
    172.26.127.22:445                          Route         1       0      0       –       –        –  same
"""
    says(snapshot, expected)


def test_an_empty_table() -> None:
    """A table that is known to be empty is called empty."""
    snapshot = cluster(master(virtual_servers=(), checks=()), backup(virtual_servers=(), checks=()))
    expected = """
● smb  OK  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h)

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0
  keepalived2  live    0.3s  root       SMB BACKUP vrid 20  backup     –  2.2.7       6.1.0

  The IPVS table of keepalived1 is empty.
"""
    says(snapshot, expected)


def test_a_kernel_without_ip_vs() -> None:
    """Where the module is missing that is what is said."""
    snapshot = cluster(master(virtual_servers=(), checks=(), ipvs_loaded=False))
    expected = """
● smb  OK  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h)

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0

  The IPVS table of keepalived1 is not there: ip_vs is not loaded.
"""
    says(snapshot, expected)


def test_tables_that_differ() -> None:
    """Each row shows the other director's view of it, and rows that only the other one has."""
    snapshot = cluster(master(checks=None), backup(virtual_servers=OTHER_TABLE, checks=None))
    expected = """
✖ smb  CRITICAL  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h)

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0
  keepalived2  live    0.3s  root       SMB BACKUP vrid 20  backup     –  2.2.7       6.1.0

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD    WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2
  UDP 172.26.127.20:53                                  absent ≠                                          present ≠
    172.26.127.21:53                                    absent ≠                                          weight 1 ≠
  TCP 172.26.127.20:445  rr                                            0      0       –       –        –  wrr ≠
    172.26.127.21:445                          Route           1       0      0       –       –        –  weight 3 ≠
    172.26.127.22:445                          Route           1       0      0       –       –        –  absent ≠
    172.26.127.29:445                                   absent ≠                                          weight 2 ≠

  ✖ table-drift  UDP:172.26.127.20:53 is not in the table of keepalived1; keepalived2 has it.
      → Compare keepalived.conf of the directors; after `ipvsadm -C` or -D only a restart brings rows back.
  ▲ table-drift  172.26.127.22:445 of TCP:172.26.127.20:445 is on keepalived1 and not on keepalived2: its checks fail there, or the configurations differ.
      → Compare keepalived.conf of the directors; after `ipvsadm -C` or -D only a restart brings rows back.
  ▲ table-drift  172.26.127.29:445 of TCP:172.26.127.20:445 is on keepalived2 and not on keepalived1: its checks fail there, or the configurations differ.
      → Compare keepalived.conf of the directors; after `ipvsadm -C` or -D only a restart brings rows back.
  ▲ table-drift  TCP:172.26.127.20:445 differs: scheduler rr on keepalived1 and wrr on keepalived2.
      → Compare keepalived.conf of the directors; after `ipvsadm -C` or -D only a restart brings rows back.
  ▲ weight-drift  172.26.127.21:445 of TCP:172.26.127.20:445 has weight 1 on keepalived1 and 3 on keepalived2; a failover would change its share.
      → Set the same weight on every director; `ipvsadm -e` must restate forwarding, thresholds and tunnel.
"""  # noqa: E501
    says(snapshot, expected)


def test_three_directors() -> None:
    """A column for each of the others, in their order."""
    weights = (virtual_server(SERVICE, real_server(FIRST, 3), real_server(SECOND, 0), scheduler="wrr"),)
    snapshot = cluster(master(), backup(), backup("keepalived3", virtual_servers=weights, checks=None))
    expected = """
▲ smb  WARNING  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h)

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0
  keepalived2  live    0.3s  root       SMB BACKUP vrid 20  backup     –  2.2.7       6.1.0
  keepalived3  live    0.3s  root       SMB BACKUP vrid 20  backup     –  2.2.7       6.1.0

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD  WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2  keepalived3
  TCP 172.26.127.20:445  rr                                          0      0       –       –        –  same         wrr ≠
    172.26.127.21:445                          Route         1       0      0       –       –        –  same         weight 3 ≠
    172.26.127.22:445                          Route         1       0      0       –       –        –  same         weight 0 ≠

  ▲ table-drift  TCP:172.26.127.20:445 differs: scheduler rr on keepalived1, rr on keepalived2 and wrr on keepalived3.
      → Compare keepalived.conf of the directors; after `ipvsadm -C` or -D only a restart brings rows back.
  ▲ weight-drift  172.26.127.21:445 of TCP:172.26.127.20:445 has weight 1 on keepalived1, 1 on keepalived2 and 3 on keepalived3; a failover would change its share.
      → Set the same weight on every director; `ipvsadm -e` must restate forwarding, thresholds and tunnel.
  ▲ weight-drift  172.26.127.22:445 of TCP:172.26.127.20:445 has weight 1 on keepalived1, 1 on keepalived2 and 0 on keepalived3; a failover would put it back to work or take it out.
      → Set the same weight on every director; `ipvsadm -e` must restate forwarding, thresholds and tunnel.
"""  # noqa: E501
    says(snapshot, expected)


def test_a_single_director() -> None:
    """A cluster of one has nobody to be compared with."""
    snapshot = cluster(master())
    expected = """
● smb  OK  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h)

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP                SYNC    LOAD  KEEPALIVED  KERNEL
  keepalived1  live    0.3s  root       SMB MASTER vrid 20  master     –  2.2.7       6.1.0

  VIRTUAL SERVER / REAL SERVER on keepalived1  FORWARD  WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s
  TCP 172.26.127.20:445  rr                                          0      0       –       –        –
    172.26.127.21:445                          Route         1       0      0       –       –        –
    172.26.127.22:445                          Route         1       0      0       –       –        –
"""
    says(snapshot, expected)


def test_a_director_of_many_doubts() -> None:
    """Nameless and missing things: each is said or unknown, none is empty by accident."""
    table = (
        virtual_server(
            "TCP:[2001:db8::10]:443", real_server("[2001:db8:9::11]:443", 0), persistent=True, one_packet=True
        ),
        virtual_server("FWM:9:inet6", scheduler="sed", persistent=True),
    )
    flags = {table[0].key: detail(flags=("sh-port",), persistence_seconds=300)}
    first = master(
        virtual_servers=table,
        details=flags,
        checks=None,
        vrrp=(instance("MASTER", "A"), instance(None, None)),
        keepalived=Keepalived(None, True, 1),
        sync_daemons=(),
    )
    second = director(
        "keepalived2",
        vrrp=None,
        keepalived=Keepalived("2.2.7", False, None),
        privilege=None,
        kernel=None,
        sync_daemons=None,
        virtual_servers=None,
    )
    snapshot = cluster(first, second)
    expected = """
✖ smb  CRITICAL  2026-11-22 14:02:11 UTC

  172.26.127.20 is on keepalived1 since 2026-11-10 10:48:00 UTC (12d 3h)

  DIRECTOR     STATUS   AGE  PRIVILEGE  VRRP              SYNC  LOAD  KEEPALIVED   KERNEL
  keepalived1  live    0.3s  root       A MASTER vrid 20  none     –  running      6.1.0
                                        ? – vrid 20
  keepalived2  live    0.3s  –          –                 –        –  not running  –

  VIRTUAL SERVER / REAL SERVER on keepalived1               FORWARD     WEIGHT  ACTIVE  INACT  CONN/S  IN b/s  OUT b/s  keepalived2
  TCP [2001:db8::10]:443  rr (sh-port) persistent 300s ops                           0      0       –       –        –  –
    [2001:db8:9::11]:443                                    Route    0 drained       0      0       –       –        –  –
  FWM 9:inet6  sed persistent                                                        0      0       –       –        –  –
    no real servers

  ✖ all-weights-zero  Every real server of TCP:[2001:db8::10]:443 has weight 0 on keepalived1: new connections are refused.
      → Restore at least one of them, or bring one back that fails its checks.
  ▲ keepalived-down  keepalived is not running on keepalived2; keepalived1 is MASTER, and nobody could take over.
      → On keepalived2: systemctl start keepalived; why it stopped: journalctl -u keepalived.
  ▲ virtual-server-empty  FWM:9:inet6 has no real server on keepalived1.
      → Its clients are refused; see why the checks fail, or whether keepalived.conf was changed.
"""  # noqa: E501
    says(snapshot, expected)


def test_each_director_leads_for_its_own_vip() -> None:
    """An active/active pair: each virtual server has the values of the director that holds its VIP."""
    second = "172.26.127.30"
    table = (
        virtual_server(SERVICE, real_server(FIRST, active=7)),
        virtual_server(f"TCP:{second}:445", real_server(FIRST, active=9)),
    )
    one = master(virtual_servers=(*table[:1], virtual_server(f"TCP:{second}:445", FIRST)), checks=None)
    vrrp = (instance("MASTER", "TWO", second), instance("BACKUP"))
    other = backup(
        virtual_servers=(virtual_server(SERVICE, FIRST), table[1]),
        vrrp=vrrp,
        addresses=(address(second),),
        checks=None,
    )
    text = text_report.report(cluster(one, other))
    assert [line.split()[3] for line in text.splitlines() if line.startswith("    172.26.127.21:445")] == ["7", "9"]
    assert "keepalived2: same" in text
    assert "keepalived1: same" in text
