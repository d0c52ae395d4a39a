"""The lab keeps its own promises: what it boots works, its faults are faults, and nothing stays behind."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import requirements, wiring
from lab.director import Director
from lab.errors import CommandError, LabError
from lab.lab import Lab
from lab.ledger import Ledger, ProcessRecord, members, runtime_dir
from lab.rootfs import KEEPALIVED, cache_dir, locked
from lab.topologies.everything import REAL6, SECRET
from lab.topologies.seed import PORTS, REAL_SERVERS, SEED, VIP, seed
from lab.wait import wait_until

pytestmark = pytest.mark.lab

# keepalived's own delays for a failover and for its checks, and a busy machine
SOON = 60.0


def test_seed_runs_the_keepalived_of_its_suite(seed_lab: Lab) -> None:
    """Each suite gives the version that the lab says it gives."""
    version = seed_lab.directors["keepalived1"].run("keepalived --version 2>&1").stdout
    assert f"v{KEEPALIVED[seed_lab.suite]} " in version


def test_seed_pair_is_as_declared(seed_lab: Lab) -> None:
    """The master has the VIP, the backup has not; both have two virtual servers with two real servers each."""
    seed_lab.await_ready()
    first, second = seed_lab.directors.values()
    assert first.holds(VIP)
    assert not second.holds(VIP)
    for director in (first, second):
        table = director.table()
        for port in PORTS:
            assert f"TCP  {VIP}:{port} rr" in table
            for server in REAL_SERVERS:
                assert f"-> {server}:{port} " in table


def test_connections_through_the_vip_are_echoed(seed_lab: Lab) -> None:
    """The kernel really balances: new connections work, held ones are counted in the table."""
    client = seed_lab.clients["client"]
    seed_lab.await_ready()
    hold = client.hold(6, VIP, 445)
    probe = client.probe(VIP, 139, 0.1, timeout=10)
    try:
        wait_until(lambda: probe.report().ok >= 5, SOON, "five answers")
        assert probe.report().failed == {}
        assert hold.report().open == 6
        rates = seed_lab.directors["keepalived1"].output(f"ipvsadm -Ln -t {VIP}:445")
        assert sum(int(line.split()[4]) for line in rates.splitlines() if "->" in line and "Route" in line) == 6
    finally:
        probe.end()
        hold.end()


def test_users_have_the_privileges_they_are_meant_to_have(seed_lab: Lab) -> None:
    """Ops may sudo, noc may not; sshd and sudo write into the journal that root reads."""
    director = seed_lab.directors["keepalived1"]
    before = director.journal()
    assert director.output("sudo -n id -un", "ops") == "root\n"
    with pytest.raises(CommandError, match="password is required"):
        director.run("sudo -n id", "noc")
    wait_until(
        lambda: any("COMMAND=/usr/bin/id" in line for line in director.journal(before.cursor).lines),
        SOON,
        "sudo's line in the journal",
    )


def test_a_program_inside_reaches_the_directors(seed_lab: Lab) -> None:
    """A thread enters the lab's network and leaves it again."""
    address = (seed_lab.directors["keepalived1"].address, 22)
    outside = Path("/proc/thread-self/ns/net").readlink()
    with seed_lab.inside(), socket.create_connection(address, timeout=30) as connection:
        assert connection.recv(4) == b"SSH-"
        assert Path("/proc/thread-self/ns/net").readlink() != outside
    assert Path("/proc/thread-self/ns/net").readlink() == outside


def test_cluster_file_is_usable_by_plain_ssh(seed_lab: Lab, tmp_path: Path) -> None:
    """Key and known host keys of the cluster file are enough for a strict login."""
    path = seed_lab.cluster_file("noc", tmp_path / "c.yaml", interval="2s", vips=[VIP])
    text = path.read_text(encoding="utf-8")
    assert 'interval: "2s"' in text
    assert f'vips:\n  - "{VIP}"' in text
    assert str(seed_lab.known_hosts) in text
    strict = ["-oStrictHostKeyChecking=yes", f"-oUserKnownHostsFile={seed_lab.known_hosts}", "-oBatchMode=yes"]
    login = ["ssh", "-Fnone", "-i", str(seed_lab.key_path), *strict, "noc@172.26.127.24", "hostname"]
    assert seed_lab.run_inside(login).stdout == "keepalived2\n"


