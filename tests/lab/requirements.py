"""What the lab needs of the machine, why it may not run here, and how to install what is missing."""

import os
import platform
import shutil
from pathlib import Path

from lab.errors import LabError
from lab.shell import MINUTE, run

PACKAGES = (
    "user-mode-linux",
    "uml-utilities",
    "debootstrap",
    "debian-archive-keyring",
    "e2fsprogs",
    "iproute2",
    "kmod",
    "mount",
    "nftables",
    "openssh-client",
    "procps",
)
PROGRAMS = ("linux.uml", "debootstrap", "ip", "mke2fs", "mount", "nft", "ssh", "ssh-keygen", "sysctl")
TUN = Path("/dev/net/tun")
# name and bit of the capabilities that containers often withhold
CAPABILITIES = {"CAP_NET_ADMIN": 12, "CAP_SYS_CHROOT": 18, "CAP_SYS_PTRACE": 19, "CAP_SYS_ADMIN": 21, "CAP_MKNOD": 27}


def missing() -> str | None:
    """Say in plain words why the lab cannot run on this machine, or None when it can."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"the lab needs Linux on x86_64, this is {platform.system()} on {platform.machine()}"
    if os.geteuid() != 0:
        return "the lab needs root (namespaces, mounts, debootstrap)"
    absent = [program for program in PROGRAMS if shutil.which(program, path=search_path()) is None]
    if absent:
        return f"the lab needs {', '.join(absent)}: run `python -m lab install`"
    if not TUN.is_char_device():
        return f"the lab needs {TUN}"
    withheld = _withheld_capabilities()
    if withheld:
        return f"the lab needs {', '.join(withheld)}, withheld here (a container?)"
    if not _knows_overlay():
        return "the lab needs a kernel with the overlay file system"
    return None


def require() -> None:
    """Raise LabError with the reason when the lab cannot run here."""
    reason = missing()
    if reason:
        raise LabError(reason)


def install() -> list[str]:
    """Install the Debian packages that are not there yet and return their names (none: nothing had to be done).

    Raises LabError when this is not Debian (or a child of it) or not root.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-query") is None:
        raise LabError(f"`install` knows Debian and its children only; elsewhere install: {' '.join(PACKAGES)}")
    wanted = [package for package in PACKAGES if not _is_installed(package)]
    if not wanted:
        return []
    if os.geteuid() != 0:
        raise LabError(f"installing {' '.join(wanted)} needs root")
    # the package lists may be fresh enough: look before asking the network
    if any(run(["apt-cache", "show", package], check=False).returncode for package in wanted):
        run(["apt-get", "update", "-q"], timeout=10 * MINUTE)
    run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *wanted],
        timeout=20 * MINUTE,
        env={"DEBIAN_FRONTEND": "noninteractive"},
    )
    return wanted


def search_path() -> str:
    """Return PATH with the folders of administration commands, which a plain `su` leaves out."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def _is_installed(package: str) -> bool:
    status = run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], check=False)
    return status.returncode == 0 and status.stdout.strip() == "installed"


def _withheld_capabilities() -> list[str]:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return [name for name, bit in CAPABILITIES.items() if not int(effective, 16) >> bit & 1]


def _knows_overlay() -> bool:
    known = Path("/proc/filesystems")
    if "\toverlay\n" not in known.read_text(encoding="ascii"):
        run(["modprobe", "overlay"], check=False)
    return "\toverlay\n" in known.read_text(encoding="ascii")
