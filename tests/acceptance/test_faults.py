"""Each fault with its alert, its words and its exit status."""

from pathlib import Path

import pytest

from lab.lab import Lab
from support.lvstop import lvstop, status

pytestmark = pytest.mark.lab

VIP = "172.26.127.20"
UNTIL_VIP = f"until ip addr show ens3 | grep -q {VIP}; do sleep 0.1; done"
BOTH = ("keepalived1", "keepalived2")


def other_known_hosts(lab: Lab, folder: Path, lines: list[str]) -> dict[str, object]:
    """The `ssh` part of a cluster file with these host keys instead."""
    path = folder / "known_hosts"
    path.write_text("".join(f"{line}\n" for line in lines))
    return {"identity_files": [str(lab.key_path)], "known_hosts": str(path)}


def test_a_director_without_power(mended_seed_lab: Lab) -> None:
    """The master is gone: the other one holds the VIP, and that redundancy is lost is a warning."""
    lab = mended_seed_lab
    lab.directors["keepalived1"].power_off()
    lab.directors["keepalived2"].run(UNTIL_VIP, timeout=90)
    looked = status(lab, lab.cluster_file(), live=("keepalived2",))
    gone = looked.director("keepalived1")
    assert (looked.exit_status, looked.cluster["health"]) == (1, "warning")
    assert gone["status"] == "unreachable"
    assert gone["error"]["kind"] in ("no-route", "timeout")
    assert gone["virtual_servers"] is gone["vrrp"] is gone["addresses"] is None
    assert looked.cluster["vips"][0]["holders"] == ["keepalived2"]
    assert looked.cluster["vips"][0]["unknown_on"] == ["keepalived1"]
    assert "director-unreachable" in looked.codes


def test_both_directors_without_an_answer(mended_seed_lab: Lab) -> None:
    """Nobody can be asked: that is not critical and not fine, it is unknown."""
    lab = mended_seed_lab
    for director in lab.directors.values():
        director.refuse_ssh()
    looked = status(lab, lab.cluster_file())
    assert (looked.exit_status, looked.cluster["health"]) == (3, "unknown")
    assert {each["error"]["kind"] for each in looked.cluster["directors"]} == {"refused"}
    text = lvstop(lab, "check", "-c", str(lab.cluster_file()))
    assert text.returncode == 3
    assert "refused" in text.stdout


def test_a_changed_host_key(seed_lab: Lab, tmp_path: Path) -> None:
    """Somebody else's key is an alarm with both fingerprints' evidence, never accepted."""
    first, second = seed_lab.known_hosts.read_text().splitlines()
    swapped = [f"{first.split(' ', 1)[0]} {second.split(' ', 1)[1]}", second]
    ssh = other_known_hosts(seed_lab, tmp_path, swapped)
    seed_lab.await_ready()
    looked = status(seed_lab, seed_lab.cluster_file(path=tmp_path / "c.yaml", ssh=ssh), live=("keepalived2",))
    error = looked.director("keepalived1")["error"]
    assert error["kind"] == "host-key-changed"
    assert "SHA256:" in error["summary"]
    assert error["remedy"].startswith("ssh-keygen")
    assert " -R 172.26.127.23" in error["remedy"]
    assert looked.exit_status == 3


def test_an_unknown_host_key(seed_lab: Lab, tmp_path: Path) -> None:
    """It is shown with its fingerprint and the command that accepts it; lvstop itself does not."""
    _, second = seed_lab.known_hosts.read_text().splitlines()
    file = seed_lab.cluster_file(path=tmp_path / "c.yaml", ssh=other_known_hosts(seed_lab, tmp_path, [second]))
    error = status(seed_lab, file).director("keepalived1")["error"]
    assert error["kind"] == "host-key-unknown"
    assert "SHA256:" in error["summary"]
    report = lvstop(seed_lab, "check", "-c", str(file))
    assert report.returncode == 3
    assert f"→ {error['remedy']}" in report.stdout


def test_a_login_that_is_refused(seed_lab: Lab, tmp_path: Path) -> None:
    """The wrong user or key: said with the user's name and what was tried."""
    looked = status(seed_lab, seed_lab.cluster_file(user="nobody", path=tmp_path / "c.yaml"))
    error = looked.director("keepalived1")["error"]
    assert error["kind"] == "authentication"
    assert "nobody" in error["summary"]
    assert looked.exit_status == 3


def test_sudo_that_is_refused(seed_lab: Lab, tmp_path: Path) -> None:
    """The doctor tells in sudo's own words; where the cluster file demands sudo it is a fault."""
    seed_lab.await_ready()
    report = lvstop(seed_lab, "check", "-c", str(seed_lab.cluster_file("noc")))
    assert report.returncode == 1
    assert "sudo refuses on 172.26.127.23: sudo: a password is required" in report.stdout
    demanding = seed_lab.cluster_file("noc", tmp_path / "c.yaml", privilege="sudo")
    looked = status(seed_lab, demanding)
    told = looked.director("keepalived1")
    assert (looked.exit_status, told["status"], told["error"]["kind"]) == (1, "degraded", "forbidden")
    assert "the cluster file says `privilege: sudo`, but sudo refuses" in told["error"]["summary"]
    assert {server["counters"] for server in told["virtual_servers"]} == {None}
    report = lvstop(seed_lab, "check", "-c", str(demanding))
    assert report.returncode == 2
    assert "✖  privilege" in report.stdout


