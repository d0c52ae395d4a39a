"""keepalived's dumps on real directors: found wherever it writes them, never forged, never with a password."""

import json

import pytest

from lab.lab import Lab
from lab.topologies.everything import SECRET
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.probe import programs
from lvstop.probe.dumps import DumpReader
from lvstop.probe.parse.keepalived_data import parse_keepalived_data
from lvstop.probe.parse.keepalived_json import is_complete
from lvstop.transport.ssh import SshTransport
from support.lvstop import status

pytestmark = pytest.mark.lab

BOTH = ("keepalived1", "keepalived2")
DROP_IN = "/etc/systemd/system/keepalived.service.d/lab.conf"
JSON = "/tmp/keepalived.json"  # noqa: S108
FORGED = json.dumps(
    [{"data": {"iname": "SMB", "state": 2, "base_priority": 255, "effective_priority": 255}, "stats": {}}]
)


@pytest.mark.parametrize("line", ["PrivateTmp=yes", "Environment=TMPDIR=/var/lib/dumps"], ids=["PrivateTmp", "TMPDIR"])
def test_dumps_that_are_not_in_tmp(mended_seed_lab: Lab, line: str) -> None:
    """In the unit's own /tmp, or where its environment says, which keepalived heeds from 2.2.5 on."""
    lab = mended_seed_lab
    backup = lab.directors["keepalived2"]
    backup.run(f"mkdir -p -m 700 /var/lib/dumps {DROP_IN.rpartition('/')[0]}")
    backup.write(DROP_IN, f"[Service]\n{line}\n")
    try:
        backup.run(f"systemctl daemon-reload && systemctl restart keepalived && rm -f {JSON}", timeout=90)
        lab.await_ready()
        looked = status(lab, lab.cluster_file("ops"), live=BOTH)
        elsewhere = backup.run(f"test ! -e {JSON}", check=False).returncode == 0
    finally:
        backup.run(f"rm {DROP_IN} && systemctl daemon-reload && systemctl restart keepalived", timeout=90)
    assert elsewhere is (line.startswith("PrivateTmp") or lab.suite != "bullseye")
    told = looked.director("keepalived2")
    assert told["lacks"] == []
    assert [(each["source"], each["state"], each["priority"]) for each in told["vrrp"]] == [
        ("keepalived", "BACKUP", 50)
    ]


def test_a_link_in_the_place_of_a_dump(mended_seed_lab: Lab) -> None:
    """Anybody may put one into /tmp: it is not followed, and keepalived's own dump takes its place."""
    lab = mended_seed_lab
    backup = lab.directors["keepalived2"]
    backup.run(f"rm -f {JSON}")
    backup.run(f"ln -s /etc/shadow {JSON}", "noc")
    lab.await_ready()
    told = status(lab, lab.cluster_file("ops"), live=BOTH).director("keepalived2")
    assert [(each["source"], each["state"]) for each in told["vrrp"]] == [("keepalived", "BACKUP")]
    assert backup.output(f"stat -c '%U %F' {JSON}") == "root regular file\n"


def test_a_forged_dump(mended_seed_lab: Lab) -> None:
    """keepalived does not answer, and somebody answers for it: nothing of that is believed, and it is said."""
    lab = mended_seed_lab
    backup = lab.directors["keepalived2"]
    # the guests' root file system, which is the machine's, gives every file to root
    backup.run("pkill -STOP keepalived; mount -t tmpfs -o mode=1777 tmpfs /tmp")
    try:
        backup.run(f"cat > {JSON}", "noc", stdin=FORGED)
        told = status(lab, lab.cluster_file("ops")).director("keepalived2")
    finally:
        backup.run("pkill -CONT keepalived; umount -l /tmp")
    assert told["status"] == "degraded"
    assert "keepalived.json is not a plain file of root's alone" in told["error"]["summary"]
    assert not [each for each in told["vrrp"] or () if each["source"] == "keepalived"]


async def test_no_password_leaves_a_director(everything_lab: Lab) -> None:
    """It is in the dumps in clear, up to keepalived 2.3; what is sent over the wire has asterisks in its place."""
    lab = everything_lab
    config = load_cluster_file(lab.cluster_file("ops"))
    director = lab.directors["lvs1"]
    with lab.inside():
        transport = SshTransport(config.directors[0], config.ssh, programs=programs.catalogue(), clock=SystemClock())
        await transport.connect()
        try:
            channel = await transport.open(programs.facts(), elevated=True, timeout=60)
            reader = DumpReader(channel, SystemClock(), answer_timeout=60, dump_timeout=60)
            (as_json,) = await reader.read("json", ("json",), lambda _, text: is_complete(text))
            (data,) = await reader.read("data", ("data",), lambda _, text: parse_keepalived_data(text).value.complete)
        finally:
            await transport.close()
    for dump, name in ((as_json, "keepalived.json"), (data, "keepalived.data")):
        assert SECRET in director.output(f"cat /tmp/{name}"), "else nothing is shown here"
        assert dump.text is not None, dump.failure
        assert "********" in dump.text
        assert SECRET not in dump.text
