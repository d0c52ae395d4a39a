"""The badge: whoever can change nothing reads so, on the narrowest terminal as well."""

import pytest
from textual.notifications import Notification

from lvstop.ui.notices import lines_of as lines_of_notice
from support import scenes
from support.pilots import lines_of, painted, until
from support.plans import FakeActor
from support.terminal import make_app

SNAPSHOTS = scenes.split_brain()[-2:]


@pytest.mark.parametrize("width", [24, 40, 60, 80, 200])
@pytest.mark.parametrize("key", ["", "v", "e", "b", "a"])
async def test_it_never_gives_way(width: int, key: str) -> None:
    """To the clock, to the place, or to what is wrong."""
    app = make_app(*SNAPSHOTS)
    async with app.run_test(size=(width, 24)) as pilot:
        await pilot.press(*[key] if key else [])
        await until(pilot, lambda: "READ-ONLY" in lines_of(app)[0])


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (140, 45)])
@pytest.mark.parametrize("key", ["", "T", "ctrl+p"])
async def test_no_notice_lies_over_it(size: tuple[int, int], key: str) -> None:
    """However many there are, nor over who holds the VIP; on the cluster's screen, and where that shines through."""
    app = make_app(*SNAPSHOTS)
    async with app.run_test(size=size, notifications=True) as pilot:
        for number in range(20):
            app.notify(f"notice {number}")
        await until(pilot, lambda: "notice 19" in painted(app))
        assert "notice 0" not in painted(app)
        assert size[1] < 24 or "AT ONCE" in painted(app)
        await pilot.press(*[key] if key else [])
        await until(pilot, lambda: "READ-ONLY" in painted(app).splitlines()[0])


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("title", ["", "short", "a title that is wrapped because it is longer than a notice is wide"])
async def test_how_many_lines_a_notice_takes(width: int, title: str) -> None:
    """As many as it is counted for: that is how those are found that fit."""
    app = make_app(*SNAPSHOTS)
    async with app.run_test(size=(width, 45), notifications=True) as pilot:
        said = "[fd00::1]:443 文字 is not as it should be; " * 3
        app.notify(said, title=title, markup=False)
        notice = Notification(said, title, markup=False)
        await until(pilot, lambda: bool(app.screen.query("Toast")))
        await until(pilot, lambda: bool(app.screen.query("Toast").first().region))
        toast = app.screen.query("Toast").first()
        assert lines_of_notice(notice, width) == toast.region.height + toast.styles.margin.top


async def test_what_is_said_again_is_said_once() -> None:
    """A key that can do nothing, pressed often, covers nothing."""
    app = make_app(*SNAPSHOTS)
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        app.notify("something else", title="Before")
        for _ in range(5):
            app.notify("There is nothing to do.")
        await until(pilot, lambda: "nothing to do" in painted(app))
        assert painted(app).count("nothing to do") == 1
        assert "something else" in painted(app)
        assert "Before" in painted(app)


@pytest.mark.parametrize("operator", [False, True])
async def test_the_list_of_clusters_has_it(operator: bool) -> None:
    """Unless one of them can be changed."""
    actor = FakeActor()
    others = [scenes.long_ipv6()[-1]]
    app = make_app(
        *SNAPSHOTS, others=others, make_actor=lambda config: actor if operator and config.name == "smb" else None
    )
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: "2 clusters" in lines_of(app)[0])
        assert ("READ-ONLY" in lines_of(app)[0]) is not operator
