"""The command line on the embedded pair: what works on real directors works here, and fails as it fails there."""

from pathlib import Path

import pytest

from lvstop.model.director import Privilege
from support.demo_pair import commands

ROW = "172.26.127.22:445"
FIRST, SECOND = "172.26.127.21", "172.26.127.22"


def test_drained_and_restored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On both directors, on record, and back: the way an operator goes."""
    with commands(tmp_path, capsys) as lvstop:
        status, out, _ = lvstop.run("drain", "smb", SECOND, "--yes", "--reason", "disk")
        assert status == 0, out
        assert "ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 0" in out
        assert lvstop.weights(SECOND) == [0, 0, 0, 0]
        status, out, _ = lvstop.run("restore", "smb", SECOND, "--yes")
        assert status == 0, out
        assert lvstop.weights(SECOND) == [4, 4, 4, 4]
        assert lvstop.weights(FIRST) == [4, 4, 4, 4]


def test_a_file_check_drains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a track file is configured it is the lever, and keepalived does the rest."""
    with commands(tmp_path, capsys) as lvstop:
        status, out, _ = lvstop.run("drain", "smb", f"{FIRST}:139", "--yes")
        assert status == 0, out
        assert "drain_21" in out
        lvstop.until(lambda: sorted(lvstop.weights(FIRST)) == [0, 0, 4, 4])
        assert lvstop.run("restore", "smb", f"{FIRST}:139", "--yes")[0] == 0
        lvstop.until(lambda: lvstop.weights(FIRST) == [4, 4, 4, 4])


def test_a_weight_is_set_through_sudo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A login that is not root becomes it."""
    with commands(tmp_path, capsys, Privilege.SUDO) as lvstop:
        assert lvstop.run("weight", "smb", ROW, "9", "--virtual-server", "TCP:172.26.127.20:445", "--yes")[0] == 0
        assert sorted(lvstop.weights(SECOND)) == [4, 4, 9, 9]


def test_a_plain_user_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """sudo refuses him in its own words, and lvstop says so."""
    with commands(tmp_path, capsys, Privilege.NONE) as lvstop:
        status, _, err = lvstop.run("drain", "smb", ROW, "--yes")
        assert status == 1
        assert "privilege" in err
        assert lvstop.weights(SECOND) == [4, 4, 4, 4]
        _, out, _ = lvstop.run("check")
        assert "a password is required" in out


def test_a_cut_link_splits_the_brain_and_mending_it_heals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two masters with one address, then one again."""
    with commands(tmp_path, capsys) as lvstop:
        assert "cut" in lvstop.act("link")
        lvstop.until(lambda: {"multiple-masters", "vip-duplicate"} <= lvstop.alerts())
        assert lvstop.run("status")[0] == 2
        lvstop.act("link")
        lvstop.until(lambda: lvstop.run("status")[0] == 0)
        (vip,) = lvstop.cluster()["vips"]
        assert vip["holders"] == ["keepalived1"]


def test_a_killed_director_is_unreachable_and_the_other_takes_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It refuses nothing, it is silent; and it comes back with its old port and host key."""
    with commands(tmp_path, capsys) as lvstop:
        text = lvstop.file.read_text()
        lvstop.file.write_text(text.replace("ssh:\n", "ssh:\n  connect_timeout: 500ms\n"))
        lvstop.act("power keepalived1")
        lvstop.until(lambda: [each["holders"] for each in lvstop.cluster()["vips"]] == [["keepalived2"]])
        (first, second) = lvstop.cluster()["directors"]
        assert (first["status"], second["status"]) == ("unreachable", "live")
        assert first["error"]["kind"] == "timeout"
        assert first["virtual_servers"] is None
        lvstop.act("power keepalived1")
        lvstop.until(lambda: [each["holders"] for each in lvstop.cluster()["vips"]] == [["keepalived1"]])
        lvstop.until(lambda: lvstop.run("status")[0] == 0)


def test_an_unknown_host_key_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Strictly, as always: a pair of one's own is no exception."""
    with commands(tmp_path, capsys) as lvstop:
        (tmp_path / "known_hosts").write_text("")
        status, out, _ = lvstop.run("status")
        assert status == 3
        assert "host key" in out


def test_a_stopped_real_server_leaves_the_table_and_returns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the checkers of both directors see it."""
    with commands(tmp_path, capsys) as lvstop:
        lvstop.act("real-server 172.26.127.22")
        lvstop.until(lambda: lvstop.weights(SECOND) == [])
        assert "real-server-down" in lvstop.alerts()
        lvstop.act("real-server 172.26.127.22")
        lvstop.until(lambda: lvstop.weights(SECOND) == [4, 4, 4, 4])


def test_a_stopped_keepalived_moves_the_vip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And its rows are gone, which is no drift of the table but a director without keepalived."""
    with commands(tmp_path, capsys) as lvstop:
        lvstop.act("keepalived keepalived1")
        lvstop.until(lambda: [each["holders"] for each in lvstop.cluster()["vips"]] == [["keepalived2"]])
        (first, _) = lvstop.cluster()["directors"]
        assert first["keepalived"]["running"] is False
        assert first["virtual_servers"] == []
        assert "keepalived-down" in lvstop.alerts()
