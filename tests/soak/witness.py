"""What a director's kernel has, written by itself to its disk and read there from outside: no network, no lvstop."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lab.lab import Lab
from lab.topologies.seed import VIP
from lab.topology import Topology

FRESH = 4.0
"""Seconds after which what the witness wrote is not the present any more: its machine got no processor."""

_FOLDER = "/var/witness"
_SCRIPT = f"""\
#!/bin/sh
# Addresses, processes named keepalived, and the IPVS table, about twice a second. Needs three processes each time.
cd {_FOLDER} || exit 1
while :; do
  count=0
  for comm in /proc/[0-9]*/comm; do
    read -r name < "$comm" && [ "$name" = keepalived ] && count=$((count + 1))
  done 2>/dev/null
  {{ echo "keepalived $count"; ip -o -4 addr show; cat /proc/net/ip_vs; echo end; }} > next
  mv next now
  sleep 0.4
done
"""
_UNIT = f"[Unit]\nDescription=witness\n[Service]\nExecStart=/bin/sh {_FOLDER}/script\n"
# started with sshd, at every boot, and not stopped with it
_START = "[Service]\nExecStartPost=-/bin/systemctl --no-block start witness.service\n"
_FILES = {
    f"{_FOLDER}/script": _SCRIPT,
    "/etc/systemd/system/witness.service": _UNIT,
    "/etc/systemd/system/ssh.service.d/witness.conf": _START,
}
_ADDRESS = re.compile(r"inet ([\d.]+)/")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one director has.

    Attributes:
        age: seconds since it was written.
        holds: whether the virtual address is on an interface.
        keepalived: how many processes of it run.
        table: weights of real servers, by virtual server; both are `address:port` as the kernel prints them, in hex.
    """

    age: float
    holds: bool
    keepalived: int
    table: Mapping[str, Mapping[str, int]]


def with_witness(topology: Topology) -> Topology:
    """The topology, with a witness on each director."""
    directors = tuple(replace(each, files={**each.files, **_FILES}) for each in topology.directors)
    return replace(topology, directors=directors)


def hear(lab: Lab, folder: Path, director: str) -> Evidence | None:
    """What a director's witness wrote last; None where it wrote nothing yet, or nothing lately.

    `folder` is that of the lab's directors.
    """
    path = folder / director / "root" / _FOLDER.lstrip("/") / "now"
    if not lab.directors[director].is_on:
        return Evidence(0.0, holds=False, keepalived=0, table={})
    try:
        written, text = path.stat().st_mtime, path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    age = time.time() - written
    return None if age > FRESH else evidence(text, age)


def evidence(text: str, age: float) -> Evidence | None:
    """What a witness's file says; None where it is not whole."""
    lines = text.splitlines()
    if not lines or lines[-1] != "end":
        return None
    table: dict[str, dict[str, int]] = {}
    rows: dict[str, int] = {}
    for words in (line.split() for line in lines):
        if words[0] in ("TCP", "UDP"):
            rows = table.setdefault(words[1], {})
        elif words[0] == "->" and ":" in words[1] and len(words) > 3 and words[3].isdecimal():
            rows[words[1]] = int(words[3])
    held = VIP in _ADDRESS.findall(text)
    return Evidence(age, held, int(lines[0].split()[1]), table)