def test_keepalived_stopped_on_the_backup(mended_seed_lab: Lab) -> None:
    """The service runs, but nobody would take over; its table is gone with it, and that is no surprise any more."""
    lab = mended_seed_lab
    backup = lab.directors["keepalived2"]
    lab.await_ready()
    backup.run("systemctl stop keepalived")
    try:
        looked = status(lab, lab.cluster_file("ops"), live=BOTH)
        report = lvstop(lab, "check", "-c", str(lab.cluster_file("ops")))
    finally:
        backup.run("systemctl start keepalived")
    assert (looked.exit_status, looked.cluster["health"]) == (1, "warning")
    assert looked.alert("keepalived-down")["subject"] == "keepalived2"
    told = looked.director("keepalived2")
    assert told["keepalived"]["running"] is False
    assert told["keepalived"]["version"] is not None
    assert (told["vrrp"], told["virtual_servers"]) == (None, [])
    assert "→ systemctl start keepalived" in report.stdout
    assert report.returncode == 2


def test_a_vip_removed_by_hand(mended_seed_lab: Lab) -> None:
    """Nobody holds it. keepalived 2.x puts it back within half a second, so here it is kept from acting."""
    lab = mended_seed_lab
    lab.await_ready()
    # the backup first: it takes the VIP when the master has been silent for 3.6 s
    for director in reversed(lab.directors.values()):
        director.run("pkill -STOP keepalived")
    lab.directors["keepalived1"].run(f"ip addr del {VIP}/28 dev ens3")
    try:
        looked = status(lab, lab.cluster_file(vips=[VIP]))
    finally:
        for director in lab.directors.values():
            director.run("pkill -CONT keepalived")
    assert (looked.exit_status, looked.cluster["health"]) == (2, "critical")
    assert looked.alert("vip-missing")["severity"] == "critical"
    assert looked.cluster["vips"][0]["holders"] == []
    # keepalived did not answer either: that is told, and nothing is made up in its place
    for told in looked.cluster["directors"]:
        assert told["status"] == "degraded"
        assert "keepalived wrote no new json dump" in told["error"]["summary"]
        assert {instance["state"] for instance in told["vrrp"] or ()} <= {None}


def test_the_vrrp_link_cut(mended_seed_lab: Lab) -> None:
    """Both hear nobody, both become MASTER, both hold the VIP."""
    lab = mended_seed_lab
    lab.directors["keepalived1"].cut("ens4")
    lab.directors["keepalived2"].run(UNTIL_VIP, timeout=90)
    looked = status(lab, lab.cluster_file())
    assert (looked.exit_status, looked.cluster["health"]) == (2, "critical")
    assert {"multiple-masters", "vip-duplicate"} <= looked.codes
    assert looked.cluster["vips"][0]["holders"] == ["keepalived1", "keepalived2"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("head -c 120 /tmp/real", id="truncated"),
        pytest.param("head -c 20000 /dev/urandom", id="binary"),
        pytest.param("true", id="empty"),
        pytest.param("yes 'TCP  1.2.3.4:80   1 2 3 4 5' | head -c 100000000", id="100-MB"),
    ],
)
def test_an_answer_that_is_none(seed_lab: Lab, answer: str) -> None:
    """A broken ipvsadm spoils what only it can tell; the table itself stays true, and nothing becomes 0."""
    director = seed_lab.directors["keepalived1"]
    seed_lab.await_ready()
    director.run("ipvsadm -Ln --stats --exact > /tmp/real")
    director.write("/usr/local/sbin/ipvsadm", f"#!/bin/sh\n{answer}\n")
    director.run("chmod 755 /usr/local/sbin/ipvsadm")
    try:
        looked = status(seed_lab, seed_lab.cluster_file(), live=("keepalived2",))
    finally:
        director.run("rm /usr/local/sbin/ipvsadm")
    told = looked.director("keepalived1")
    assert (told["status"], looked.exit_status) == ("degraded", 1)
    assert "director-degraded" in looked.codes
    assert told["issues"] or told["lacks"]
    assert [len(server["real_servers"]) for server in told["virtual_servers"]] == [2, 2]
    for server in told["virtual_servers"]:
        for real in server["real_servers"]:
            assert (real["weight"], real["forwarding"]) == (1, "Route")
            assert real["upper_threshold"] is None


def test_wrong_words_on_the_command_line(seed_lab: Lab, tmp_path: Path) -> None:
    """A monitoring script never takes a mistake in a file for a healthy or a critical cluster."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: smb\ndirectors:\n  - {name: a, host: 10.0.0.1, usr: ops}\n")
    result = lvstop(seed_lab, "status", "-c", str(bad))
    assert result.returncode == 3
    assert "bad.yaml:3" in result.stderr
    assert "user" in result.stderr
    assert "Traceback" not in result.stderr
