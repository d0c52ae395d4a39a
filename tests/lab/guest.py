"""A director as a machine that is switched on and off: a user-mode-linux process on an overlay of a suite's root."""

import hashlib
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.ledger import Ledger
from lab.rootfs import USERS
from lab.shell import run
from lab.topology import DirectorSpec
from lab.wait import wait_until
from lab.wiring import Wiring

if TYPE_CHECKING:
    import subprocess

INIT = "/usr/sbin/lab-init"
CONSOLE_LINES = 40
# keepalived watches its track files with inotify, which the file system that guests share with this machine does not
# do: their folder is a file system of its own, on a disk of its own
KEEPALIVED = "/etc/keepalived"
KEEPALIVED_DISK = "16M"


class Guest:
    """One director's hardware. Its disk outlives a power cut; its memory does not."""

    def __init__(self, ledger: Ledger, wiring: Wiring, spec: DirectorSpec, lower: Path, public_key: str) -> None:
        self.spec = spec
        self._ledger = ledger
        self._wiring = wiring
        self._folder = ledger.folder / spec.name
        self._folder.mkdir()
        self._log = self._folder / "console.log"
        self._image = self._folder / "keepalived.img"
        self._child: subprocess.Popen[bytes] | None = None
        self._disk = ledger.mount_overlay(lower, self._folder)
        self._write_disk(public_key)

    @property
    def host_key(self) -> str:
        """The public half of the host key, as in a known_hosts file but without the names."""
        key = self._disk / "etc/ssh/ssh_host_ed25519_key.pub"
        return " ".join(key.read_text(encoding="ascii").split()[:2])

    @property
    def is_on(self) -> bool:
        """Whether the machine runs."""
        return self._child is not None and self._child.poll() is None

    def power_on(self) -> None:
        """Switch the machine on; it takes about ten seconds until SSH answers. Raises LabError when it is on."""
        if self.is_on:
            raise LabError(f"{self.spec.name} is on already")
        nics = [
            f"eth{place}=tuntap,{self._wiring.tap(self.spec.name, nic.name)},{_mac(self.spec.name, nic.name)}"
            for place, nic in enumerate(self.spec.nics)
        ]
        argv = [
            *("ip", "netns", "exec", self._wiring.core, "linux.uml", f"mem={self.spec.memory_mb}M"),
            *("rootfstype=hostfs", f"rootflags={self._disk}", "root=/dev/root", "rw", "quiet", f"init={INIT}"),
            *nics,
            f"ubd0={self._image}",
            *("con=null", "con0=null,fd:1", f"umid={self.spec.name}", f"uml_dir={self._folder}/uml/"),
        ]
        with self._log.open("ab") as log:
            self._child = self._ledger.start(f"director {self.spec.name}", argv, stdout=log, stderr=log)

    def power_off(self) -> None:
        """Take the power away: nothing is shut down, nothing is said to anybody."""
        if self._child is not None:
            self._ledger.end(self._child)
            self._child = None

    def await_off(self, timeout: float) -> None:
        """Wait until the machine has switched itself off, at most `timeout` seconds."""
        wait_until(lambda: not self.is_on, timeout, f"{self.spec.name} to power off", explain=self.console)
        self.power_off()

    def console(self) -> str:
        """Return the last lines of the machine's console, under a heading: for messages about what went wrong."""
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        state = "on" if self.is_on else "off"
        return "\n".join([f"console of {self.spec.name} ({state}), last lines:", *lines[-CONSOLE_LINES:]])

    def _write_disk(self, public_key: str) -> None:
        name = self.spec.name
        self._write(INIT, _init_script(self.spec), mode=0o755)
        self._write("/etc/hostname", f"{name}\n")
        # without the machine's own name here, keepalived and sudo wait 10 s for a name server
        self._write("/etc/hosts", f"127.0.0.1 localhost {name}\n::1 localhost {name}\n")
        self._write("/etc/machine-id", f"{uuid.uuid4().hex}\n", mode=0o444)
        self._write(f"{KEEPALIVED}/keepalived.conf", self.spec.keepalived_conf, mode=0o600)
        for path, text in self.spec.files.items():
            self._write(path, text)
        for user, uid in {"root": 0, **USERS}.items():
            home = "/root" if user == "root" else f"/home/{user}"
            self._write(f"{home}/.ssh/authorized_keys", public_key, mode=0o600)
            for path in (f"{home}/.ssh", f"{home}/.ssh/authorized_keys"):
                os.chown(self._disk / path.lstrip("/"), uid, uid)
            (self._disk / home.lstrip("/") / ".ssh").chmod(0o700)
        content = self._disk / KEEPALIVED.lstrip("/")
        run(["mke2fs", "-q", "-t", "ext4", "-d", str(content), str(self._image), KEEPALIVED_DISK])
        key = self._disk / "etc/ssh/ssh_host_ed25519_key"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)])

    def _write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        target = self._disk / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        # links of the root (/var/run → /run) lead out of it, seen from here
        if not target.parent.resolve().is_relative_to(self._disk.resolve()):
            raise LabError(f"{path} leads out of the root of {self.spec.name} through a link")
        target.unlink(missing_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)


def _mac(director: str, nic: str) -> str:
    """Return a hardware address that stays the same over power cuts, as a real one does."""
    digest = hashlib.sha256(f"{director}/{nic}".encode()).digest()
    return "52:54:" + ":".join(f"{byte:02x}" for byte in digest[:4])


def _init_script(spec: DirectorSpec) -> str:
    """Return the first program of the guest: keepalived's disk, interfaces and addresses, then systemd.

    Simpler and faster than systemd-networkd, which waits for udev. IPv6 is a module of the guests' kernel: without it
    the addresses could not be set yet.
    """
    lines = ["#!/bin/sh", "mount -t proc proc /proc", "mount -t devtmpfs dev /dev"]
    lines += [
        f"mount -t ext4 -o noatime /dev/ubda {KEEPALIVED}",
        f"hostname {spec.name}",
        "modprobe ipv6",
        "ip link set lo up",
    ]
    for place, nic in enumerate(spec.nics):
        lines += [f"ip link set eth{place} name {nic.name}", f"ip link set {nic.name} up"]
        for address in nic.addresses:
            lines.append(f"ip addr add {address} dev {nic.name}{' nodad' if ':' in address else ''}")
    if spec.gateway:
        lines.append(f"ip route add default via {spec.gateway}")
    return "\n".join([*lines, "exec /sbin/init", ""])
