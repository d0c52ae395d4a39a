"""The shipped themes can be read, and their states told apart, by everybody they are for."""

import math
from collections.abc import Sequence
from itertools import combinations

import pytest

from lvstop.config.colours import contrast, luminance
from lvstop.config.theme_slots import SLOTS
from lvstop.config.themes import ThemeSpec, shipped_themes

PAIRED = ("header", "cursor", "banner-ok", "banner-alarm", "paused", "held")
"""Slots that come as text and the background below it."""

PLAIN = ("background", "surface", "panel", "boost")
TINTS = ("changed-background", "cursor-background")
GRAPHICS = ("share-bar", "share-rest", "spark", "border", "border-focus")
TEXTS = [
    slot
    for slot in SLOTS
    if slot not in (*PLAIN, *TINTS, *GRAPHICS)
    and slot not in [f"{name}-{part}" for name in PAIRED for part in ("text", "background")]
]
STATES = (
    ("health-ok", "health-warning", "health-critical", "health-unknown"),
    ("vrrp-master", "vrrp-backup", "vrrp-fault", "vrrp-unknown"),
    ("director-live", "director-connecting", "director-degraded", "director-stale", "director-unreachable"),
    ("server-up", "server-drained", "server-down"),
)

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT: dict[str, tuple[tuple[float, float, float], ...]] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def load(name: str) -> ThemeSpec:
    return next(spec for spec in shipped_themes() if spec.name == name)


def ratio(spec: ThemeSpec, slot: str, background: str) -> float:
    found = contrast(spec.colors[slot], spec.colors[background])
    assert found is not None, f"{slot} and {background} are no terminal's colours in a shipped theme"
    return found


def lab(colour: str, sight: str) -> tuple[float, float, float]:
    """CIELAB (D65) of what somebody with that kind of sight sees."""
    linear = [channel(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5)]
    red, green, blue = (min(1.0, max(0.0, dot(row, linear))) for row in SIGHT[sight])
    x = cube((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
    y = cube(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = cube((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def channel(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def cube(part: float) -> float:
    return float(part ** (1 / 3)) if part > 0.008856 else 7.787 * part + 16 / 116


def dot(row: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(row, other, strict=True))


def distance(spec: ThemeSpec, slot: str, other: str, sight: str) -> float:
    """How different two slots look (CIE76): 2 can just be seen, 10 is seen at a glance."""
    first, second = lab(spec.colors[slot], sight), lab(spec.colors[other], sight)
    return math.dist(first, second)


@pytest.mark.parametrize("spec", shipped_themes(), ids=lambda spec: spec.name)
def test_text_can_be_read(spec: ThemeSpec) -> None:
    """4.5:1 wherever text is put (7:1 in high-contrast); 3.5:1 for a state's colour on a tint that passes."""
    least = 7.0 if spec.name == "high-contrast" else 4.5
    grounds = [(ground, least) for ground in ("background", "surface", "panel")] + [(tint, 3.5) for tint in TINTS]
    dim = {
        (slot, ground): r for slot in TEXTS for ground, wanted in grounds if (r := ratio(spec, slot, ground)) < wanted
    }
    assert dim == {}
    pairs = {name: r for name in PAIRED if (r := ratio(spec, f"{name}-text", f"{name}-background")) < least}
    assert pairs == {}
    assert ratio(spec, "foreground", "changed-background") >= least


@pytest.mark.parametrize("spec", shipped_themes(), ids=lambda spec: spec.name)
def test_graphics_can_be_seen(spec: ThemeSpec) -> None:
    """3:1 for what carries a value, less for frames and for what is only the rest."""
    for ground in ("background", "surface"):
        for slot in ("spark", "share-bar", "border-focus"):
            assert ratio(spec, slot, ground) >= 3, (slot, ground)
        assert ratio(spec, "border", ground) >= 1.5
        assert ratio(spec, "share-rest", ground) >= 1.25
    assert ratio(spec, "share-bar", "share-rest") >= 3
    assert ratio(spec, "border-focus", "border") >= 1.5
    for tint in TINTS:
        assert ratio(spec, tint, "background") >= 1.15
    sights = SIGHT if spec.name == "colour-blind" else ("full",)
    assert min(distance(spec, *TINTS, sight) for sight in sights) >= 12, "a change in the row under the cursor"


@pytest.mark.parametrize("spec", shipped_themes(), ids=lambda spec: spec.name)
def test_states_are_told_apart(spec: ThemeSpec) -> None:
    """Two states of one thing never look alike."""
    near = {pair: d for group in STATES for pair in combinations(group, 2) if (d := distance(spec, *pair, "full")) < 15}
    assert near == {}


@pytest.mark.parametrize("sight", SIGHT)
def test_states_are_told_apart_by_the_colour_blind(sight: str) -> None:
    """In the theme made for them, at a glance, whichever colours they do not see."""
    spec = load("colour-blind")
    groups = (*STATES, ("chart-1", "chart-2", "chart-3", "chart-4"))
    near = {pair: d for group in groups for pair in combinations(group, 2) if (d := distance(spec, *pair, sight)) < 20}
    assert near == {}


def test_health_is_told_by_brightness_alone() -> None:
    """In colour-blind, well, warning and critical differ on a screen without colour too."""
    spec = load("colour-blind")
    for slot, other in combinations(("health-ok", "health-warning", "health-critical"), 2):
        assert ratio(spec, slot, other) >= 1.25, (slot, other)


@pytest.mark.parametrize("spec", shipped_themes(), ids=lambda spec: spec.name)
def test_dark_is_dark(spec: ThemeSpec) -> None:
    """`dark` says what the background is."""
    background = luminance(spec.colors["background"])
    assert background is not None
    assert (background < 0.2) is spec.dark
