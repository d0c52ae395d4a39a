"""The screen as text, for the clipboard."""

from typing import Any

from textual.errors import NoWidget
from textual.geometry import Region
from textual.map_geometry import MapGeometry
from textual.screen import Screen
from textual.widget import Widget


def screen_text(screen: Screen[Any]) -> str:  # a screen of whatever result
    """What is on the screen, line by line, without colours and without blanks at the ends of lines."""
    width, height = screen.size
    canvas = [[" "] * width for _ in range(height)]
    shown = (widget for widget in screen.walk_children(Widget) if widget.visible and widget.is_on_screen)
    placed = [(geometry, widget) for widget in shown if (geometry := _geometry(screen, widget)) is not None]
    # what lies above is drawn last: parents below their children, notices above everything
    for geometry, widget in sorted(placed, key=lambda each: each[0].order):
        _draw(geometry, widget, canvas)
    return "\n".join("".join(line).rstrip() for line in canvas).rstrip() + "\n"


def _geometry(screen: Screen[Any], widget: Widget) -> MapGeometry | None:
    try:
        return screen.find_widget(widget)
    except NoWidget:
        return None


def _draw(geometry: MapGeometry, widget: Widget, canvas: list[list[str]]) -> None:
    region = geometry.region
    seen = region.intersection(geometry.clip)
    if not seen:
        return
    crop = Region(seen.x - region.x, seen.y - region.y, seen.width, seen.height)
    for y, strip in enumerate(widget.render_lines(crop), start=seen.y):
        for x, character in enumerate(strip.text[: seen.width], start=seen.x):
            if 0 <= y < len(canvas) and 0 <= x < len(canvas[y]):
                canvas[y][x] = character
