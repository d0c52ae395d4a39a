"""The panel that breaks and mends a simulated cluster."""

from textual.pilot import Pilot

from support import scenes
from support.bench import FakeBench, workbench_app
from support.pictures import Size, SnapCompare, at
from support.pilots import text_of, until


@at("80x24", "120x40")
def test_parts(snap_compare: SnapCompare, size: Size) -> None:
    """Parts by their groups, one of them broken; below them what happened last."""
    app = workbench_app(scenes.steady()[-1], FakeBench())

    async def cut(pilot: Pilot[None]) -> None:
        await pilot.press("B")
        await until(pilot, lambda: "VRRP link" in text_of(app))
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: "link is not as it was." in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=cut)
