"""The global definitions that stand at the top of keepalived's dumps (`dump_global_data` in global_data.c, 2.2.7)."""

from typing import Final

from lvstop.demo.world.conf import KeepalivedConf

_NO_PRIORITY: Final = 4294967295
"""How the checker process prints what only the VRRP process sets."""

_BEGINNING: Final = """\
 Default smtp_alert = unset
 Default smtp_alert_vrrp = unset
 Default smtp_alert_checker = unset
 Checkers log all failures = false
 No test config before reload
 Dynamic interfaces = false
"""

_NOTIFICATION: Final = """\
 FIFO write vrrp states on reload = false
 VRRP notify priority changes = false
 VRRP IPv4 mcast group = 224.0.0.18
 VRRP IPv6 mcast group = ff02::12
 Gratuitous ARP delay = 5
 Gratuitous ARP repeat = 5
 Gratuitous ARP refresh timer = 0
 Gratuitous ARP refresh repeat = 1
"""

_LIMITS: Final = """\
 Num adverts before down = 3
 Gratuitous ARP for each secondary VMAC = 0s
 Send advert after receive lower priority advert = true
 Send advert after receive higher priority advert = false
 Gratuitous ARP interval = 0.000000
 Gratuitous NA interval = 0.000000
 VRRP default protocol version = 2
 nftables without counters
 libnftnl version 1.2.3
 VRRP check unicast_src = false
 VRRP skip check advert addresses = false
 VRRP strict mode = false
 Max auto priority = 0
 Min auto priority delay = 1000000 usecs
 VRRP process priority = 0
 VRRP don't swap = false
 VRRP realtime priority = 0
 VRRP realtime limit = 10000
 Checker process priority = 0
 Checker don't swap = false
 Checker realtime priority = 0
 Checker realtime limit = 10000
 BFD process priority = 0
 BFD don't swap = false
 BFD realtime priority = 0
 BFD realtime limit = 10000
 SNMP vrrp disabled
 SNMP checker disabled
 SNMP RFCv2 disabled
 SNMP RFCv3 disabled
 SNMP traps disabled
 SNMP socket = default (unix:/var/agentx/master)
"""

_END: Final = """\
 Script security enabled
 Default script uid:gid 0:0
 vrrp_netlink_cmd_rcv_bufs = 0
 vrrp_netlink_cmd_rcv_bufs_force = 0
 vrrp_netlink_monitor_rcv_bufs = 0
 vrrp_netlink_monitor_rcv_bufs_force = 0
 process_monitor_rcv_bufs = 0
 process_monitor_rcv_bufs_force = 0
 lvs_netlink_cmd_rcv_bufs = 0
 lvs_netlink_cmd_rcv_bufs_force = 0
 lvs_netlink_monitor_rcv_bufs = 0
 lvs_netlink_monitor_rcv_bufs_force = 0
 rs_init_notifies = 0
 no_checker_emails = 0
 rx_bufs_multiples = 3
 umask = 0177
"""


def global_definitions(conf: KeepalivedConf, *, vrrp: bool) -> str:
    """The section with its heading; `vrrp`: as the VRRP process knows it, else as the checkers do."""
    lines = [
        "------< Global definitions >------",
        " Network namespace = (default)",
        " Network namespace ipvs = (main namespace)",
        f" Router ID = {conf.router_id}",
        _BEGINNING.removesuffix("\n"),
    ]
    if vrrp and conf.instances:
        lines.append(f" Default interface = {conf.instances[0].interface}")
    lines.append(" Disable local IGMP = no")
    daemon = conf.sync_daemon
    if daemon is not None:
        lines += [
            f" LVS syncd vrrp {'instance' if vrrp else 'name'} = {daemon.instance}",
            f" LVS syncd interface = {daemon.interface}",
            f" LVS syncd syncid = {daemon.sync_id}",
        ]
    priority_delay = 5 if vrrp else _NO_PRIORITY
    lines += [
        f" LVS flush = {'true' if conf.flush_on_start else 'false'}",
        f" LVS flush on stop = {'full' if conf.flush_on_stop else 'disabled'}",
        _NOTIFICATION.removesuffix("\n"),
        f" Gratuitous ARP lower priority delay = {priority_delay}",
        f" Gratuitous ARP lower priority repeat = {priority_delay}",
        _LIMITS.removesuffix("\n"),
        f" DBus {'enabled' if conf.enable_dbus else 'disabled'}",
        " DBus service name = ",
        _END.removesuffix("\n"),
    ]
    return "".join(f"{line}\n" for line in lines)
