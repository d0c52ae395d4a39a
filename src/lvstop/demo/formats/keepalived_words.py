"""What keepalived's dumps have in common: addresses of instances, services, times (vrrp_ipaddress.c, logger.c)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from lvstop.demo.world.conf import VipConf
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from lvstop.model.vrrp import VrrpState

Epoch = Callable[[float], float]
"""The world's seconds → seconds since 1970."""

STATE_NUMBERS: Final = {
    VrrpState.INIT: 0,
    VrrpState.BACKUP: 1,
    VrrpState.MASTER: 2,
    VrrpState.FAULT: 3,
    VrrpState.DELETED: 97,
    VrrpState.STOP: 98,
}


def vip_words(vip: VipConf, *, is_set: bool) -> str:
    """`10.9.0.200/24 dev eth0 scope global set`."""
    full = vip.address.max_prefixlen == vip.prefix_length
    place = str(vip.address) if full else f"{vip.address}/{vip.prefix_length}"
    words = f"{place} dev {vip.interface} scope global"
    if vip.address.version == 6:
        # An address for itself alone is never to be the source of a connection.
        words += " deprecated" if full else " preferred_lft forever"
    return words + (" set" if is_set else "")


def moment(epoch: float) -> str:
    """`1795360229.970095 (Sun Nov 22 15:10:29.970095 2026)`: ctime with microseconds; directors live in UTC."""
    microseconds = round(epoch * 1_000_000)
    seconds, rest = divmod(microseconds, 1_000_000)
    when = datetime.fromtimestamp(seconds, UTC)
    return f"{seconds}.{rest:06} ({when:%a %b} {when.day:2} {when:%H:%M:%S}.{rest:06} {when.year})"


def decimal(seconds: float) -> str:
    """`format_decimal` with six digits."""
    return f"{seconds:.6f}"


def forwarding_lines(indent: str, method: ForwardingMethod, tunnel: Tunnel | None) -> str:
    """`forwarding method = DR` (dump_forwarding_method)."""
    if method is ForwardingMethod.MASQ:
        return f"{indent}forwarding method = NAT"
    if method is not ForwardingMethod.TUNNEL:
        return f"{indent}forwarding method = DR"
    tunnel = tunnel or Tunnel(TunnelType.IPIP, None, None)
    checksum = {None: "", "nocsum": ", no checksum", "csum": ", checksum", "remcsum": ", remote checksum"}
    port = "" if tunnel.port is None else f", port = {tunnel.port}"
    return f"{indent}forwarding method = TUN, type = {tunnel.type.upper()}{port}{checksum[tunnel.checksum]}"
