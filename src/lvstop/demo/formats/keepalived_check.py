"""keepalived_check.data, the checkers' answer to SIGUSR1 (check_data.c, check_api.c and check_file.c of 2.2.7)."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Final

from lvstop.demo.formats.keepalived_globals import global_definitions
from lvstop.demo.formats.keepalived_words import decimal, forwarding_lines
from lvstop.demo.world.checked import CheckedServer, CheckedService, real_server_name, virtual_server_name
from lvstop.demo.world.conf import KeepalivedConf, TrackConf, VirtualServerConf
from lvstop.demo.world.keepalived import Keepalived
from lvstop.model.address import Family, Protocol

_CONNECTION_TIMEOUT: Final = 5.0
_RETRY_SECONDS: Final = 1.0
_HASH_FLAGS: Final = {"sh": ("sh-port", "sh-fallback"), "mh": ("mh-port", "mh-fallback")}


def keepalived_check(conf: KeepalivedConf, keepalived: Keepalived) -> str:
    """The whole dump."""
    weights = {file.conf.name: file.conf.weight for file in keepalived.track_files}
    lines = ["------< LVS Topology >------", " System is compiled with LVS v1.2.1"]
    for service in keepalived.checks:
        lines += _service(service)
        for server in service.real_servers:
            lines += _server(server, service.conf, weights)
    checked = [(service, server) for service in keepalived.checks for server in service.real_servers]
    if any(server.conf.check_port is not None or server.conf.file_checks for _, server in checked):
        lines.append("------< Health checkers >------")
    for service, server in checked:
        lines += _checkers(server, service)
    lines += _track_files(keepalived, weights)
    return "\n" + global_definitions(conf, vrrp=False) + "".join(f"{line}\n" for line in lines)


def _service(service: CheckedService) -> Iterator[str]:
    conf, key = service.conf, service.conf.key
    yield " ------< Virtual server >------"
    yield f" VS FWMARK = {key.fwmark}" if key.address is None else f" VS VIP = {key.address}, VPORT = {key.port}"
    yield f"   Address family = {key.family}"
    yield f"   connection timeout = {decimal(_CONNECTION_TIMEOUT)}"
    yield f"   delay_loop = {decimal(conf.delay_loop)}"
    yield f"   lvs_sched = {conf.scheduler}"
    yield "   Hashed = disabled"
    for flag in _HASH_FLAGS.get(conf.scheduler, ()):
        yield f"   {flag} = {'enabled' if flag in conf.scheduler_flags else 'disabled'}"
    if conf.scheduler not in _HASH_FLAGS:
        yield from (f"   flag-{number} = disabled" for number in (1, 2, 3))
    yield f"   One packet scheduling = {'enabled' if conf.one_packet else 'disabled'}"
    if conf.persistence_seconds is not None:
        yield f"   persistence timeout = {conf.persistence_seconds}"
    granularity = _granularity(conf)
    if granularity:
        yield f"   persistence granularity = {granularity}"
    yield f"   protocol = {'none' if key.protocol is Protocol.FWM else key.protocol}"
    yield "   alpha is OFF"
    yield "   omega is OFF"
    yield "   Inhibit on failure is OFF"
    yield f"   quorum = {conf.quorum}, hysteresis = {conf.hysteresis}"
    yield "   Using smtp notification = no"
    yield forwarding_lines("   default ", conf.forwarding, None)
    sorry = conf.sorry_server
    if sorry is not None:
        protocol = "none" if key.protocol is Protocol.FWM else key.protocol.lower()
        yield f"   sorry server = [{sorry.key.address}]:{protocol}:{sorry.key.port}"
        yield forwarding_lines("     ", sorry.forwarding, sorry.tunnel)
        yield f"     Inhibit on failure is {'ON' if sorry.inhibit_on_failure else 'OFF'}"
    yield "   alive = 1"
    yield f"   quorum_state_up = {int(service.quorum_up)}"
    yield "   reloaded = 0"


def _granularity(conf: VirtualServerConf) -> str:
    prefix = conf.persistence_prefix
    if prefix is None or prefix == (128 if conf.key.family is Family.INET6 else 32):
        return ""
    if conf.key.family is Family.INET6:
        return str(prefix)
    return str(IPv4Address((0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF))


def _server(server: CheckedServer, service: VirtualServerConf, weights: dict[str, int]) -> Iterator[str]:
    """As one text: there may be ten thousand of them."""
    conf, weight = server.conf, server.effective_weight
    yield f"""\
   ------< Real server >------
   RIP = {conf.key.address}, RPORT = {conf.key.port}, WEIGHT = {max(0, weight)} EFF WEIGHT = {weight}
{forwarding_lines("   ", conf.forwarding, conf.tunnel)}
   Alpha is OFF
   connection timeout = {decimal(_CONNECTION_TIMEOUT)}
   connection limit range = {conf.lower_threshold} -> {conf.upper_threshold}
   Delay loop = {decimal(service.delay_loop)}
   Inhibit on failure is {"ON" if conf.inhibit_on_failure else "OFF"}
   Using smtp notification = yes
   initial weight = {conf.weight}
   effective weight = {weight}
   previous effective_weight = 0
   alive = {int(server.alive)}
   num failed checkers = {server.failed_checkers}
   RS set = {int(server.in_table)}
   reloaded = 0"""
    if conf.file_checks:
        yield "   Tracked Files"
        for check in conf.file_checks:
            yield f"     {check.file}, weight {_weight(check, weights)}"


def _weight(check: TrackConf, weights: dict[str, int]) -> int:
    return weights.get(check.file, 0) if check.weight is None else check.weight


def _checkers(server: CheckedServer, service: CheckedService) -> Iterator[str]:
    conf = server.conf
    title = f" {_pair(service, server)}"
    if conf.check_port is not None:
        delay = f"{round(service.conf.delay_loop * 1_000_000)} us"
        retry = f"{round(_RETRY_SECONDS * 1_000_000)} us"
        yield f"""\
{title}
   Enabled = yes
   Up = {"no" if "tcp" in server.failed else "yes"}
   Has run = {"yes" if server.checked else "no"}
   Current weight = 0
   Alpha = no
   Delay loop = {delay}
   Warmup = {delay}
   Retries = 1
   Delay before retry = {retry}
   Retries iterations = 0
   Default delay before retry = {retry}
   Log all failures = no
   Connection
     Dest = [{conf.key.address}]:{conf.check_port}
     Timeout = {decimal(service.conf.connect_timeout)}
   Keepalive method = TCP_CHECK"""
    for check in conf.file_checks:
        yield title
        yield "   Enabled = yes"
        yield "   Up = yes"
        yield "   Has run = yes"
        yield "   Current weight = 0"
        yield "   Log all failures = no"
        yield "   Keepalive method = FILE_CHECK"
        yield f"     Tracked file = {check.file}"
        yield "     Reloaded = No"


def _pair(service: CheckedService, server: CheckedServer) -> str:
    """`[10.9.0.200]:tcp:80 -> [10.9.0.11]:tcp:80`."""
    return f"{virtual_server_name(service.conf)} -> {real_server_name(service, server)}"


def _track_files(keepalived: Keepalived, weights: dict[str, int]) -> Iterator[str]:
    tracking: dict[str, list[str]] = {}
    for service in keepalived.checks:
        for server in service.real_servers:
            for check in server.conf.file_checks:
                line = f"     {_pair(service, server)}, weight {_weight(check, weights)}"
                tracking.setdefault(check.file, []).append(line)
    files = [file for file in keepalived.track_files if file.conf.name in tracking]
    if files:
        yield "------< Checker track files >------"
    for file in files:
        yield f" Track file = {file.conf.name}"
        yield f"   File = {file.conf.path}"
        yield f"   Status = {file.status}"
        yield f"   Weight = {file.conf.weight}"
        yield "   Tracking instances :"
        yield from tracking[file.conf.name]