def test_cut_vrrp_link_splits_the_brain(mended_seed_lab: Lab) -> None:
    """Without adverts the backup takes the VIP as well; mended, one has it again."""
    first, second = mended_seed_lab.directors.values()
    second.cut("ens4")
    wait_until(lambda: second.holds(VIP), SOON, "the VIP on the backup as well")
    assert first.holds(VIP)
    second.mend("ens4")
    wait_until(lambda: not second.holds(VIP), SOON, "the VIP on the master alone")


def test_hang_drops_packets_without_a_word(mended_seed_lab: Lab) -> None:
    """A hung interface neither refuses nor resets; what waited goes on afterwards."""
    director = mended_seed_lab.directors["keepalived2"]
    director.hang("ens3")
    started = time.monotonic()
    with mended_seed_lab.inside(), pytest.raises(TimeoutError):
        socket.create_connection((director.address, 22), timeout=2)
    assert time.monotonic() - started >= 1.9
    # the other interface is not touched, and a look at the director is still possible
    assert director.run("hostname", nic="ens4").stdout == "keepalived2\n"
    director.unhang("ens3")
    assert director.output("hostname") == "keepalived2\n"


def test_slow_and_lossy_links(mended_seed_lab: Lab) -> None:
    """A delay is seen on each round trip; loss is seen as loss."""
    director = mended_seed_lab.directors["keepalived2"]
    director.netem("ens3", delay_ms=150)
    assert min(_connect_seconds(mended_seed_lab, director, 3)) >= 0.15
    director.netem("ens3", loss_percent=60)
    # a lost packet of the handshake is sent again after a second
    assert max(_connect_seconds(mended_seed_lab, director, 8)) >= 0.9
    director.clear_netem("ens3")
    wait_until(lambda: min(_connect_seconds(mended_seed_lab, director, 3)) < 0.15, SOON, "a quick connection")


def test_sshd_that_is_stopped_or_fenced_off_refuses(mended_seed_lab: Lab) -> None:
    """Both ways to refuse connections do so at once, and can be undone."""
    director = mended_seed_lab.directors["keepalived2"]
    director.stop_sshd()
    _assert_refused(mended_seed_lab, director)
    director.start_sshd()
    director.refuse_ssh()
    _assert_refused(mended_seed_lab, director)
    director.accept_ssh()
    assert director.output("hostname") == "keepalived2\n"


def test_power_cut_moves_the_vip(mended_seed_lab: Lab) -> None:
    """The backup takes over when the master's power fails; the machine comes back by itself when switched on."""
    first, second = mended_seed_lab.directors.values()
    first.power_off()
    assert not first.is_on
    wait_until(lambda: second.holds(VIP), SOON, "the VIP on keepalived2")
    first.power_on()
    wait_until(lambda: first.holds(VIP), SOON, "the VIP back on keepalived1")


def test_reboot_is_a_new_boot(mended_seed_lab: Lab) -> None:
    """After a reboot the same disk and host key serve a new boot."""
    director = mended_seed_lab.directors["keepalived2"]
    director.write("/root/kept", "kept\n")
    boot = director.output("cat /proc/sys/kernel/random/boot_id")
    director.reboot()
    assert director.output("cat /proc/sys/kernel/random/boot_id") != boot
    assert director.output("cat /root/kept") == "kept\n"


def test_stopped_real_server_vanishes_from_both_tables(mended_seed_lab: Lab) -> None:
    """Both directors check for themselves; both take the server out, and in again."""
    mended_seed_lab.await_ready()
    mended_seed_lab.real_servers["rs2"].stop()
    directors = list(mended_seed_lab.directors.values())
    for director in directors:
        _await_servers(director, {f"{REAL_SERVERS[0]}:": len(PORTS), f"{REAL_SERVERS[1]}:": 0})
    mended_seed_lab.real_servers["rs2"].start()
    for director in directors:
        _await_servers(director, {f"{REAL_SERVERS[1]}:": len(PORTS)})


