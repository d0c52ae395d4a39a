"""The directors' root file systems: one per Debian suite, built once and kept between runs.

A root is a folder of about 400 MB that no lab ever writes to: guests get an overlay on it. Its name carries a hash of
the recipe below, so that a changed recipe builds a new root beside the old one.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import CommandError, LabError
from lab.shell import MINUTE, run

KEEPALIVED = {"bullseye": "2.1.5", "bookworm": "2.2.7", "trixie": "2.3.3"}
SUITES = tuple(KEEPALIVED)
PACKAGES = (
    "systemd,systemd-sysv,dbus,keepalived,ipvsadm,openssh-server,iproute2,nftables,kmod,procps,mawk,busybox,sudo,"
    "libpython3-stdlib,python3-minimal"
)
UML_MODULES = Path("/usr/lib/uml/modules")
# what a director loads at boot; the rest is there for modprobe. Not ipip and ip_gre: IPVS tunnels without them, and
# they bring interfaces (tunl0, gre0, ...) that directors do not have
MODULES = (
    "ip_vs",
    *(
        f"ip_vs_{scheduler}"
        for scheduler in ["rr", "wrr", "lc", "wlc", "sh", "mh", "dh", "lblc", "lblcr", "sed", "nq", "fo", "ovf"]
    ),
    "nf_conntrack",
)
USERS = {"ops": 1001, "noc": 1002}
# what a director in a lab has no use for: each unit costs the boot a second or two
MASKED = (
    "systemd-networkd",
    "systemd-networkd-wait-online",
    "systemd-resolved",
    "systemd-timesyncd",
    "systemd-logind",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "fstrim.timer",
    "e2scrub_all.timer",
    "e2scrub_reap",
    "dpkg-db-backup.timer",
    "man-db.timer",
    "systemd-tmpfiles-clean.timer",
    "getty@tty1.service",
    "getty.target",
    "serial-getty@.service",
    "console-getty.service",
    "systemd-binfmt",
    "proc-sys-fs-binfmt_misc.automount",
    "kmod-static-nodes",
    "systemd-sysusers",
    "systemd-tmpfiles-setup-dev",
    "systemd-tmpfiles-setup-dev-early",
    "modprobe@.service",
    "dev-mqueue.mount",
    "dev-hugepages.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "sys-kernel-config.mount",
    "sys-fs-fuse-connections.mount",
    "systemd-pstore",
    "systemd-remount-fs",
    "systemd-random-seed",
    "systemd-journal-flush",
    "systemd-journal-catalog-update",
    "systemd-update-utmp",
    "systemd-update-done",
    "systemd-machine-id-commit",
    "systemd-firstboot",
    "ldconfig",
)
FILES = {
    "etc/sudoers.d/ops": "ops ALL=(root) NOPASSWD: ALL\n",
    # one host key, made when a lab starts; no look-up of the operator's address
    "etc/ssh/sshd_config.d/lab.conf": "HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\nMaxSessions 100\n",
    # memory only: the journal's memory maps are slow on the file system that guests share with the machine
    "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\nRuntimeMaxUse=24M\nRateLimitBurst=0\n",
    "etc/resolv.conf": "",
    "etc/machine-id": "",
    # its absence is logged by every session, and so is its emptiness
    "etc/default/locale": "LANG=C.UTF-8\n",
}
# what only some suites understand
SUITE_FILES = {
    # from 9.8 on sshd shuts out for minutes whoever breaks off a few logins, as tests of faults do
    "trixie": {"etc/ssh/sshd_config.d/penalties.conf": "PerSourcePenalties no\n"},
}
RECIPE_VERSION = "1"


def cache_dir() -> Path:
    """Return the folder that keeps the roots: $LVSTOP_LAB_CACHE, or /var/cache/lvstop-lab."""
    return Path(os.environ.get("LVSTOP_LAB_CACHE") or "/var/cache/lvstop-lab")


def root_of(suite: str) -> Path:
    """Return where the root of a suite is or will be. Raises LabError for an unknown suite."""
    if suite not in SUITES:
        raise LabError(f"no suite {suite!r}: the lab knows {', '.join(SUITES)}")
    recipe = repr(
        (RECIPE_VERSION, suite, PACKAGES, _kernel_modules().name, _module_list(), USERS, MASKED, _files(suite))
    )
    return cache_dir() / f"root-{suite}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def ensure(suite: str) -> Path:
    """Return the root of a suite, building it first when it is not there (one to two minutes, needs the network).

    Two runs never build the same root twice: the second waits for the first. The log of debootstrap stays beside the
    root. Raises LabError with the end of that log when the build fails.
    """
    root = root_of(suite)
    if root.is_dir():
        return root
    with locked(root.parent / f"{suite}.lock"):
        if not root.is_dir():
            unfinished = root.with_name(f".{root.name}.unfinished")
            _discard(unfinished)
            _build(suite, unfinished, root.parent / f"{root.name}.log")
            # from here on it is complete: a root with its final name can be trusted
            unfinished.rename(root)
    return root


def prune() -> list[str]:
    """Delete the roots of earlier recipes and of builds that were broken off; return their names.

    A root that a lab stands on is left alone.
    """
    kept = {root_of(suite).name for suite in SUITES}
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    gone = []
    for suite in SUITES:
        if not cache_dir().is_dir():
            continue
        with locked(cache_dir() / f"{suite}.lock"):
            for root in sorted(cache_dir().glob(f"*root-{suite}-*")):
                if root.is_dir() and root.name not in kept and f"lowerdir={root}," not in mounts:
                    _discard(root)
                    root.with_name(f"{root.name}.log").unlink(missing_ok=True)
                    gone.append(root.name)
    return gone


def _discard(root: Path) -> None:
    """Delete a root. What a killed debootstrap has mounted there (proc, sys) is not the root's: unmounted first."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    for mounted in reversed([line.split()[1] for line in mounts.splitlines()]):
        if Path(mounted).is_relative_to(root):
            run(["umount", mounted])
    if root.is_dir():
        shutil.rmtree(root)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one program at a time into the block, on this machine, by a lock file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _files(suite: str) -> dict[str, str]:
    return {**FILES, **SUITE_FILES.get(suite, {})}


