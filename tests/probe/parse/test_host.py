"""Small answers about the director as a host."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.host import InterfaceCounters, LoadAverage, Sysctls
from lvstop.model.ipvs import Counters, SyncDaemon, SyncRole
from lvstop.model.vrrp import VrrpSource, VrrpState
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.dbus import parse_busctl_state
from lvstop.probe.parse.host import (
    parse_config_hz,
    parse_keepalived_version,
    parse_loadavg,
    parse_net_dev,
    parse_sync_threads,
    parse_sysctls,
    parse_uptime,
)
from lvstop.probe.parse.ip_vs_stats import parse_ip_vs_stats
from support.recordings import RELEASES, recorded

NET_DEV = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  ens3:36404     369    1    6    0     0          0         0    50786     445    2    3    0     0       0          0
"""  # noqa: E501


def test_values() -> None:
    """Each answer as a director gives it."""
    assert parse_uptime("821.38 800.60\n").value == 821.38
    assert parse_loadavg("0.21 0.08 0.01 1/43 836\n").value == LoadAverage(0.21, 0.08, 0.01)
    assert parse_config_hz("CONFIG_HZ=250\n").value == 250
    assert parse_sysctls("net.ipv4.ip_forward = 1\nnet.ipv4.vs.expire_nodest_conn = 0\n").value == Sysctls(
        ip_forward=1, expire_nodest_conn=0
    )
    assert parse_net_dev(NET_DEV).value[1] == InterfaceCounters("ens3", 36404, 369, 1, 6, 50786, 445, 2, 3)


@pytest.mark.parametrize(("release", "version"), zip(RELEASES, ("2.1.5", "2.2.7", "2.3.3"), strict=True))
def test_recorded_answers(release: str, version: str) -> None:
    """Versions and totals of three real directors; totals are hexadecimal."""
    assert parse_keepalived_version(recorded(release, "keepalived_version.out")).value == version
    line = recorded(release, "proc_ip_vs_stats.out").splitlines()[2]
    assert parse_ip_vs_stats(recorded(release, "proc_ip_vs_stats.out")) == Parsed(
        Counters(*(int(word, 16) for word in line.split()))
    )


def test_wide_totals_overflow_their_columns() -> None:
    """64-bit numbers are wider than the columns that the kernel gives them."""
    headings = "Total Incoming Outgoing Incoming Outgoing\nConns Packets Packets Bytes Bytes\n"
    text = f"{headings}FFFFFFFFFF  1 2 FFFFFFFFFFFFFFFF 3\n\n"
    assert parse_ip_vs_stats(text).value == Counters(2**40 - 1, 1, 2, 2**64 - 1, 3)


def test_sync_threads_carry_the_role_and_no_sync_id() -> None:
    """One thread per sync port is still one daemon; the numbers in its name are namespace and thread."""
    parsed = parse_sync_threads("ipvs-m:0:0\nipvs-m:0:1\nipvs-b:0:0\n")
    assert parsed.value == (SyncDaemon(SyncRole.MASTER, None, None), SyncDaemon(SyncRole.BACKUP, None, None))
    assert parse_sync_threads("").value == ()


def test_an_instance_on_the_bus() -> None:
    """State, name, vrid and interface; `_` may stand for anything, so such an interface is unknown."""
    parsed = parse_busctl_state("/org/keepalived/Vrrp1/Instance/ens4/20/IPv4", '(s) "SMB"', '(us) 2 "Master"')
    assert parsed.value is not None
    assert (parsed.value.name, parsed.value.state, parsed.value.vrid) == ("SMB", VrrpState.MASTER, 20)
    assert (parsed.value.source, parsed.value.interface) == (VrrpSource.DBUS, "ens4")
    masked = parse_busctl_state("/org/keepalived/Vrrp1/ns/Instance/vrrp_33/20/IPv6", '(s) "A"', '(us) 9 "?"')
    assert masked.value is not None
    assert (masked.value.interface, masked.value.state, len(masked.issues)) == (None, None, 1)


PARSERS: tuple[Callable[[str], Parsed[object]], ...] = (
    parse_uptime,
    parse_loadavg,
    parse_net_dev,
    parse_sysctls,
    parse_sync_threads,
    parse_keepalived_version,
    parse_config_hz,
    parse_ip_vs_stats,
    lambda text: parse_busctl_state(text, text, text),
)


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text() | st.text(alphabet="ipvs-mb:0123456789=. \nnet.ipv4|"))
def test_no_text_raises_and_rubbish_is_reported(parse: Callable[[str], Parsed[object]], text: str) -> None:
    """Every line that is not understood is an issue; none is 0 by accident."""
    parsed = parse(text)
    if parsed.value is None:
        assert parsed.issues


@pytest.mark.parametrize("parse", [parse_net_dev, parse_sysctls, parse_sync_threads])
def test_a_bad_line_is_reported_with_its_number(parse: Callable[[str], Parsed[object]]) -> None:
    """The good lines around it stay."""
    assert 2 in {issue.line_number for issue in parse("\nrubbish\n").issues}