def test_track_file_moves_the_vip_and_survives_a_power_cut(lab_suite: str) -> None:
    """keepalived notices a change of its track file, as on any real disk; what was synced stays on that disk."""
    lever = "/etc/keepalived/lever"
    topology = seed(track_file=lever, sync_daemon="ens4", files={lever: "0\n"})
    with Lab.boot(topology, lab_suite) as lab:
        first, second = lab.directors.values()
        first.write(lever, "-120\n")
        wait_until(lambda: second.holds(VIP), SOON, "the VIP on keepalived2")
        wait_until(lambda: not first.holds(VIP), SOON, "the VIP gone from keepalived1")
        first.run("sync")
        first.power_off()
        first.power_on()
        assert first.output(["cat", lever]) == "-120\n"
        # a guest that comes back without processor time may be MASTER for a moment
        wait_until(lambda: second.holds(VIP) and not first.holds(VIP), SOON, "the VIP on keepalived2 alone")


def test_everything_is_there(everything_lab: Lab) -> None:
    """keepalived is content with the configuration, and the kernel with all the forms it was asked for."""
    for director in everything_lab.directors.values():
        # the one that has the VIPs must not use them for its checks
        _await_servers(director, {f"[{address}]:80": 1 for address in REAL6[:2]})
        rules = director.output("ipvsadm -Sn")
        for form in (" -f 7 -s", " -f 7 -6 -s", "--sctp-service", " -o", " -m ", " -g ", "--tun-type ipip", " gue "):
            assert form in rules
        for flags in ("-b sh-fallback,sh-port", "-b mh-port", "-M 255.255.255.0", "-M 64", "-p 60"):
            assert flags in rules
        assert " 1000       800 " in director.output("ipvsadm -Ln --thresholds")
        assert "sync daemon" in director.output("ipvsadm -Ln --daemon")
        said = "\n".join(director.journal(unit="keepalived").lines)
        for complaint in ("Unknown keyword", "rror", "ignoring", "disabling"):
            assert complaint not in said
        assert SECRET in director.output("cat /etc/keepalived/keepalived.conf")


def test_teardown_leaves_nothing(lab_suite: str) -> None:
    """No process, mount, namespace, interface or file of a lab outlives it."""
    name = f"leaves-nothing-{lab_suite}"
    # this machine can join that network once at a time
    with locked(cache_dir() / "attach.lock"), Lab.boot(SEED, lab_suite, name) as lab:
        lab.attach()
        lab.clients["client"].hold(3, VIP, 445)
        lab.directors["keepalived1"].run("true", "noc")
        record = Ledger.load(lab.folder).record
        assert len(record.processes) >= 2 + 2 + 2 + 1
    _assert_nothing_left(name, record.processes, record.links)


def test_failed_boot_leaves_nothing(lab_suite: str) -> None:
    """A director without the first program of its disk ends at once: said with its console, and cleaned up."""
    broken = dataclasses.replace(SEED.directors[1], files={"/usr/sbin/lab-init": "#!/nonexistent\n"})
    topology = dataclasses.replace(SEED, directors=(SEED.directors[0], broken))
    name = f"fails-half-way-{lab_suite}"
    with (
        pytest.raises(LabError, match=r"(?s)keepalived2 ended while booting.*console of keepalived2.*Kernel panic"),
        Lab.boot(topology, lab_suite, name),
    ):
        pytest.fail("a broken director became ready")
    _assert_nothing_left(name, [], [])


@pytest.mark.parametrize(("end", "status"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 1)])
def test_signal_during_the_boot_leaves_nothing(end: signal.Signals, status: int) -> None:
    """A program that is told to end while its lab boots cleans up first."""
    reason = requirements.missing()
    if reason:
        pytest.skip(reason)
    name = f"signalled-{end.name.lower()}"
    with _program(name) as program:
        record = _record_with_guests(name)
        program.send_signal(end)
        assert program.wait(SOON) in (status, -end)
    _assert_nothing_left(name, record, [])


