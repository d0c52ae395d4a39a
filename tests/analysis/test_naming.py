"""Names that nobody has given."""

import pytest

from lvstop.analysis.naming import cluster_name, director_names
from lvstop.config.values import parse_name
from lvstop.model.vrrp import SyncGroup, VrrpState
from support.factories import backup, director, instance, master, silent, unprivileged


@pytest.mark.parametrize(
    ("hosts", "hostnames", "names"),
    [
        (("192.0.2.1", "192.0.2.2"), ("lb1.example.org", "lb2"), ("lb1", "lb2")),
        (("lb1.example", "192.0.2.2"), (None, None), ("lb1", "director2")),
        (("fd00::1", "fe80::1%eth0"), ("localhost", None), ("director1", "director2")),
        (("a", "b"), ("lb", "lb"), ("lb", "lb-2")),
        (("10.0.0.1", "10.0.0.2"), ("ein schöner name", "-x-"), ("ein-sch-ner-name", "x")),
    ],
)
def test_directors(hosts: tuple[str, ...], hostnames: tuple[str | None, ...], names: tuple[str, ...]) -> None:
    """Their own names, else what was typed, else a number; a cluster file takes all of them."""
    assert director_names(hosts, hostnames) == names
    assert [parse_name(name) for name in names] == list(names)


def test_clusters() -> None:
    """A sync group's name before an instance's; names that say nothing are passed over."""
    assert cluster_name([master(), backup()]) == "smb"
    group = (SyncGroup("Files G", VrrpState.MASTER, ("SMB",), False),)
    assert cluster_name([master(sync_groups=group), backup()]) == "files-g"
    vi = [each(vrrp=(instance(state, "VI_1"),)) for each, state in ((master, "MASTER"), (backup, "BACKUP"))]
    assert cluster_name(vi) == "keepalived"
    assert cluster_name([unprivileged(master("lb-1")), unprivileged(backup("lb-2"))]) == "lb"
    assert cluster_name([unprivileged(master("a1")), unprivileged(backup("b1"))]) == "cluster"
    assert cluster_name([director("lb1", vrrp=(instance("MASTER", "A"), instance("MASTER", "B")))]) == "lb"
    assert cluster_name([master(), silent()]) == "smb"
