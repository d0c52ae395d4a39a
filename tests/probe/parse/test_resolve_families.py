"""What ipvsadm knows of families, given to rows of /proc/net/ip_vs."""

from collections.abc import Iterable
from ipaddress import ip_address

import pytest

from lvstop.model.address import Family, RealServerKey, VirtualServerKey
from lvstop.model.ipvs import RealServerDetail, TableDetails, VirtualServer, VirtualServerDetail
from lvstop.probe.parse.ip_vs import parse_ip_vs, resolve_families
from lvstop.probe.parse.ipvsadm import combine_details, parse_save
from support.ip_vs_writer import HEADINGS
from support.recordings import RELEASES, recorded

TUNNEL_11 = "  -> 0A00000B:0050      Tunnel  1      0          0         \n"
TUNNEL_12 = "  -> 0A00000C:0050      Tunnel  1      0          0         \n"
MASQ_11 = "  -> 0A00000B:0050      Masq    1      0          0         \n"


def rows(body: str) -> tuple[VirtualServer, ...]:
    """The table's virtual servers."""
    return parse_ip_vs("".join(f"{line}\n" for line in HEADINGS) + body, hz=100).value


def details(*marks: tuple[int, Family, Iterable[str]], prefix: int | None = None) -> TableDetails:
    """What ipvsadm tells: mark, family and the real servers' addresses, all with port 80."""
    unknown = RealServerDetail(None, None, None, None)
    return {
        VirtualServerKey.of_fwmark(mark, family): VirtualServerDetail(
            (),
            60 if prefix else 0,
            prefix,
            None,
            False,
            {RealServerKey(ip_address(host), 80): unknown for host in hosts},
        )
        for mark, family, hosts in marks
    }


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_marks_get_their_keys(release: str) -> None:
    """An empty mark tells nothing in /proc, and everything in `ipvsadm -Sn`."""
    saved = combine_details(parse_save(recorded(release, "ipvsadm_save.out")).value, None, None)
    table = parse_ip_vs(recorded(release, "proc_ip_vs.out"), hz=100).value
    resolved = resolve_families(table, saved)
    assert {server.key for server in resolved} == set(saved)
    assert resolve_families(resolved, saved) is resolved
    assert resolved[:-1] == table[:-1]


def test_an_inferred_family_is_corrected() -> None:
    """IPv4 tunnels under an IPv6 mark look like an IPv4 mark."""
    (server,) = resolve_families(rows(f"FWM  00000007 rr \n{TUNNEL_11}"), details((7, Family.INET6, ["10.0.0.11"])))
    assert server.key == VirtualServerKey.of_fwmark(7, Family.INET6)


def test_the_persistence_mask_is_read_again() -> None:
    """Its meaning depends on the family."""
    (unclear,) = rows("FWM  00000007 rr persistent 6000 80000000\n")
    assert (unclear.key.family, unclear.persistence_prefix) == (None, None)
    (server,) = resolve_families((unclear,), details((7, Family.INET6, []), prefix=128))
    assert (server.key.family, server.persistence_prefix) == (Family.INET6, 128)


def test_two_families_of_one_mark_are_told_apart_by_real_servers() -> None:
    """Neither row alone says which it is."""
    both = rows(f"FWM  00000007 rr \n{TUNNEL_11}FWM  00000007 wlc \n{TUNNEL_12}")
    assert [server.key.family for server in both] == [None, None]
    known = details((7, Family.INET, ["10.0.0.12"]), (7, Family.INET6, ["10.0.0.11"]))
    resolved = {server.scheduler: server.key.family for server in resolve_families(both, known)}
    assert resolved == {"rr": Family.INET6, "wlc": Family.INET}


def test_a_choice_is_left_open() -> None:
    """Two empty rows may be either."""
    both = rows("FWM  00000007 rr \nFWM  00000007 wlc \n")
    assert resolve_families(both, details((7, Family.INET, []), (7, Family.INET6, []))) is both


def test_older_details_do_not_outweigh_a_proof() -> None:
    """The mark was made anew, with the other family, since ipvsadm was asked."""
    table = rows(f"FWM  00000007 rr \n{MASQ_11}")
    assert resolve_families(table, details((7, Family.INET6, ["10.0.0.11"]))) is table


@pytest.mark.parametrize("known", [{}, details((8, Family.INET6, []))])
def test_unknown_marks_stay(known: TableDetails) -> None:
    """The very same tuple."""
    table = rows("TCP  0A000001:0050 rr  \nFWM  00000007 rr \n")
    assert resolve_families(table, known) is table
