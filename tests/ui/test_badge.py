"""The badge: whoever can change nothing reads so, on the narrowest terminal as well."""

import pytest

from support import scenes
from support.pilots import lines_of, until
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