def _debootstrap(suite: str, root: Path, log: Path) -> None:
    """Try twice: mirrors and the way to them fail at times, and debootstrap gives up at the first packet lost."""
    argv = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(root)]
    done = run(argv, check=False, timeout=30 * MINUTE)
    if done.returncode != 0:
        _discard(root)
        done = run(argv, check=False, timeout=30 * MINUTE)
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-15:])
        raise CommandError(f"debootstrap {suite} (log: {log})", done.returncode, tail)


def _build(suite: str, root: Path, log: Path) -> None:
    _debootstrap(suite, root, log)
    modules = _kernel_modules()
    shutil.copytree(modules, root / "lib/modules" / modules.name, symlinks=True)
    (root / "etc/modules-load.d/lab.conf").write_text("".join(f"{name}\n" for name in _module_list()), "ascii")
    for user, uid in USERS.items():
        run(["chroot", str(root), "useradd", "-m", "-s", "/bin/sh", "-u", str(uid), user])
    for relative, text in _files(suite).items():
        path = root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="ascii")
    (root / "etc/sudoers.d/ops").chmod(0o440)
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    for package in (root / "var/cache/apt/archives").glob("*.deb"):
        package.unlink()
    run(["chroot", str(root), "systemctl", "mask", *MASKED], env={"SYSTEMD_OFFLINE": "1"})


def _kernel_modules() -> Path:
    """Return the folder with the modules of the installed user-mode-linux kernel."""
    versions = sorted(UML_MODULES.iterdir()) if UML_MODULES.is_dir() else []
    if not versions:
        raise LabError(f"no kernel modules under {UML_MODULES}: run `python -m lab install`")
    return versions[-1]


def _module_list() -> list[str]:
    """Return those of MODULES that this kernel has; what it lacks is built in, or not offered."""
    there = {path.name.removesuffix(".ko") for path in _kernel_modules().rglob("*.ko")}
    return [name for name in MODULES if name in there]