def test_down_cleans_up_after_a_killed_program() -> None:
    """What a lab's program could not give back because it was killed, `python -m lab down` does."""
    reason = requirements.missing()
    if reason:
        pytest.skip(reason)
    with _program("killed") as program:
        record = _record_with_guests("killed")
        program.kill()
        program.wait(SOON)
    assert any(members(process) for process in record)
    subprocess.run([sys.executable, "-m", "lab", "down", "killed"], env=_environment(), check=True, timeout=SOON)
    _assert_nothing_left("killed", record, [])


def test_up_keeps_a_lab_for_a_person(lab_suite: str) -> None:
    """It says what to type in a second terminal, `list` and `exec` find the lab, and Ctrl-C takes it away."""
    if lab_suite != "bookworm":
        pytest.skip("depends on no version of keepalived: shown on bookworm")
    name = "kept-for-a-person"
    command = [sys.executable, "-m", "lab"]
    up = [*command, "up", "--suite", lab_suite, "--name", name]
    with subprocess.Popen(up, env=_environment(), stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            said = list(iter(program.stdout.readline, "Ctrl-C ends the lab and takes everything away.\n"))
            assert any(f"{name}/cluster-ops.yaml" in line for line in said)
            listed = subprocess.run([*command, "list"], env=_environment(), capture_output=True, text=True, check=True)
            assert f"{name}: seed on bookworm, process {program.pid}" in listed.stdout
            words = ["exec", "--name", name, "--user", "noc", "keepalived2", "--", "echo", "two  blanks", "$HOME"]
            done = subprocess.run([*command, *words], env=_environment(), capture_output=True, text=True, check=True)
            assert done.stdout == "two  blanks $HOME\n"
        finally:
            program.send_signal(signal.SIGINT)
        assert program.wait(SOON) == 0
    _assert_nothing_left(name, [], [])


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


def _program(name: str) -> subprocess.Popen[bytes]:
    code = (
        "from lab.lab import Lab\nfrom lab.topologies.seed import SEED\n"
        f"with Lab.boot(SEED, 'bookworm', {name!r}): raise SystemExit('it was meant to be interrupted')\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], env=_environment(), stderr=subprocess.DEVNULL)


def _record_with_guests(name: str) -> list[ProcessRecord]:
    def guests() -> list[ProcessRecord]:
        if not (runtime_dir() / name / "lab.json").exists():
            return []
        processes = Ledger.load(runtime_dir() / name).record.processes
        return processes if sum("director" in process.what for process in processes) == 2 else []

    return wait_until(guests, SOON, f"the guests of the lab {name}", poll=0.02)


def _await_servers(director: Director, wanted: dict[str, int]) -> None:
    """Wait until real servers, by the beginning of their address and port, are so many times in the table."""

    def there() -> bool:
        table = director.table()
        return all(table.count(f"-> {address}") == count for address, count in wanted.items())

    wait_until(there, SOON, f"{wanted} in the table of {director.name}")


def _connect_seconds(lab: Lab, director: Director, tries: int) -> list[float]:
    taken = []
    with lab.inside():
        for _ in range(tries):
            started = time.monotonic()
            try:
                socket.create_connection((director.address, 22), timeout=2).close()
            except TimeoutError:
                taken.append(2.0)
            else:
                taken.append(time.monotonic() - started)
    return taken


def _assert_refused(lab: Lab, director: Director) -> None:
    with lab.inside(), pytest.raises(ConnectionRefusedError):
        socket.create_connection((director.address, 22), timeout=5)


def _assert_nothing_left(name: str, processes: list[ProcessRecord], links: list[str]) -> None:
    folder = runtime_dir() / name
    assert not folder.exists()
    assert wiring.namespaces_of(name) == []
    assert [process for process in processes if members(process)] == []
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
    assert str(folder) not in mounts
    assert [link for link in links if Path("/sys/class/net", link).exists()] == []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            assert str(folder) not in _command_line(process)


def _command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
