"""The banner: it is no good news where VRRP and the kernel contradict each other."""

import pytest

from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.widgets.vip_banner import VipBanner, banner_lines
from support import scenes, troubles
from support.factories import VIP, address, backup, cluster, instance, master
from support.pilots import publish, text_of, until
from support.terminal import make_app

LONG = "2001:db8:1234:5678:9abc:def0:1234:5678"


def is_alarm(app: LvstopApp) -> bool:
    """The banner has the colours of an alarm."""
    return app.screen.query_one(VipBanner).has_class("-alarm")


async def test_the_wrong_director_holds_the_vip() -> None:
    """MASTER without the address, BACKUP with it: an alarm that names both, and no sign that says all is well."""
    app = make_app(scenes.steady()[-1])
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: f"● {VIP} is on keepalived1" in text_of(app))
        assert not is_alarm(app)
        await publish(app, pilot, troubles.wrong_holder()[-1])
        await until(pilot, lambda: is_alarm(app))
        first, second, third = banner_lines(troubles.wrong_holder()[-1], 118)
        assert first == f"✖ keepalived1 is MASTER of SMB, but {VIP} is not on its interfaces."
        assert second == f"✖ keepalived2 is BACKUP for SMB, but {VIP} is still on its interfaces."
        assert third == f"✖ {VIP} is on keepalived2"
        await until(pilot, lambda: all(line in text_of(app) for line in (first, second, third)))
        await publish(app, pilot, scenes.steady()[-1])
        await until(pilot, lambda: not is_alarm(app))


async def test_nobody_holds_the_vip() -> None:
    """FAULT on both: an alarm."""
    app = make_app(scenes.steady()[-1])
    async with app.run_test(size=(80, 24)) as pilot:
        await publish(app, pilot, troubles.nobody_holds()[-1])
        await until(pilot, lambda: is_alarm(app) and f"✖ NOBODY HOLDS {VIP}" in text_of(app))


def many(count: int) -> ClusterSnapshot:
    """A MASTER none of whose addresses is in its kernel."""
    vips = [f"10.9.0.{number}" for number in range(1, count + 1)]
    first = master(vrrp=(instance("MASTER", "SMB", *vips),), addresses=(address("172.26.127.23"),))
    second = backup(vrrp=(instance("BACKUP", "SMB", *vips),), addresses=tuple(address(vip) for vip in vips))
    return cluster(first, second)


def test_many_contradictions_are_counted() -> None:
    """The line that says who holds the addresses is not pushed out by them."""
    lines = banner_lines(many(5), 200)
    assert len(lines) == 3
    assert lines[1] == "✖ and 9 more of the same: press a"
    assert lines[2] == "✖ 10.9.0.1, 10.9.0.2, 10.9.0.3 and 2 more are on keepalived2"


def test_another_address_stays_good_news() -> None:
    """What is contradicted is one address, not the other one."""
    vips = ("10.9.0.1", "10.9.0.2")
    first = master(vrrp=(instance("MASTER", "SMB", *vips),), addresses=(address("172.26.127.23"), address("10.9.0.2")))
    second = backup(vrrp=(instance("BACKUP", "SMB", *vips),), addresses=(address("172.26.127.24"), address("10.9.0.1")))
    lines = banner_lines(cluster(first, second), 200)
    assert any(line.startswith("✖ 10.9.0.1 is on keepalived2") for line in lines)
    assert any(line.startswith("● 10.9.0.2 is on keepalived1") for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_an_alarm_is_never_cut(size: tuple[int, int]) -> None:
    """With addresses of the greatest length it takes more lines."""
    held = (address("172.26.127.23"), address(LONG))
    first = master(vrrp=(instance("MASTER", "V6", LONG),), addresses=held)
    second = backup(vrrp=(instance("MASTER", "V6", LONG),), addresses=held)
    app = make_app(cluster(first, second))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: is_alarm(app))
        await until(pilot, lambda: "AT ONCE" in " ".join(text_of(app).split()))
