"""The lab for a person: `python -m lab up` in one terminal, everything else in a second one."""

import argparse
import os
import shlex
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab import requirements, rootfs, wiring
from lab.errors import LabError
from lab.lab import Lab
from lab.ledger import RECORD, Ledger, runtime_dir, start_of
from lab.rootfs import KEEPALIVED, SUITES, USERS
from lab.ssh import Identity
from lab.topologies import TOPOLOGIES

LOGINS = ("root", *USERS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m lab`: 0 when it did what was asked, 1 with a plain reason on stderr when not."""
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="A real keepalived pair on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    install = commands.add_parser("install", help="install the Debian packages that the lab needs")
    install.set_defaults(run=_install)
    build = commands.add_parser("build", help="make the directors' root file systems now, not at the first `up`")
    build.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)} (default: all)")
    build.set_defaults(run=_build)
    clean = commands.add_parser("clean", help="delete root file systems that no recipe asks for any more")
    clean.set_defaults(run=_clean)
    up = commands.add_parser("up", help="boot a lab and keep it until Ctrl-C")
    up.add_argument("--suite", choices=SUITES, default="bookworm", help="the directors' Debian (default: %(default)s)")
    up.add_argument("--topology", choices=sorted(TOPOLOGIES), default="seed", help="default: %(default)s")
    up.add_argument("--name", help="name of the lab (default: that of the topology)")
    up.add_argument("--attach", action="store_true", help="join this machine to the directors' network")
    up.set_defaults(run=_up)
    listing = commands.add_parser("list", help="show the labs on this machine")
    listing.set_defaults(run=_list)
    run = commands.add_parser("exec", help="run a command on a director: exec DIRECTOR -- COMMAND")
    run.add_argument("--name", help="name of the lab (not needed when there is one)")
    run.add_argument("--user", choices=LOGINS, default="root", help="default: %(default)s")
    run.add_argument("director")
    run.add_argument("words", nargs="*", metavar="COMMAND", help="default: a shell")
    run.set_defaults(run=_exec)
    down = commands.add_parser("down", help="clean up after a lab whose program was killed")
    down.add_argument("names", nargs="*", metavar="NAME", help="default: all whose program is gone")
    down.set_defaults(run=_down)
    return parser


def _install(_options: argparse.Namespace) -> int:
    installed = requirements.install()
    print(f"installed: {' '.join(installed)}" if installed else "all packages are there already")
    reason = requirements.missing()
    if reason:
        print(f"but {reason}", file=sys.stderr)
    return 1 if reason else 0


def _build(options: argparse.Namespace) -> int:
    requirements.require()
    for suite in options.suites or SUITES:
        print(f"{suite}: {rootfs.ensure(suite)}", flush=True)
    return 0


def _clean(_options: argparse.Namespace) -> int:
    gone = rootfs.prune()
    print("\n".join(f"deleted {name}" for name in gone) or "nothing to delete")
    return 0


def _up(options: argparse.Namespace) -> int:
    requirements.require()
    topology = TOPOLOGIES[options.topology]
    if options.attach:
        # said now rather than after the boot
        wiring.require_free(topology)
    if not rootfs.root_of(options.suite).is_dir():
        print(f"making the root file system of {options.suite}, once: one to two minutes …", flush=True)
    print(f"booting {topology.name} on {options.suite} (keepalived {KEEPALIVED[options.suite]}) …", flush=True)
    started = time.monotonic()
    with Lab.boot(topology, options.suite, options.name or topology.name) as lab:
        attached = lab.attach() if options.attach else ()
        print(f"up after {time.monotonic() - started:.0f} s\n\n{_guide(lab, attached)}", flush=True)
        try:
            while True:
                signal.pause()
        except KeyboardInterrupt:
            print("\nending …", flush=True)
    return 0


def _guide(lab: Lab, attached: tuple[str, ...]) -> str:
    """Return what a person needs to know to use a running lab from a second terminal."""
    prefix = "" if attached else f"ip netns exec {lab.netns} "
    lines = ["Cluster files:"]
    lines += [f"  {user:<5} {lab.cluster_file(user)}" for user in LOGINS]
    lines += ["", "In a second terminal, as root:"]
    lines += [f"  {prefix}lvstop status -c {lab.folder / 'cluster-ops.yaml'}"]
    lines += [
        f"  {prefix}ssh -F none -i {lab.key_path} -o UserKnownHostsFile={lab.known_hosts} root@{director.address}"
        f"   # {director.name}"
        for director in lab.directors.values()
    ]
    first = next(iter(lab.directors))
    lines += [f"  PYTHONPATH={Path(__file__).parent.parent} python3 -m lab exec {first} -- ipvsadm -Ln"]
    lines += ["", "Traffic from a client, for example:"]
    lines += [
        f"  ip netns exec {client.netns} python3 {Path(__file__).with_name('traffic.py')} probe ADDRESS PORT"
        for client in list(lab.clients.values())[:1]
    ]
    if attached:
        lines += ["", f"This machine is on the directors' network as {', '.join(attached)}."]
    return "\n".join([*lines, "", "Ctrl-C ends the lab and takes everything away."])


def _list(_options: argparse.Namespace) -> int:
    ledgers = _ledgers()
    if not ledgers:
        print("no labs")
    for ledger in ledgers:
        record = ledger.record
        state = f"process {record.owner.pid}" if _has_owner(ledger) else "its program is gone: `down` cleans up"
        directors = ", ".join(f"{name} {address}" for name, address in record.addresses.items())
        print(f"{record.name}: {record.topology} on {record.suite}, {state}\n  {directors}\n  {ledger.folder}")
    return 0


def _exec(options: argparse.Namespace) -> int:
    ledger = _chosen(options.name)
    address = ledger.record.addresses.get(options.director)
    if address is None:
        known = ", ".join(ledger.record.addresses)
        raise LabError(f"no director {options.director!r} in the lab {ledger.record.name} (it has {known})")
    identity = Identity(ledger.folder / "id_ed25519", ledger.folder / "known_hosts")
    argv = ["ip", "netns", "exec", wiring.core_namespace(ledger.record.name), "ssh", *identity.options()]
    argv += [*(["-t"] if sys.stdin.isatty() else []), f"{options.user}@{address}"]
    argv += ["--", shlex.join(options.words)] if options.words else []
    sys.stdout.flush()
    os.execvp(argv[0], argv)  # noqa: S606 - becomes ssh, so that signals and the terminal are ssh's


def _down(options: argparse.Namespace) -> int:
    ledgers = [_chosen(name) for name in options.names] or [each for each in _ledgers() if not _has_owner(each)]
    failures = []
    for ledger in ledgers:
        if _has_owner(ledger):
            raise LabError(f"the lab {ledger.record.name} is run by process {ledger.record.owner.pid}: end that one")
        failures += ledger.give_back()
        print(f"{ledger.record.name}: cleaned up" if not failures else f"{ledger.record.name}: not all of it")
    if not ledgers:
        print("nothing to clean up")
    for failure in failures:
        print(f"left behind: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _ledgers() -> list[Ledger]:
    folder = runtime_dir()
    # one without a record is being made or taken away this very moment
    labs = [each for each in sorted(folder.iterdir()) if (each / RECORD).exists()] if folder.is_dir() else []
    found = []
    for lab in labs:
        try:
            found.append(Ledger.load(lab))
        except LabError:
            if (lab / RECORD).exists():
                raise
    return found


def _chosen(name: str | None) -> Ledger:
    if name and (runtime_dir() / name / RECORD).exists():
        return Ledger.load(runtime_dir() / name)
    ledgers = _ledgers()
    found = [ledger for ledger in ledgers if name in (None, ledger.record.name)]
    if len(found) != 1:
        there = ", ".join(ledger.record.name for ledger in ledgers) or "none"
        raise LabError(f"{f'no lab {name!r}' if name else 'say which lab'} (there are: {there})")
    return found[0]


def _has_owner(ledger: Ledger) -> bool:
    return start_of(ledger.record.owner.pid) == ledger.record.owner.started
