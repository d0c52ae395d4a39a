"""What the wall says is read as it was written."""

from datetime import timedelta

import pytest

from lvstop.ui.screen_text import screen_text
from soak.reading import HEIGHT, WIDTH, Reading, read
from soak.witness import evidence
from support import scenes
from support.walls import named, wall_of

NAMES = ("keepalived1", "keepalived2")
WITNESS = """\
keepalived 3
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: ens3    inet 172.26.127.23/28 scope global ens3\\       valid_lft forever preferred_lft forever
2: ens3    inet 172.26.127.20/28 brd 172.26.127.31 scope global secondary ens3\\       valid_lft forever
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  AC1A7F14:01BD rr
  -> AC1A7F16:01BD      Route   1      0          0
  -> AC1A7F15:01BD      Route   0      2          0
TCP  AC1A7F14:008B rr
end
"""


async def shown(scene: scenes.Scene) -> Reading:
    """A wall, read."""
    app = wall_of([named(scene, "smb")], dwell=timedelta(0))
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause()
        return read(screen_text(app.screen).splitlines(), NAMES)


@pytest.mark.screen
async def test_the_wall_is_read() -> None:
    steady = await shown(scenes.steady())
    assert (steady.state, steady.holder, steady.alerts) == ("OK", "keepalived1", 0)
    assert steady.directors == dict.fromkeys(NAMES, "live")
    assert steady.second is not None
    split = await shown(scenes.split_brain())
    assert (split.state, split.holder) == ("CRITICAL", "TWO AT ONCE")
    assert split.alerts >= len(split.grave) > 1
    lost = await shown(scenes.unreachable())
    assert "unreachable" in lost.directors.values()


def test_nothing_is_read_of_an_empty_screen() -> None:
    assert read([""] * HEIGHT, NAMES) == Reading(None, "", "", {}, 0, (), "\n" * (HEIGHT - 1))


def test_a_witness_is_understood() -> None:
    said = evidence(WITNESS, 0.2)
    assert said is not None
    assert (said.holds, said.keepalived) == (True, 3)
    assert said.table == {"AC1A7F14:01BD": {"AC1A7F16:01BD": 1, "AC1A7F15:01BD": 0}, "AC1A7F14:008B": {}}
    assert evidence(WITNESS.replace("172.26.127.20/", "172.26.127.19/"), 0.2) != said
    assert evidence(WITNESS.removesuffix("end\n"), 0.2) is None
