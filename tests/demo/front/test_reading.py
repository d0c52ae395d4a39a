"""lvstop reads the embedded pair as it reads any other: over SSH, with its own programs and parsers."""

from pathlib import Path

import pytest

from lvstop.clock import SystemClock
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Privilege
from lvstop.model.vrrp import VrrpSource, VrrpState
from support.demo_pair import VIP, pair, running


async def looked(folder: Path, login: Privilege) -> ClusterSnapshot:
    """One look at the pair as this login."""
    clock = SystemClock()
    async with running(folder, pair(login)) as demo:
        (cluster,) = await look(demo.clusters, ssh_probes(clock, None), clock, timeout=20.0)
        return cluster


def whole(director: DirectorSnapshot) -> None:
    """It answers, and every line of it is understood."""
    assert director.status is DirectorStatus.LIVE, director.fault
    assert director.issues == ()


@pytest.mark.parametrize("login", [Privilege.ROOT, Privilege.SUDO])
async def test_with_privilege_everything_is_known(tmp_path: Path, login: Privilege) -> None:
    """VRRP from keepalived itself, counters, thresholds, checks; nothing lacks and nothing is wrong."""
    cluster = await looked(tmp_path, login)
    for director in cluster.directors:
        whole(director)
        assert director.privilege is login
        assert director.lacks == ()
        assert director.checks is not None
        assert {each.source for each in director.vrrp or ()} == {VrrpSource.KEEPALIVED}
    assert cluster.health is Health.OK, cluster.alerts
    (vip,) = cluster.vips
    assert (vip.address, vip.holders) == (VIP, ("keepalived1",))


async def test_without_privilege_the_rest_is_known(tmp_path: Path) -> None:
    """The table is everybody's; what is not is said to lack, and VRRP is inferred from addresses."""
    cluster = await looked(tmp_path, Privilege.NONE)
    for director in cluster.directors:
        whole(director)
        assert director.privilege is Privilege.NONE
        assert director.checks is None
        assert len(director.virtual_servers or ()) == 2
    (first, _) = cluster.directors
    states = {(each.state, each.source) for each in first.vrrp or ()}
    assert states == {(VrrpState.MASTER, VrrpSource.INFERRED)}
