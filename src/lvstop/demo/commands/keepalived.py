"""The program keepalived where it is not the daemon: `-v`, `--signum`."""

from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.director import Director

DUMP_FILES: Final = {"json": "keepalived.json", "data": "keepalived.data", "check": "keepalived_check.data"}
"""What it writes when it is asked for a dump, by lvstop's names for them."""

_SIGNALS: Final = {"HUP": 1, "STOP": 15, "DATA": 10, "STATS": 12, "RELOAD": 1, "JSON": 36, "TDATA": 38}
_RELEASES: Final = {
    "2.1.5": ("07/13,2020", "2020", "5.10.70", ""),
    "2.2.7": ("01/16,2022", "2022", "5.19.11", "Distro: Debian GNU/Linux 12 (bookworm)\n"),
    "2.3.3": ("03/30,2025", "2025", "6.12.21", "Distro: Debian GNU/Linux 13 (trixie)\n"),
}
_OPTIONS: Final = (
    "--build=x86_64-linux-gnu --prefix=/usr --sysconfdir=/etc --localstatedir=/var --runstatedir=/run --enable-snmp "
    "--enable-sha1 --enable-snmp-rfcv2 --enable-snmp-rfcv3 --enable-dbus --enable-json --enable-bfd --enable-regex "
    "--with-init=systemd"
)
_CONFIG: Final = (
    "NFTABLES LVS REGEX VRRP VRRP_AUTH VRRP_VMAC JSON BFD OLD_CHKSUM_COMPAT SNMP_V3_FOR_V2 SNMP_VRRP SNMP_CHECKER "
    "SNMP_RFCV2 SNMP_RFCV3 DBUS INIT=systemd SYSTEMD_NOTIFY"
)


def version(director: Director) -> Said:
    """`keepalived -v`, which it writes to its standard error."""
    number = director.keepalived_version
    released, year, headers, distribution = _RELEASES.get(number, _RELEASES["2.2.7"])
    return Said(
        f"Keepalived v{number} ({released})\n\n"
        f"Copyright(C) 2001-{year} Alexandre Cassen, <acassen@gmail.com>\n\n"
        f"Built with kernel headers for Linux {headers}\n"
        f"Running on Linux {director.kernel_release} #1 SMP PREEMPT_DYNAMIC Debian\n{distribution}\n"
        f"configure options: {_OPTIONS}\n\nConfig options:  {_CONFIG}\n\n"
        "System options:  VSYSLOG LIBNL3 LIBIPVS_NETLINK IPVS_DEST_ATTR_ADDR_FAMILY IPVS_SYNCD_ATTRIBUTES "
        "IPVS_64BIT_STATS IPVS_TUN_TYPE IPVS_TUN_CSUM IPVS_TUN_GRE\n"
    )


def signum(name: str) -> Said:
    """`keepalived --signum=NAME`: the number of its signal."""
    number = _SIGNALS.get(name)
    return Said(f"Unknown sigfunc {name}\n", 1) if number is None else Said(f"{number}\n")
